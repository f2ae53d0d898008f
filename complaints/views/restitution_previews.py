"""What returning followers would come to, for the reviewer who decides on it, or confirms it."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from complaints.actions import previews
from complaints.models import RestitutionPreview
from complaints.restitution import attribution
from complaints.views.review import complaint_subject_or_404
from portal.people.access import permitted_page, person_of
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.web.pages import is_partial, render_page


@permitted_page(Permission.REVIEW)
@second_factor_required
def review_preview(request: HttpRequest, number: str) -> HttpResponseBase:
    """The counts, which ask for themselves again while they grow; posted, they are counted anew."""
    subject = complaint_subject_or_404(number)
    if subject.refuse_work(person_of(request)):
        raise Http404
    complaint = subject.complaint
    refusal = attribution.refuse_restitution(complaint)
    if request.method == "POST":
        if refusal is None:
            previews.ask_preview(complaint)
        if not is_partial(request):
            return redirect(request.path)  # the page says why it was refused
    context = {
        "case": subject.case,
        "preview": RestitutionPreview.objects.filter(complaint=complaint).first(),
        "refusal": refusal,
        "url": request.path,
    }
    name = "_preview" if is_partial(request) else "preview"
    return render_page(request, f"complaints/reviewer/{name}.html", context)
