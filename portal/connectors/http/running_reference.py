"""The reference platform as a process of its own, for tests and benchmarks of what speaks to it over HTTP."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.platforms import PlatformConfig, signing
from portal.platforms.reference.store import Store

_START_SECONDS = 90


@dataclass
class RunningReference:
    """The address, the secret and the tables of a reference platform that runs."""

    address: str
    secret: str
    store: Store

    def config(self, code: str = "reference") -> PlatformConfig:
        """The entry of PLATFORMS with which the portal serves it."""
        secrets = {"secrets": self.secret, "incoming_secrets": self.secret}
        options = {"rate": 1000.0, "backoff_seconds": 0.01, "break_after": 1000}
        return PlatformConfig(code, "Reference platform", "http", self.address, secrets, options)

    def inject(self, kind: str, *, path: str = "*", times: int = 1, seconds: float = 0, calls: int = 0) -> None:
        """Let the next calls of a path fail, after so many more `calls` that do not."""
        fault: dict[str, Any] = {"kind": kind, "path": path, "times": times, "seconds": seconds, "calls": calls}
        request = urllib.request.Request(f"{self.address}/_faults", json.dumps(fault).encode(), method="POST")  # noqa: S310 -- this machine
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 -- as above

    def clear(self) -> None:
        """Forget everything."""
        with self.store.transaction() as db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                db.execute(f"DELETE FROM {table}")  # noqa: S608 -- a name of the schema


class ReferenceProcess:
    """The process itself, with faults allowed: started, killed at any moment, started again on the same file and port."""

    def __init__(self, file: Path, port: int, secret: str, *options: str) -> None:
        """`options` are further ones of `manage.py reference_platform`. Its log lies beside the file."""
        self.file, self.port, self._secret = file, port, secret
        self._command = [sys.executable, "manage.py", "reference_platform", "--file", str(file), "--port", str(port)]
        self._command += ["--faults", *options]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; raises RuntimeError if it does not."""
        with (self.file.parent / "reference.log").open("a") as log:
            environment = os.environ | {"REFERENCE_SECRETS": self._secret}
            self._process = subprocess.Popen(
                self._command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log
            )
        wait_for_port(self.port, self._process)

    def kill(self) -> None:
        """End it as when the machine loses its power; nothing if it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def running(self) -> RunningReference:
        """Where it answers, and its tables."""
        return RunningReference(f"http://127.0.0.1:{self.port}", self._secret, Store(self.file))


@contextmanager
def run_reference_platform(directory: Path, *, serves: str = "", portal: str = "") -> Iterator[RunningReference]:
    """Start one with faults allowed, and end it. It tells the portal at this address that it is there."""
    port = free_port()
    secret = os.environ.get("REFERENCE_SECRETS") or signing.new_secret()
    options = [*(("--portal", portal) if portal else ()), *(("--serves", serves) if serves else ())]
    process = ReferenceProcess(directory / f"reference-{port}.sqlite3", port, secret, *options)
    try:
        process.start()
        yield process.running()
    finally:
        process.kill()


def free_port() -> int:
    """A port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until somebody listens there; raises RuntimeError if the process ends before."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the reference platform did not start")
