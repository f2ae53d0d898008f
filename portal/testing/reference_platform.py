"""The reference platform as a process of its own, for tests of what speaks to it over HTTP."""

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

from portal.platforms import PlatformConfig, signing
from portal.platforms.reference.store import Store

_START_SECONDS = 30


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

    def inject(self, kind: str, *, path: str = "*", times: int = 1, seconds: float = 0) -> None:
        """Let the next calls of a path fail."""
        fault: dict[str, Any] = {"kind": kind, "path": path, "times": times, "seconds": seconds}
        request = urllib.request.Request(f"{self.address}/_faults", json.dumps(fault).encode(), method="POST")  # noqa: S310 -- this machine
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 -- as above

    def clear(self) -> None:
        """Forget everything."""
        with self.store.transaction() as db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                db.execute(f"DELETE FROM {table}")  # noqa: S608 -- a name of the schema


@contextmanager
def run_reference_platform(directory: Path, *, serves: str = "", portal: str = "") -> Iterator[RunningReference]:
    """Start one with faults allowed, and end it. It tells the portal at this address that it is there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret, file = os.environ.get("REFERENCE_SECRETS") or signing.new_secret(), directory / f"reference-{port}.sqlite3"
    command = [sys.executable, "manage.py", "reference_platform", "--file", str(file), "--port", str(port), "--faults"]
    if portal:
        command += ["--portal", portal]
    if serves:
        command += ["--serves", serves]
    with (directory / "reference.log").open("a") as log:
        process = subprocess.Popen(command, env=os.environ | {"REFERENCE_SECRETS": secret}, stdout=log, stderr=log)
    try:
        wait_for_port(port, process)
        yield RunningReference(f"http://127.0.0.1:{port}", secret, Store(file))
    finally:
        process.kill()
        process.wait()


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
