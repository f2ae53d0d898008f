"""What people decide on a complaint. reviews records the decision; here it is carried out, in one transaction."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import events
from complaints.actions import casework, hearing, judging, measures
from complaints.actions.judging import Said
from complaints.models import Complaint
from complaints.states import ComplaintState, Outcome, Side
from portal import clock
from portal.accounts.models import User
from portal.errors import Conflict, Invalid
from portal.reviews.actions import decisions as recording
from portal.reviews.models import Decision

_MOVES = {Outcome.UPHELD: "uphold", Outcome.PARTLY: "uphold_partly", Outcome.DISMISSED: "dismiss"}
_EVENTS = {Outcome.UPHELD: events.UPHELD, Outcome.PARTLY: events.PARTLY, Outcome.DISMISSED: events.DISMISSED}


def admit(*, complaint: Complaint, by: User, version: int, explanation: str = "") -> Decision:
    """Let the complaint through the screening: now the respondent is told."""
    with transaction.atomic():
        judging.begin(complaint, ComplaintState.SCREENING)
        case = casework.case_of(complaint)
        judging.require_holder(case, by)
        decision = recording.record(case, by=by, outcome=Outcome.ADMITTED, explanation=explanation, version=version)
        judging.note(events.ADMITTED, complaint, by)
        hearing.tell_respondent(complaint, move="admit")
    return decision


def refuse(
    *, complaint: Complaint, by: User, version: int, reasons: Sequence[str], explanation: str, to_complainant: str
) -> Decision:
    """Do not admit the complaint, with reasons to the complainant, who may appeal. The other side never hears of it."""
    said = Said(version, reasons, explanation, {Side.COMPLAINANT: to_complainant})
    with transaction.atomic():
        judging.begin(complaint, ComplaintState.SCREENING)
        decision = judging.record(complaint, Outcome.REFUSED, said, by=by)
        judging.stand(complaint, decision, "refuse", events.REFUSED, by=by, result=Outcome.REFUSED)
    return decision


def decide(
    *,
    complaint: Complaint,
    by: User,
    version: int,
    outcome: str,
    reasons: Sequence[str],
    explanation: str,
    to_complainant: str,
    to_respondent: str,
    measures: Collection[str] = (),
) -> Decision:
    """Uphold, uphold in part, or dismiss, with findings for both sides and reasons for each.

    Where a measure asks for two people the decision is held for the second. Raises NotAllowed, Conflict, Invalid.
    """
    result = Outcome(outcome)
    if result not in _MOVES:
        raise Invalid(_("This is not an outcome of a complaint."))
    to = {Side.COMPLAINANT: to_complainant, Side.RESPONDENT: to_respondent}
    said = Said(version, reasons, explanation, to, measures)
    with transaction.atomic():
        judging.begin(complaint, ComplaintState.IN_REVIEW)
        decision = judging.record(complaint, result, said, by=by, upholds=result != Outcome.DISMISSED)
        if judging.is_held(decision):
            judging.hold(complaint, said, "propose", events.PROPOSED, by=by)
        else:
            judging.stand(complaint, decision, _MOVES[result], _EVENTS[result], by=by, result=result, kinds=measures)
    return decision


def confirm(*, complaint: Complaint, by: User, version: int, note: str = "") -> Decision:
    """The second person agrees: the held decision is in force with its measures, on a complaint or on its appeal.

    Raises Conflict if one of the measures cannot be taken any more; then the decision is to be sent back.
    """
    with transaction.atomic():
        casework.lock(complaint)
        held, kinds = _held(complaint), tuple(complaint.proposed)
        if refusals := measures.refuse_chosen(complaint, kinds):
            raise Conflict(next(iter(refusals.values())))
        decision = recording.confirm(held, by=by, version=version, note=note)
        if complaint.state == ComplaintState.APPEAL_SECOND:
            judging.stand(complaint, decision, "reverse", events.REVERSED, by=by, result=Outcome.UPHELD, kinds=kinds)
        else:
            result = Outcome(decision.outcome)
            judging.stand(complaint, decision, _MOVES[result], _EVENTS[result], by=by, result=result, kinds=kinds)
    return decision


def send_back(*, complaint: Complaint, by: User, version: int, note: str) -> None:
    """The second person does not agree: a third looks anew; the measures that were chosen are dropped."""
    with transaction.atomic():
        casework.lock(complaint)
        appealed = complaint.state == ComplaintState.APPEAL_SECOND
        recording.send_back(_held(complaint), by=by, version=version, note=note)
        complaint.move("send_reversal_back" if appealed else "send_back", proposed=[], touched_at=clock.now())
        judging.note(events.REVERSAL_SENT_BACK if appealed else events.SENT_BACK, complaint, by)


def _held(complaint: Complaint) -> Decision:
    held = casework.held_decision(complaint)
    if held is None:
        raise Conflict(_("Nothing waits for a second person here."))
    return held
