"""Appeals of either side: told to the other, decided by a senior reviewer who had no part before.

What a reversal does depends on who appealed. For the respondent the complaint is dismissed, and every
measure is taken back. For the complainant it is upheld, with measures; what stands already after it was
upheld in part stays. A complaint that was refused at the screening is not judged at all: it is admitted
and goes on, as it should have at first.
"""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import events, notices
from complaints.actions import casework, hearing, judging, measures
from complaints.actions.judging import Said
from complaints.models import Complaint, Statement
from complaints.policies import appeals as policies
from complaints.policies.terms import APPEAL_DAYS
from complaints.states import ComplaintState, Outcome, Side
from portal import clock
from portal.accounts.models import User
from portal.errors import Invalid, NotAllowed
from portal.evidence.actions import files as evidence
from portal.evidence.models import EvidenceFile
from portal.reviews import policies as reviews
from portal.reviews.actions import appeals as filing
from portal.reviews.actions import cases
from portal.reviews.models import Appeal, Decision


def appeal(*, complaint: Complaint, by: User, side: str, text: str, files: Sequence[EvidenceFile] = ()) -> Appeal:
    """Object to the decision, for one side, with text and files; measures that have not begun wait.

    Raises NotAllowed (not hers, too late, appealed already) and Invalid beside `text` or `files`.
    """
    with transaction.atomic():
        casework.lock(complaint)
        if reason := policies.refuse_appeal(complaint, by, side):
            raise NotAllowed(reason)
        decision = complaint.decision
        assert decision is not None  # noqa: S101 -- the policy has seen to it
        filed = filing.file(decision, by=by, text=text, due_at=casework.due(decision.case, APPEAL_DAYS), files=files)
        complaint.move("appeal", touched_at=clock.now())
        _say(complaint, Statement.Kind.APPEAL, by=by, side=side, text=text, files=files)
        judging.note(events.APPEALED, complaint, by, side=side, files=len(files))
        notices.about(events.APPEALED, complaint, once=str(decision.pk), side=side)
    return filed


def reply(*, complaint: Complaint, by: User, side: str, text: str, files: Sequence[EvidenceFile] = ()) -> Statement:
    """The other side replies to an appeal, three times at most, until it is decided."""
    with transaction.atomic():
        casework.lock(complaint)
        if reason := policies.refuse_reply(complaint, by, side):
            raise NotAllowed(reason)
        _require_reply(text, files, by)
        # Whoever is reading the case now must see the reply before she decides.
        cases.touch(casework.case_of(complaint), by=by, what="reply")
        said = _say(complaint, Statement.Kind.REPLY, by=by, side=side, text=text, files=files)
        evidence.freeze(files, at=said.at, by=by)
        judging.note(events.APPEAL_REPLIED, complaint, by, side=side, files=len(files))
        notices.about(events.APPEAL_REPLIED, complaint, once=str(said.pk), side=side)
    return said


def affirm(
    *,
    complaint: Complaint,
    by: User,
    version: int,
    reasons: Sequence[str],
    explanation: str,
    to_complainant: str,
    to_respondent: str = "",
) -> Decision:
    """The decision stands, and its measures go on. `to_respondent` is not needed while that side knows of nothing."""
    said = Said(version, reasons, explanation, _to(to_complainant, to_respondent))
    with transaction.atomic():
        judging.begin(complaint, ComplaintState.APPEALED)
        decision = judging.record(complaint, Outcome.AFFIRMED, said, by=by)
        judging.stand(complaint, decision, "affirm", events.AFFIRMED, by=by, result=complaint.result)
    return decision


def reverse(
    *,
    complaint: Complaint,
    by: User,
    version: int,
    reasons: Sequence[str],
    explanation: str,
    to_complainant: str,
    to_respondent: str = "",
    measures: Collection[str] = (),
) -> Decision:
    """The appeal is right. `measures` belong to a complaint that is now upheld; elsewhere they are refused."""
    said = Said(version, reasons, explanation, _to(to_complainant, to_respondent), measures)
    with transaction.atomic():
        judging.begin(complaint, ComplaintState.APPEALED)
        leads_to = policies.appeal_leads_to(complaint)
        decision = judging.record(complaint, Outcome.REVERSED, said, by=by, upholds=leads_to == Outcome.UPHELD)
        if judging.is_held(decision):
            judging.hold(complaint, said, "propose_reversal", events.REVERSAL_PROPOSED, by=by)
        elif leads_to is None:
            _admit(complaint, decision, by)
        else:
            _reverse(complaint, decision, leads_to, measures, by)
    return decision


def _reverse(complaint: Complaint, decision: Decision, result: Outcome, kinds: Collection[str], by: User) -> None:
    if result == Outcome.DISMISSED:
        measures.undo_all(complaint, by=by)
    judging.stand(complaint, decision, "reverse", events.REVERSED, by=by, result=result, kinds=kinds)


def _admit(complaint: Complaint, decision: Decision, by: User) -> None:
    """The refusal is undone: the complaint has no decision any more, and the other side is told of it."""
    judging.note(events.REVERSED, complaint, by, reasons=decision.reasons)
    hearing.tell_respondent(complaint, move="admit_on_appeal")
    fields = {"decision": None, "result": "", "decided_at": None}
    Complaint.objects.filter(pk=complaint.pk).update(**fields)
    for name, value in fields.items():
        setattr(complaint, name, value)


def _say(
    complaint: Complaint, kind: str, *, by: User, side: str, text: str, files: Sequence[EvidenceFile]
) -> Statement:
    said = Statement.objects.create(complaint=complaint, side=side, kind=kind, text=text.strip(), by=by, at=clock.now())
    said.files.set(files)
    return said


def _to(to_complainant: str, to_respondent: str) -> dict[Side, str]:
    return {Side.COMPLAINANT: to_complainant, Side.RESPONDENT: to_respondent}


def _require_reply(text: str, files: Sequence[EvidenceFile], by: User) -> None:
    fields: dict[str, list[str]] = {}
    if len(text.strip()) < policies.MIN_TEXT:
        fields["text"] = [_("Please write at least %(count)d characters.") % {"count": policies.MIN_TEXT}]
    if len(text) > policies.MAX_TEXT:
        fields["text"] = [_("Please write at most %(count)d characters.") % {"count": policies.MAX_TEXT}]
    if len(files) > reviews.MAX_APPEAL_FILES:
        fields["files"] = [_("Please attach at most %(count)d files.") % {"count": reviews.MAX_APPEAL_FILES}]
    if any(row.owner_id != by.pk for row in files):
        fields["files"] = [_("Only your own files can be attached.")]
    if fields:
        raise Invalid(_("The reply was not sent. Please look at the marked fields."), fields=fields)
