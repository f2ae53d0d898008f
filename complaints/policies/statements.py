"""Rules of answers and of the retention of both sides' files."""

from collections.abc import Collection, Mapping

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from complaints.policies import formalities, parties
from complaints.policies.formalities import FieldGaps
from complaints.policies.terms import Reason
from complaints.states import APPEALABLE_STATES, BEFORE_DECISION, OPEN_STATES, ComplaintState
from portal import clock
from portal.evidence.models import EvidenceFile
from portal.media.models import MediaFile
from portal.people.models import User
from portal.reviews.clocks import APPEAL_WINDOW


def refuse_answer(complaint: Complaint, user: User) -> Reason:
    """Why the user may not answer the complaint."""
    if reason := parties.refuse_respondent_side(complaint, user):
        return reason
    if complaint.state == ComplaintState.NOTIFIED:
        return None
    return _("The time to answer has expired, or you have already answered.")


def refuse_completion(complaint: Complaint, user: User) -> Reason:
    """Why the user may not complete the complaint."""
    if reason := parties.refuse_complainant_side(complaint, user):
        return reason
    return None if complaint.state == ComplaintState.INCOMPLETE else _("You do not need to do anything right now.")


def refuse_withdrawal(complaint: Complaint, user: User) -> Reason:
    """Why the user may not take the complaint back."""
    if reason := parties.refuse_complainant_side(complaint, user):
        return reason
    return (
        None
        if complaint.state in BEFORE_DECISION
        else _("Only a complaint that has not been decided can be withdrawn.")
    )


def answer_gaps(
    complaint: Complaint, text: str, ticks: Collection[str], contact: Mapping[str, str], signature: str
) -> FieldGaps:
    """What an answer lacks, one sentence a field."""
    regime = complaint.regime
    gaps = formalities.text_gaps(text) | formalities.tick_gaps(regime.answer_ticks, ticks)
    gaps |= formalities.contact_gaps(regime.answer_contact, contact) | formalities.overlong_contact(contact)
    return gaps | (formalities.signature_gaps(signature, contact.get("name", "")) if regime.signed else {})


def evidence_is_needed(file: EvidenceFile) -> bool:
    """Whether a case rests on a document."""
    return _is_in_use(Q(exhibits__file=file) | Q(statements__files=file))


def video_is_needed(file: MediaFile) -> bool:
    """Whether a case rests on a video, or its author has registered it."""
    return file.works.filter(owner__isnull=False, deleted_at=None).exists() or _is_in_use(
        Q(original__media=file) | Q(copy__media=file)
    )


def _is_in_use(on: Q) -> bool:
    appealable = Q(state__in=APPEALABLE_STATES, decided_at__gt=clock.now() - APPEAL_WINDOW)
    going_on = Q(state__in=(ComplaintState.DRAFT, *OPEN_STATES)) | appealable
    return Complaint.objects.filter(on & going_on).exists()
