"""Rules of the evidence of a comparison: when it may be asked for once more."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Comparison, ComparisonEvidence
from complaints.policies.terms import Reason
from portal.jobs.models import Job, JobState

DRAW_EVIDENCE = "complaints.draw_evidence"  # the kind of job
AGAIN = ":again"
UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


def refuse_drawing_again(comparison: Comparison) -> Reason:
    """Why the evidence cannot be asked for again."""
    if ComparisonEvidence.objects.filter(comparison=comparison).exists():
        return _("The file of this comparison is there already.")
    if not has_both_works(comparison):
        return _("The file cannot be made any more: one of the works has been deleted.")
    if drawing_state(comparison) in UNDER_WAY:
        return _("The file is being made. Please reload the page in a few minutes.")
    return None


def drawing_key(comparison: Comparison) -> str:
    """The key of the first job; those that are asked for again begin with it and AGAIN."""
    return f"{DRAW_EVIDENCE}:{comparison.pk}"


def has_both_works(comparison: Comparison) -> bool:
    """Whether the files of both are still here."""
    works = (comparison.complaint.original, comparison.complaint.copy)
    return all(work and work.media and work.media.purged_at is None for work in works)


def drawing_state(comparison: Comparison) -> str:
    """The state of the last job that draws the evidence; "" where there is none, as of old comparisons. One query."""
    key = drawing_key(comparison)
    jobs = Job.objects.filter(Q(key=key) | Q(key__startswith=key + AGAIN))
    return jobs.order_by("-pk").values_list("state", flat=True).first() or ""
