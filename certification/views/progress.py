"""How an application stands, for its applicant and their agents; answering, taking back, appealing."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import findings, policies
from certification.actions import applications, decisions
from certification.forms.after_submission import AppealForm
from certification.forms.steps import InformationAnswerForm
from certification.models import Application, Certificate, Document, InfoRequest
from certification.states import ApplicationState, CertificateState
from certification.views import certificate_states, document_uploads, reviewer_context, statements, timeline
from certification.views.pages import applicant_page
from certification.views.steps import APPLICATION_STEPS, remember_dates
from portal.evidence.forms import bind_file_form
from portal.people.access import person_of
from portal.people.form_pages import form_page
from portal.people.forms import show_refusals
from portal.reviews import forecast
from portal.reviews.models import Appeal
from portal.web import form_recovery
from portal.web.confirmation import confirm_action
from portal.web.pages import is_partial, render_page, replace_page

_S = ApplicationState

_NEXT_SENTENCES: dict[str, Promise] = {
    _S.SUBMITTED: _("Application received. Automatic checks start in a moment."),
    _S.VERIFYING: _("Automatic checks are running. This usually takes a few minutes; you do not need to do anything."),
    _S.SECOND_REVIEW: _("A reviewer has reviewed it. A second person reviews it before the decision."),
    _S.REJECTED: _("Read the reasons below. You can appeal or apply again."),
    _S.APPEALED: _("Someone who was not involved in the decision reviews everything again."),
    _S.REJECTED_FINAL: _("The appeal has been decided. Read the reasons below."),
    _S.WITHDRAWN: _("You withdrew this application. Its documents are deleted after 30 days."),
    _S.LAPSED: _("No answer was received in time. You can start again at any time."),
}
APPLICATION_TONES: dict[str, str] = {
    _S.DRAFT: "muted",
    _S.INFO_REQUESTED: "warn",
    _S.APPROVED: "ok",
    _S.REJECTED: "bad",
    _S.REJECTED_FINAL: "bad",
    _S.WITHDRAWN: "muted",
    _S.LAPSED: "muted",
}
_DECIDED = (_S.APPROVED, _S.REJECTED, _S.APPEALED, _S.REJECTED_FINAL)


def application_summary(application: Application) -> dict[str, Any]:
    """An application in a list: its state, what happens next, and the tone of its badge."""
    return {
        "application": application,
        "next": next_sentence(application),
        "tone": _tone(application),
    }


def _tone(application: Application) -> str:
    """The tone of the badge; an approval whose certificate does not count any more is no good news."""
    if application.state == _S.APPROVED and application.certificate.effective_state != CertificateState.ACTIVE:
        return "muted"
    return APPLICATION_TONES.get(application.state, "info")


def next_sentence(application: Application) -> str | Promise:
    """What happens next, and when. No query for rows with their certificate."""
    if application.state == _S.DRAFT:
        until = date_format(application.touched_at + policies.DRAFT_RETENTION)
        return _now("Not submitted yet. If you do not continue, the draft is deleted on %(date)s.") % {"date": until}
    if application.state == _S.IN_REVIEW and application.case is not None:
        due = date_format(application.case.due_at)
        return _now("A reviewer is checking your documents. We aim to decide by %(date)s.") % {"date": due}
    if application.state == _S.INFO_REQUESTED:
        return _("We need more information from you. The decision deadline is paused until you answer.")
    if application.state == _S.APPROVED:
        return certificate_states.shown_state(application.certificate).holder
    return _NEXT_SENTENCES.get(application.state, "")


@applicant_page
def application_page(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Everything that the applicant may know about their application; a draft goes on where it was left."""
    if application.state == _S.DRAFT:
        return redirect(APPLICATION_STEPS.first_open_url(application))
    context = {**application_summary(application), "own": person_of(request).pk == application.applicant_id}
    context["entries"] = [*timeline.application_timeline(application), *timeline.upcoming_steps(application)]
    if is_partial(request) and application.state in (_S.SUBMITTED, _S.VERIFYING):
        return render_page(request, "certification/creator/_live.html", context | _queue_context(application))
    checks = application.checks.latest_results()
    context |= {
        "checks": checks,
        "tally": reviewer_context.count_check_results(checks),
        "requests": [_request_context(row) for row in application.info_requests.order_by("-number")],
        "certificate": Certificate.objects.filter(application=application).first() if application.decision_id else None,
        "credentials": application.credentials.select_related("type").order_by("pk"),
        "papers": document_uploads.document_upload_forms(application),
        "may_withdraw": policies.refuse_withdrawal(application, person_of(request)) is None,
    }
    context |= _queue_context(application) | _decision_context(request, application)
    page = render_page(request, "certification/creator/application.html", context)
    return replace_page(page) if is_partial(request) else page


@APPLICATION_STEPS.page(_S.INFO_REQUESTED)
def request_answer(request: HttpRequest, application: Application) -> HttpResponseBase:
    """The answer to a request for more: files are kept as they come, text and files are sent together."""
    person = person_of(request)
    refusal = policies.refuse_attaching(application, person)
    sent = request.method == "POST"
    written = APPLICATION_STEPS.saved_marks(request)
    forms = [] if refusal else document_uploads.document_upload_forms(application, request if sent else None, written)
    form = InformationAnswerForm(form_recovery.submitted_data(request))
    good = document_uploads.receive_uploads(application, forms, request) if sent else False
    if good and form.is_valid():
        if "send" not in request.POST:
            return redirect("certification:request_answer", application.number)
        with show_refusals(form):
            applications.answer_information_request(application=application, by=person, text=form.cleaned_data["text"])
            messages.success(request, _now("Your answer was received. The changes are checked again."))
            return redirect(application)
    forms = document_uploads.forms_with_errors(application, forms)
    remember_dates(request, forms)
    asked = _request_context(applications.open_information_request(application))
    context = {"application": application, "form": form, "forms": forms, "refusal": refusal, "asked": asked}
    return render_page(request, "certification/creator/request_answer.html", context, wrong=sent)


@applicant_page
def application_withdrawal(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Ask once more, then take the application back."""
    return confirm_action(
        request,
        "certification/creator/withdrawal.html",
        {"application": application},
        verb=_now("Withdraw the application"),
        act=partial(applications.withdraw_application, application=application, by=person_of(request)),
        done=_now("Your application was withdrawn."),
        back_url=application.get_absolute_url(),
        refusal=policies.refuse_withdrawal(application, person_of(request)),
    )


@applicant_page
def rejection_appeal(request: HttpRequest, application: Application) -> HttpResponseBase:
    """An appeal with text and files. A second click finds the first appeal."""
    person = person_of(request)
    refusal = policies.refuse_appeal(application, person)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(application)
    return form_page(
        request,
        "certification/creator/appeal.html",
        {"application": application, "statement": statements.statement_of_decision(application.decision)},
        bind_file_form(AppealForm, request, person),
        partial(decisions.appeal_rejection, application=application, by=person),
        thanks=_now("Your appeal was received. Someone else reviews everything again."),
        next_url=application.get_absolute_url(),
    )


def _queue_context(application: Application) -> dict[str, Any]:
    """Place in the queue and expected date, while the case waits."""
    case = application.case
    if case is None:
        return {}
    place = forecast.queue_position(case)
    return {"case": case, "place": place, "forecast": forecast.forecast_decision(case, place)}


def _decision_context(request: HttpRequest, application: Application) -> dict[str, Any]:
    if application.state not in _DECIDED or application.decision is None:
        return {}
    filed = Appeal.objects.filter(decision__case=application.case).select_related("answer").first()
    return {
        "statement": statements.statement_of_decision(filed.decision if filed else application.decision),
        "filed": filed,
        "answered": statements.statement_of_decision(filed.answer) if filed and filed.answer else None,
        "appeal_refusal": policies.refuse_appeal(application, person_of(request)),
        "appeal_until": policies.appeal_deadline(application.decided_at) if application.decided_at else None,
    }


def _request_context(row: InfoRequest) -> dict[str, Any]:
    ids = {item["document"] for item in row.items if item.get("document")}
    files = {document.pk: document.file for document in Document.objects.filter(pk__in=ids).select_related("file")}
    return {"request": row, "items": [_item_text(item, files) for item in row.items]}


def _item_text(item: dict[str, Any], files: dict[int, Any]) -> str:
    """One thing that is asked for: a person's words, or the machine's finding about a file."""
    if item.get("text"):
        return str(item["text"])
    file = files.get(item.get("document", 0))
    sentence = (
        str(file.refusal_text) if file is not None and file.refusal else findings.finding_sentence(item["code"], {})
    )
    return f"{file.name}: {sentence}" if file is not None else sentence
