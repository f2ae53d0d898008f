"""Workers killed at any moment, the broker emptied, the database server killed: the edges are exact, the ledger adds up."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from complaints.actions import restitutions
from complaints.models import Restitution
from complaints.states import RestitutionState
from complaints.tests import faults
from complaints.tests import restitutions as make
from portal import localservers
from portal.localservers import places, valkey

COUNT, KILLS, PATIENCE = 30_000, 8, 180
DICE = random.Random(20260301)  # noqa: S311 -- moments to die at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("sandbox")]


SHORT = {"JOBS_LEASE_SECONDS": "1", "JOBS_RESEND_SECONDS": "1", "SMALL_PAGES": "1"}
START = "import django; django.setup(); from complaints.tests import faults; "


def _environment() -> dict[str, str]:
    return os.environ | SHORT | {"DATABASE_NAME": connection.settings_dict["NAME"]}


@contextmanager
def worker(environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does jobs; at work when it is yielded, dead afterwards."""
    command = [sys.executable, "-c", f"{START} faults.work()"]
    process = subprocess.Popen(command, env=environment or _environment(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _kill_at_random(row: Restitution, state: str) -> int:
    """Kill worker after worker while the restitution is in a state; tells how many died in it."""
    for deaths in range(KILLS):
        with worker():
            time.sleep(DICE.uniform(0.1, 0.4))
        if faults.check(row).state != state:
            return deaths
    return KILLS


def _finish(workers: int = 1) -> None:
    """Let so many work at the same time, until there is nothing to do."""
    if workers == 0:
        return
    with worker() as process:
        _finish(workers - 1)
        assert process.wait(PATIENCE) == 0


def _wait_for(row: Restitution, state: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while make.fresh(row).state != state or row.pages.filter(told_at=None).exists():
        assert time.monotonic() < deadline, f"{make.fresh(row).state} after {PATIENCE} s"
        time.sleep(0.1)


def test_killed_workers_lose_and_double_nobody_neither_going_nor_coming_back() -> None:
    row = faults.world(COUNT)
    before = make.edges()
    assert _kill_at_random(row, RestitutionState.MOVING) > 2
    assert make.fresh(row).looked_at
    _finish(workers=2)
    row = faults.check(row)
    assert row.state == RestitutionState.DONE
    assert make.edges() == faults.expected(before, row)
    restitutions.reverse_restitution(row, by=None)
    assert _kill_at_random(row, RestitutionState.REVERSING) > 2
    _finish(workers=2)
    assert faults.check(row).state == RestitutionState.REVERSED
    assert make.edges() == before


def test_a_move_that_is_taken_back_while_workers_die_ends_as_it_began() -> None:
    row = faults.world(COUNT)
    before = make.edges()
    with worker():
        time.sleep(DICE.uniform(0.1, 0.4))
        restitutions.reverse_restitution(row, by=None)
        time.sleep(DICE.uniform(0.05, 0.2))
    _finish(workers=2)
    row = faults.check(row)
    assert row.state == RestitutionState.REVERSED
    assert row.restored == row.moved + row.already
    assert make.edges() == before


@contextmanager
def celery_workers(tmp_path: Path) -> Iterator[None]:
    """Two worker processes and beat, in a process group of their own, killed in the end."""
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-I", faults.__name__, "-c", "2", "-B"]
    with (tmp_path / "worker.log").open("ab") as log:
        group = subprocess.Popen(
            [*command, "-s", str(tmp_path / "beat")], env=_environment(), stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(group.pid, signal.SIGKILL)
            group.wait()


def test_a_broker_that_is_emptied_or_gone_holds_nothing_up_for_long(tmp_path: Path) -> None:
    valkey.ensure_valkey(settings.DATA_DIR)
    broker = redis.Redis.from_url(valkey.cache_url(settings.DATA_DIR))
    row = faults.world(COUNT)
    before = make.edges()
    broker.flushall()  # what was sent when it began is lost
    with celery_workers(tmp_path):
        deadline = time.monotonic() + PATIENCE
        while make.fresh(row).looked_at < COUNT // 10:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    broker.flushall()
    with celery_workers(tmp_path):
        _wait_for(row, RestitutionState.DONE)
    assert make.edges() == faults.expected(before, faults.check(row))


@pytest.fixture
def server() -> Iterator[Path]:
    """A database server of its own, which may be killed."""
    made = Path(tempfile.mkdtemp(prefix="portal-test-", dir="/tmp"))
    made.chmod(0o755)
    data_dir = made / "data"
    yield data_dir
    localservers.stop_servers(data_dir)
    for folder in (made, places.socket_dir(data_dir)):
        shutil.rmtree(folder, ignore_errors=True)


def _kill_server(data_dir: Path) -> None:
    """Every process of it, as when the machine loses its power."""
    lock = places.servers_home(data_dir) / "pg" / "postmaster.pid"
    postmaster = int(lock.read_text().splitlines()[0])
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True, check=False
    )
    for pid in (postmaster, *map(int, children.stdout.split())):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_database_server_that_is_killed_has_every_page_whole_or_not_at_all(server: Path, tmp_path: Path) -> None:
    """In a cluster of its own with fsync on; what a test of it does, a process of its own does."""
    ours = ("DATABASE_", "CELERY_", "CACHE_", "LOCALSERVERS_", "DJANGO_SETTINGS", "PYTEST_", "TEST_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    settings_module = {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_POOL_SIZE": "0"}
    environment = kept | SHORT | settings_module | {"DATA_DIR": str(server)}

    def run(code: str) -> None:
        subprocess.run([sys.executable, "-c", START + code], env=environment, check=True, timeout=PATIENCE)

    localservers.ensure_servers(server)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True, cwd=settings.BASE_DIR)
    run(f"faults.world({COUNT}); faults.remember({str(tmp_path)!r})")
    for _ in range(3):
        with worker(environment):
            time.sleep(DICE.uniform(0.1, 0.5))
            _kill_server(server)
        localservers.ensure_servers(server)
    with worker(environment) as process:
        assert process.wait(PATIENCE) == 0
    run(f"faults.compare({str(tmp_path)!r})")
