"""Enqueue jobs, and sweep up those whose delivery or worker was lost."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from portal import clock
from portal.celery import app
from portal.jobs.models import Job, JobState
from portal.jobs.registry import kinds, periodics

logger = logging.getLogger(__name__)

KEEP_DONE = timedelta(days=14)
_HOUR = 3600
_served_slots: dict[str, int] = {}


def enqueue_job(kind: str, payload: dict[str, Any], *, key: str, at: datetime | None = None) -> Job:
    """Enqueue a job once: a second call with the same key returns the existing job.

    Written in the caller's transaction, sent after its commit. `at` postpones it.
    """
    if kind not in kinds:
        message = f"no handler is registered for {kind}"
        raise LookupError(message)
    now = clock.now()
    due = at is None or at <= now
    values = {"kind": kind, "payload": payload, "run_after": at or now, "sent_at": now if due else None}
    Job.objects.bulk_create([Job(key=key, **values)], ignore_conflicts=True)
    job = Job.objects.get(key=key)
    if due and job.sent_at == now:
        transaction.on_commit(lambda: send_job(job.pk, kind))
    return job


def enqueue_jobs(kind: str, payloads: Mapping[str, dict[str, Any]]) -> None:
    """Enqueue many jobs of a kind, each once for its key, in the caller's transaction; the sweep sends them."""
    if kind not in kinds:
        message = f"no handler is registered for {kind}"
        raise LookupError(message)
    now = clock.now()
    rows = [Job(key=key, kind=kind, payload=payload, run_after=now) for key, payload in payloads.items()]
    Job.objects.bulk_create(rows, ignore_conflicts=True)


def enqueue_again(kind: str, payload: dict[str, Any]) -> bool:
    """Enqueue work that an earlier job was given up over, at most once an hour. Whether it was.

    Not if the same work is under way, due, or put back for another attempt; what is planned for a later day is no hindrance.
    The new job takes the place of those of earlier hours that failed.
    """
    same = Job.objects.filter(kind=kind, payload=payload).exclude(state__in=(JobState.DONE, JobState.FAILED))
    if same.filter(Q(attempts__gt=0) | Q(run_after__lte=clock.now())).exists():
        return False
    named = ":".join(str(value) for value in payload.values())
    work = f"{kind}:{named}@"
    key = f"{work}{int(clock.now().timestamp()) // _HOUR}"
    if Job.objects.filter(key=key).exists():
        return False
    Job.objects.filter(key__startswith=work, state=JobState.FAILED).delete()
    enqueue_job(kind, payload, key=key)
    return True


def count_unfinished(keys: Iterable[str]) -> int:
    """How many of the jobs with these keys are due, postponed or under way. One query."""
    return Job.objects.filter(key__in=keys).exclude(state__in=(JobState.DONE, JobState.FAILED)).count()


def send_job(job_id: int, kind: str) -> None:
    """Hand the id to the broker. A broker that is down loses nothing: the sweep sends again."""
    try:
        app.send_task("portal.jobs.run", args=[job_id], retry=False, **_delivery(kind))
    except (OperationalError, OSError):
        logger.warning("job_not_sent", extra={"job": job_id})


def _delivery(kind: str) -> dict[str, Any]:
    """The queue of a kind, and how many seconds an attempt may take until it is interrupted, and until it is killed."""
    pool = kinds[kind].pool
    return {
        "queue": kinds[kind].queue,
        "soft_time_limit": pool.attempt_seconds,
        "time_limit": pool.hard_seconds,
    }


def sweep_jobs(limit: int = 500) -> int:
    """Send due jobs that were not sent or whose lease is over; returns how many."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE jobs_job SET sent_at = %(now)s WHERE id IN (
                   SELECT id FROM jobs_job
                   WHERE (state = 'queued' AND run_after <= %(now)s OR state = 'running' AND lease_until <= %(now)s)
                     AND (sent_at IS NULL OR sent_at <= %(stale)s OR sent_at < run_after)
                   ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
               RETURNING id, kind""",
            {"now": now, "stale": now - timedelta(seconds=settings.JOBS_RESEND_SECONDS), "limit": limit},
        )
        rows = cursor.fetchall()
    for job_id, kind in rows:
        if kind in kinds:
            send_job(job_id, kind)
    return len(rows)


def run_tick() -> None:
    """What beat calls every two seconds: open the slots of periodic work, then sweep."""
    seconds = int(clock.now().timestamp())
    slots = {periodic.kind: seconds // periodic.every for periodic in periodics.values()}
    unopened = {kind: slot for kind, slot in slots.items() if _served_slots.get(kind) != slot}
    under_way = _kinds_under_way(unopened) if unopened else set()
    for kind, slot in unopened.items():
        # Work that takes longer than its slot is not begun a second time beside itself.
        if kind not in under_way:
            enqueue_job(kind, {}, key=f"{kind}@{slot}")
            _served_slots[kind] = slot
    sweep_jobs()


def _kinds_under_way(of: Iterable[str]) -> set[str]:
    open_jobs = Job.objects.filter(Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING), kind__in=list(of))
    return set(open_jobs.order_by().values_list("kind", flat=True))


def purge_done_jobs() -> int:
    """Drop finished jobs after two weeks; failed ones stay until they are retried, but for slots of periodic work."""
    old = Job.objects.filter(finished_at__lt=clock.now() - KEEP_DONE)
    # A later slot has done the work of a failed one.
    return old.filter(Q(state=JobState.DONE) | Q(state=JobState.FAILED, kind__in=list(periodics))).delete()[0]


def retry_job(job: Job) -> None:
    """Give a failed job a new set of attempts (for staff, after the cause is fixed). Its fence goes on counting."""
    fields = {"state": JobState.QUEUED, "attempts": 0, "run_after": clock.now(), "sent_at": None}
    Job.objects.filter(pk=job.pk, state=JobState.FAILED).update(**fields)


def lease_duration() -> timedelta:
    """How long a worker holds a job before another may take it over."""
    return timedelta(seconds=settings.JOBS_LEASE_SECONDS)
