"""How many documents, and how many bytes of them, one person may keep, and how many they may send in a time.

Those that are part of a case count, too.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from portal import clock
from portal.evidence.models import EvidenceFile, FileState
from portal.people.models import User

# How many files one person may send in an hour, and have waiting to be opened.
MOST_IN_AN_HOUR = 120
MOST_WAITING = 20
_HOUR = timedelta(hours=1)


def refuse_more_documents(owner: User, size: int) -> str | None:
    """Why a person may not keep one more document of `size` bytes; None if they may."""
    kept = EvidenceFile.objects.filter(owner=owner, purged_at=None).aggregate(count=Count("pk"), size=Sum("size"))
    if kept["count"] < settings.EVIDENCE_QUOTA_FILES and (kept["size"] or 0) + size <= settings.EVIDENCE_QUOTA_BYTES:
        return None
    return _(
        "There is no room for more files: you are storing %(count)d of them. Files of a case are "
        "deleted 30 days after its decision can no longer be appealed at the latest, files you did not submit after a week."
    ) % {"count": kept["count"]}


def refuse_faster_documents(owner: User) -> str | None:
    """Why a person may not send one more document now; None if they may. One person's files never fill the queue."""
    waiting, recent = Q(purged_at=None, state=FileState.STORED), Q(stored_at__gt=clock.now() - _HOUR)
    sent = EvidenceFile.objects.filter(owner=owner)
    found = sent.aggregate(waiting=Count("pk", filter=waiting), recent=Count("pk", filter=recent))
    if found["waiting"] >= MOST_WAITING:
        return _("Your other files are still being processed. Please wait until they are ready, then upload this one.")
    if found["recent"] >= MOST_IN_AN_HOUR:
        return _("You have reached the number of files that you can upload in an hour. Please upload this one later.")
    return None
