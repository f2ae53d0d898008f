"""How far the reading of a draft's documents has come, on its pages: they ask again until everything was read."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from certification import policies, readings
from certification.models import Application
from certification.states import EDITABLE_STATES
from certification.views.pages import applicant_page
from portal.people.access import person_of
from portal.web.pages import render_page


def reading_facts(request: HttpRequest, application: Application) -> dict[str, Any]:
    """What is being read, what could not be, and what the applicant is asked about; agents see numbers of files only."""
    progress = readings.reading_progress(application)
    own = policies.refuse_attaching(application, person_of(request)) is None
    offers = readings.open_offers(application) if own else []
    seen = (progress.underway, len(progress.unread), progress.refused, *(offer.field_id for offer in offers))
    return {
        "reading": progress,
        "offers": offers,
        "names_files": own,
        "seen": "-".join(map(str, seen)),
    }


@applicant_page
@require_safe
def reading_status(request: HttpRequest, application: Application) -> HttpResponseBase:
    """The same as a part of the page. Without content while nothing has changed, so that nobody loses their place."""
    if application.state not in EDITABLE_STATES:
        return HttpResponse()
    facts = reading_facts(request, application)
    if request.GET.get("seen") == facts["seen"]:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render_page(request, "certification/creator/_reading.html", {"application": application, **facts})
