"""Rate, quota and breaker of each platform: rows that all workers of all machines share.

Each function is a short transaction of its own, and none is open while a platform is called. A call takes its place
first (`admit_call`), waits for as long as that says, is made, and is settled by one of the `record_...` functions.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import wraps
from typing import Any, ParamSpec

from django.db import DatabaseError, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Least

from portal import clock
from portal.outbound.http.client_settings import ClientSettings
from portal.outbound.http.errors import BreakerOpen, Busy, QuotaUsed
from portal.outbound.http.waits import jittered
from portal.outbound.models import Breaker, FailureKind, PlatformFailure, PlatformTraffic

logger = logging.getLogger(__name__)
P = ParamSpec("P")

# No pause that a platform asks for, and none after failures, is longer, whatever a row says: a clock may have been moved.
MOST_PAUSE, MOST_BREAK = timedelta(hours=25), timedelta(hours=1)
# By how much the clocks of two machines may differ.
_CLOCKS_DIFFER = timedelta(minutes=1)
FAILURES_KEPT = timedelta(days=30)
# A platform that is busy again within the time of so many calls has been called too often for longer than a moment.
_CALLS_BETWEEN = 10
# An answer is written down if the last one is older than that, to spare the row.
_ANSWER_NOTED = timedelta(seconds=2)


@dataclass(frozen=True)
class Permit:
    """Leave for one call, `wait` seconds from now. `probe`: the one call that tries a platform that has not answered.

    `is_noted`: the row says already that the platform answers, so that one more answer need not be written down.
    """

    platform: str
    settings: ClientSettings
    wait: float
    epoch: int
    probe: bool
    taken_at: datetime
    is_noted: bool = False


def admit_call(platform: str, settings: ClientSettings, *, patience: float, probe_seconds: float) -> Permit:
    """Take the place of one call, which may have to wait for `patience` seconds at most.

    A probe that is not settled within `probe_seconds` has lost its worker, and another call may try. Raises
    BreakerOpen, QuotaUsed or Busy, and takes nothing then.
    """
    now = clock.now()
    with transaction.atomic(durable=True):
        row = _locked_row(platform, settings, now)
        row.rate_limit, row.quota_limit = settings.rate, settings.quota
        probe = _pass_breaker(row, now, probe_seconds)
        _count_quota(row, now)
        _recover_rate(row, settings, now)
        wait = _take_token(row, settings, now)
        if wait > patience:
            raise Busy(platform, retry_after=wait)
        row.save()
    return Permit(platform, settings, wait, row.epoch, probe, now, _is_answer_noted(row, now))


def pause_left(platform: str) -> float:
    """Seconds for which the platform has asked not to be called, 0 if it has not."""
    row = PlatformTraffic.objects.filter(platform=platform).only("paused_until", "failed_at").first()
    return 0.0 if row is None else _pause_of(row, clock.now())


def _settling(record: Callable[P, None]) -> Callable[P, None]:
    """The call is over: a database that cannot write that down takes nothing from its answer."""

    @wraps(record)
    def settle(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with transaction.atomic(durable=True):
                record(*args, **kwargs)
        except DatabaseError:
            logger.exception("platform_call_not_recorded")

    return settle


def record_answer(permit: Permit, *, is_useful: bool = True) -> None:
    """The platform answered: failures in a row end, and a probe ends the breaker's pause; so does a fault, if the answer is of use."""
    if not permit.is_noted:
        _note_answer(permit, is_useful=is_useful)


@_settling
def _note_answer(permit: Permit, *, is_useful: bool) -> None:
    rows = PlatformTraffic.objects.filter(platform=permit.platform, epoch=permit.epoch)
    rows.update(answered_at=clock.now(), **_CLOSED, **({"fault": ""} if is_useful else {}))


@_settling
def give_back(permit: Permit) -> None:
    """The call was given up before it was made: it does not count, and if it was to try the platform, another one may."""
    rows = PlatformTraffic.objects.filter(platform=permit.platform)
    rows.update(tokens=F("tokens") + 1)
    rows.filter(quota_day=permit.taken_at.date(), quota_used__gt=0).update(quota_used=F("quota_used") - 1)
    if permit.probe:
        probing = rows.filter(epoch=permit.epoch, breaker=Breaker.PROBING)
        probing.update(breaker=Breaker.OPEN, breaker_until=clock.now())


@_settling
def record_failure(
    permit: Permit, kind: str, status: int | None, pause: float | None = None, *, reached: bool = True
) -> None:
    """The platform did not answer, or with a server error. `pause`: it has asked not to be called for so many seconds.

    A call that has not `reached` it takes nothing from its quota.
    """
    now = clock.now()
    row = PlatformTraffic.objects.select_for_update(no_key=True).get(platform=permit.platform)
    row.failed_at = now
    if not reached and row.quota_day == permit.taken_at.date() and row.quota_used:
        row.quota_used -= 1
    _extend_pause(row, pause, now)
    if row.epoch == permit.epoch:
        row.failures += 1
        if permit.probe or row.failures >= permit.settings.break_after:
            _open_breaker(row, permit.settings, now)
    row.save()
    _count_failure(permit.platform, kind, status, now)


@_settling
def record_busy(permit: Permit, status: int, pause: float | None) -> None:
    """The platform answered that there were too many calls; what calls that were under way are told counts once.

    Who says when to come again (`pause`, in seconds) is left alone until then, and called as before: its limit may be of another
    shape than ours. The rate is halved where that was not enough, or where the platform does not say it.
    """
    now = clock.now()
    row = PlatformTraffic.objects.select_for_update(no_key=True).get(platform=permit.platform)
    if row.busy_at is None or not permit.taken_at < row.busy_at <= now:
        if not pause or _is_busy_again(row, now):
            row.rate = max(row.rate / 2, row.rate_limit * permit.settings.least_share)
            row.halved_at = row.rate_changed_at = now
        row.busy_at = now
    _extend_pause(row, pause, now)
    row.failed_at = row.answered_at = now
    row.save()
    PlatformTraffic.objects.filter(pk=row.pk, epoch=permit.epoch).update(**_CLOSED)
    _count_failure(permit.platform, "busy", status, now)


@_settling
def record_fault(platform: str, kind: FailureKind, status: int | None) -> None:
    """The platform answered, and the answer is of no use: counted and shown until one is, and no reason to leave it alone."""
    now = clock.now()
    PlatformTraffic.objects.filter(platform=platform).update(failed_at=now, fault=kind)
    _count_failure(platform, kind, status, now)


def try_again_now(platform: str) -> bool:
    """For staff who have mended the cause: the next call tries the platform at once. False if it is called as it is."""
    with transaction.atomic():
        rows = PlatformTraffic.objects.filter(platform=platform)
        now = clock.now()
        paused = rows.filter(paused_until__gt=now).update(paused_until=None, filled_at=Least("filled_at", Value(now)))
        opened = rows.filter(breaker=Breaker.OPEN).update(breaker_until=now)
    return bool(paused or opened)


def quota_ends(now: datetime) -> datetime:
    """When the day of the quota ends."""
    return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)


def purge_failures() -> int:
    """Delete counts of failures that are older than FAILURES_KEPT; returns how many."""
    return PlatformFailure.objects.filter(day__lt=clock.today() - FAILURES_KEPT).delete()[0]


# What closes the breaker. Its epoch goes on only if it was not closed, so that calls under way still count.
_CLOSED: dict[str, Any] = {
    "failures": 0,
    "openings": 0,
    "breaker": Breaker.CLOSED,
    "breaker_until": None,
    "epoch": Case(When(breaker=Breaker.CLOSED, then=F("epoch")), default=F("epoch") + 1),
}


def _locked_row(platform: str, settings: ClientSettings, now: datetime) -> PlatformTraffic:
    rows = PlatformTraffic.objects.select_for_update(no_key=True).filter(platform=platform)
    row = rows.first()
    if row is None:
        fresh: dict[str, Any] = {"rate_limit": settings.rate, "rate": settings.rate, "tokens": settings.most_at_once}
        fresh |= {"quota_day": now.date(), "rate_changed_at": now, "filled_at": now}
        PlatformTraffic.objects.bulk_create([PlatformTraffic(platform=platform, **fresh)], ignore_conflicts=True)
        row = rows.get()
    return row


def _pass_breaker(row: PlatformTraffic, now: datetime, probe_seconds: float) -> bool:
    """Whether the call is the probe; raises BreakerOpen if none may be made."""
    if row.breaker == Breaker.CLOSED:
        return False
    if left := _seconds_until(row.breaker_until, now, most=MOST_BREAK):
        raise BreakerOpen(row.platform, retry_after=left)
    row.breaker, row.breaker_until = Breaker.PROBING, now + timedelta(seconds=probe_seconds)
    row.epoch += 1
    return True


def _count_quota(row: PlatformTraffic, now: datetime) -> None:
    if row.quota_day != now.date():
        row.quota_day, row.quota_used = now.date(), 0
    if row.quota_limit is not None and row.quota_used >= row.quota_limit:
        raise QuotaUsed(row.platform, retry_after=(quota_ends(now) - now).total_seconds())
    row.quota_used += 1


def _recover_rate(row: PlatformTraffic, settings: ClientSettings, now: datetime) -> None:
    """Grow a rate that was halved, by one step for each `recovery_seconds` since; a limit that was lowered holds at once."""
    row.rate_changed_at = min(row.rate_changed_at, now)
    steps = int((now - row.rate_changed_at).total_seconds() // settings.recovery_seconds)
    if row.rate < row.rate_limit and steps:
        row.rate += steps * settings.recovery_share * row.rate_limit
        row.rate_changed_at += timedelta(seconds=steps * settings.recovery_seconds)
    if row.rate >= row.rate_limit:
        row.rate, row.rate_changed_at = row.rate_limit, now


def _take_token(row: PlatformTraffic, settings: ClientSettings, now: datetime) -> float:
    """Take one call out of the bucket; returns in how many seconds it may be made, after those that wait already."""
    start = now + timedelta(seconds=_pause_of(row, now))
    # It lies ahead during a pause only; further than that a clock has been moved.
    filled_at = row.filled_at if row.filled_at <= max(start, now + _CLOCKS_DIFFER) else start
    start = max(start, filled_at)
    gained = (start - filled_at).total_seconds() * row.rate
    row.tokens = min(settings.most_at_once, row.tokens + gained) - 1
    row.filled_at = start
    return (start - now).total_seconds() + max(-row.tokens, 0.0) / row.rate


def _is_busy_again(row: PlatformTraffic, now: datetime) -> bool:
    """Whether the platform was busy shortly before: few calls have been made since it could be called again."""
    if row.busy_at is None:
        return False
    since = max(row.busy_at, row.paused_until or row.busy_at)
    return (now - since).total_seconds() < _CALLS_BETWEEN / row.rate


def _is_answer_noted(row: PlatformTraffic, now: datetime) -> bool:
    closed = row.breaker == Breaker.CLOSED and row.failures == 0 and not row.fault
    return closed and row.answered_at is not None and now - _ANSWER_NOTED < row.answered_at <= now


def _open_breaker(row: PlatformTraffic, settings: ClientSettings, now: datetime) -> None:
    seconds = min(settings.break_most, settings.break_seconds * 2 ** min(row.openings, 20))
    row.breaker, row.breaker_until = Breaker.OPEN, now + timedelta(seconds=jittered(seconds))
    row.openings += 1
    row.epoch += 1
    row.failures = 0


def _extend_pause(row: PlatformTraffic, seconds: float | None, now: datetime) -> None:
    """As long as was asked and no longer: what comes at once after it is bounded by the bucket, which all workers share."""
    if seconds:
        row.paused_until = max(row.paused_until or now, now + timedelta(seconds=seconds))


def _pause_of(row: PlatformTraffic, now: datetime) -> float:
    """Seconds left of the pause that the platform has asked for; none if the clock was moved back since (failed_at)."""
    if row.failed_at is not None and row.failed_at > now + _CLOCKS_DIFFER:
        return 0.0
    return _seconds_until(row.paused_until, now, most=MOST_PAUSE)


def _seconds_until(moment: datetime | None, now: datetime, *, most: timedelta) -> float:
    """0 for no moment, for one that is over, and for one so far away (`most`) that a clock must have been moved."""
    if moment is None or moment > now + most:
        return 0.0
    return max((moment - now).total_seconds(), 0.0)


def _count_failure(platform: str, kind: str, status: int | None, now: datetime) -> None:
    row = PlatformFailure(platform=platform, kind=kind, day=now.date(), count=0, last_at=now)
    PlatformFailure.objects.bulk_create([row], ignore_conflicts=True)
    PlatformFailure.objects.filter(platform=platform, kind=kind, day=now.date()).update(
        count=F("count") + 1, last_at=now, last_status=status
    )
