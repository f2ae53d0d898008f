"""What the platform says of both sides' accounts: asked after the case page is shown, since it may take its time."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from complaints import remedies
from complaints.models import RemedyKind
from complaints.views import reviewer_context
from complaints.views.case_subjects import ComplaintSubject
from complaints.views.review import complaint_subject_or_404
from portal.people.access import permitted_page, person_of
from portal.people.roles import Permission
from portal.reviews.casepage.rendering import render_case_page
from portal.web.pages import is_partial, render_page


@permitted_page(Permission.REVIEW)
@require_safe
def review_platform(request: HttpRequest, number: str) -> HttpResponseBase:
    """The accounts of both sides for the page in hand; without htmx the whole page with them."""
    subject = complaint_subject_or_404(number)
    if subject.refuse_work(person_of(request)):
        raise Http404
    if not is_partial(request):
        return render_case_page(request, subject, opened={reviewer_context.PLATFORM: True})
    return render_page(request, "complaints/reviewer/_platform.html", _platform_context(subject))


def _platform_context(subject: ComplaintSubject) -> dict[str, Any]:
    records = reviewer_context.party_records(subject.complaint, asked=True)
    return {
        "party_records": records,
        "refused": _newly_refused(subject, records[-1].answer),
        "verbs": [row.verb for row in subject.rulings if row.favours and row.is_previewed],
    }


def _newly_refused(subject: ComplaintSubject, answer: remedies.AccountAnswer) -> list[tuple[str, str]]:
    """Remedies that the account's state rules out, with the reason; what the tables rule out stands in the form."""
    before = remedies.remedy_refusals(subject.situation)
    now = remedies.remedy_refusals(remedies.remedy_situation(subject.complaint, answer))
    refused = [kind for kind, reason in now.items() if reason and not before[kind]]
    return [(str(RemedyKind(kind).label), str(now[kind])) for kind in refused]
