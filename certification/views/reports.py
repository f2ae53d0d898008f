"""A report that a certificate is false: open to everybody, with or without an account."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from certification import policies, public
from certification.actions import reports
from certification.forms.review import ReportForm
from portal.errors import Conflict, Text
from portal.people.form_pages import form_page
from portal.people.models import User
from portal.web.callers import caller_of, count_in_window
from portal.web.form_recovery import submitted_data

# By one person, or without an account from one network address.
REPORTS_PER_HOUR = 5
_HOUR = 3600.0
_THANKS: dict[reports.Place, Text] = {
    reports.Place.CASE: gettext_lazy("Thank you. Your report is in the queue, and a reviewer will look into it."),
    reports.Place.ADDED: gettext_lazy(
        "Thank you. Many people have reported this certificate, and a reviewer is looking into it. Your report was added "
        "to theirs."
    ),
    reports.Place.KEPT_TODAY: gettext_lazy(
        "Thank you. Your report is stored, but is not in the queue yet: too many reports without an account have arrived "
        "today. It will be put in the queue as soon as there is room. Reports of people who are signed in go there at once."
    ),
    reports.Place.KEPT_RECENT: gettext_lazy(
        "Thank you. Your report is stored, but is not in the queue yet: reviewers have looked into reports about this "
        "certificate recently. It will be read with the next case about this certificate. If none is opened, it is put in the "
        "queue when 30 days have passed and there is room. Reports of people who are signed in go there at once."
    ),
}


@never_cache
def report_page(request: HttpRequest, serial: str) -> HttpResponseBase:
    """Say what is wrong with a certificate; a reviewer looks into it."""
    certificate = public.find_certificate(serial)
    if certificate is None:
        raise Http404
    person = request.user if isinstance(request.user, User) else None
    refusal = policies.refuse_report(certificate, person)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(certificate)

    def act(**said: Any) -> reports.Reported:
        if count_in_window(f"certification.report:{caller_of(request)}", _HOUR) > REPORTS_PER_HOUR:
            raise Conflict(_("Too many reports were sent from here within an hour. Please try again later."))
        return reports.report_certificate(certificate=certificate, by=person, **said)

    return form_page(
        request,
        "certification/public/report.html",
        {"certificate": certificate},
        ReportForm(submitted_data(request)),
        act,
        thanks=lambda done: str(_THANKS[done.place]),
        next_url=certificate.get_absolute_url(),
    )
