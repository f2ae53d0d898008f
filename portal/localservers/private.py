"""Servers and workers on a data folder of their own, for tests and benchmarks; each can be killed at any moment."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from portal import localservers
from portal.localservers import places, valkey

# Settings of this process that another one on data of its own must not see.
_OF_THIS_PROCESS = ("DATABASE_", "CELERY_", "CACHE_", "LOCALSERVERS_", "STATIC_", "DJANGO_", "PYTEST_", "TEST_")
_END_SECONDS = 10
_ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def own_data_dir() -> Iterator[Path]:
    """A data folder that the servers' account can reach; servers started in it are stopped in the end."""
    parent = Path(tempfile.mkdtemp(prefix="portal-own-", dir="/tmp"))
    parent.chmod(0o755)
    try:
        yield parent / "data"
    finally:
        localservers.stop_servers(parent / "data")
        for folder in (parent, places.socket_dir(parent / "data")):
            shutil.rmtree(folder, ignore_errors=True)


def environment_of(data_dir: Path) -> dict[str, str]:
    """What a process needs to work on `data_dir` as a demo of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_OF_THIS_PROCESS)}
    return kept | {"DATA_DIR": str(data_dir)}


def start_workers(log: Path, *options: str, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Two worker processes of all pools, and beat, as one group of processes; `options` are Celery's."""
    command = [sys.executable, "-m", "celery", "-q", "-A", "portal", "worker", "-c", "2", "-B"]
    schedule = ["-s", str(log.with_suffix(".beat"))]
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    with log.open("ab") as output:
        return subprocess.Popen(
            [*command, *schedule, *options],
            cwd=_ROOT,
            env={**environment, **quiet},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def end_workers(group: "subprocess.Popen[bytes]", *, by: signal.Signals = signal.SIGTERM) -> None:
    """End all processes of the group by a signal, and kill what is left of it after some seconds."""
    with suppress(ProcessLookupError):
        os.killpg(group.pid, by)
    with suppress(subprocess.TimeoutExpired):
        group.wait(_END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(group.pid, signal.SIGKILL)
    group.wait()


def kill_postgres(data_dir: Path) -> None:
    """Kill every process of the cluster, as when the machine loses its power."""
    lock = places.servers_home(data_dir) / "pg" / "postmaster.pid"
    postmaster = int(lock.read_text().splitlines()[0])
    listed = ["ps", "-o", "pid=", "--ppid", str(postmaster)]
    children = subprocess.run(listed, capture_output=True, text=True, check=False)
    for pid in (postmaster, *map(int, children.stdout.split())):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_valkey(data_dir: Path) -> None:
    """Kill the broker, as when the machine loses its power."""
    with redis.Redis.from_url(valkey.cache_url(data_dir)) as client:
        pid = int(client.info("server")["process_id"])
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
