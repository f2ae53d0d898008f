"""Real workers that are busy or paused: each pool works by itself, and who was away too long writes nothing."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from portal import pools
from portal.audit.models import AuditEvent
from portal.jobs import heartbeat, queue, registry
from portal.jobs.models import Job, JobState
from portal.jobs.tests import long_work
from portal.outbound.mail import Delivery
from portal.people import letters
from portal.people.models import Letter, User
from portal.testing.processes import celery_workers

PATIENCE = 120

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True, scope="module")
def _only_here() -> Iterator[None]:
    yield
    for kind in (long_work.VIDEO, long_work.PAUSED):
        registry.kinds.pop(kind, None)
        pools.ROUTES.pop(kind, None)


def workers(log: Path, *options: str, **environment: str) -> AbstractContextManager[Any]:
    """Two worker processes and beat, killed in the end."""
    quick = {"JOBS_RESEND_SECONDS": "1"} | environment
    return celery_workers(log, "-I", long_work.__name__, *options, end=signal.SIGKILL, **quick)


def wait_for(what: Callable[[], bool], log: Path, seconds: float = PATIENCE) -> float:
    """How long it took; fails with the end of the log when it takes too long."""
    started = time.monotonic()
    while not what():
        assert time.monotonic() < started + seconds, log.read_text()[-3000:]
        time.sleep(0.05)
    return time.monotonic() - started


def running(kind: str) -> int:
    return Job.objects.filter(kind=kind, state=JobState.RUNNING).count()


def test_long_videos_delay_neither_ticks_nor_mails(tmp_path: Path, client: Client, creator: User) -> None:
    log, others = tmp_path / "media.log", ",".join(pool for pool in pools.POOLS if pool != "media")
    for n in range(4):
        queue.enqueue_job(long_work.VIDEO, {"n": n}, key=f"video:{n}")
    with workers(log, "-Q", "media"), workers(tmp_path / "others.log", "-Q", others):
        wait_for(lambda: running(long_work.VIDEO) == 2, log)
        wait_for(lambda: client.get("/healthz/").status_code == 200, log)
        cache.delete("jobs.heartbeat")
        letters.write_letter_to(creator, "people/email/account_lost", account="@somebody")
        letter = Letter.objects.latest("pk")
        assert wait_for(lambda: Letter.objects.get(pk=letter.pk).delivery == Delivery.SENT, log) < 10
        assert wait_for(lambda: heartbeat.refuse_stale_heartbeat() is None, log) < 10
        assert running(long_work.VIDEO) == 2
        assert client.get("/healthz/").json()["checks"]["media"] == "ok"


def test_a_paused_worker_does_not_end_the_job_that_another_took_over(tmp_path: Path) -> None:
    log = tmp_path / "first.log"
    job = queue.enqueue_job(long_work.PAUSED, {}, key="paused")
    with workers(log, JOBS_LEASE_SECONDS="2") as first:
        wait_for(lambda: running(long_work.PAUSED) == 1, log)
        os.killpg(first.pid, signal.SIGSTOP)
        with workers(tmp_path / "second.log", JOBS_LEASE_SECONDS="2"):
            wait_for(lambda: Job.objects.get(pk=job.pk).state == JobState.DONE, tmp_path / "second.log")
            os.killpg(first.pid, signal.SIGCONT)
            wait_for(lambda: "job_lease_lost" in log.read_text(), log)
    job.refresh_from_db()
    assert (job.state, job.fence) == (JobState.DONE, 2)
    [effect] = AuditEvent.objects.filter(event="test.paused.done")
    assert effect.data == {"fence": 2}
