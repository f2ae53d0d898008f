"""What people decide on a complaint. reviews records the decision; here it is carried out, in one transaction."""

from collections.abc import Collection
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import events
from complaints.actions import casework, recording, remedies, respondent_answers
from complaints.actions.recording import ComplaintGrounds, DecisionInput
from complaints.models import Complaint
from complaints.policies.second_look import complaint_second_look
from complaints.remedies import choose_remedies
from complaints.states import ComplaintState, Outcome
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid
from portal.people.models import User
from portal.reviews.actions import decisions as review_decisions
from portal.reviews.actions.decisions import SecondApproval
from portal.reviews.models import Decision

_MOVES = {Outcome.UPHELD: "uphold", Outcome.PARTLY: "uphold_partly", Outcome.DISMISSED: "dismiss"}
_EVENTS = {Outcome.UPHELD: events.UPHELD, Outcome.PARTLY: events.PARTLY, Outcome.DISMISSED: events.DISMISSED}


def admit_complaint(*, complaint: Complaint, by: User, version: int, explanation: str = "") -> Decision:
    """Admit the complaint after screening and notify the respondent."""
    with transaction.atomic():
        recording.lock_for_decision(complaint, ComplaintState.SCREENING)
        case = casework.require_active_case(complaint)
        recording.require_case_holder(case, by)
        decision = review_decisions.record_decision(
            case, by=by, outcome=Outcome.ADMITTED, explanation=explanation, version=version
        )
        trail.record_event(events.ADMITTED, complaint, by=by)
        respondent_answers.tell_respondent(complaint, move="admit")
    return decision


def refuse_complaint(*, complaint: Complaint, by: User, **grounds: Unpack[ComplaintGrounds]) -> Decision:
    """Refuse the complaint, with reasons to the complainant, who may appeal. The respondent is not notified."""
    said = DecisionInput(**grounds)
    with transaction.atomic():
        recording.lock_for_decision(complaint, ComplaintState.SCREENING)
        decision = recording.record_complaint_decision(complaint, Outcome.REFUSED, said, by=by)
        recording.put_in_force(complaint, decision, "refuse", events.REFUSED, by=by, result=Outcome.REFUSED)
    return decision


def decide_complaint(
    *,
    complaint: Complaint,
    by: User,
    outcome: str,
    remedies: Collection[str] = (),
    **grounds: Unpack[ComplaintGrounds],
) -> Decision:
    """Uphold, uphold in part, or dismiss, with findings for both sides and reasons for each.

    Where a remedy asks for two people the decision is held for the second. Raises NotAllowed, Conflict, Invalid.
    """
    result = Outcome(outcome)
    if result not in _MOVES:
        raise Invalid(_("This is not a possible outcome of a complaint."))
    chosen = choose_remedies(complaint, remedies)
    said = DecisionInput(**grounds, chosen=chosen)
    with transaction.atomic():
        recording.lock_for_decision(complaint, ComplaintState.IN_REVIEW)
        decision = recording.record_complaint_decision(
            complaint, result, said, by=by, upholds=result != Outcome.DISMISSED
        )
        if recording.is_decision_held(decision):
            recording.hold_for_second_approval(complaint, said, "propose", events.PROPOSED, by=by)
        else:
            recording.put_in_force(
                complaint, decision, _MOVES[result], _EVENTS[result], by=by, result=result, chosen=chosen
            )
    return decision


def confirm_complaint_decision(*, complaint: Complaint, by: User, **approval: Unpack[SecondApproval]) -> Decision:
    """Give the second approval: put the held decision and its remedies in force, first decision or appeal.

    Raises Conflict if one of the remedies cannot be taken any more; then the decision is to be sent back.
    """
    chosen = choose_remedies(complaint, complaint.proposed)
    with transaction.atomic():
        casework.lock_for_ruling(complaint)
        held = casework.require_held_decision(complaint)
        if chosen.kinds != set(complaint.proposed):
            raise Conflict(_("This has changed in the meantime. Please review the current version."))
        if refusals := remedies.refuse_chosen_remedies(complaint, chosen):
            raise Conflict(next(iter(refusals.values())))
        look = complaint_second_look(complaint, held, by)
        decision = review_decisions.confirm_decision(held, look, by=by, **approval)
        if complaint.state == ComplaintState.APPEAL_SECOND:
            recording.put_in_force(
                complaint, decision, "reverse", events.REVERSED, by=by, result=Outcome.UPHELD, chosen=chosen
            )
        else:
            result = Outcome(decision.outcome)
            recording.put_in_force(
                complaint, decision, _MOVES[result], _EVENTS[result], by=by, result=result, chosen=chosen
            )
    return decision


def send_back_complaint_decision(*, complaint: Complaint, by: User, version: int, note: str) -> None:
    """Refuse the second approval: a third person decides anew; the chosen remedies are dropped."""
    with transaction.atomic():
        casework.lock_complaint(complaint)
        appealed = complaint.state == ComplaintState.APPEAL_SECOND
        review_decisions.send_back_decision(
            casework.require_held_decision(complaint), by=by, version=version, note=note
        )
        complaint.move("send_reversal_back" if appealed else "send_back", proposed=[], touched_at=clock.now())
        trail.record_event(events.REVERSAL_SENT_BACK if appealed else events.SENT_BACK, complaint, by=by)
