"""Rules of the evidence of a comparison: when it may be asked for once more."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Comparison, ComparisonEvidence
from complaints.policies.terms import Reason
from portal.jobs.models import Job, JobState

DRAW_EVIDENCE = "complaints.draw_evidence"  # the kind of job
AGAIN = ":again"


def refuse_drawing_again(comparison: Comparison) -> Reason:
    """Why the evidence cannot be asked for again."""
    if ComparisonEvidence.objects.filter(comparison=comparison).exists():
        return _("The file of this comparison is there already.")
    if not _has_both_videos(comparison):
        return _("The file cannot be made any more: one of the works has been deleted.")
    if _is_under_way(comparison):
        return _("The file is being made. Please reload the page in a few minutes.")
    return None


def drawing_key(comparison: Comparison) -> str:
    """The key of the first job; those that are asked for again begin with it and AGAIN."""
    return f"{DRAW_EVIDENCE}:{comparison.pk}"


def _has_both_videos(comparison: Comparison) -> bool:
    works = (comparison.complaint.original, comparison.complaint.copy)
    return all(work and work.media and work.media.purged_at is None for work in works)


def _is_under_way(comparison: Comparison) -> bool:
    key = drawing_key(comparison)
    jobs = Job.objects.filter(Q(key=key) | Q(key__startswith=key + AGAIN))
    return jobs.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).exists()
