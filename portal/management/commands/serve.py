"""`manage.py serve`: the whole portal on this machine, until Ctrl-C. `make run` ends here."""

import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from honcho.compat import ProcessManager
from honcho.manager import Manager

from portal import localservers, logs
from portal.engines.isolation import hide_from_siblings
from portal.localservers import Unavailable
from portal.management import preparation
from portal.people.models import User
from portal.pools import worker_arguments
from portal.webserver import close_connections


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
            with _alone(settings.DATA_DIR), _ending_cleanly():
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


def _kill_what_is_left(groups: Iterable[int]) -> None:
    """Kill processes whose parent ended without them, such as a child in the middle of parsing a file."""
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _processes() -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery", "-q", "-A", "portal"]
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
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Refuse a second portal on the same data."""
    with (data_dir / "serve.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            message = f"The portal already runs with these data: {handle.read()}"
            raise CommandError(message) from error
        handle.truncate(0)
        handle.write(settings.BASE_URL)
        handle.flush()
        yield


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
            message = f"Port {port} is busy or not allowed ({error.strerror}); choose another: make run PORT={port + 1}"
            raise CommandError(message) from error
