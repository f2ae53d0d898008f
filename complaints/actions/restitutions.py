"""The return of followers: planned with a decision, begun after the hold, ended, called off, taken back.

The work itself is done page by page in moving.py. Whoever locks a restitution locks its complaint before
it: every action on a complaint takes the two in this order, and the chain of the audit trail after them.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from complaints import events, notices, transfers
from complaints.models import Complaint, Measure, Restitution
from complaints.policies import terms
from complaints.states import ComplaintState, RestitutionState
from portal import clock
from portal.accounts.models import LinkedAccount, User
from portal.audit import trail
from portal.errors import Conflict, NotAllowed
from portal.jobs import queue
from portal.platforms import Account, PlatformError, registry

MOVE, TELL, RESTORE = "complaints.move", "complaints.tell", "complaints.restore"
_UNDER_APPEAL = (ComplaintState.APPEALED, ComplaintState.APPEAL_SECOND)


@transaction.atomic
def plan(measure: Measure, *, by: User | None = None) -> Restitution:
    """Note which followers are to return to whom, and from when on; reserved while the author has no account there.

    Raises NotAllowed with the reason that stands against it, PlatformError if the platform does not answer.
    """
    complaint = measure.complaint
    if reason := transfers.refuse(complaint):
        raise NotAllowed(reason)
    now = clock.now()
    connector = registry.get(complaint.platform)
    source = connector.account(complaint.account_id)
    policy = transfers.policy_of(complaint)
    found = transfers.attribution(
        published=connector.works_of(source.id, until=now),
        upheld=transfers.upheld_works(complaint),
        disputed=transfers.disputed_works(complaint),
        until=now,
    )
    target = transfers.target_of(complaint)
    hold_until = max(now + terms.hold(policy.hold_days), measure.not_before, complaint.hold_until or now)
    row = _keep(measure, source, target, found, planned_at=now, hold_until=hold_until)
    planned = events.RESTITUTION_PLANNED if target else events.RESTITUTION_RESERVED
    _note(planned, row, by=by, hold_until=hold_until.isoformat(), expected=row.expected, **_figures(found))
    return row


def begin_due() -> int:
    """Begin what was held long enough and is not under appeal. Returns how many began."""
    due = Restitution.objects.due(clock.now()).exclude(measure__complaint__state__in=_UNDER_APPEAL)
    reversing = Restitution.objects.filter(
        platform=OuterRef("platform"),
        source=OuterRef("source"),
        target=OuterRef("target"),
        state=RestitutionState.REVERSING,
    )
    waiting = due.exclude(Exists(reversing)).values_list("pk", flat=True)
    return sum(_try_to_begin(pk) for pk in list(waiting))


def release_reserved() -> int:
    """Hold for authors who have proven an account meanwhile; call off what was reserved long enough. Returns how many."""
    reserved = Restitution.objects.filter(state=RestitutionState.RESERVED).order_by("planned_at", "pk")
    return sum(_release(pk) for pk in list(reserved.values_list("pk", flat=True)))


@transaction.atomic
def cancel(restitution: Restitution, *, by: User | None) -> None:
    """Call it off before it began. Raises Conflict if it has begun."""
    row = locked(restitution.pk)
    row.move("cancel", ended_at=clock.now())
    if row.measure.can("cancel"):
        row.measure.move("cancel", problem="")
    _note(events.RESTITUTION_CANCELLED, row, by=by)


@transaction.atomic
def take_back(restitution: Restitution, *, by: User | None) -> None:
    """Undo it after a reversal: call it off, or stop it where it is and have every page taken back. Twice is once."""
    row = locked(restitution.pk)
    if row.can("cancel"):
        cancel(row, by=by)
    elif row.can("take_back"):
        row.move("take_back")
        if row.measure.can("lift"):
            row.measure.move("lift", problem="")
        _note(events.REVERSAL_BEGUN, row, by=by, moved=row.moved, already=row.already)
        queue.enqueue(RESTORE, {"restitution": row.pk}, key=f"{RESTORE}:{row.pk}")


def finish(row: Restitution, *, problem: str = "") -> None:
    """The measure is in force, followers are told. In the caller's transaction.

    Every follower was looked at, unless a code says what came between.
    """
    now = clock.now()
    policy = transfers.policy_of(row.measure.complaint)
    undo_until = now + timedelta(days=policy.undo_days)
    row.move("finish", ended_at=now, undo_until=undo_until)
    if row.measure.can("take_effect"):
        row.measure.move("take_effect", applied_at=now, problem=problem)
    counts = {"moved": row.moved, "already": row.already, "excluded": row.excluded, "passed": row.passed}
    _note(events.RESTITUTION_DONE, row, **counts, problem=problem)
    queue.enqueue(TELL, {"restitution": row.pk}, key=f"{TELL}:{row.pk}")
    told: dict[str, notices.Fact] = {"moved": str(row.moved), "already": str(row.already), "undo_until": undo_until}
    _tell(events.RESTITUTION_DONE, row, told)


def end_reversal(row: Restitution) -> None:
    """Every page was taken back, as far as it could be. In the caller's transaction."""
    now = clock.now()
    row.move("restored_partly" if row.chose or row.gone else "restored", ended_at=now)
    if row.measure.can("lifted"):
        row.measure.move("lifted", lifted_at=now, problem="")
    _note(events.RESTITUTION_REVERSED, row, restored=row.restored, chose=row.chose, gone=row.gone)
    _tell(events.RESTITUTION_REVERSED, row, {"restored": str(row.restored), "others": str(row.chose + row.gone)})


def locked(pk: int) -> Restitution:
    """The restitution with its measure and complaint as they are now, kept to the end of the transaction."""
    complaint = Complaint.objects.select_for_update(no_key=True).order_by().get(measures__restitution=pk)
    row = Restitution.objects.select_for_update(of=("self",), no_key=True).select_related("measure").get(pk=pk)
    row.measure.complaint = complaint
    return row


def give_up(payload: dict[str, Any]) -> None:
    """A job was given up: say so on the measure. moving.go_on() tries again every hour."""
    Measure.objects.filter(restitution=payload["restitution"]).update(problem="job_failed")


def _keep(
    measure: Measure, source: Account, target: LinkedAccount | None, found: transfers.Attribution, **times: Any
) -> Restitution:
    try:
        with transaction.atomic():
            return Restitution.objects.create(
                measure=measure,
                platform=measure.complaint.platform,
                source=source.id,
                source_handle=source.handle,
                until=found.until,
                expected=source.followers,
                **_asked(found),
                **times,
                **_destination(target, times["planned_at"]),
            )
    except IntegrityError as error:
        raise Conflict(_("Followers of this account are returning to this author already.")) from error


def _asked(found: transfers.Attribution) -> dict[str, Any]:
    works = {"work_ids": list(found.work_ids), "disputed_work_ids": list(found.disputed_work_ids)}
    return works | {"unknown_from": found.unknown_from}


def _figures(found: transfers.Attribution) -> dict[str, Any]:
    """What the audit trail says of it."""
    works = {"works": len(found.work_ids), "disputed": len(found.disputed_work_ids)}
    return works | {"share": round(found.share, 3), "unknown_origin": found.unknown_from is not None}


def _destination(target: LinkedAccount | None, now: datetime) -> dict[str, Any]:
    if target is None:
        return {"state": RestitutionState.RESERVED, "reserved_until": now + terms.RESERVED}
    return {"state": RestitutionState.HELD, **_to(target)}


def _to(target: LinkedAccount) -> dict[str, str]:
    return {"target": target.external_id, "target_handle": target.handle}


def _try_to_begin(pk: int) -> bool:
    """Begin one, and let no platform that fails keep the others from beginning."""
    try:
        return _begin(pk)
    except PlatformError:
        Measure.objects.filter(restitution=pk).update(problem="platform_silent")
        return False


@transaction.atomic
def _begin(pk: int) -> bool:
    """Begin with what still stands of what was planned; what was upheld later has a hold of its own to wait for."""
    row = locked(pk)
    complaint = row.measure.complaint
    if row.state != RestitutionState.HELD or complaint.state in _UNDER_APPEAL:
        return False
    target = _open_target(row)
    if target is None:
        return _wait_for_target(row)
    standing = transfers.upheld_works(complaint) & set(row.work_ids)
    disputed = transfers.disputed_works(complaint)
    if not disputed.isdisjoint(standing) and clock.now() < row.hold_until + terms.DISPUTE_WAIT:
        # A person decides on it first. Nobody can make it wait for ever, though.
        return _wait(row, "disputed")
    found = transfers.attribution(
        published=registry.get(row.platform).works_of(row.source, until=row.until),
        upheld=standing,
        disputed=disputed - standing,
        until=row.until,
    )
    row.move("begin", begun_at=clock.now(), **_to(target), **_asked(found))
    if row.measure.can("begin"):
        row.measure.move("begin", problem="")
    _note(events.RESTITUTION_BEGUN, row, target=row.target, **_figures(found))
    queue.enqueue(MOVE, {"restitution": row.pk}, key=f"{MOVE}:{row.pk}:{row.after}")
    return True


def _open_target(row: Restitution) -> LinkedAccount | None:
    """The author's account that was planned, if it is hers and open still, or else another one of hers."""
    hers = transfers.targets_of(row.measure.complaint)
    hers.sort(key=lambda link: link.external_id != row.target)
    fit = (link for link in hers if link.external_id == row.target or not _runs_to(row, link))
    return next((link for link in fit if not transfers.is_closed(row.platform, link.external_id)), None)


def _wait_for_target(row: Restitution) -> bool:
    """Look again every minute, for as long as followers are reserved for an author who never had an account."""
    if clock.now() >= row.hold_until + terms.RESERVED:
        _lapse(row)
        return False
    return _wait(row, "target_closed" if transfers.targets_of(row.measure.complaint) else "target_not_proven")


def _wait(row: Restitution, problem: str) -> bool:
    Measure.objects.filter(pk=row.measure_id).update(problem=problem)
    return False


def _lapse(row: Restitution) -> None:
    """The author had no account there for so long that the followers stay, and she is told."""
    cancel(row, by=None)
    Measure.objects.filter(pk=row.measure_id).update(problem="lapsed")
    _tell(events.RESTITUTION_CANCELLED, row, {})


def _runs_to(row: Restitution, target: LinkedAccount) -> bool:
    pair = Restitution.objects.of_pair(row.platform, row.source, target.external_id)
    return pair.running().exists()


@transaction.atomic
def _release(pk: int) -> bool:
    """Hold a reserved one whose author has an account now, or call it off when its time is over."""
    row = locked(pk)
    now = clock.now()
    if row.state != RestitutionState.RESERVED:
        return False
    target = transfers.target_of(row.measure.complaint)
    if target is None:
        if row.reserved_until is not None and row.reserved_until <= now:
            _lapse(row)
            return True
        return False
    if _runs_to(row, target):
        return False
    row.move("release", hold_until=max(row.hold_until, now), **_to(target))
    _note(events.RESTITUTION_RELEASED, row, hold_until=row.hold_until.isoformat())
    _tell(events.RESTITUTION_RELEASED, row, {"hold_until": row.hold_until})
    return True


def _note(event: str, row: Restitution, *, by: User | None = None, **data: Any) -> None:
    trail.record(event, by=by, on=row, chain=row.chain, data=data)


def _tell(event: str, row: Restitution, facts: dict[str, notices.Fact]) -> None:
    """Tell the sides, in words that the facts complete."""
    notices.about(event, row.measure.complaint, once=str(row.pk), **facts)  # type: ignore[arg-type]
