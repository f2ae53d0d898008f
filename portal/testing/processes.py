"""Processes that tests start: manage.py, workers, and private servers on a data folder of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from portal import localservers
from portal.localservers import places

# Settings of this test run that a process on data of its own must not see.
_OF_THIS_RUN = ("DATABASE_", "CELERY_", "CACHE_", "LOCALSERVERS_", "STATIC_", "DJANGO_", "PYTEST_", "TEST_")
_END_SECONDS = 10


@contextmanager
def own_data_dir() -> Iterator[Path]:
    """A data folder that the servers' account can reach; servers started in it are stopped in the end."""
    parent = Path(tempfile.mkdtemp(prefix="portal-test-", dir="/tmp"))
    parent.chmod(0o755)
    try:
        yield parent / "data"
    finally:
        localservers.stop_servers(parent / "data")
        for folder in (parent, places.socket_dir(parent / "data")):
            shutil.rmtree(folder, ignore_errors=True)


def environment_of(data_dir: Path) -> dict[str, str]:
    """What a process needs to work on `data_dir` as a demo of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_OF_THIS_RUN)}
    return kept | {"DATA_DIR": str(data_dir)}


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with own_data_dir() as folder:
        yield folder


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    return environment_of(data_dir)


def run_manage(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run manage.py to its end; the caller looks at the exit code."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@contextmanager
def celery_workers(
    log: Path, *options: str, end: signal.Signals = signal.SIGTERM, **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Two worker processes and beat on this test's database, ended as a group by the signal `end`."""
    command = [sys.executable, "-m", "celery", "-q", "-A", "portal", "worker", "-c", "2", "-B"]
    schedule = ["-s", str(log.with_suffix(".beat"))]
    own = {"DATABASE_NAME": str(connection.settings_dict["NAME"])}
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    with log.open("ab") as output:
        group = subprocess.Popen(
            [*command, *schedule, *options],
            env=os.environ | own | quiet | environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield group
    finally:
        os.killpg(group.pid, end)
        with suppress(subprocess.TimeoutExpired):
            group.wait(_END_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(group.pid, signal.SIGKILL)
        group.wait()


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
