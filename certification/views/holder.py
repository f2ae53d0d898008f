"""A certificate for its holder: renewing it, giving it up, answering a doubt, appealing a revocation."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from certification import policies
from certification.actions import certificates, drafts, inquiries, inspections, periods, rechecks, renewals
from certification.forms.after_submission import AppealForm, InquiryAnswerForm
from certification.forms.life_cycle import ChangeReportForm, InspectionAnswerForm, RenewUnchangedForm
from certification.models import Application, Certificate, Inquiry, Inspection
from certification.views import certificate_states, register_words, statements, timeline
from certification.views.pages import holder_page
from portal import clock
from portal.evidence.forms import bind_file_form
from portal.people import links
from portal.people.access import person_of
from portal.people.form_pages import form_page
from portal.people.forms import show_refusals
from portal.reviews.models import Appeal
from portal.web.confirmation import confirm_action
from portal.web.form_recovery import submitted_data
from portal.web.pages import render_page


@holder_page
def held_certificate(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """How the certificate stands and what its holder can do with it."""
    person = person_of(request)
    inquiry = _newest_inquiry(certificate)
    decision = certificate.adverse_decision
    filed = Appeal.objects.filter(decision=decision).select_related("answer").first() if decision else None
    context = {
        "certificate": certificate,
        "shown": certificate_states.shown_state(certificate),
        "accounts": links.proven_accounts_of(person),
        "entries": timeline.certificate_timeline(certificate),
        "inquiry": inquiry,
        "statement": statements.statement_of_decision(_standing_decision(certificate, inquiry)),
        "filed": filed,
        "answered": statements.statement_of_decision(filed.answer) if filed and filed.answer else None,
        "renewal_refusal": policies.refuse_renewal(person, certificate),
        "renewal": Application.objects.open().filter(applicant=person, renews=certificate).first(),
        "surrender_refusal": policies.refuse_surrender(certificate, person),
        "inspection": _open_inspection(certificate),
        "lapse_in": certificate.valid_to - clock.now() if certificate.abolition and certificate.is_valid else None,
        "change_refusal": policies.refuse_change_report(certificate, person),
        "answer_refusal": policies.refuse_inquiry_answer(inquiry, person) if inquiry else True,
        "appeal_refusal": policies.refuse_certificate_appeal(certificate, person),
    }
    return render_page(request, "certification/creator/held.html", context)


@holder_page
def certificate_renewal(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """Open the application that renews it, or go on with the one that is open."""
    person = person_of(request)
    if request.method != "POST":
        return redirect("certification:held", certificate.serial)
    draft = Application.objects.open().filter(applicant=person, renews=certificate).first()
    return redirect(draft or drafts.start_application(area=certificate.area, by=person, renews=certificate))


@holder_page
def renewal_unchanged(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """The short form: nothing changed, so what was accepted is submitted again under the rules in force."""
    person = person_of(request)
    refusal = policies.refuse_start(person, certificate.area, renews=certificate)
    if refusal:
        messages.info(request, str(refusal))
        return redirect("certification:held", certificate.serial)
    form = RenewUnchangedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            renewal, is_submitted = renewals.renew_unchanged(certificate=certificate, by=person, consent=True)
            if is_submitted:
                messages.success(
                    request, _("Your renewal was received. The new certificate starts when this one ends.")
                )
                return redirect(renewal)
            messages.info(
                request, _("Some documents have to be added or renewed. Everything else is filled in already.")
            )
            return redirect("certification:evidence", renewal.number)
    credentials = certificate.application.credentials.exclude(accepted_by=None).select_related("type").order_by("pk")
    context = {"certificate": certificate, "form": form, "credentials": credentials}
    context |= register_words.consent_facts(credentials)
    wrong = request.method == "POST"
    return render_page(request, "certification/creator/renewal_unchanged.html", context, wrong=wrong)


@holder_page
def change_report(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """The holder says that name, profession, employer or agency changed."""
    person = person_of(request)
    refusal = policies.refuse_change_report(certificate, person)
    back = reverse("certification:held", args=[certificate.serial])
    if refusal:
        messages.info(request, str(refusal))
        return redirect(back)
    return form_page(
        request,
        "certification/creator/change_report.html",
        {"certificate": certificate},
        ChangeReportForm(submitted_data(request)),
        partial(rechecks.report_change, certificate=certificate, by=person),
        thanks=_("Thank you. A reviewer looks at the change."),
        next_url=back,
    )


@holder_page
def inspection_answer(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """The holder's answer to an inspection, with text and files."""
    person, inspection = person_of(request), _newest_inspection(certificate)
    back = reverse("certification:held", args=[certificate.serial])
    refusal: Any = (
        policies.refuse_inspection_answer(inspection, person) if inspection else _("There is nothing to answer.")
    )
    if refusal or inspection is None:
        messages.info(request, str(refusal))
        return redirect(back)
    return form_page(
        request,
        "certification/creator/inspection_answer.html",
        {"certificate": certificate, "inspection": inspection},
        bind_file_form(InspectionAnswerForm, request, person),
        partial(inspections.answer_inspection, inspection=inspection, by=person),
        thanks=_("Your answer was received. A reviewer reads it."),
        next_url=back,
    )


@holder_page
def certificate_surrender(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """Ask once more, then give the certificate up, with the other period of it that stands."""
    others = [row for row in periods.standing_periods(certificate) if row != certificate]
    return confirm_action(
        request,
        "certification/creator/surrender.html",
        {"certificate": certificate, "others": others},
        verb=_("Surrender certificate"),
        act=partial(certificates.surrender_certificate, certificate=certificate, by=person_of(request)),
        done=_("You surrendered the certificate. It is no longer valid."),
        back_url=reverse("certification:held", args=[certificate.serial]),
        refusal=policies.refuse_surrender(certificate, person_of(request)),
    )


@holder_page
def inquiry_answer(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """The holder's answer to a suspension, with text and files."""
    person, inquiry = person_of(request), _newest_inquiry(certificate)
    refusal: Any = policies.refuse_inquiry_answer(inquiry, person) if inquiry else _("There is nothing to answer.")
    if refusal or inquiry is None:
        messages.info(request, str(refusal))
        return redirect("certification:held", certificate.serial)
    statement = statements.statement_of_decision(inquiry.suspension)
    return form_page(
        request,
        "certification/creator/inquiry_answer.html",
        {"certificate": certificate, "inquiry": inquiry, "statement": statement},
        bind_file_form(InquiryAnswerForm, request, person),
        partial(inquiries.answer_suspension, inquiry=inquiry, by=person),
        thanks=_("Your answer was received. A different reviewer reads it now."),
        next_url=reverse("certification:held", args=[certificate.serial]),
    )


@holder_page
def revocation_appeal(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """An appeal against a revocation."""
    person = person_of(request)
    refusal: Any = policies.refuse_certificate_appeal(certificate, person)
    if Appeal.objects.filter(decision=certificate.adverse_decision).exists():
        refusal = _("Your appeal was received. Someone else reviews everything again.")
    if refusal:
        messages.info(request, str(refusal))
        return redirect("certification:held", certificate.serial)
    return form_page(
        request,
        "certification/creator/revocation_appeal.html",
        {"certificate": certificate, "statement": statements.statement_of_decision(certificate.adverse_decision)},
        bind_file_form(AppealForm, request, person),
        partial(inquiries.appeal_revocation, certificate=certificate, by=person),
        thanks=_("Your appeal was received. Someone else reviews everything again."),
        next_url=reverse("certification:held", args=[certificate.serial]),
    )


def _newest_inspection(certificate: Certificate) -> Inspection | None:
    rows = certificate.inspections.exclude(asked_at=None).select_related("certificate", "round")
    return rows.order_by("-asked_at", "-pk").first()


def _open_inspection(certificate: Certificate) -> Inspection | None:
    inspection = _newest_inspection(certificate)
    return inspection if inspection is not None and inspection.is_open else None


def _newest_inquiry(certificate: Certificate) -> Inquiry | None:
    about = Q(certificate=certificate)
    if (decision := certificate.adverse_decision_id) is not None:
        about |= Q(suspension=decision) | Q(outcome=decision)  # of another period: it holds for this one
    rows = Inquiry.objects.filter(about).exclude(suspension=None)
    rows = rows.select_related("suspension", "certificate", "outcome")
    return rows.order_by("-raised_at", "-pk").first()


def _standing_decision(certificate: Certificate, inquiry: Inquiry | None) -> Any:
    """The decision that stands against the certificate now, if any."""
    if certificate.adverse_decision is not None:
        return certificate.adverse_decision
    return inquiry.suspension if inquiry and inquiry.ended_at is None else None
