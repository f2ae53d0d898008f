"""Kinds of jobs that take long, for test_processes.py; real workers load this module with `celery -I`."""

import time

from portal import pools
from portal.audit import trail
from portal.jobs import registry
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job

VIDEO, PAUSED = "test.video", "test.paused"


def watch(_run: JobAttempt) -> None:
    """Longer than the test."""
    time.sleep(300)


def pause(run: JobAttempt) -> None:
    """Long enough to be paused in the middle, then the effect: an event in a chain of the job's own."""
    time.sleep(3)
    with run.finish():
        trail.record_event("test.paused.done", Job(pk=run.job_id), by=None, fence=run.fence)


pools.ROUTES[VIDEO] = "media"
registry.register_kind(VIDEO, watch)
registry.register_kind(PAUSED, pause)
