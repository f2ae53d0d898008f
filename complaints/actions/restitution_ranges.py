"""Moving followers side by side over a network, where the platform divides them into ranges of ids.

The ranges are planned once, when the first job begins. Each is a chain of pages: claimed, called and recorded like the pages of a
restitution that moves as one chain (restitution_pages.py), with the claim on the range. So one page waits for the platform while another is
recorded, and the time that a call takes does not limit how many are made. The restitution is locked to claim and to record, so that no call
begins once it has been paused or reversed.
"""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from complaints.actions import ledger, restitutions, reversals
from complaints.models import Restitution, RestitutionSpan
from complaints.restitution import attribution
from complaints.states import RestitutionMode, RestitutionState
from portal import clock
from portal.platforms import AccountClosed, Followers, MovedPage, PlatformError, Unknown


class RangesTaken(Exception):
    """Other workers have all ranges at hand; one of them may have died, so somebody has to look again."""


@dataclass(frozen=True)
class _Claim:
    """A range that was claimed for one page, with its restitution as it was then.

    The key ends with the size of the page: a call that is made again has the size that it had, whatever other ranges have come to.
    """

    restitution: Restitution
    span: RestitutionSpan
    key: str

    @property
    def size(self) -> int:
        """Followers that the page may have."""
        return int(self.key.rpartition(":")[2])


def is_divided(row: Restitution, followers: Followers) -> bool:
    """Whether it moves range by range. One that has begun as one chain goes on as that."""
    if row.is_planned:
        return True
    begun = row.cursor or row.calling_key or row.state != RestitutionState.MOVING
    return not begun and row.mode != RestitutionMode.INVITE and _parts(followers) > 1


def move_range_page(pk: int, followers: Followers) -> int | None:
    """Move the next page of a range that is free; answers where that began, None if no range is left.

    Raises RangesTaken if some are left and none is free.
    """
    row = Restitution.objects.select_related("remedy").get(pk=pk)
    if not row.is_planned:
        _plan_ranges(row, followers)
    claim = _claim_page(pk)
    if claim is None:
        return None
    _call_and_record(claim, followers)
    return claim.span.after


def learn_what_was_moved(span: RestitutionSpan, row: Restitution, followers: Followers) -> None:
    """Repeat a call of which nobody has recorded the answer, with an order that moves nobody if it did not arrive then."""
    _call_and_record(_Claim(row, span, span.calling_key), followers, stopped=True)


def _parts(followers: Followers) -> int:
    """As many ranges as there are processes to move them, if the platform divides into so many."""
    processes: int = settings.POOL_PROCESSES["restitution"]
    return min(followers.ranges_at_once(), processes)


def _plan_ranges(row: Restitution, followers: Followers) -> None:
    """Divide the followers, unless another worker has done it meanwhile."""
    try:
        bounds = list(followers.follower_ranges(row.source, parts=_parts(followers)))
    except Unknown:
        bounds = []  # The first page says what has become of the account.
    with transaction.atomic():
        fresh = restitutions.lock_restitution(row.pk)
        if fresh.is_planned or fresh.state != RestitutionState.MOVING:
            return
        for after, last in zip([0, *bounds], [*bounds, None], strict=True):
            fresh.spans.create(after=after, last=last)
        fresh.is_planned = True
        fresh.save(update_fields=["is_planned"])


@transaction.atomic
def _claim_page(pk: int) -> _Claim | None:
    row = restitutions.lock_restitution(pk)
    if row.state != RestitutionState.MOVING:
        return None
    span = row.spans.free().first()
    if span is None:
        if row.spans.open().exists():
            raise RangesTaken
        _end_if_done(row)
        return None
    key = span.calling_key or f"{row.key}:{span.after}:{row.batch}"
    span.claim_call(key, after=span.after)
    return _Claim(row, span, key)


def _call_and_record(claim: _Claim, followers: Followers, *, stopped: bool = False) -> None:
    started, row, span = time.perf_counter(), claim.restitution, claim.span
    order = attribution.move_order(row, stopped=stopped)
    try:
        done = followers.move_followers(order, cursor=span.after, limit=claim.size, last=span.last)
    except AccountClosed:
        _end_ranges(claim, "target_closed_midway")
    except Unknown:
        _end_ranges(claim, "account_gone_midway")
    except PlatformError:
        # Its key stays, so that whoever comes next makes the same call, and need not wait for the lease.
        RestitutionSpan.objects.filter(pk=span.pk, calling_key=claim.key).update(calling_until=None)
        raise
    else:
        _record(claim, done, started)


@transaction.atomic
def _record(claim: _Claim, done: MovedPage, started: float) -> None:
    """Write the page, though the restitution may be paused or reversed meanwhile; nothing if it was recorded before."""
    row, span = restitutions.lock_restitution(claim.restitution.pk), claim.span
    if not span.end_call(claim.key):
        return
    batch = attribution.next_called_page_size(claim.size, time.perf_counter() - started)
    if ledger.record_moved_page(row, done, batch=batch):
        reversals.take_back_recorded_page(row)
    if done.cursor is None:
        RestitutionSpan.objects.filter(pk=span.pk).delete()
    else:
        RestitutionSpan.objects.filter(pk=span.pk).update(after=done.cursor)
    _end_if_done(row)


@transaction.atomic
def _end_ranges(claim: _Claim, problem: str) -> None:
    """One of the accounts is closed or gone: no further page can be moved; one that is paused is told so when it goes on."""
    row = restitutions.lock_restitution(claim.restitution.pk)
    if claim.span.end_call(claim.key) and row.state == RestitutionState.MOVING:
        row.spans.filter(calling_key="").update(problem=problem)
        _end_if_done(row)


def _end_if_done(row: Restitution) -> None:
    """With the row locked: end what has no range left; while it is paused, note that there is nothing to go on with."""
    if row.spans.open().exists():
        return
    problem = row.spans.values_list("problem", flat=True).first()
    if row.state == RestitutionState.MOVING:
        row.spans.all().delete()
        restitutions.finish_restitution(row, problem=problem or "")
    elif row.state == RestitutionState.PAUSED and problem is None:
        row.write(exhausted_at=clock.now())
