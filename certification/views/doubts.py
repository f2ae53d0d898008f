"""Raising a doubt about a certificate: what staff do when a register, a report or a profile says something else."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from certification import policies, public
from certification.actions import inquiries
from certification.forms.review import DoubtForm
from portal.people.access import permitted_page, person_of
from portal.people.form_pages import form_page
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.web.form_recovery import submitted_data


@permitted_page(Permission.REVIEW, Permission.LEAD_AREA)
@second_factor_required
def doubt_page(request: HttpRequest, serial: str) -> HttpResponseBase:
    """Say why a certificate is doubtful; another reviewer looks into it."""
    certificate = public.find_certificate(serial)
    if certificate is None:
        raise Http404
    person = person_of(request)
    refusal = policies.refuse_doubt(certificate, person)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(certificate)
    return form_page(
        request,
        "certification/reviewer/doubt.html",
        {"certificate": certificate},
        DoubtForm(submitted_data(request)),
        partial(inquiries.raise_doubt, certificate=certificate, by=person),
        thanks=_("Your concern is in the queue. The next reviewer for this area will review it."),
        next_url=certificate.get_absolute_url(),
    )
