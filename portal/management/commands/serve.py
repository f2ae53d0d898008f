"""`manage.py serve`: the whole portal on this machine, until Ctrl-C. `make run` ends here."""

import errno
import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from honcho.compat import ProcessManager
from honcho.manager import Manager
from honcho.process import Process

from portal import localservers, logs
from portal.engines.isolation import hide_from_siblings
from portal.localservers import Unavailable
from portal.management import kept_running, leftovers, preparation
from portal.people.models import User
from portal.pools import worker_arguments
from portal.webserver import close_connections

_LOCK_SECONDS = 20.0  # until what a killed `serve` has left must have ended


class Command(BaseCommand):
    help = "Start private servers, web, one worker for each pool, and beat; Ctrl-C stops them all."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prepare-only", action="store_true", help="Make everything ready, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            message = "`serve` is for demos; docs/operations.md tells how to run the portal in production."
            raise CommandError(message)
        logs.log_warnings_only()
        hide_from_siblings()
        try:
            with _alone(settings.DATA_DIR, self._say), _ending_cleanly():
                _refuse_busy_port(settings.PORT)
                localservers.ensure_servers(settings.DATA_DIR)
                preparation.prepare_demo(self._say)
                if not options["prepare_only"]:
                    self._supervise()
        except Unavailable as error:
            raise CommandError(str(error)) from error

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _supervise(self) -> None:
        greeting = _greeting()
        close_connections()  # before honcho forks
        manager = Manager()
        manager._procmgr = _HeadsOnly()
        manager._process_ctor = _RecordedPart
        environment = os.environ | {
            "PYTHONUNBUFFERED": "1",
            # In a container everything is root; Celery's warning would hide the greeting.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
            "SERVE_GREETING": greeting,
        }
        for name, command in _processes().items():
            manager.add_process(name, f"exec {shlex.join(command)}", env=environment, cwd=str(settings.BASE_DIR))
        with _filling_the_demo(environment):
            manager.loop()
        _kill_what_is_left(part["pid"] for part in manager._processes.values())
        if manager.returncode not in {130, 143}:
            message = "A part of the portal stopped, so everything was stopped; its last lines above tell why."
            raise CommandError(message)


class _HeadsOnly(ProcessManager):
    """Signal only the parent process of each part: a worker signalled directly would drop its task.

    What has not ended after honcho's five seconds is still killed as a whole group.
    """

    def terminate(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class _RecordedPart(Process):
    """Writes the part, and the process that reads its output, into the record of what runs."""

    def _send_message(self, data: Any, type: str = "line") -> None:  # noqa: A002 -- honcho's name
        if type == "start":
            for pid in (os.getpid(), data["pid"]):
                leftovers.record_process(_record(settings.DATA_DIR), pid)
        super()._send_message(data, type=type)


def _kill_what_is_left(groups: Iterable[int]) -> None:
    """Kill processes whose parent ended without them, such as a child in the middle of parsing a file."""
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _processes() -> dict[str, list[str]]:
    # Celery's main processes may end with their broker, which is started again.
    celery = [sys.executable, kept_running.__file__, sys.executable, "-m", "celery", "-q", "-A", "portal"]
    return {
        "servers": [sys.executable, "-m", "portal.localservers", str(settings.DATA_DIR)],
        "web": [sys.executable, "-m", "gunicorn", "-c", "python:portal.webserver", "portal.wsgi"],
        **{name: [*celery, *worker_arguments(name, number)] for name, number in settings.POOL_PROCESSES.items()},
        "beat": [*celery, "beat"],
    }


def _greeting() -> str:
    people = User.objects.filter(is_demo=True).order_by("id")
    lines = ["", f"The Creator Trust Portal is open: {settings.BASE_URL}", ""]
    if people:
        lines.append("Demo people (one click on the sign-in page):")
        lines += [f"  {person.get_role_display():<18} {person.display_name} <{person.email}>" for person in people]
        lines.append("")
    return "\n".join([*lines, "Ctrl-C stops everything; the data are kept.", ""])


@contextmanager
def _filling_the_demo(environment: dict[str, str]) -> Iterator[None]:
    """Fill the register beside the open site, with what its processes leave of the processor; ended with them.

    It is no part of the supervised processes, which end together when one of them does.
    """
    command = ["nice", "-n", "10", sys.executable, "manage.py", "demo", "--fill"]
    with subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR) as process:
        leftovers.record_process(_record(settings.DATA_DIR), process.pid)
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def _alone(data_dir: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Refuse a second portal on the same data; end what one that was killed has left running."""
    with (data_dir / "serve.lock").open("a+") as handle:
        _wait_for_lock(handle, data_dir, say)
        _end_leftovers(data_dir, say)
        leftovers.begin_record(_record(data_dir))
        handle.truncate(0)
        handle.write(settings.BASE_URL)
        handle.flush()
        yield


def _wait_for_lock(handle: IO[str], data_dir: Path, say: Callable[[str], None]) -> None:
    """Lock the file. Processes that a killed `serve` has forked still hold it, so they are ended first."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while not _is_locked(handle):
        if time.monotonic() > deadline or not leftovers.was_killed(_record(data_dir)):
            handle.seek(0)
            message = f"The portal already runs with these data: {handle.read()}"
            raise CommandError(message)
        _end_leftovers(data_dir, say)
        time.sleep(0.1)


def _is_locked(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_leftovers(data_dir: Path, say: Callable[[str], None]) -> None:
    if count := leftovers.end_leftovers(_record(data_dir)):
        say(f"An earlier start was killed; ended {count} of its processes that were still running.")


def _record(data_dir: Path) -> Path:
    return data_dir / "serve.processes"


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """Stop the private servers however this ends: Ctrl-C, SIGTERM, a closed terminal, an error."""

    def end(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    # Once the supervisor runs, SIGTERM is its own; a closed terminal means the same.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        localservers.stop_servers(settings.DATA_DIR)


def _refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            busy = error.errno == errno.EADDRINUSE
            why = "is used by another program" if busy else f"cannot be used here ({error.strerror})"
            message = f"Port {port} {why}; choose another one: make run PORT={port + 1}"
            raise CommandError(message) from error
