"""Doing one job: claim it, run its handler while its lease is kept, and commit effects and `done` together, fenced."""

import json
import logging
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from portal import clock
from portal.jobs.attempts import JobAttempt, LeaseLost
from portal.jobs.models import Job, JobState
from portal.jobs.queue import lease_duration
from portal.jobs.registry import kinds
from portal.logs import describe_error

logger = logging.getLogger(__name__)
# Longest time in seconds for which an error may postpone the next attempt. One that asks for more is looked at again then, since staff
# may have ended the wait, and such an attempt does not count: a day's wait must not end a job.
_MOST_ASKED = 3600.0


def run_job(job_id: int) -> bool:
    """Do the job if it is ours to do; a duplicate delivery returns False at once."""
    attempt = _claim(job_id)
    if attempt is None:
        return False
    kind = kinds[attempt.kind]
    try:
        with attempt.held():
            kind.handler(attempt)
        if not attempt.finished:
            with attempt.finish():
                pass
    except LeaseLost:
        logger.warning("job_lease_lost", extra={"job": job_id, "kind": attempt.kind})
    except Exception as error:
        logger.exception("job_failed_attempt", extra={"job": job_id, "kind": attempt.kind})
        _put_back(attempt, error)
    return True


def run_due_jobs(of: Collection[str] = kinds.keys(), limit: int = 1000) -> int:
    """Run what is due of these kinds, in this process, in order; for demos, benchmarks and tests."""
    count = 0
    while count < limit:
        due = Job.objects.filter(kind__in=of, state=JobState.QUEUED, run_after__lte=clock.now()).order_by("id")
        job_id = due.values_list("pk", flat=True).first()
        if job_id is None:
            return count
        count += run_job(job_id)
    return count


def _claim(job_id: int) -> JobAttempt | None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE jobs_job SET state = 'running', attempts = attempts + 1, fence = fence + 1,
                   lease_until = %(until)s
               WHERE id = %(id)s AND (state = 'queued' AND run_after <= %(now)s
                                      OR state = 'running' AND lease_until <= %(now)s)
               RETURNING kind, payload::text, attempts, fence""",
            {"id": job_id, "now": now, "until": now + lease_duration()},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    attempt = JobAttempt(job_id, row[0], json.loads(row[1]), row[2], row[3])
    if attempt.attempt > kinds[attempt.kind].attempts:
        # Each attempt ended with a dead worker, so the input may crash workers: stop trying.
        _give_up(attempt, "its worker was lost on every attempt")
        return None
    return attempt


def _put_back(attempt: JobAttempt, error: Exception) -> None:
    text = describe_error(error, most=500)
    if attempt.attempt >= kinds[attempt.kind].attempts and _seconds_asked(error) <= _MOST_ASKED:
        _give_up(attempt, text)
        return
    wait = timedelta(seconds=_seconds_before_next(attempt.attempt, error))
    counted = attempt.attempt - (1 if _seconds_asked(error) > _MOST_ASKED else 0)
    attempt.mine().update(
        state=JobState.QUEUED, run_after=clock.now() + wait, lease_until=None, error=text, attempts=counted
    )


def _seconds_before_next(attempt: int, error: Exception) -> float:
    """A growing time, and not less than the error says (`retry_after`, in seconds): before that another attempt is lost."""
    return max(min(2.0**attempt, 600.0), min(_seconds_asked(error), _MOST_ASKED))


def _seconds_asked(error: Exception) -> float:
    """In how many seconds the error says that another attempt may succeed; 0 if it does not."""
    return getattr(error, "retry_after", None) or 0.0


def _give_up(attempt: JobAttempt, text: str) -> None:
    with transaction.atomic():
        failed = {"state": JobState.FAILED, "finished_at": clock.now(), "lease_until": None, "error": text}
        if attempt.mine().update(**failed) != 1:
            return
        exhausted = kinds[attempt.kind].exhausted
        if exhausted is not None:
            _call_exhausted(attempt, exhausted)


def _call_exhausted(attempt: JobAttempt, exhausted: Callable[[dict[str, Any]], None]) -> None:
    """Tell the kind that its job was given up; the job stays given up even if that fails."""
    try:
        with transaction.atomic():
            exhausted(attempt.payload)
    except Exception:
        logger.exception("job_exhausted_failed", extra={"job": attempt.job_id, "kind": attempt.kind})
