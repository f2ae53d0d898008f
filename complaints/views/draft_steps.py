"""The four steps of a complaint's draft, and in which of them something is missing."""

from django.utils.translation import gettext_lazy as _

from complaints.actions import drafts
from complaints.models import Complaint
from complaints.policies import drafts as policy
from complaints.views.pages import complainant_page
from portal.web.steps import Step, StepForm


def completed_steps(complaint: Complaint) -> set[str]:
    """Steps in which nothing is missing."""
    gaps = policy.draft_gaps(complaint, drafts.complainant_contact(complaint))
    open_ones = {name if name in ("copy", "original") else "notice" for name in gaps}
    return {"copy", "original", "notice"} - open_ones


COMPLAINT_STEPS = StepForm[Complaint](
    namespace="complaints",
    row_name="complaint",
    steps=(
        Step("copy", _("The copy")),
        Step("original", _("Your work")),
        Step("notice", _("What happened")),
        Step("check", _("Check and submit")),
    ),
    completed=completed_steps,
    guard=complainant_page,
    discard_name="discard",
    sent_message=_("This complaint was submitted in the meantime; nothing was changed."),
)
