"""What a `manage.py serve` that was killed has left running, and how the next one ends it.

`serve` writes each process that it starts into a file in the data directory, one a line: pid, and when the process
was started. The first line is `serve` itself. A pid that another process has by now has another time of start, so it is
never touched.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_TERM_SECONDS, _KILL_SECONDS = 6.0, 5.0
_STATE, _STARTED = 0, 19  # places in /proc/<pid>/stat after the name of the program
Started = tuple[int, str]


def begin_record(file: Path) -> None:
    """Start the record anew with this process."""
    fresh = file.with_suffix(".new")
    fresh.write_text(_line(os.getpid()))
    fresh.replace(file)


def record_process(file: Path, pid: int) -> None:
    """Add a process that was started."""
    with file.open("a") as record:
        record.write(_line(pid))


def was_killed(file: Path) -> bool:
    """Whether there is a record, and the `serve` that began it does not run any more."""
    first = next(_recorded(file), None)
    return first is not None and not _is_running(first)


def end_leftovers(file: Path) -> int:
    """End the recorded processes that still run, with their process groups; returns how many they were.

    They are asked to end first (SIGTERM) and killed when that has taken six seconds.
    """
    left = [started for started in _recorded(file) if started[0] != os.getpid() and _is_running(started)]
    groups = [pid for pid, _time in left if _leads_group(pid)]
    for pid, _time in left:
        _send(pid, signal.SIGTERM)
    for pid, _time in _running_after(left, _TERM_SECONDS):
        _send(pid, signal.SIGKILL)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    _running_after(left, _KILL_SECONDS)
    return len(left)


def start_of(pid: int) -> str:
    """When a process was started, comparable with itself only; "" if there is none or it has ended."""
    if sys.platform != "linux":
        return _start_by_ps(pid)
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if facts[_STATE] in {"Z", "X"} else f"{boot}:{facts[_STARTED]}"


def _start_by_ps(pid: int) -> str:
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    return "-".join(told.stdout.split())


def _line(pid: int) -> str:
    return f"{pid} {start_of(pid)}\n"


def _recorded(file: Path) -> Iterator[Started]:
    """The lines of the record that are whole: one that was being written at the end is left out."""
    lines = file.read_text(errors="replace").splitlines() if file.exists() else []
    for pid, *start in (line.split() for line in lines if line.strip()):
        if pid.isdecimal() and len(start) == 1:
            yield int(pid), start[0]


def _is_running(started: Started) -> bool:
    pid, start = started
    return start_of(pid) == start


def _running_after(some: Iterable[Started], seconds: float) -> list[Started]:
    """Those that still run once all have ended, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while (left := [started for started in some if _is_running(started)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _leads_group(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
