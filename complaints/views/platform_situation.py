"""What the platform says of both sides' accounts: a job asks it once the case page is shown, and the page comes back for it."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from complaints import remedies
from complaints.models import RemedyKind
from complaints.states import Side
from complaints.views import reviewer_context
from complaints.views.case_subjects import ComplaintSubject
from complaints.views.review import complaint_subject_or_404
from portal.people.access import permitted_page, person_of
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.casepage.rendering import render_case_page
from portal.web.pages import is_partial, render_page


@permitted_page(Permission.REVIEW)
@second_factor_required
@require_safe
def review_platform(request: HttpRequest, number: str) -> HttpResponseBase:
    """The accounts of both sides for the page in hand; without htmx the whole page with them."""
    subject = complaint_subject_or_404(number)
    if subject.refuse_work(person_of(request)):
        raise Http404
    answers = reviewer_context.ask_platform(subject.complaint)
    asked = replace(subject, answer=answers[Side.RESPONDENT])
    if not is_partial(request):
        return render_case_page(request, asked, opened={reviewer_context.PLATFORM: answers})
    records = reviewer_context.party_records(subject.complaint, answers)
    if any(answer.pending for answer in answers.values()):
        context = {"party_records": records, "url": request.path}
        return render_page(request, "complaints/reviewer/_platform_asked.html", context)
    context = {
        "party_records": records,
        "refused": _newly_refused(subject, asked),
        "verbs": [row.verb for row in subject.rulings if "remedies" in subject.make_form(row).fields],
    }
    return render_page(request, "complaints/reviewer/_platform.html", context)


def _newly_refused(before: ComplaintSubject, asked: ComplaintSubject) -> list[tuple[str, str]]:
    """Remedies that the account's state rules out, with the reason; what the tables rule out stands in the form."""
    known = remedies.remedy_refusals(before.situation)
    refusals = remedies.remedy_refusals(asked.situation)
    refused = [kind for kind, reason in refusals.items() if reason and not known[kind]]
    return [(str(RemedyKind(kind).label), str(refusals[kind])) for kind in refused]
