"""Real workers, killed; a real broker, emptied: every job is done, and none twice."""

import signal
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import redis
from django.conf import settings

from portal.audit.models import AuditEvent
from portal.jobs import queue, registry
from portal.jobs.models import Job, JobState
from portal.jobs.tests import torture
from portal.localservers import valkey
from portal.testing.processes import celery_workers

JOBS, UNSENT, KILLS = 300, 30, 3
PATIENCE = 120

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def workers(tmp_path: Path) -> AbstractContextManager[object]:
    """Two worker processes and beat, killed in the end."""
    short = {"JOBS_LEASE_SECONDS": "3", "JOBS_RESEND_SECONDS": "3"}
    return celery_workers(tmp_path / "worker.log", "-I", torture.__name__, end=signal.SIGKILL, **short)


def done() -> int:
    return Job.objects.filter(kind=torture.KIND, state=JobState.DONE).count()


def wait_until(count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while done() < count:
        assert time.monotonic() < deadline, f"{done()} of {count} jobs done after {PATIENCE} s"
        time.sleep(0.05)


def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    valkey.ensure_valkey(settings.DATA_DIR)
    broker = redis.Redis.from_url(valkey.cache_url(settings.DATA_DIR))
    for n in range(JOBS):
        queue.enqueue_job(torture.KIND, {"n": n}, key=f"torture:{n}")
    Job.objects.filter(key__in=[f"torture:{n}" for n in range(UNSENT)]).update(sent_at=None)
    for kill in range(1, KILLS + 1):
        with workers(tmp_path):
            wait_until(done() + JOBS // (KILLS + 2))
        if kill == 2:
            broker.flushall()
    with workers(tmp_path):
        wait_until(JOBS)
    effects = AuditEvent.objects.filter(event="test.torture.done")
    assert effects.count() == JOBS
    assert not effects.filter(number__gt=1).exists()
    del registry.kinds[torture.KIND]
