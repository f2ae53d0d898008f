"""How many documents, and how many bytes of them, one person may keep; those that are part of a case count, too."""

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from portal.evidence.models import EvidenceFile
from portal.people.models import User


def refuse_more_documents(owner: User, size: int) -> str | None:
    """Why a person may not keep one more document of `size` bytes; None if they may."""
    kept = EvidenceFile.objects.filter(owner=owner, purged_at=None).aggregate(count=Count("pk"), size=Sum("size"))
    if kept["count"] < settings.EVIDENCE_QUOTA_FILES and (kept["size"] or 0) + size <= settings.EVIDENCE_QUOTA_BYTES:
        return None
    return _(
        "There is no room for more files: you keep %(count)d of them. Files of a case are deleted half a year after it has "
        "ended, and those that you did not send after a week."
    ) % {"count": kept["count"]}
