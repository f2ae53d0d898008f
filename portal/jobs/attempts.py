"""One attempt at a job, as its handler sees it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from portal import clock
from portal.jobs.models import Job, JobState


class LeaseLost(Exception):
    """Another worker took this job over; what this one computed must not be written."""


class Run:
    """One attempt at a job, as its handler sees it."""

    def __init__(self, job_id: int, kind: str, payload: dict[str, Any], attempt: int) -> None:
        self.job_id, self.kind, self.payload, self.attempt = job_id, kind, payload, attempt
        self.finished = False

    @contextmanager
    def finish(self) -> Iterator[None]:
        """One transaction for the job's effects and its end. Raises LeaseLost if the attempt is not ours any more."""
        with transaction.atomic():
            mine = Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, attempts=self.attempt)
            done = {"state": JobState.DONE, "finished_at": clock.now(), "lease_until": None, "error": ""}
            if mine.update(**done) != 1:
                raise LeaseLost(self.kind)
            yield
        self.finished = True
