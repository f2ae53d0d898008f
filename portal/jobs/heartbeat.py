"""Signs of life of beat and of each pool's workers, late and failed work, for /healthz/ and /metrics."""

from collections.abc import Iterable, Sequence
from functools import partial

from django.core.cache import cache
from django.db.models import Count, Min, Q

from portal import clock
from portal.jobs.models import Job, JobState
from portal.pools import POOLS, pool_of

Samples = Iterable[tuple[Sequence[str], float]]

_KEY = "jobs.heartbeat"
_HEARTBEAT_STALE_SECONDS = 30


def record_heartbeat(pools: Iterable[str] = ()) -> None:
    """Leave a sign of life of these pools; without any, that of the tick, which beat sends and a worker runs."""
    now = clock.now().timestamp()
    cache.set_many(dict.fromkeys([_key_of(pool) for pool in pools] or [_KEY], now), timeout=None)


def refuse_stale_heartbeat() -> str | None:
    """A reason when no tick has run lately: beat or every worker is down."""
    return _refuse_old(cache.get(_KEY), "no tick")


def refuse_pool(pool: str) -> str | None:
    """A reason when a pool has no worker, or when its due work waits too long."""
    if reason := _refuse_old(cache.get(_key_of(pool)), "no worker"):
        return reason
    age = due_seconds_by_pool()[pool]
    return f"due work waits for {age:.0f} s" if age > POOLS[pool].late_seconds else None


def refuse_failed_jobs() -> str | None:
    """How many jobs were given up, if any: somebody has to look at them in the admin."""
    count = sum(failed_by_pool().values())
    return f"{count} given up" if count else None


def due_seconds_by_pool() -> dict[str, float]:
    """Age of the work that waits longest in each pool, in seconds; 0 when none is due or its worker is gone."""
    now = clock.now()
    due = Q(state=JobState.QUEUED, run_after__lte=now) | Q(state=JobState.RUNNING, lease_until__lte=now)
    rows = Job.objects.filter(due).order_by().values_list("kind").annotate(oldest=Min("run_after"))
    ages = dict.fromkeys(POOLS, 0.0)
    for kind, oldest in rows:
        ages[pool_of(kind)] = max(ages[pool_of(kind)], (now - oldest).total_seconds())
    return ages


def failed_by_pool() -> dict[str, int]:
    """How many jobs of each pool were given up and wait for somebody."""
    counts = dict.fromkeys(POOLS, 0)
    rows = Job.objects.filter(state=JobState.FAILED).order_by().values_list("kind").annotate(number=Count("id"))
    for kind, number in rows:
        counts[pool_of(kind)] += number
    return counts


def jobs_by_state() -> Samples:
    """((kind, state), number) of jobs that are not done."""
    rows = Job.objects.exclude(state=JobState.DONE).order_by().values_list("kind", "state").annotate(number=Count("id"))
    return [((kind, state), number) for kind, state, number in rows]


def oldest_due_samples() -> Samples:
    """((pool,), seconds) of the oldest due work."""
    return [((pool,), age) for pool, age in due_seconds_by_pool().items()]


def failed_samples() -> Samples:
    """((pool,), number) of jobs that were given up; 0 for a pool without any."""
    return [((pool,), number) for pool, number in failed_by_pool().items()]


def heartbeat_samples() -> Samples:
    """((pool,), seconds) since the last sign of life of each pool that ever gave one."""
    now = clock.now().timestamp()
    found = cache.get_many([_key_of(pool) for pool in POOLS])
    return [((pool,), now - found[_key_of(pool)]) for pool in POOLS if _key_of(pool) in found]


# One health check for each pool, by its name.
pool_checks = {pool: partial(refuse_pool, pool) for pool in POOLS}


def _key_of(pool: str) -> str:
    return f"{_KEY}.{pool}"


def _refuse_old(last: float | None, what: str) -> str | None:
    if last is None:
        return f"{what} yet"
    age = clock.now().timestamp() - last
    return f"{what} for {age:.0f} s" if age > _HEARTBEAT_STALE_SECONDS else None
