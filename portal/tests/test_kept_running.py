"""A worker of `manage.py serve` whose main process ends is started again; a signal to end ends it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from portal.management import kept_running

_KEPT = [sys.executable, kept_running.__file__, sys.executable, "-c"]


def _start(program: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([*_KEPT, program], cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL)


def _pids(file: Path, count: int) -> list[int]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        lines = file.read_text().split() if file.exists() else []
        if len(lines) >= count:
            return [int(line) for line in lines]
        time.sleep(0.05)
    raise AssertionError(f"it was not started {count} times")


def test_what_was_killed_is_started_again_and_a_signal_ends_it(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    program = f"import os, time; open({str(file)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    process = _start(program)
    try:
        (first,) = _pids(file, 1)
        os.kill(first, signal.SIGKILL)
        first_again, second = _pids(file, 2)
        assert first_again == first != second
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
        assert not Path(f"/proc/{second}").exists()
    finally:
        process.kill()


def test_what_ends_at_once_every_time_is_given_up_with_its_status(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    program = f"import os; open({str(file)!r}, 'a').write(f'{{os.getpid()}} '); raise SystemExit(3)"
    assert _start(program).wait(60) == 3
    assert len(_pids(file, 5)) == 5
