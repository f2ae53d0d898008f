"""Carrying out what followers have answered, in pages: claimed, called, recorded, as every page of a restitution.

A page has answers that say the same, as many as the platform takes at once. It keeps its key until each of its answers is
recorded, so that answers of different calls are never sent in one: of a closed account a platform says one thing for all.
Where a call failed, the page is sent again in quarters, so that in the end one answer alone waits that the platform
does not take. What a platform has done for a follower it answers again, in whatever page they come.
"""

import time
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from complaints import events
from complaints.actions import ledger, restitutions, reversals
from complaints.models import InvitationAnswer, InvitationOutcome, Restitution, RestitutionGround, RestitutionPage
from complaints.models.invitations import InvitationAnswerQuerySet
from complaints.restitution import attribution
from portal import clock
from portal.audit import trail
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.outbound.calls import CALL_LEASE, CallInProgress
from portal.platforms import AccountClosed, Followers, MovedPage, PlatformError, Unknown, registry, served

CARRY_OUT = "complaints.carry_out_answer"
ANSWER_ATTEMPTS = 20
RUN_SECONDS = 60
# So many failed calls end an attempt.
_MOST_FAILURES = 3
_PARTS = 4
_COUNTS = ("moved", "already", "declined", "not_moved")


@dataclass(frozen=True)
class _Page:
    """Answers of one call: all accept, or all decline."""

    restitution: Restitution
    key: str
    accepted: bool
    answers: dict[int, int]
    """Follower to the answer's primary key."""


def enqueue_answer(answer: InvitationAnswer) -> None:
    """Have a job carry it out, in the transaction that keeps it and has locked the restitution.

    A job that has not begun finds it, too, since it waits for that lock before it looks.
    """
    pk = answer.restitution_id
    others = InvitationAnswer.objects.waiting().filter(restitution=pk, calling_key="").exclude(pk=answer.pk)
    waiting = Job.objects.filter(kind=CARRY_OUT, state=JobState.QUEUED, attempts=0, payload__restitution=pk)
    if not (others.exists() and waiting.filter(run_after__lte=clock.now()).exists()):
        queue.enqueue_job(CARRY_OUT, {"answer": answer.pk, "restitution": pk}, key=f"{CARRY_OUT}:{answer.pk}")


def resume_answers(waiting: InvitationAnswerQuerySet) -> int:
    """Ask again for pages that no job carries out any more; at most once an hour for each. Returns how many."""
    pages = waiting.order_by("restitution", "calling_key", "pk").distinct("restitution", "calling_key")
    rows = list(pages.values_list("pk", "restitution"))
    return sum(queue.enqueue_again(CARRY_OUT, {"answer": pk, "restitution": of}) for pk, of in rows)


def carry_out_answers(run: JobAttempt) -> None:
    """Job: carry out the answer that it names, and those that nobody else does. Twice is once."""
    answer = InvitationAnswer.objects.select_related("restitution").filter(pk=run.payload["answer"]).first()
    if answer is None:
        return
    until, failures, named = time.monotonic() + RUN_SECONDS, list[PlatformError](), _named_pages(answer)
    while page := _claim_page(answer.restitution, named, prefix=f"{answer.pk}:"):
        try:
            _carry_out(page)
            run.note_progress()
        except PlatformError as error:
            failures.append(error)
        if len(failures) == _MOST_FAILURES:
            break
        if time.monotonic() >= until and not failures:
            with run.finish():
                _hand_over(run, page)
            return
    if failures:
        raise failures[-1]
    if InvitationAnswer.objects.waiting().filter(pk=answer.pk).exists():
        raise CallInProgress(answer.calling_key)


def settle_next_answers(row: Restitution) -> bool:
    """Carry out a page that is left while a restitution is taken back, and move nobody by it; whether there was one.

    The order moves nobody who has not moved before, so a call that is still under way does no harm.
    """
    page = _claim_page(row, Q(), prefix="")
    if page is not None:
        _carry_out(page, stopped=True)
    return page is not None


def _named_pages(answer: InvitationAnswer) -> Q:
    """What a job takes: answers of no page, and what is left of pages that it has made, or that its answer is in."""
    over = Q(calling_until=None) | Q(calling_until__lte=clock.now())
    own = Q(calling_key__contains=f":answers:{answer.pk}:")
    if answer.calling_key:
        own |= Q(calling_key=answer.calling_key)
    return Q(calling_key="") | (own & over)


def _hand_over(run: JobAttempt, page: _Page) -> None:
    """Another job goes on; in the transaction that ends this one."""
    queue.enqueue_job(CARRY_OUT, run.payload, key=f"{CARRY_OUT}:{run.payload['answer']}:{page.key}")


def _claim_page(row: Restitution, which: Q, *, prefix: str) -> _Page | None:
    """The next page, claimed; new answers come first, then those that were called longest ago. None if there is none."""
    size = _followers(row).answers_at_once()
    with transaction.atomic():
        return _claim(restitutions.lock_restitution(row.pk), which, size, prefix)


def _claim(row: Restitution, which: Q, size: int, prefix: str) -> _Page | None:
    waiting = row.answers.waiting().filter(which)
    first = waiting.order_by(F("calling_until").asc(nulls_first=True), "pk").first()
    if first is None:
        return None
    alike = waiting.filter(calling_key=first.calling_key, accepted=first.accepted)
    if first.calling_key:
        size = min(size, -(-alike.count() // _PARTS))
    key = first.calling_key or f"{row.key}:answers:{prefix or f'{first.pk}:'}{first.pk}"
    rows = alike.order_by(F("calling_until").asc(nulls_first=True), "pk")[:size]
    answers = dict(rows.values_list("follower_id", "pk"))
    row.answers.filter(pk__in=answers.values()).update(calling_key=key, calling_until=clock.now() + CALL_LEASE)
    return _Page(row, key, first.accepted, answers)


def _carry_out(page: _Page, *, stopped: bool = False) -> None:
    """Have the platform do it, and record what it came to. With a `stopped` order nobody moves who has not moved before."""
    row = page.restitution
    order = attribution.move_order(row, stopped=stopped)
    try:
        done = _followers(row).answer_invitations(order, sorted(page.answers), accepted=page.accepted)
    except (AccountClosed, Unknown):
        done = MovedPage(cursor=None)
    except Exception:
        # It is sent again under the same key as soon as somebody comes by.
        _rows(page).update(calling_until=clock.now())
        raise
    with transaction.atomic():
        _record(restitutions.lock_restitution(row.pk), page, done)


def _record(row: Restitution, page: _Page, done: MovedPage) -> None:
    """Write what a page came to, with the row locked: who moved into the ledger. What was recorded meanwhile stays."""
    ours = set(_rows(page).values_list("follower_id", flat=True))
    if not ours:
        return
    done = _of(done, ours)
    went = {*done.moved, *done.already}
    ended: dict[str, Any] = {"calling_key": "", "calling_until": None}
    stay, outcome = (
        ("not_moved", InvitationOutcome.NOT_MOVED) if page.accepted else ("declined", InvitationOutcome.DECLINED)
    )
    _rows(page).filter(follower_id__in=ours - went).update(outcome=outcome, **ended)
    _rows(page).filter(follower_id__in=went).update(outcome=InvitationOutcome.MOVED, **ended)
    setattr(row, stay, getattr(row, stay) + len(ours - went))
    row.moved += len(done.moved)
    row.already += len(done.already)
    row.save(update_fields=list(_COUNTS))
    if went:
        _write_accepted_pages(row, done)
    counts = {name: getattr(row, name) for name in _COUNTS}
    # The followers are stored in the answers and the ledger, not in the trail.
    trail.record_event(events.FOLLOWER_ANSWERED, row, by=None, **counts)


def _write_accepted_pages(row: Restitution, done: MovedPage) -> None:
    number, now = row.pages.count(), clock.now()
    parts = ledger.split_by_ground(done, list(row.grounds.all()))
    RestitutionPage.objects.bulk_create(
        RestitutionPage(
            restitution=row,
            ground=part.ground,
            number=number + place,
            moved=part.moved,
            already=part.already,
            restore_data=done.restore_data,
            at=now,
            told_at=now,
            reminded_at=now,
        )
        for place, part in enumerate(parts)
    )
    if any(_has_fallen(part.ground) for part in parts):
        # The call was made before the finding was reversed, or while it was.
        row.grounds.exclude(fallen_at=None).update(settled_at=None)
        reversals.enqueue_giving_back(row, f"page:{number}")


def _has_fallen(ground: RestitutionGround | None) -> bool:
    return ground is not None and ground.fallen_at is not None


def _of(done: MovedPage, followers: set[int]) -> MovedPage:
    """What it says of these followers. What the platform has noted for restoring is of the whole page."""
    moved, already = (sorted(followers.intersection(rows)) for rows in (done.moved, done.already))
    by_work = {work: sorted(followers.intersection(rows)) for work, rows in done.by_work.items()}
    by_time = {at: sorted(followers.intersection(rows)) for at, rows in done.by_time.items()}
    return replace(done, moved=moved, already=already, by_work=by_work, by_time=by_time)


def _rows(page: _Page) -> InvitationAnswerQuerySet:
    """Those of its answers that are not recorded, and still of this page."""
    waiting = InvitationAnswer.objects.waiting().order_by()
    return waiting.filter(pk__in=page.answers.values(), calling_key=page.key)


def _followers(row: Restitution) -> Followers:
    return served(registry.get_connector(row.platform).invitations)
