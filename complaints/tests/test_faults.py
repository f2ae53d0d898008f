"""Workers killed at any moment, the broker emptied, the database server killed: the edges are exact, the ledger adds up."""

import random
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from complaints.actions import reversals
from complaints.models import Restitution
from complaints.restitution import attribution
from complaints.states import RestitutionState
from complaints.tests import faults
from complaints.tests import restitutions as make
from portal import localservers
from portal.localservers import postgres, private, valkey
from portal.outbound import calls
from portal.testing.concurrency import forked
from portal.testing.processes import celery_workers

COUNT, KILLS, PATIENCE = 10_000, 8, 180
DICE = random.Random(20260301)  # noqa: S311 -- moments to die at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("sandbox")]


SHORT = {"JOBS_LEASE_SECONDS": "1", "JOBS_RESEND_SECONDS": "1", "SMALL_PAGES": "1"}


@pytest.fixture(autouse=True)
def _short(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short leases and small pages, for this process and its copies."""
    settings.JOBS_LEASE_SECONDS = settings.JOBS_RESEND_SECONDS = 1
    monkeypatch.setattr(attribution, "next_page_size", faults.small_page)
    monkeypatch.setattr(calls, "CALL_LEASE", faults.SHORT_CALL_LEASE)


def _kill_at_random(row: Restitution, state: str) -> int:
    """Kill worker after worker while the restitution is in a state; tells how many died in it."""
    for deaths in range(KILLS):
        with forked(faults.work):
            time.sleep(DICE.uniform(0.1, 0.4))
        if faults.check(row).state != state:
            return deaths
    return KILLS


def _finish(workers: int = 1) -> None:
    """Let so many work at the same time, until there is nothing to do."""
    if workers == 0:
        return
    with forked(faults.work) as process:
        _finish(workers - 1)
        process.join(PATIENCE)
        assert process.exitcode == 0


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
    reversals.reverse_restitution(row, by=None)
    assert _kill_at_random(row, RestitutionState.REVERSING) > 2
    _finish(workers=2)
    assert faults.check(row).state == RestitutionState.REVERSED
    assert make.edges() == before


def test_a_move_that_is_taken_back_while_workers_die_ends_as_it_began() -> None:
    row = faults.world(COUNT)
    before = make.edges()
    with forked(faults.work):
        time.sleep(DICE.uniform(0.1, 0.4))
        reversals.reverse_restitution(row, by=None)
        time.sleep(DICE.uniform(0.05, 0.2))
    _finish(workers=2)
    row = faults.check(row)
    assert row.state == RestitutionState.REVERSED
    assert row.restored == row.moved + row.already
    assert make.edges() == before


def workers(tmp_path: Path) -> AbstractContextManager[object]:
    """Two worker processes and beat, killed in the end."""
    return celery_workers(tmp_path / "worker.log", "-I", faults.__name__, end=signal.SIGKILL, **SHORT)


def test_a_broker_that_is_emptied_or_gone_holds_nothing_up_for_long(tmp_path: Path) -> None:
    valkey.ensure_valkey(settings.DATA_DIR)
    broker = redis.Redis.from_url(valkey.cache_url(settings.DATA_DIR))
    row = faults.world(COUNT)
    before = make.edges()
    broker.flushall()  # what was sent when it began is lost
    with workers(tmp_path):
        deadline = time.monotonic() + PATIENCE
        while make.fresh(row).looked_at < COUNT // 10:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    broker.flushall()
    with workers(tmp_path):
        _wait_for(row, RestitutionState.DONE)
    assert make.edges() == faults.expected(before, faults.check(row))


def test_a_database_server_that_is_killed_has_every_page_whole_or_not_at_all(data_dir: Path, tmp_path: Path) -> None:
    """In a cluster of its own with fsync on; everything is done in copies of this process that turn to it."""

    def there(act: Callable[..., object], *args: object) -> Callable[[], None]:
        def run() -> None:
            settings.DATA_DIR, settings.LOCALSERVERS_DURABLE = data_dir, True
            settings.DATABASE_OWNER = postgres.database_settings(data_dir, owner=True)
            connection.settings_dict.update(postgres.database_settings(data_dir))
            act(*args)

        return run

    def finish(act: Callable[..., object], *args: object) -> None:
        with forked(there(act, *args)) as process:
            process.join(PATIENCE)
            assert process.exitcode == 0

    localservers.ensure_servers(data_dir, durable=False)
    finish(call_command, "migrate", "-v0")
    finish(faults.world, COUNT)
    finish(faults.remember, str(tmp_path))
    localservers.stop_servers(data_dir)
    localservers.ensure_servers(data_dir)
    for _ in range(3):
        with forked(there(faults.work)):
            time.sleep(DICE.uniform(0.1, 0.5))
            private.kill_postgres(data_dir)
        localservers.ensure_servers(data_dir)
    finish(faults.work)
    finish(faults.compare, str(tmp_path))
