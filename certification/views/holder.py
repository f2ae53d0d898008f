"""A certificate for its holder: renewing it, giving it up, answering a doubt, appealing a revocation."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from certification import policies
from certification.actions import certificates, drafts, inquiries
from certification.forms.objections import AppealForm, InquiryAnswerForm
from certification.models import Application, Certificate, Inquiry
from certification.views import statements, timeline
from certification.views.pages import answer, holder_page
from certification.views.public import tone_of
from portal.accounts import links
from portal.accounts.access import person_of
from portal.accounts.forms import refusals
from portal.evidence.forms import for_owner
from portal.reviews.models import Appeal
from portal.web import unsaved


@holder_page
def held(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """How the certificate stands and what its holder can do with it."""
    person = person_of(request)
    inquiry = _newest_inquiry(certificate)
    decision = certificate.adverse_decision
    filed = Appeal.objects.filter(decision=decision).select_related("answer").first() if decision else None
    context = {
        "certificate": certificate,
        "tone": tone_of(certificate),
        "accounts": links.proven_of(person),
        "entries": timeline.of_certificate(certificate),
        "inquiry": inquiry,
        "statement": statements.of_decision(_decision(certificate, inquiry)),
        "filed": filed,
        "answered": statements.of_decision(filed.answer) if filed and filed.answer else None,
        "renewal_refusal": policies.refuse_renewal(person, certificate),
        "surrender_refusal": policies.refuse_surrender(certificate, person),
        "answer_refusal": policies.refuse_inquiry_answer(inquiry, person) if inquiry else True,
        "appeal_refusal": policies.refuse_certificate_appeal(certificate, person),
    }
    return answer(request, "creator/held", context)


@holder_page
def renewal(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """Open the application that renews it, or go on with the one that is open."""
    person = person_of(request)
    if request.method != "POST":
        return redirect("certification:held", certificate.serial)
    draft = Application.objects.open().filter(applicant=person, renews=certificate).first()
    return redirect(draft or drafts.start(area=certificate.area, by=person, renews=certificate))


@holder_page
def surrender(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """Ask once more, then give the certificate up."""
    refusal = policies.refuse_surrender(certificate, person_of(request))
    if refusal:
        messages.info(request, str(refusal))
        return redirect("certification:held", certificate.serial)
    if request.method == "POST":
        certificates.surrender(certificate=certificate, by=person_of(request))
        messages.success(request, _("You gave the certificate up. It does not count any more."))
        return redirect("certification:held", certificate.serial)
    return answer(request, "creator/surrender", {"certificate": certificate})


@holder_page
def inquiry_answer(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """The holder's answer to a suspension, with text and files."""
    person, inquiry = person_of(request), _newest_inquiry(certificate)
    refusal: Any = policies.refuse_inquiry_answer(inquiry, person) if inquiry else _("There is nothing to answer.")
    if refusal or inquiry is None:
        messages.info(request, str(refusal))
        return redirect("certification:held", certificate.serial)
    form = InquiryAnswerForm(request.POST if request.method == "POST" else unsaved.take(request), request.FILES or None)
    for_owner(form, person)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            inquiries.answer(inquiry=inquiry, by=person, text=data["text"], papers=data["papers"])
            messages.success(request, _("Your answer was received. Somebody else reads it now."))
            return redirect("certification:held", certificate.serial)
    context = {"certificate": certificate, "form": form, "inquiry": inquiry}
    context["statement"] = statements.of_decision(inquiry.suspension)
    return answer(request, "creator/inquiry_answer", context, wrong=request.method == "POST")


@holder_page
def revocation_appeal(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """An appeal against a revocation."""
    person = person_of(request)
    refusal: Any = policies.refuse_certificate_appeal(certificate, person)
    if Appeal.objects.filter(decision=certificate.adverse_decision).exists():
        refusal = _("Your appeal was received. Somebody else looks at everything again.")
    if refusal:
        messages.info(request, str(refusal))
        return redirect("certification:held", certificate.serial)
    form = AppealForm(request.POST if request.method == "POST" else unsaved.take(request), request.FILES or None)
    for_owner(form, person)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            inquiries.appeal(certificate=certificate, by=person, text=data["text"], papers=data["papers"])
            messages.success(request, _("Your appeal was received. Somebody else looks at everything again."))
            return redirect("certification:held", certificate.serial)
    context = {"certificate": certificate, "form": form}
    context["statement"] = statements.of_decision(certificate.adverse_decision)
    return answer(request, "creator/revocation_appeal", context, wrong=request.method == "POST")


def _newest_inquiry(certificate: Certificate) -> Inquiry | None:
    rows = certificate.inquiries.exclude(suspension=None).select_related("suspension", "certificate", "outcome")
    return rows.order_by("-raised_at", "-pk").first()


def _decision(certificate: Certificate, inquiry: Inquiry | None) -> Any:
    """The decision that stands against the certificate now, if any."""
    if certificate.adverse_decision is not None:
        return certificate.adverse_decision
    return inquiry.suspension if inquiry and inquiry.ended_at is None else None
