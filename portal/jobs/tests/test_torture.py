"""Real workers, killed; a real broker, emptied: every job is done, and none twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from portal.audit.models import AuditEvent
from portal.jobs import queue, registry
from portal.jobs.models import Job, JobState
from portal.jobs.tests import torture
from portal.localservers import valkey

JOBS, UNSENT, KILLS = 300, 30, 3
PATIENCE = 120

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@contextmanager
def worker_group(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Two worker processes and beat, in a process group of their own."""
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-I", torture.__name__, "-c", "2", "-B"]
    environment = os.environ | {
        "DATABASE_NAME": connection.settings_dict["NAME"],
        "JOBS_LEASE_SECONDS": "3",
        "JOBS_RESEND_SECONDS": "3",
    }
    with (tmp_path / "worker.log").open("ab") as log:
        group = subprocess.Popen(
            [*command, "-s", str(tmp_path / "beat")],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield group
        finally:
            os.killpg(group.pid, signal.SIGKILL)
            group.wait()


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
        with worker_group(tmp_path):
            wait_until(done() + JOBS // (KILLS + 2))
        if kill == 2:
            broker.flushall()
    with worker_group(tmp_path):
        wait_until(JOBS)
    effects = AuditEvent.objects.filter(event="test.torture.done")
    assert effects.count() == JOBS
    assert not effects.filter(number__gt=1).exists()
    del registry.kinds[torture.KIND]
