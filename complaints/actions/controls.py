"""Senior reviewers pause, resume and stop a restitution while its hold runs, and while it moves followers.

One of them pauses and resumes. To stop it for good, and restore everybody, takes two: whoever proposes it pauses it, and
somebody else agrees. One that has not begun goes back to its hold, or is cancelled. While followers are asked, they can answer until then, and the asking does not end before. Restoring is
what a reversal does (reversals.py): every ground falls, by these two people instead of by an appeal. Locks are those of
restitutions.py.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import events, notices
from complaints.actions import casework, grounds, pauses, reversals
from complaints.actions.restitutions import (
    MOVE_FOLLOWERS,
    enqueue_page_jobs,
    finish_restitution,
    lock_restitution,
    notify_restitution,
)
from complaints.models import Restitution, RestitutionControl
from complaints.policies import controls as policies
from complaints.states import ControlKind, ControlState, RestitutionState
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, require_allowed
from portal.people.models import User
from portal.people.second_person import refuse_second_person
from portal.reviews.policies import MIN_EXPLANATION
from portal.texts import require_text
from portal.workflow import write_row

MAX_REASON = 2000
_EVENTS = {ControlKind.PAUSE: events.RESTITUTION_PAUSED, ControlKind.RESUME: events.RESTITUTION_RESUMED}


@transaction.atomic
def pause_restitution(*, restitution: Restitution, by: User, reason: str) -> None:
    """Move nobody more until somebody resumes it; what was moved stays so, and those followers are told and can undo it.

    A call that is under way is recorded when it ends. Raises NotAllowed, Conflict if it is neither held nor moves, Invalid.
    """
    row = _lock_for(ControlKind.PAUSE, restitution, by)
    _pause(row, by=by, reason=_checked(reason))


@transaction.atomic
def resume_restitution(*, restitution: Restitution, by: User, reason: str) -> None:
    """Go on where it stands. Raises NotAllowed, Conflict, Invalid."""
    row = _lock_for(ControlKind.RESUME, restitution, by)
    made = _note(row, ControlKind.RESUME, by=by, reason=_checked(reason))
    has_begun = row.begun_at is not None
    row.move("resume" if has_begun else "resume_hold", control_reason="", flagged_at=None, **_end_of_pause(row))
    _tell(row, made)
    if not has_begun:
        return  # It begins when the hold is over.
    if row.exhausted_at is not None:
        finish_restitution(row)
    else:
        enqueue_page_jobs(MOVE_FOLLOWERS, row, f"resume:{made.pk}")


@transaction.atomic
def propose_stop(*, restitution: Restitution, by: User, reason: str) -> RestitutionControl:
    """Pause what is held or moves, and ask a second person to stop it for good. Raises NotAllowed, Conflict, Invalid."""
    row = _lock_for(ControlKind.STOP, restitution, by)
    text = _checked(reason)
    if row.state in {RestitutionState.HELD, RestitutionState.MOVING}:
        _pause(row, by=by, reason=text)
    made = _note(row, ControlKind.STOP, by=by, reason=text, state=ControlState.PROPOSED)
    trail.record_event(events.STOP_PROPOSED, row, by=by, control=made.pk)
    return made


@transaction.atomic
def review_flag(*, restitution: Restitution, by: User, reason: str) -> None:
    """Leave as it is what was flagged while followers were asked, or after the end. Raises NotAllowed, Conflict, Invalid."""
    row = _lock_for(ControlKind.REVIEW, restitution, by)
    made = _note(row, ControlKind.REVIEW, by=by, reason=_checked(reason))
    row.write(flagged_at=None)
    trail.record_event(events.FLAG_REVIEWED, row, by=by, control=made.pk)


@transaction.atomic
def confirm_stop(*, control: RestitutionControl, by: User) -> None:
    """Agree as the second person: nobody is moved any more, and everybody goes back. Raises NotAllowed, Conflict."""
    casework.lock_account(control.restitution.remedy.complaint)
    row = _lock_proposed(control, by)
    require_allowed(refuse_second_person(by, first=control.by_id))
    _decide(control, ControlState.MADE, by=by)
    counts = grounds.drop_all_grounds(row)
    ended: dict[str, Any] = {"stopped_at": clock.now(), "control_reason": control.reason, "flagged_at": None}
    ended |= _end_of_pause(row)
    if row.begun_at is None:
        row.move("cancel", ended_at=clock.now(), **ended)
    else:
        row.move("take_back", **ended)
        reversals.enqueue_giving_back(row, f"stop:{control.pk}")
    done = {"moved": row.moved, "already": row.already}
    trail.record_event(events.RESTITUTION_STOPPED, row, by=by, control=control.pk, **done, **counts)
    notify_restitution(events.RESTITUTION_STOPPED, row, _facts(row, control))


@transaction.atomic
def refuse_stop(*, control: RestitutionControl, by: User) -> None:
    """Do not stop it, or take one's own proposal back; it stays paused. Raises NotAllowed, Conflict."""
    row = _lock_proposed(control, by)
    _decide(control, ControlState.REFUSED, by=by)
    trail.record_event(events.STOP_REFUSED, row, by=by, control=control.pk)


def _lock_for(kind: ControlKind, restitution: Restitution, by: User) -> Restitution:
    """The locked row, in a state in which this can be done, by somebody who may. NotAllowed or Conflict say why not."""
    row = lock_restitution(restitution.pk)
    require_allowed(policies.refuse_oversight(row, by))
    if refusal := policies.refuse_untimely(row, kind):
        raise Conflict(refusal)
    return row


def _lock_proposed(control: RestitutionControl, by: User) -> Restitution:
    """The locked row of a proposal. NotAllowed where the person has nothing to say about it."""
    row = lock_restitution(control.restitution_id)
    require_allowed(policies.refuse_oversight(row, by))
    return row


def _pause(row: Restitution, *, by: User, reason: str) -> None:
    made = _note(row, ControlKind.PAUSE, by=by, reason=reason)
    pauses.pause(row, reason=reason)
    _tell(row, made)


def _note(row: Restitution, kind: ControlKind, **fields: Any) -> RestitutionControl:
    return RestitutionControl.objects.create(restitution=row, kind=kind, **fields)


def _tell(row: Restitution, made: RestitutionControl) -> None:
    """Into the trail, without the reason, and to both sides, with it."""
    event = _EVENTS[ControlKind(made.kind)]
    trail.record_event(event, row, by=made.by, control=made.pk)
    notify_restitution(event, row, _facts(row, made), once=str(made.pk))


def _facts(row: Restitution, made: RestitutionControl) -> dict[str, notices.Fact]:
    """What the notices say of it; `scheduled` is empty once it has begun."""
    return {"reason": made.reason, "scheduled": "" if row.begun_at else "yes"}


def _decide(control: RestitutionControl, state: ControlState, *, by: User) -> None:
    """By one UPDATE: of two people who answer at once one is told that it was decided already."""
    fields = {"state": state, "decided_by": by, "decided_at": clock.now()}
    write_row(control, fields, message=_("This has been decided already."), state=ControlState.PROPOSED)


def _end_of_pause(row: Restitution) -> dict[str, Any]:
    if row.paused_at is None:
        return {}  # It was stopped while followers were asked.
    return {"paused_at": None, "paused_for": row.paused_for + (clock.now() - row.paused_at)}


def _checked(reason: str) -> str:
    return require_text("reason", reason, least=MIN_EXPLANATION, most=MAX_REASON)
