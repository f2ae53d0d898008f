"""The reviewer's case page: papers on one side, what was declared, checked and said on the other, and the decision."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certification.actions import applications, decisions
from certification.forms.review import (
    DecisionForm,
    DocumentCheckForm,
    InformationRequestForm,
    RegistryCheckForm,
    SecondApprovalForm,
)
from certification.models import Credential, Document
from certification.views import reviewer_context, statements
from certification.views.case_subjects import (
    CaseSubject,
    Ruling,
    carry_out_ruling,
    confirm_held_decision,
    find_case_subject,
    rulings_for,
    send_back_held_decision,
)
from portal.people.access import permitted_page, person_of
from portal.people.forms import show_refusals
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.models import ReasonCode
from portal.web.pages import is_partial, render_page


@permitted_page(Permission.READ_QUEUE)
@require_GET
def review_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """The case for the person who holds it; other staff are shown where it stands, without papers."""
    subject = find_case_subject(number)
    if refusal := subject.refuse_work(person_of(request)):
        messages.info(request, str(refusal))
        return redirect("reviews:case", number)
    return _render_case_page(request, subject)


@permitted_page(Permission.REVIEW)
@second_factor_required
def decide_case(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """Approve or reject, whatever that means at this stage of this kind of case; or only show the statement."""
    subject = find_case_subject(number)
    choice = next((row for row in rulings_for(subject) if row.verb == verb), None)
    if request.method != "POST" or choice is None:
        return _redirect_to_case(subject)
    form = _decision_form(subject, choice, request.POST)
    good = form.is_valid()
    if "preview" in request.POST or is_partial(request):
        return _render_preview(request, subject, choice, form)
    if good:
        with show_refusals(form):
            said = {name: form.cleaned_data.get(name, []) for name in ("version", "explanation", "reasons")}
            carry_out_ruling(subject, choice, by=person_of(request), accepted=form.accepted_ids(), said=said)
    return _after_decision(request, subject, {verb: form}, _("Your decision is recorded."))


@permitted_page(Permission.REVIEW)
@second_factor_required
def decide_second_approval(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """The second person confirms the held decision, or sends it back with a note."""
    subject = find_case_subject(number)
    if request.method != "POST":
        return _redirect_to_case(subject)
    form = SecondApprovalForm(request.POST)
    if form.is_valid():
        with show_refusals(form):
            act = confirm_held_decision if verb == "confirm" else send_back_held_decision
            act(subject, by=person_of(request), version=form.cleaned_data["version"], note=form.cleaned_data["note"])
    words = _("You have confirmed the decision.") if verb == "confirm" else _("You have sent the decision back.")
    return _after_decision(request, subject, {"second": form}, words)


@permitted_page(Permission.REVIEW)
def review_ask_applicant(request: HttpRequest, number: str) -> HttpResponseBase:
    """Ask the applicant for more; the case rests until they answer."""
    subject = find_case_subject(number)
    if request.method != "POST" or subject.application is None:
        return _redirect_to_case(subject)
    form = InformationRequestForm(request.POST, auto_id="id_ask_%s")
    if form.is_valid():
        with show_refusals(form):
            applications.request_information(
                application=subject.application, by=person_of(request), **form.cleaned_data
            )
    return _after_decision(
        request, subject, {"ask": form}, _("Your question was sent. The case rests until the answer comes.")
    )


@permitted_page(Permission.REVIEW)
def review_look_up(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """Note what the official register says about a credential."""
    subject = find_case_subject(number)
    credential = _credential(subject, pk)
    if request.method != "POST" or credential is None:
        return _redirect_to_case(subject)
    form = RegistryCheckForm(request.POST, credential=credential)
    if form.is_valid():
        with show_refusals(form):
            decisions.record_registry_check(credential=credential, by=person_of(request), **form.cleaned_data)
    return _after_check(request, subject, form, f"credential-{pk}")


@permitted_page(Permission.REVIEW)
def review_paper_check(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """Note what a paper says."""
    subject = find_case_subject(number)
    document = _document(subject, pk)
    if request.method != "POST" or document is None:
        return _redirect_to_case(subject)
    form = DocumentCheckForm(request.POST, document=document)
    if form.is_valid():
        with show_refusals(form):
            decisions.record_document_check(document=document, by=person_of(request), **form.cleaned_data)
    return _after_check(request, subject, form, f"document-{pk}")


@permitted_page(Permission.REVIEW)
def review_number_reveal(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """A number in full, once; the look is logged."""
    subject = find_case_subject(number)
    credential = _credential(subject, pk)
    if request.method != "POST" or credential is None:
        return _redirect_to_case(subject)
    shown = applications.reveal_credential_number(credential=credential, by=person_of(request))
    if is_partial(request):
        return render_page(request, "certification/reviewer/_revealed_number.html", {"shown": shown})
    return _render_case_page(request, subject, revealed={pk: shown})


def _render_case_page(
    request: HttpRequest,
    subject: CaseSubject,
    forms: dict[str, Any] | None = None,
    revealed: dict[int, str] | None = None,
) -> HttpResponse:
    person = person_of(request)
    refusal = subject.refuse_work(person)
    context: dict[str, Any] = {"subject": subject, "case": subject.case, "refusal": refusal}
    if refusal:
        context |= {"typed": _submitted_texts(forms)}
        return render_page(request, "certification/reviewer/closed.html", context)
    context |= reviewer_context.case_page_context(subject, person, bound=forms or {}, revealed=revealed or {})
    context["panels"] = [_ruling_panel(subject, choice, forms or {}) for choice in rulings_for(subject)]
    context["open_panel"] = next(iter(forms or {}), "")
    return render_page(request, "certification/reviewer/review.html", context)


def _ruling_panel(subject: CaseSubject, choice: Ruling, forms: dict[str, Any]) -> dict[str, Any]:
    return {"choice": choice, "form": forms.get(choice.verb) or _decision_form(subject, choice, None)}


def _decision_form(subject: CaseSubject, choice: Ruling, data: Any) -> DecisionForm:
    reasons = ReasonCode.objects.filter(kind=subject.case.kind, outcome=choice.outcome, active=True).order_by("code")
    application = subject.application
    takes = choice.accepts and application is not None
    credentials = list(application.credentials.select_related("type").order_by("pk")) if takes and application else []
    return DecisionForm(
        data,
        version=subject.case.version,
        verb=choice.verb,
        adverse=choice.adverse,
        reasons=list(reasons),
        credentials=credentials,
    )


def _render_preview(request: HttpRequest, subject: CaseSubject, choice: Ruling, form: DecisionForm) -> HttpResponse:
    """The statement of reasons as the person would get it."""
    codes = form.cleaned_data.get("reasons", [])
    text = form.cleaned_data.get("explanation", "")
    statement = statements.preview_statement(choice.outcome, codes, text, adverse=choice.adverse)
    if is_partial(request):
        return render_page(
            request, "certification/reviewer/_statement_preview.html", {"statement": statement, "choice": choice}
        )
    form.statement = statement  # type: ignore[attr-defined]
    return _render_case_page(request, subject, {choice.verb: form})


def _after_decision(request: HttpRequest, subject: CaseSubject, forms: dict[str, Any], words: str) -> HttpResponseBase:
    """Back to the queue when it went well; else the page again with everything that was typed."""
    form = next(iter(forms.values()))
    if not form.errors:
        messages.success(request, words)
        return redirect("reviews:queue")
    fresh = find_case_subject(subject.case.number)
    stale = fresh.case.version != form.cleaned_data.get("version", fresh.case.version)
    if stale and "version" in form.fields:
        form.data = form.data.copy()
        form.data["version"] = fresh.case.version
    page = _render_case_page(request, fresh, forms)
    page.status_code = (
        HTTPStatus.CONFLICT if stale or fresh.refuse_work(person_of(request)) else HTTPStatus.UNPROCESSABLE_ENTITY
    )
    return page


def _after_check(request: HttpRequest, subject: CaseSubject, form: Any, anchor: str) -> HttpResponseBase:
    if not form.errors:
        return redirect(f"{_case_url(subject)}#{anchor}")
    page = _render_case_page(request, find_case_subject(subject.case.number), {form.prefix: form})
    page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return page


def _submitted_texts(forms: dict[str, Any] | None) -> list[str]:
    """Longer texts of a form that cannot be shown any more, so that nothing typed is lost."""
    form = next(iter((forms or {}).values()), None)
    names = ("explanation", "text", "items", "note", "seen")
    return [value for name in names if form and (value := form.data.get(form.add_prefix(name), "").strip())]


def _credential(subject: CaseSubject, pk: int) -> Credential | None:
    application = subject.application
    if application is None:
        return None
    row = application.credentials.select_related("type").filter(pk=pk).first()
    if row is not None:
        row.application = application
    return row


def _document(subject: CaseSubject, pk: int) -> Document | None:
    application = subject.application
    if application is None:
        return None
    row = application.documents.current().filter(pk=pk).first()
    if row is not None:
        row.application = application
    return row


def _redirect_to_case(subject: CaseSubject) -> HttpResponseBase:
    return redirect(_case_url(subject))


def _case_url(subject: CaseSubject) -> str:
    return reverse("certification:review", args=[subject.case.number])
