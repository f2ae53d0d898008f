"""The jobs of a restitution: pages are moved, followers told, pages taken back.

Each page is claimed, the platform called, and its answer recorded with its part of the ledger, the cursor, the
counts and an audit event, so that a worker may be killed anywhere: the next one makes the same call with the same
key, which the platform answers as before, and goes on. So does the job itself where a call fails once. Where the
followers of a connector join, several jobs move pages side by side (restitution_spans.py), and so they do where a platform
divides its followers into ranges (restitution_ranges.py). A job works for about a minute and
hands the rest to the next one, named by where it stands.
"""

import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import Exists, OuterRef

from complaints import events
from complaints.actions import (
    follower_messages,
    invitation_answers,
    invitations,
    ledger,
    restitution_ranges,
    restitution_spans,
    restitutions,
    reversals,
)
from complaints.actions.restitutions import MOVE_FOLLOWERS, RESTORE_FOLLOWERS
from complaints.actions.undo_periods import TELL_FOLLOWERS
from complaints.models import Restitution, RestitutionPage
from complaints.restitution import attribution
from complaints.states import RestitutionMode, RestitutionState
from portal import clock
from portal.audit import trail
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.outbound.calls import CALL_LEASE
from portal.platforms import (
    AccountClosed,
    Followers,
    GroupMessage,
    JoinedFollowers,
    MovedPage,
    NotServed,
    PlatformError,
    RestorePage,
    Unknown,
    Unserved,
    registry,
    served,
)

PAGE_ATTEMPTS = 20
RUN_SECONDS = 60
# How often a job makes the call of a page before it leaves that to its next attempt, and the longest that it waits in between, in seconds.
_STEP_ATTEMPTS, _LONGEST_WAIT = 3, 1.0
# When the job that has found every range in other hands looks again.
_LOOK_AGAIN = timedelta(seconds=5)
# For how long a page that was claimed with the one before is called without claiming it anew.
_CLAIMED_BEFORE = timedelta(seconds=2)
# How the keys of calls for a page end. What was perhaps told is known by the key, should its worker die.
_TELL, _RESTORE, _RESTORE_TOLD = "tell", "restore", "restore-told"
_TELLING = (
    RestitutionState.PAUSED,
    RestitutionState.INVITING,
    RestitutionState.DONE,
    RestitutionState.PARTLY_REVERSED,
)
_TAKING_BACK = (
    RestitutionState.MOVING,
    RestitutionState.PAUSED,
    RestitutionState.INVITING,
    RestitutionState.DONE,
    RestitutionState.REVERSING,
)
# Does one page of a restitution; answers where it stands now, or None when there is nothing more to do.
_Step = Callable[[int], int | None]


def move_pages(run: JobAttempt) -> None:
    """Move page after page."""
    _work_page_by_page(run, move_page)


def tell_pages(run: JobAttempt) -> None:
    """Tell the followers of page after page."""
    _work_page_by_page(run, tell_page)


def remind_pages(run: JobAttempt) -> None:
    """Remind the followers of page after page who have not answered."""
    _work_page_by_page(run, invitations.remind_page)


def restore_pages(run: JobAttempt) -> None:
    """Take page after page back whose ground has fallen, the last one first."""
    _work_page_by_page(run, restore_page)


def resume_abandoned_jobs() -> int:
    """Ask again for work that no job does any more because it was given up; at most once an hour. Returns how many."""
    pages = RestitutionPage.objects.to_tell().filter(restitution=OuterRef("pk"))
    untold = Restitution.objects.filter(Exists(pages), state__in=_TELLING)
    wanting = {
        MOVE_FOLLOWERS: Restitution.objects.filter(state=RestitutionState.MOVING),
        RESTORE_FOLLOWERS: Restitution.objects.taking_back(),
        TELL_FOLLOWERS: untold,
    }
    return sum(
        queue.enqueue_again(kind, {"restitution": pk})
        for kind, rows in wanting.items()
        for pk in rows.values_list("pk", flat=True)
    )


def move_page(pk: int) -> int | None:
    """Move the next page of followers; answers the cursor."""
    row = _load_restitution(pk)
    try:
        followers = _followers(row)
        if row.mode == RestitutionMode.INVITE:
            return invitations.note_next_page(row, followers)
        if followers.joins:
            return restitution_spans.move_next_span(pk, cast("JoinedFollowers", followers))
        if restitution_ranges.is_divided(row, followers):
            return restitution_ranges.move_range_page(pk, followers)
        return _move_by_call(row, followers)
    except AccountClosed:
        return _end_midway(pk, "target_closed_midway")
    except Unknown:
        return _end_midway(pk, "account_gone_midway")


def tell_page(pk: int) -> int | None:
    """Tell the followers of the next page, unless it is being taken back; answers the page's number."""
    untold = RestitutionPage.objects.to_tell().filter(restitution=pk, restitution__state__in=_TELLING)
    page = untold.select_related("restitution__remedy__complaint").first()
    if page is None:
        return None
    row, key = page.restitution, f"{page.restitution.key}:{page.number}:{_TELL}"
    page.claim_call(key, told_at=None)
    if not untold.filter(pk=page.pk).exists():
        page.end_call(key)  # It is taken back since; nobody of this page was told.
        return page.number
    _send_messages(row, follower_messages.return_messages(row, page))
    with transaction.atomic():
        restitutions.lock_restitution(pk)
        if page.end_call(key):
            RestitutionPage.objects.filter(pk=page.pk).update(told_at=clock.now())
    return page.number


def restore_page(pk: int) -> int | None:
    """Take the last page back that was not; answers its number."""
    row = _load_restitution(pk)
    if row.state not in _TAKING_BACK:
        return None
    if row.calling_key and row.state == RestitutionState.REVERSING:
        return _learn_what_was_moved(row)
    called = row.spans.exclude(calling_key="").first()
    if called is not None and row.state == RestitutionState.REVERSING:
        restitution_ranges.learn_what_was_moved(called, row, _followers(row))
        return row.cursor
    if row.state == RestitutionState.REVERSING and invitation_answers.settle_next_answers(row):
        return row.cursor
    # Workers take pages side by side. What another one has at hand is answered alike, should it have died.
    page = row.pages.to_take_back().free(clock.now()).first() or row.pages.to_take_back().first()
    if page is None:
        return _end_giving_back(pk)
    _restore_by_call(row, page)
    return page.number


def _learn_what_was_moved(row: Restitution) -> int:
    """Repeat the call whose answer nobody has recorded, with an order that moves nobody if it did not arrive then."""
    try:
        _move_by_call(row, _followers(row), stopped=True)
    except (AccountClosed, Unknown):
        row.end_call(row.calling_key)
    return row.cursor


def _move_by_call(row: Restitution, followers: Followers, *, stopped: bool = False) -> int | None:
    """Claim the page by its cursor, have it moved, record it, though the restitution may be reversed meanwhile."""
    started, key = time.perf_counter(), f"{row.key}:{row.cursor}"
    if row.state == RestitutionState.PAUSED or (row.calling_key != key and row.state != RestitutionState.MOVING):
        return None  # A call of which a pause has lost the answer is made again when it goes on.
    if not _is_claimed(row, key):
        conditions = {} if row.calling_key == key else {"state": RestitutionState.MOVING}
        row.claim_call(key, cursor=row.cursor, **conditions)
    order = attribution.move_order(row, stopped=stopped)
    done = followers.move_followers(order, cursor=row.cursor, limit=row.batch)
    with transaction.atomic():
        fresh = restitutions.lock_restitution(row.pk)
        if not fresh.end_call(key):
            return fresh.cursor
        place = _record_moved_page(fresh, done, started)
        if place is not None and fresh.state == RestitutionState.MOVING:
            # In the same transaction, since each one that is written costs a wait for the disk.
            fresh.claim_call(f"{fresh.key}:{place}", cursor=place)
        return place


def _is_claimed(row: Restitution, key: str) -> bool:
    """Whether the page was claimed with the one before, so shortly ago that its call ends within the lease."""
    held = row.calling_until is not None and row.calling_until - clock.now() > CALL_LEASE - _CLAIMED_BEFORE
    return held and row.calling_key == key and row.state == RestitutionState.MOVING


def _record_moved_page(row: Restitution, done: MovedPage, started: float) -> int | None:
    """In the caller's transaction, with the row locked; answers the cursor, None if that was the last page."""
    row.cursor = done.cursor or row.cursor
    batch = attribution.next_called_page_size(row.batch, time.perf_counter() - started)
    if ledger.record_moved_page(row, done, batch=batch):
        reversals.take_back_recorded_page(row)
    if done.cursor is not None:
        return row.cursor
    if row.state == RestitutionState.MOVING:
        restitutions.finish_restitution(row)
    elif row.state == RestitutionState.PAUSED:
        row.write(exhausted_at=clock.now())
    return None


@transaction.atomic
def _end_midway(pk: int, problem: str) -> None:
    """One of the accounts is closed or gone meanwhile: the move ends where it stands; a paused one when it goes on."""
    row = restitutions.lock_restitution(pk)
    if row.state in {RestitutionState.MOVING, RestitutionState.PAUSED}:
        row.end_call(row.calling_key)
    if row.state == RestitutionState.MOVING:
        restitutions.finish_restitution(row, problem=problem)


def _restore_by_call(row: Restitution, page: RestitutionPage) -> None:
    """Take a page back, and tell its followers if they were told of the move, or may have been.

    Raises CallInProgress if they are told of it at this moment: what they were told is to be known first.
    """
    told = page.told_at is not None or page.calling_key.endswith((_TELL, _RESTORE_TOLD))
    key = f"{row.key}:{page.number}:{_RESTORE_TOLD if told else _RESTORE}"
    page.claim_call(key, restored_at=None, told_at=page.told_at)
    back = RestorePage(moved=page.moved, already=page.already, restore_data=page.restore_data)
    done = _followers(row).restore_followers(attribution.move_order(row), back)
    page.restored, page.overridden, page.missing = done.restored, list(done.overridden), list(done.missing)
    if told:
        _send_messages(row, follower_messages.reversal_messages(row, page))
    with transaction.atomic():
        fresh = restitutions.lock_restitution(row.pk)
        if page.end_call(key):
            ledger.write_restored_page(fresh, page)
            trail.record_event(events.PAGE_RESTORED, fresh, by=None, **ledger.restored_page_counts(page))


@transaction.atomic
def _end_giving_back(pk: int) -> None:
    row = restitutions.lock_restitution(pk)
    unknown = row.state == RestitutionState.REVERSING and (
        row.answers.waiting().exists() or row.spans.exclude(calling_key="").exists()
    )
    left = unknown or row.pages.to_take_back().exists()
    if row.state in _TAKING_BACK and not left:
        reversals.end_giving_back(row)


def _load_restitution(pk: int) -> Restitution:
    return Restitution.objects.select_related("remedy__complaint").get(pk=pk)


def _followers(row: Restitution) -> Followers:
    return served(registry.get_connector(row.platform).followers)


def _send_messages(row: Restitution, messages: Iterable[GroupMessage]) -> None:
    for message in messages:
        _followers(row).send_messages(message)


def _work_page_by_page(run: JobAttempt, step: _Step) -> None:
    until = time.monotonic() + RUN_SECONDS
    pk = run.payload["restitution"]
    try:
        place = _step_repeatedly(step, pk)
        if place is not None or "helper" not in run.payload:
            restitutions.note_resumed_restitution(pk)
        while place is not None:
            run.note_progress()
            if time.monotonic() >= until:
                _hand_over(run, str(place))
                return
            place = _step_repeatedly(step, pk)
    except restitution_ranges.RangesTaken:
        if "helper" not in run.payload:
            later = clock.now() + _LOOK_AGAIN
            _hand_over(run, f"again:{later.isoformat()}", at=later)


def _hand_over(run: JobAttempt, place: str, *, at: datetime | None = None) -> None:
    """Have another job go on, named by where it stands."""
    with run.finish():
        named = ":".join(str(value) for value in run.payload.values())
        queue.enqueue_job(run.kind, run.payload, key=f"{run.kind}:{named}:{place}", at=at)


def _step_repeatedly(step: _Step, pk: int) -> int | None:
    """Do one step, and again where the platform failed: the call has the same key, and an attempt less is not lost on it."""
    for attempt in range(1, _STEP_ATTEMPTS):
        try:
            return step(pk)
        except (Unknown, AccountClosed, NotServed, Unserved):
            raise
        except PlatformError as error:
            asked = getattr(error, "retry_after", None) or 0.0
            if asked > _LONGEST_WAIT:
                raise
            moment = random.uniform(0, 0.5 * attempt)  # noqa: S311 -- a moment
            time.sleep(min(asked + moment, _LONGEST_WAIT))
    return step(pk)
