"""The kind of job that test_torture.py gives to real workers; they load this module with `celery -I`.

Its effect is an audit event in a chain of its own, so that an effect done twice has number 2.
"""

import time

from portal.audit import trail
from portal.jobs import registry
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job

KIND = "test.torture"


def work(run: JobAttempt) -> None:
    """Take a moment, so that kills hit in the middle, then leave the effect."""
    time.sleep(0.02)
    with run.finish():
        job = Job(pk=run.job_id)
        job.chain = f"torture:{run.payload['n']}"  # type: ignore[attr-defined]
        trail.record_event("test.torture.done", job, by=None)


registry.register_kind(KIND, work, attempts=50)
