"""Retention of the files of both sides: until the end of the case plus the time in which an appeal is possible."""

from datetime import datetime

from django.db.models import Q

from complaints.models import Complaint
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceFile
from portal.media.actions import retention as media_retention
from portal.media.models import MediaFile


def schedule_file_deletion(complaint: Complaint, moment: datetime) -> None:
    """Schedule the deletion of documents, and of videos unless their author has registered them."""
    media_retention.schedule_video_purge(fetched_videos_of(complaint), at=moment)
    retention.schedule_purge(evidence_files_of(complaint), at=moment)


def evidence_files_of(complaint: Complaint) -> list[EvidenceFile]:
    """Every document of either side."""
    resting = Q(exhibits__complaint=complaint) | Q(statements__complaint=complaint)
    return list(EvidenceFile.objects.filter(resting).order_by("stored_at", "pk").distinct())


def fetched_videos_of(complaint: Complaint) -> list[MediaFile]:
    """The original and the copy, as far as they are here for this complaint's sake."""
    works = [work for work in (complaint.original, complaint.copy) if work is not None]
    return [work.media for work in works if work.media is not None and work.owner_id is None]
