"""Signs of life of beat and workers, for /healthz/ and /metrics."""

from collections.abc import Iterable, Sequence

from django.core.cache import cache
from django.db.models import Count, Min, Q

from portal import clock
from portal.jobs.models import Job, JobState

_KEY = "jobs.heartbeat"
_HEARTBEAT_STALE_SECONDS = 30
_JOB_LATE_SECONDS = 300


def record_heartbeat() -> None:
    """Leave a sign of life: called by the tick, which beat sends and a worker runs."""
    cache.set(_KEY, clock.now().timestamp(), timeout=None)


def refuse_stale_heartbeat() -> str | None:
    """A reason when no tick has run lately: beat or every worker is down."""
    last = cache.get(_KEY)
    if last is None:
        return "no tick yet"
    age = clock.now().timestamp() - last
    return f"no tick for {age:.0f} s" if age > _HEARTBEAT_STALE_SECONDS else None


def refuse_late_jobs() -> str | None:
    """A reason when due work waits too long."""
    age = oldest_due_seconds()
    return f"due work waits for {age:.0f} s" if age > _JOB_LATE_SECONDS else None


def oldest_due_seconds() -> float:
    """Age of the work that waits longest, in seconds; 0 when none is due or its worker is gone."""
    now = clock.now()
    due = Q(state=JobState.QUEUED, run_after__lte=now) | Q(state=JobState.RUNNING, lease_until__lte=now)
    oldest = Job.objects.filter(due).aggregate(oldest=Min("run_after"))["oldest"]
    return (now - oldest).total_seconds() if oldest else 0.0


def jobs_by_state() -> Iterable[tuple[Sequence[str], float]]:
    """((kind, state), number) of jobs that are not done."""
    rows = Job.objects.exclude(state=JobState.DONE).order_by().values_list("kind", "state").annotate(number=Count("id"))
    return [((kind, state), number) for kind, state, number in rows]


def oldest_due_samples() -> Iterable[tuple[Sequence[str], float]]:
    """The age of the oldest due work, without labels."""
    return [((), oldest_due_seconds())]
