"""One attempt at a job, as its handler sees it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from portal import clock
from portal.jobs.models import Job, JobState


class LeaseLost(Exception):
    """Another worker took this job over; what this one computed must not be written."""


class JobAttempt:
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

    def extend(self) -> None:
        """Hold the job for another whole lease. Raises LeaseLost if the attempt is not ours any more."""
        mine = Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, attempts=self.attempt)
        if mine.update(lease_until=clock.now() + timedelta(seconds=settings.JOBS_LEASE_SECONDS)) != 1:
            raise LeaseLost(self.kind)

    @contextmanager
    def extended(self) -> Iterator[None]:
        """Extend the lease from a thread while the block runs, for a long call that cannot do it itself.

        If the process dies the lease runs out as ever; if the job is lost meanwhile, `finish` says so.
        """
        over = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(over,), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _keep(self, over: threading.Event) -> None:
        try:
            while not over.wait(settings.JOBS_LEASE_SECONDS / 3):
                self.extend()
        except LeaseLost:
            return
        finally:
            connection.close()
