"""One attempt at a job, as its handler sees it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from portal import clock
from portal.jobs.models import Job, JobState

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker took this job over; what this one computed must not be written."""


class JobAttempt:
    """One attempt at a job, as its handler sees it.

    `attempt` counts the tries since the job was asked for, retried by staff, or last got on. `fence` is the number of this claim
    of the job, which no other claim has or will have: only the holder of the last one can write.
    """

    def __init__(self, job_id: int, kind: str, payload: dict[str, Any], attempt: int, fence: int) -> None:
        self.job_id, self.kind, self.payload = job_id, kind, payload
        self.attempt, self.fence = attempt, fence
        self.finished = False

    def mine(self) -> QuerySet[Job]:
        """The job's row while this attempt holds it, else nothing."""
        return Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, fence=self.fence)

    @contextmanager
    def finish(self) -> Iterator[None]:
        """One transaction for the job's effects and its end. Raises LeaseLost if the attempt is not ours any more."""
        with transaction.atomic():
            done = {"state": JobState.DONE, "finished_at": clock.now(), "lease_until": None, "error": ""}
            if self.mine().update(**done) != 1:
                raise LeaseLost(self.kind)
            yield
        self.finished = True

    def extend(self) -> None:
        """Hold the job for another whole lease. Raises LeaseLost if the attempt is not ours any more."""
        until = clock.now() + timedelta(seconds=settings.JOBS_LEASE_SECONDS)
        if self.mine().update(lease_until=until) != 1:
            raise LeaseLost(self.kind)

    def note_progress(self) -> None:
        """Something was done for good: this attempt counts as the first, so that no failure of before ends the job."""
        if self.attempt > 1 and self.mine().update(attempts=1) == 1:
            self.attempt = 1

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the lease from a thread while the block runs, three times in its length, however long that takes.

        If the process dies or is paused the lease runs out as ever; if the job is lost meanwhile, `finish` says so.
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
                self._try_to_extend()
        except LeaseLost:
            return

    def _try_to_extend(self) -> None:
        """A database that is away for a moment is asked again; until then the lease has two thirds left."""
        try:
            self.extend()
        except DatabaseError:
            logger.warning("job_lease_not_extended", extra={"job": self.job_id, "kind": self.kind})
        finally:
            connection.close()
