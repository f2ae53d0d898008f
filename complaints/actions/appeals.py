"""Appeals of either side: sent to the other side, decided by a senior reviewer without an earlier part.

What a reversal does depends on who appealed. For the respondent the complaint is dismissed, and every
remedy is taken back. For the complainant it is upheld, with remedies; what stands already after it was
upheld in part stays. A complaint that was refused at the screening is not decided on at all: it is admitted
and goes on, as it should have at first.
"""

from collections.abc import Collection, Sequence
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import events, notices
from complaints.actions import casework, recording, remedies, respondent_answers
from complaints.actions.recording import ComplaintGrounds, DecisionInput
from complaints.models import Complaint, Statement
from complaints.policies import appeals as policies
from complaints.policies.terms import APPEAL_DAYS
from complaints.remedies import ChosenRemedies, choose_remedies
from complaints.states import ComplaintState, Outcome
from portal import clock
from portal.audit import trail
from portal.errors import Invalid, require_allowed
from portal.evidence.actions import files as evidence
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews import policies as reviews
from portal.reviews.actions import appeals as filing
from portal.reviews.actions import cases
from portal.reviews.models import Appeal, Decision


def appeal_complaint_decision(
    *, complaint: Complaint, by: User, side: str, text: str, files: Sequence[EvidenceFile] = ()
) -> Appeal:
    """File an appeal for one side, with text and files; remedies that have not begun are held.

    Raises NotAllowed (not theirs, too late, appealed already) and Invalid beside `text` or `files`.
    """
    with transaction.atomic():
        casework.lock_complaint(complaint)
        require_allowed(policies.refuse_complaint_appeal(complaint, by, side))
        decision = complaint.decision
        assert decision is not None  # noqa: S101 -- the policy has seen to it
        filed = filing.file_appeal(
            decision, by=by, text=text, due_at=casework.due_in_working_days(decision.case, APPEAL_DAYS), files=files
        )
        complaint.move("appeal", touched_at=clock.now())
        _add_statement(complaint, Statement.Kind.APPEAL, by=by, side=side, text=text, files=files)
        trail.record_event(events.APPEALED, complaint, by=by, side=side, files=len(files))
        notices.notify_sides(events.APPEALED, complaint, once=str(decision.pk), side=side)
    return filed


def reply_to_appeal(
    *, complaint: Complaint, by: User, side: str, text: str, files: Sequence[EvidenceFile] = ()
) -> Statement:
    """The other side replies to an appeal, three times at most, until it is decided."""
    with transaction.atomic():
        casework.lock_complaint(complaint)
        require_allowed(policies.refuse_appeal_reply(complaint, by, side))
        if fields := reviews.statement_errors(text, files, by):
            raise Invalid(_("The reply was not sent. Please check the marked fields."), fields=fields)
        # Whoever is reading the case now must see the reply before they decide.
        cases.mark_case_changed(casework.require_active_case(complaint), by=by, what="reply")
        said = _add_statement(complaint, Statement.Kind.REPLY, by=by, side=side, text=text, files=files)
        evidence.freeze_files(files, at=said.at, by=by)
        trail.record_event(events.APPEAL_REPLIED, complaint, by=by, side=side, files=len(files))
        notices.notify_sides(events.APPEAL_REPLIED, complaint, once=str(said.pk), side=side)
    return said


def affirm_decision(*, complaint: Complaint, by: User, **grounds: Unpack[ComplaintGrounds]) -> Decision:
    """Dismiss the appeal; held remedies continue. `to_respondent` is optional while the respondent was not notified."""
    said = DecisionInput(**grounds)
    with transaction.atomic():
        recording.lock_for_decision(complaint, ComplaintState.APPEALED)
        decision = recording.record_complaint_decision(complaint, Outcome.AFFIRMED, said, by=by)
        recording.put_in_force(complaint, decision, "affirm", events.AFFIRMED, by=by, result=complaint.result)
    return decision


def reverse_decision(
    *, complaint: Complaint, by: User, remedies: Collection[str] = (), **grounds: Unpack[ComplaintGrounds]
) -> Decision:
    """Grant the appeal. `remedies` belong to a complaint that is now upheld; elsewhere they are refused."""
    chosen = choose_remedies(complaint, remedies)
    said = DecisionInput(**grounds, chosen=chosen)
    with transaction.atomic():
        recording.lock_for_decision(complaint, ComplaintState.APPEALED)
        leads_to = policies.appeal_leads_to(complaint)
        decision = recording.record_complaint_decision(
            complaint, Outcome.REVERSED, said, by=by, upholds=leads_to == Outcome.UPHELD
        )
        if recording.is_decision_held(decision):
            recording.hold_for_second_approval(complaint, said, "propose_reversal", events.REVERSAL_PROPOSED, by=by)
        elif leads_to is None:
            _admit_after_reversal(complaint, decision, by)
        else:
            _carry_out_reversal(complaint, decision, leads_to, chosen, by)
    return decision


def _carry_out_reversal(
    complaint: Complaint, decision: Decision, result: Outcome, chosen: ChosenRemedies, by: User
) -> None:
    if result == Outcome.DISMISSED:
        remedies.undo_remedies(complaint, by=by)
    recording.put_in_force(complaint, decision, "reverse", events.REVERSED, by=by, result=result, chosen=chosen)


def _admit_after_reversal(complaint: Complaint, decision: Decision, by: User) -> None:
    """Reverse the refusal: the complaint is open again, and the respondent is notified."""
    trail.record_event(events.REVERSED, complaint, by=by, reasons=decision.reasons)
    respondent_answers.tell_respondent(complaint, move="admit_on_appeal")
    complaint.write(decision=None, result="", decided_at=None)


def _add_statement(
    complaint: Complaint, kind: str, *, by: User, side: str, text: str, files: Sequence[EvidenceFile]
) -> Statement:
    said = Statement.objects.create(complaint=complaint, side=side, kind=kind, text=text.strip(), by=by, at=clock.now())
    said.files.set(files)
    return said
