"""Rules of drafts: who may edit, what is missing, what may be added."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Exhibit, Work
from complaints.policies import formalities, pairs, parties
from complaints.policies.formalities import FieldGaps
from complaints.policies.terms import MAX_EXHIBITS, VIDEO_PURPOSE, Reason
from complaints.states import ComplaintState, Side
from portal.errors import Text
from portal.evidence.models import FileState
from portal.media.models import MediaFile, MediaState
from portal.people.models import User

EVIDENCE_STAYS = _("Evidence can no longer be changed.")
HANDED_IN = _("This complaint has already been submitted. It can no longer be changed.")


def refuse_draft_editing(complaint: Complaint, user: User) -> Reason:
    """Why they may not change it: not theirs, or no draft any more."""
    if reason := parties.refuse_complainant_side(complaint, user):
        return reason
    return None if complaint.state == ComplaintState.DRAFT else HANDED_IN


def refuse_media(media: MediaFile, user: User) -> Reason:
    """Why a video cannot be taken: not theirs, sent for something else, refused or deleted."""
    if media.owner_id != user.pk or media.purpose != VIDEO_PURPOSE:
        return _("This file was not uploaded for this purpose.")
    return refuse_media_state(media)


def refuse_media_state(media: MediaFile) -> Reason:
    """Why a video is of no use: not whole, refused, or deleted."""
    if media.state == MediaState.UPLOADING:
        return _("This file has not been uploaded completely yet.")
    if media.state == MediaState.REFUSED:
        return media.refusal_text
    return _("This file has been deleted. Please upload it again.") if media.purged_at else None


def refuse_exhibit(complaint: Complaint, user: User, side: str) -> Reason:
    """Why they may not add evidence on a side, or take it away."""
    if side == Side.COMPLAINANT:
        if reason := parties.refuse_complainant_side(complaint, user):
            return reason
        fits = complaint.state in (ComplaintState.DRAFT, ComplaintState.INCOMPLETE)
    else:
        if reason := parties.refuse_respondent_side(complaint, user):
            return reason
        fits = complaint.state == ComplaintState.NOTIFIED
    return None if fits else EVIDENCE_STAYS


def refuse_dropping(exhibit: Exhibit) -> Reason:
    """Why a piece of evidence stays: its side has handed it in, or it is gone already. Asks the database as it is now."""
    row = Exhibit.objects.select_related("file").filter(pk=exhibit.pk).first()
    if row is None:
        return EVIDENCE_STAYS
    handed_in = exhibit.complaint.statements.filter(side=row.side, at__gte=row.added_at).exists()
    frozen = row.file is not None and row.file.frozen_at is not None
    return _("This has already been submitted and is kept.") if handed_in or frozen else None


def refuse_more_exhibits(complaint: Complaint, side: str) -> Reason:
    """Why no more evidence can be added."""
    count = Exhibit.objects.filter(complaint=complaint, side=side).count()
    return _("You have reached the limit of evidence for one side.") if count >= MAX_EXHIBITS else None


def draft_gaps(complaint: Complaint, contact: Mapping[str, str]) -> FieldGaps:
    """What it lacks before it can be handed in, one sentence a field; ticks and signature are asked for there."""
    found: FieldGaps = {}
    for field, work, sentence in (
        ("copy", complaint.copy, _("Please say which work is the copy.")),
        ("original", complaint.original, _("Please say which work is the original.")),
    ):
        if reason := sentence if work is None else _refuse_work(work):
            found[field] = [reason]
    if complaint.copy is not None and "copy" not in found and (reason := pairs.refuse_kind_on_platform(complaint.copy)):
        found["copy"] = [reason]
    reason = pairs.refuse_video_pair(complaint.original, complaint.copy) or pairs.refuse_repeated_pair(complaint)
    if reason and "original" not in found:
        found["original"] = [reason]
    if unopened := list(_unopened_exhibits(complaint)):
        found["exhibits"] = unopened
    own = pairs.refuse_own_account(complaint.complainant, complaint.platform, complaint.account_id)
    if own and complaint.account_id:
        found["copy"] = [own]
    return found | formalities.text_gaps(complaint.text) | formalities.contact_gaps(complaint.regime.contact, contact)


def _unopened_exhibits(complaint: Complaint) -> Iterator[Text]:
    """Files of evidence that cannot be handed in: still being opened, or refused."""
    shown = complaint.exhibits.filter(side=Side.COMPLAINANT).exclude(file__state=FileState.READY).exclude(file=None)
    for row in shown.select_related("file"):
        file = row.file
        if file is not None and file.state == FileState.STORED:
            text = _("“%(name)s” is still being processed, which takes a few seconds. Please reload the page then.")
            yield text % {"name": file.name}
        elif file is not None:
            text = _("“%(name)s” could not be opened. %(reason)s Please remove it or upload another.")
            yield text % {"name": file.name, "reason": file.refusal_text}


def _refuse_work(work: Work) -> Reason:
    """Why a video that somebody sent cannot be handed in; what stands on a platform is fetched later."""
    return refuse_media_state(work.media) if work.media is not None and work.media.owner_id is not None else None
