"""The return of followers: planned with a decision, begun after the hold, ended, called off, taken back.

The work itself is done page by page in restitution_pages.py; what a reversal does is in reversals.py. Locks are taken
in one order: the account complained of, by whatever may touch more than one of its complaints (casework.lock_account);
then complaints; then a restitution, after its complaint; then the chain of the audit trail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from complaints import events, notices
from complaints.actions import account_signals, casework, grounds, reconciliations, years
from complaints.actions.undo_periods import TELL_FOLLOWERS, undo_end
from complaints.models import Complaint, Remedy, Restitution
from complaints.policies import terms
from complaints.restitution import attribution
from complaints.states import ComplaintState, RestitutionMode, RestitutionState
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, require_allowed
from portal.jobs import queue
from portal.people.models import LinkedAccount, User
from portal.platforms import Account, PlatformError, Work, registry

MOVE_FOLLOWERS, RESTORE_FOLLOWERS = "complaints.move_followers", "complaints.restore_followers"
# What is told at the end, by the mode.
_DONE: Mapping[RestitutionMode, str] = {
    RestitutionMode.MOVE: events.RESTITUTION_DONE,
    RestitutionMode.CLEAR: events.RESTITUTION_CLEARED,
    RestitutionMode.INVITE: events.INVITATION_ENDED,
}
# Regions in which followers who were reserved for nobody are cleared.
_MAY_CLEAR = (RestitutionMode.MOVE, RestitutionMode.CLEAR)
_UNDER_APPEAL = (ComplaintState.APPEALED, ComplaintState.APPEAL_SECOND)
_NO_TARGET = {"target": "", "target_handle": ""}


@dataclass(frozen=True)
class _PlatformAnswer:
    """What a platform says before a restitution begins. `target` is None if the author has no open account there."""

    target: LinkedAccount | None
    published: list[Work]


@transaction.atomic
def plan_restitution(remedy: Remedy, source: Account, *, by: User | None = None) -> Restitution:
    """Note which followers are to return to whom, and from when on; reserved while the author has no account there.

    Where follows are only cleared, they are not reserved.

    `source` is the respondent's account as the platform answered before the transaction. What it has published,
    which tells whether follows of unknown origin count, is asked for when it begins.
    Raises NotAllowed with the reason that stands against it.
    """
    complaint = remedy.complaint
    require_allowed(attribution.refuse_restitution(complaint))
    now = clock.now()
    policy, target = attribution.restitution_policy(complaint), attribution.target_account(complaint)
    hold_until = max(now + terms.hold_duration(policy.hold_days), remedy.not_before, complaint.hold_until or now)
    row = _store_restitution(remedy, source, target, mode=policy.mode, planned_at=now, hold_until=hold_until)
    planned = events.RESTITUTION_RESERVED if row.state == RestitutionState.RESERVED else events.RESTITUTION_PLANNED
    works = {"works": len(row.work_ids), "disputed": len(row.disputed_work_ids)}
    trail.record_event(
        planned, row, by=by, hold_until=hold_until.isoformat(), expected=row.expected, mode=row.mode, **works
    )
    return row


def begin_due_restitutions() -> int:
    """Begin what was held long enough and is not under appeal. Returns how many began."""
    due = Restitution.objects.due(clock.now()).exclude(remedy__complaint__state__in=_UNDER_APPEAL)
    reversing = Restitution.objects.taking_back().filter(
        platform=OuterRef("platform"), source=OuterRef("source"), target=OuterRef("target")
    )
    waiting = due.exclude(Exists(reversing)).values_list("pk", flat=True)
    return sum(_try_to_begin(pk) for pk in list(waiting))


def release_reserved_restitutions() -> int:
    """Hold for authors who have proven an account meanwhile; clear what was reserved long enough. Returns how many."""
    reserved = Restitution.objects.filter(state=RestitutionState.RESERVED).order_by("planned_at", "pk")
    return sum(_release_restitution(pk) for pk in list(reserved.values_list("pk", flat=True)))


@transaction.atomic
def cancel_restitution(restitution: Restitution, *, by: User | None) -> None:
    """Call it off before it began. Raises Conflict if it has begun."""
    row = lock_restitution(restitution.pk)
    if row.begun_at is not None:
        raise Conflict(_("It has begun already."))
    row.move("cancel", ended_at=clock.now(), paused_at=None, flagged_at=None)
    trail.record_event(events.RESTITUTION_CANCELLED, row, by=by)


def finish_restitution(row: Restitution, *, problem: str = "") -> None:
    """The remedy is in force, followers are told. In the caller's transaction.

    Every follower was looked at, unless a code says what came between.
    """
    asked = row.undo_until if row.mode == RestitutionMode.INVITE else None
    undo_until = asked or undo_end(row)
    row.move("finish", problem=problem, ended_at=clock.now(), undo_until=undo_until)
    done = _DONE[RestitutionMode(row.mode)]
    trail.record_event(done, row, by=None, **_final_counts(row), problem=problem)
    queue.enqueue_job(TELL_FOLLOWERS, {"restitution": row.pk}, key=f"{TELL_FOLLOWERS}:{row.pk}")
    names = ("moved", "already", "invited", "declined", "not_moved", "unanswered")
    told: dict[str, notices.Fact] = {name: str(getattr(row, name)) for name in names}
    notify_restitution(done, row, told | {"undo_until": undo_until})
    reconciliations.ask_reconciliation(row)
    years.ask_recount()


def _final_counts(row: Restitution) -> dict[str, Any]:
    counts = {"moved": row.moved, "already": row.already, "excluded": row.excluded, "passed": row.passed}
    if row.mode == RestitutionMode.INVITE:
        counts |= {name: getattr(row, name) for name in ("invited", "declined", "not_moved", "unanswered")}
    return counts


def enqueue_page_jobs(kind: str, row: Restitution, why: str) -> None:
    """A job that works page by page, and others beside it where pages can be done side by side; `why` sets occasions apart.

    Those end when nothing is left for them. Pages are taken back side by side on every platform: each is known before.
    """
    queue.enqueue_job(kind, {"restitution": row.pk}, key=f"{kind}:{row.pk}:{why}")
    asks = kind == MOVE_FOLLOWERS and row.mode == RestitutionMode.INVITE
    if kind == RESTORE_FOLLOWERS or (not asks and attribution.can_work_side_by_side(row.platform)):
        for helper in range(1, settings.POOL_PROCESSES["restitution"]):
            queue.enqueue_job(kind, {"restitution": row.pk, "helper": helper}, key=f"{kind}:{row.pk}:{why}+{helper}")


def lock_restitution(pk: int) -> Restitution:
    """The restitution with its remedy and complaint as they are now, kept to the end of the transaction."""
    complaint = Complaint.objects.select_for_update(no_key=True).order_by().get(remedies__restitution=pk)
    row = Restitution.objects.select_for_update(of=("self",), no_key=True).select_related("remedy").get(pk=pk)
    row.remedy.complaint = complaint
    return row


def note_failed_restitution_job(payload: dict[str, Any]) -> None:
    """A job was given up: say so until one gets on. resume_abandoned_jobs() tries again every hour."""
    Restitution.objects.filter(pk=payload["restitution"], interrupted_at=None).update(interrupted_at=clock.now())


def note_resumed_restitution(pk: int) -> None:
    """A job has got on, or has found nothing left to do."""
    Restitution.objects.filter(pk=pk, interrupted_at__isnull=False).update(interrupted_at=None)


def _store_restitution(
    remedy: Remedy, source: Account, target: LinkedAccount | None, *, mode: str, **times: Any
) -> Restitution:
    try:
        with transaction.atomic():
            return Restitution.objects.create(
                remedy=remedy,
                platform=remedy.complaint.platform,
                source=source.id,
                source_handle=source.handle[:80],
                until=times["planned_at"],
                expected=source.followers,
                work_ids=sorted(attribution.upheld_works(remedy.complaint)),
                disputed_work_ids=sorted(attribution.disputed_works(remedy.complaint)),
                mode=mode,
                **times,
                **_initial_state(mode, target, times["planned_at"]),
            )
    except IntegrityError as error:
        raise Conflict(_("Followers of this account are already being returned to this author.")) from error


def _attribution_fields(found: attribution.Attribution) -> dict[str, Any]:
    works = {"work_ids": list(found.work_ids), "disputed_work_ids": list(found.disputed_work_ids)}
    return works | {"unknown_from": found.unknown_from, "shown_at": list(found.shown_at)}


def _attribution_figures(found: attribution.Attribution) -> dict[str, Any]:
    """What the audit trail says of it."""
    works = {"works": len(found.work_ids), "disputed": len(found.disputed_work_ids)}
    return works | {"share": round(found.share, 3), "unknown_origin": found.unknown_from is not None}


def _initial_state(mode: str, target: LinkedAccount | None, now: datetime) -> dict[str, Any]:
    if target is None and mode != RestitutionMode.CLEAR:
        return {"state": RestitutionState.RESERVED, "reserved_until": now + terms.RESERVE_TIME}
    return {"state": RestitutionState.HELD, **_target_fields(target)}


def _target_fields(target: LinkedAccount | None) -> dict[str, str]:
    return {"target": target.external_id, "target_handle": target.handle} if target else _NO_TARGET


def _try_to_begin(pk: int) -> bool:
    """Begin one, and let no platform that fails keep the others from beginning."""
    try:
        return _begin_restitution(pk, _ask_platform(pk))
    except PlatformError:
        Remedy.objects.filter(restitution=pk).update(problem="platform_silent")
        return False


def _ask_platform(pk: int) -> _PlatformAnswer:
    """Which account of the author is open and fit, and what the source published; asked without a transaction."""
    row = Restitution.objects.select_related("remedy__complaint").get(pk=pk)
    target = _open_target(row)
    works = registry.get_connector(row.platform).works
    begins = target is not None or row.mode == RestitutionMode.CLEAR
    return _PlatformAnswer(target, works.works_of(row.source, until=row.until) if begins else [])


@transaction.atomic
def _begin_restitution(pk: int, answer: _PlatformAnswer) -> bool:
    """Begin with what still stands of what was planned; what was upheld later has a hold of its own to wait for."""
    casework.lock_account(Complaint.objects.get(remedies__restitution=pk))
    row = lock_restitution(pk)
    complaint = row.remedy.complaint
    if row.state != RestitutionState.HELD or complaint.state in _UNDER_APPEAL:
        return False
    target = answer.target
    if target is None and row.mode != RestitutionMode.CLEAR:
        return _wait_for_target(row)
    if target is not None and target not in _fit_targets(row):
        return False  # It was given up while the platform was asked; the next minute asks again.
    findings = attribution.upheld_works(complaint)
    standing = findings.keys() & set(row.work_ids)
    disputed = attribution.disputed_works(complaint)
    if not disputed.isdisjoint(standing) and clock.now() < row.hold_until + terms.DISPUTE_WAIT:
        # A person decides on it first. Nobody can make it wait for ever, though.
        return _note_waiting(row, "disputed")
    found = attribution.attributable_follows(
        published=answer.published,
        upheld=standing,
        disputed=disputed - standing,
        until=row.until,
    )
    needs_review = account_signals.flag_shared_agency(complaint) or row.flagged_at is not None
    if target is not None and target.external_id != row.target:
        needs_review |= account_signals.look_at_late_account(row, target.external_id)
    row.move("begin", begun_at=clock.now(), **_target_fields(target), **_attribution_fields(found))
    grounds.write_grounds(row, found, findings)
    trail.record_event(events.RESTITUTION_BEGUN, row, by=None, target=row.target, **_attribution_figures(found))
    if needs_review:
        account_signals.pause_for_review(row)
    else:
        enqueue_page_jobs(MOVE_FOLLOWERS, row, str(row.cursor))
    return True


def _open_target(row: Restitution) -> LinkedAccount | None:
    """The first of the author's fit accounts that is open."""
    fit = _fit_targets(row)
    return next((link for link in fit if not attribution.is_account_closed(row.platform, link.external_id)), None)


def _fit_targets(row: Restitution) -> list[LinkedAccount]:
    """The author's account that was planned, if it is theirs still, and then their others."""
    theirs = attribution.target_accounts(row.remedy.complaint)
    theirs.sort(key=lambda link: link.external_id != row.target)
    return [link for link in theirs if link.external_id == row.target or not _runs_to(row, link)]


def _wait_for_target(row: Restitution) -> bool:
    """Look again every minute, for as long as followers are reserved for an author who never had an account."""
    if clock.now() >= row.hold_until + terms.RESERVE_TIME:
        _end_reserve(row)
        return False
    return _note_waiting(
        row, "target_closed" if attribution.target_accounts(row.remedy.complaint) else "target_not_proven"
    )


def _note_waiting(row: Restitution, problem: str) -> bool:
    """Note why it waits."""
    Remedy.objects.filter(pk=row.remedy_id).update(problem=problem)
    return False


def _end_reserve(row: Restitution) -> None:
    """The author has had no account there for so long: the follows end, where that is allowed and possible, or they stay.

    Where followers are asked first, nobody loses a follow without an answer.
    """
    allowed = attribution.restitution_policy(row.remedy.complaint).mode in _MAY_CLEAR
    if (
        not allowed
        or row.mode != RestitutionMode.MOVE
        or not attribution.serves_mode(row.platform, RestitutionMode.CLEAR)
    ):
        _lapse_restitution(row)
        return
    clears = {"mode": RestitutionMode.CLEAR, **_NO_TARGET}
    if row.state == RestitutionState.RESERVED:
        row.move("release", hold_until=max(row.hold_until, clock.now()), **clears)
    else:
        Restitution.objects.filter(pk=row.pk).update(**clears)
    trail.record_event(events.RESERVE_ENDED, row, by=None, mode=RestitutionMode.CLEAR)
    notify_restitution(events.RESERVE_ENDED, row, {})


def _remind_of_reserve(row: Restitution, now: datetime) -> None:
    """Tell the author, once for each of the times before the end, that followers are reserved for them."""
    if row.reserved_until is None:
        return
    left = row.reserved_until - now
    due = [time.days for time in terms.RESERVE_REMINDERS if left <= time]
    if due:
        notify_restitution(
            events.RESERVE_ENDING, row, {"reserved_until": row.reserved_until}, once=f"{min(due)} days before"
        )


def _lapse_restitution(row: Restitution) -> None:
    """Cancel: the author has had no account there for so long that the followers stay. The author is told."""
    cancel_restitution(row, by=None)
    Remedy.objects.filter(pk=row.remedy_id).update(problem="lapsed")
    notify_restitution(events.RESTITUTION_CANCELLED, row, {})


def _runs_to(row: Restitution, target: LinkedAccount) -> bool:
    pair = Restitution.objects.of_pair(row.platform, row.source, target.external_id)
    return pair.running().exists()


@transaction.atomic
def _release_restitution(pk: int) -> bool:
    """Hold a reserved one whose author has an account now, or end the reserve when its time is over."""
    row = lock_restitution(pk)
    now = clock.now()
    if row.state != RestitutionState.RESERVED:
        return False
    target = attribution.target_account(row.remedy.complaint)
    if target is None:
        if row.reserved_until is not None and row.reserved_until <= now:
            _end_reserve(row)
            return True
        _remind_of_reserve(row, now)
        return False
    if _runs_to(row, target):
        return False
    row.move("release", hold_until=max(row.hold_until, now), **_target_fields(target))
    account_signals.look_at_late_account(row, target.external_id)
    trail.record_event(events.RESTITUTION_RELEASED, row, by=None, hold_until=row.hold_until.isoformat())
    notify_restitution(events.RESTITUTION_RELEASED, row, {"hold_until": row.hold_until})
    return True


def notify_restitution(event: str, row: Restitution, facts: dict[str, notices.Fact], *, once: str = "") -> None:
    """Tell the sides, in words that the facts complete; `once` sets apart what may happen more than once."""
    notices.notify_sides(event, row.remedy.complaint, once=f"{row.pk}:{once}" if once else str(row.pk), **facts)  # type: ignore[arg-type]
