"""Processes of a killed `serve` are known by pid and time of start, and ended with their groups."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from portal.management import leftovers

_SLEEPING = "import signal, time; {}; print('up', flush=True); time.sleep(60)"
_STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
_PARENT = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"


@contextmanager
def running(what: str = "pass") -> Iterator["subprocess.Popen[str]"]:
    """A process in a group of its own."""
    command = [sys.executable, "-c", _SLEEPING.format(what)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_recorded_process_is_ended_and_no_other(tmp_path: Path) -> None:
    record = tmp_path / "record"
    with running() as ours, running() as other:
        leftovers.record_process(record, ours.pid)
        record.write_text(record.read_text() + f"{other.pid} {leftovers.start_of(ours.pid)}0\n{other.pid}\nx y\n")
        assert leftovers.end_leftovers(record) == 1
        assert ours.wait(5) == -signal.SIGTERM
        assert other.poll() is None
        assert leftovers.end_leftovers(record) == 0


def test_process_that_does_not_end_is_killed_with_its_group(tmp_path: Path) -> None:
    record = tmp_path / "record"
    with running(f"{_STUBBORN}; exec({_PARENT!r})") as ours:
        leftovers.record_process(record, ours.pid)
        assert leftovers.end_leftovers(record) == 1
        assert ours.wait(5) == -signal.SIGKILL
        assert _is_gone(ours.pid)


def test_killed_is_what_has_a_record_and_does_not_run(tmp_path: Path) -> None:
    record = tmp_path / "record"
    assert not leftovers.was_killed(record)
    leftovers.begin_record(record)
    assert not leftovers.was_killed(record)
    assert leftovers.end_leftovers(record) == 0, "never itself"
    record.write_text(f"{os.getpid()} earlier\n")
    assert leftovers.was_killed(record)


def _is_gone(group: int) -> bool:
    """Whether no process of the group runs, after five seconds at most: killed ones end a moment later."""
    for _time in range(50):
        if not [pid for pid in psutil.pids() if _group(pid) == group and leftovers.start_of(pid)]:
            return True
        time.sleep(0.1)
    return False


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
