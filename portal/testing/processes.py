"""Processes that tests start: manage.py, workers, and private servers on a data folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from portal.localservers import private

_END_SECONDS = 10


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with private.own_data_dir() as folder:
        yield folder


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    return private.environment_of(data_dir)


def run_manage(
    *arguments: str, environment: dict[str, str] | None = None, seconds: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run manage.py to its end, which is due after `seconds` at most; the caller looks at the exit code."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=seconds
    )


@contextmanager
def celery_workers(
    log: Path, *options: str, end: signal.Signals = signal.SIGTERM, **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Two worker processes and beat on this test's database, ended as a group by the signal `end`."""
    own = {"DATABASE_NAME": str(connection.settings_dict["NAME"])}
    group = private.start_workers(log, *options, environment=os.environ | own | environment)
    try:
        yield group
    finally:
        private.end_workers(group, by=end)


@contextmanager
def web_server(log: Path, **environment: str) -> Iterator[str]:
    """The address of gunicorn with one worker of ours on this test's database."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    own = {"DATABASE_NAME": str(connection.settings_dict["NAME"]), "BIND": place, "WEB_WORKERS": "1"}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:portal.webserver", "portal.wsgi"]
    with log.open("ab") as output:
        server = subprocess.Popen(command, env=os.environ | own | environment, stdout=output, stderr=output)
    try:
        _wait_for_answer(place, server, log)
        yield f"http://{place}"
    finally:
        server.terminate()
        server.wait(_END_SECONDS + 10)


def _wait_for_answer(place: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        with suppress(OSError), urllib.request.urlopen(f"http://{place}/livez", timeout=5):
            return
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the web server did not start: {log.read_text()[-2000:]}")
        time.sleep(0.2)
