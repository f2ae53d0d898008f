"""A stack of a benchmark's own: data folder, servers, workers, and the reference platform, each of which it may kill.

The benchmark is run again in a process of its own whose environment names the folder and the platform, so that its workers,
jobs and questions meet no other database, broker or cache. The folder is removed in the end.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection

from portal import localservers
from portal.bench.measuring import Say
from portal.connectors import upkeep
from portal.connectors.http import capabilities
from portal.connectors.http.running_reference import ReferenceProcess, RunningReference, free_port
from portal.localservers import private
from portal.platforms import PlatformConfig, signing

T = TypeVar("T")
Part = Literal["worker", "broker", "database", "platform"]

REFERENCE: Final = "reference"
_INSIDE, _PORT, _SECRET = "BENCH_OWN_STACK", "BENCH_REFERENCE_PORT", "BENCH_REFERENCE_SECRET"
_PATIENCE = 120.0
# The largest of the pools that a run needs; all kinds of jobs share the processes of one worker.
_PROCESSES = "4"


def is_inside() -> bool:
    """Whether this process already works on a stack of its own."""
    return _INSIDE in os.environ


def run_inside(*arguments: str, rate: float) -> dict[str, Any]:
    """The figures of `manage.py bench ...` on a stack of its own, whose reference platform may be called `rate` times a second."""
    port, secret = free_port(), signing.new_secret()
    with private.own_data_dir() as folder:
        own = {_INSIDE: "1", _PORT: str(port), _SECRET: secret, "PLATFORMS": _platforms(port, secret, rate)}
        command = [sys.executable, "manage.py", "bench", *arguments, "--json"]
        environment = private.environment_of(folder) | own
        with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE) as process:
            try:
                answer, _errors = process.communicate()
            finally:
                process.terminate()
        if process.returncode:
            raise RuntimeError(f"bench {arguments[0]} ended with {process.returncode}")
        return dict(json.loads(answer.splitlines()[-1]))


def _platforms(port: int, secret: str, rate: float) -> str:
    credentials = {"secrets": secret, "incoming_secrets": secret}
    address = f"http://127.0.0.1:{port}"
    reference = PlatformConfig(REFERENCE, "Reference platform", "http", address, credentials, {"rate": rate})
    return json.dumps([{"code": "sandbox", "name": "Sandbox", "kind": "sandbox"}, asdict(reference)])


class OwnStack:
    """The parts of this process's stack. Whoever asks the database while it may be dead asks by `patiently()`."""

    def __init__(self, say: Say, *, reference: Sequence[str], worker: Sequence[str] = (), **environment: str) -> None:
        """`reference` and `worker` are options of the reference platform and of Celery; `environment` is the workers'."""
        self._say, self._options, self._environment = say, worker, environment
        self.log = settings.DATA_DIR / "workers.log"
        self._workers: subprocess.Popen[bytes] | None = None
        self.ended_workers = 0
        file = Path(settings.DATA_DIR) / "reference.sqlite3"
        self._reference = ReferenceProcess(file, int(os.environ[_PORT]), os.environ[_SECRET], *reference)

    def kill(self, part: Part) -> None:
        """End a part at once, as when its machine loses its power."""
        {
            "worker": self._kill_workers,
            "broker": lambda: private.kill_valkey(settings.DATA_DIR),
            "database": lambda: private.kill_postgres(settings.DATA_DIR),
            "platform": self._reference.kill,
        }[part]()

    def mend(self, part: Part) -> None:
        """Start a part again that was killed."""
        {
            "worker": self._start_workers,
            "broker": lambda: localservers.ensure_servers(settings.DATA_DIR),
            "database": lambda: localservers.ensure_servers(settings.DATA_DIR),
            "platform": self._reference.start,
        }[part]()

    def restart_ended_workers(self) -> None:
        """Start the workers again if they have ended by themselves, as a supervisor of processes does, and count it.

        A broker that dies while Celery connects to it may end Celery's main process.
        """
        if self._workers is None or self._workers.poll() is None:
            return
        self._kill_workers()
        self.ended_workers += 1
        self._say(f"the workers ended by themselves, and are started again ({self.log})")
        self._start_workers()

    def platform(self) -> RunningReference:
        """The reference platform's address and tables."""
        return self._reference.running()

    def start(self) -> None:
        """Make the tables, start workers and reference platform, and wait until the portal knows what it serves."""
        # A pool of connections keeps those of a server that was killed.
        connection.settings_dict["OPTIONS"] = {}
        call_command("migrate", verbosity=0)
        self._reference.start()
        self._start_workers()
        upkeep.ask_platforms()
        wait_until(lambda: bool(capabilities.known_capabilities(REFERENCE).serves))
        self._say(f"a stack of its own answers in {settings.DATA_DIR}")

    def stop(self) -> None:
        """End what was started; the servers end with the folder."""
        self._kill_workers()
        self._reference.kill()

    def _start_workers(self) -> None:
        environment = os.environ | self._environment
        self._workers = private.start_workers(self.log, "-c", _PROCESSES, *self._options, environment=environment)

    def _kill_workers(self) -> None:
        if self._workers is not None:
            private.end_workers(self._workers, by=signal.SIGKILL)


@contextmanager
def own_stack(
    say: Say, *, reference: Sequence[str], worker: Sequence[str] = (), **environment: str
) -> Iterator[OwnStack]:
    """A stack that runs for as long as the block; its arguments are those of OwnStack."""
    stack = OwnStack(say, reference=reference, worker=worker, **environment)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def patiently(read: Callable[[], T], seconds: float = _PATIENCE) -> T:
    """What `read` returns, asked again while the database server is away; raises its last error after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        try:
            return read()
        except (DatabaseError, InterfaceError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def wait_until(holds: Callable[[], bool], seconds: float = _PATIENCE, every: float = 0.05) -> None:
    """Wait until something holds; raises TimeoutError after `seconds`."""
    until = time.monotonic() + seconds
    while not patiently(holds):
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(every)
