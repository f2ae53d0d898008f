"""The reviewer's case page: both videos side by side, both sides' words and evidence, and the decision."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from complaints import remedies
from complaints.actions import contacts, decisions
from complaints.forms.review import AdmitForm, DecisionForm, SecondApprovalForm
from complaints.views import reviewer_context, videos
from complaints.views.rulings import CaseSubject, Ruling, carry_out_ruling, case_subject_or_404, rulings_for
from portal.people.access import permitted_page, person_of
from portal.people.forms import show_refusals
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.models import ReasonCode
from portal.web.pages import is_partial, render_page

_SIDES = {reviewer_context.VIDEO_A: videos.ORIGINAL, reviewer_context.VIDEO_B: videos.COPY}


@permitted_page(Permission.READ_QUEUE)
@require_GET
def review_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """The case for the person who holds it; other staff are shown where it stands, without videos and statements."""
    subject = case_subject_or_404(number)
    if refusal := subject.refuse_work(person_of(request)):
        messages.info(request, str(refusal))
        return redirect("reviews:case", number)
    return _case_page(request, subject)


@permitted_page(Permission.REVIEW)
@second_factor_required
def review_decide(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """One of the choices of this stage; or only show what the sides would read."""
    subject = case_subject_or_404(number)
    ruling = next((row for row in rulings_for(subject) if row.verb == verb), None)
    if request.method != "POST" or ruling is None:
        return _back_to_case(subject)
    form = _decision_form(subject, ruling, request.POST, _situation(subject))
    good = form.is_valid()
    if "preview" in request.POST or is_partial(request):
        return _preview_page(request, subject, ruling, form)
    if good:
        with show_refusals(form):
            carry_out_ruling(subject, ruling, by=person_of(request), said=form.cleaned_data)
    return _after_decision(request, subject, {verb: form}, _("Your decision is recorded."))


@permitted_page(Permission.REVIEW)
@second_factor_required
def review_second_approval(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """The second person confirms the held decision, or sends it back with a note."""
    subject = case_subject_or_404(number)
    if request.method != "POST":
        return _back_to_case(subject)
    form = SecondApprovalForm(request.POST)
    if form.is_valid():
        with show_refusals(form):
            act = decisions.confirm_complaint_decision if verb == "confirm" else decisions.send_back_complaint_decision
            act(complaint=subject.complaint, by=person_of(request), **form.cleaned_data)
    words = _("You have confirmed the decision.") if verb == "confirm" else _("You have sent the decision back.")
    return _after_decision(request, subject, {"second": form}, words)


@permitted_page(Permission.REVIEW)
@require_safe
def review_video(request: HttpRequest, number: str, name: str) -> HttpResponseBase:
    """One of the two videos, by ranges, for the holder of the case; the look is logged."""
    subject = case_subject_or_404(number)
    if name not in _SIDES or subject.refuse_work(person_of(request)):
        raise Http404
    return videos.play_video(request, subject.complaint, _SIDES[name])


@permitted_page(Permission.REVIEW)
def review_contact(request: HttpRequest, number: str, side: str) -> HttpResponseBase:
    """Name and address of one side, once; the look is logged."""
    subject = case_subject_or_404(number)
    if request.method != "POST" or side not in reviewer_context.SIDES_BY_NAME:
        return _back_to_case(subject)
    shown = contacts.read_party_contact(complaint=subject.complaint, by=person_of(request), side=side)
    if is_partial(request):
        return render_page(request, "complaints/reviewer/_contact.html", {"opened": shown})
    return _case_page(request, subject, opened={side: shown})


def _case_page(
    request: HttpRequest,
    subject: CaseSubject,
    forms: dict[str, Any] | None = None,
    opened: dict[str, dict[str, str]] | None = None,
) -> HttpResponse:
    refusal = subject.refuse_work(person_of(request))
    context: dict[str, Any] = {"subject": subject, "case": subject.case, "refusal": refusal}
    if refusal:
        context |= {"typed": _unsaved_texts(forms)}
        return render_page(request, "complaints/reviewer/closed.html", context)
    bound = forms or {}
    context |= reviewer_context.build_reviewer_context(subject, bound=bound, contacts=opened or {})
    situation = _situation(subject)
    context["panels"] = [_ruling_panel(subject, ruling, bound, situation) for ruling in rulings_for(subject)]
    context["situation"] = situation
    context["open_panel"] = next(iter(bound), "")
    return render_page(request, "complaints/reviewer/review.html", context)


def _situation(subject: CaseSubject) -> remedies.RemedySituation | None:
    """What the choice of remedies depends on, where there are any to choose."""
    return remedies.remedy_situation(subject.complaint) if any(row.upholds for row in rulings_for(subject)) else None


def _ruling_panel(
    subject: CaseSubject, ruling: Ruling, forms: dict[str, Any], situation: remedies.RemedySituation | None
) -> dict[str, Any]:
    return {"ruling": ruling, "form": forms.get(ruling.verb) or _decision_form(subject, ruling, None, situation)}


def _decision_form(subject: CaseSubject, ruling: Ruling, data: Any, situation: remedies.RemedySituation | None) -> Any:
    version = subject.case.version
    if not ruling.texts:
        return AdmitForm(data, initial={"version": version}, auto_id=f"id_{ruling.verb}_%s")
    reasons = ReasonCode.objects.offered(subject.case.kind).filter(outcome=ruling.outcome)
    offered = remedies.remedy_refusals(situation) if ruling.upholds and situation else {}
    return DecisionForm(
        data, version=version, verb=ruling.verb, reasons=list(reasons), texts=ruling.texts, refusals=offered
    )


def _preview_page(request: HttpRequest, subject: CaseSubject, ruling: Ruling, form: Any) -> HttpResponse:
    """The statements of reasons as the sides would get them."""
    said = {name: form.cleaned_data.get(name, "") for name in ruling.texts}
    statements = (
        reviewer_context.preview_statements(ruling.outcome, form.cleaned_data.get("reasons", []), said) if said else []
    )
    if is_partial(request):
        return render_page(request, "complaints/reviewer/_statement_preview.html", {"statements": statements})
    form.statements = statements
    return _case_page(request, subject, {ruling.verb: form})


def _after_decision(request: HttpRequest, subject: CaseSubject, forms: dict[str, Any], words: str) -> HttpResponseBase:
    """Back to the queue when it went well; else the page again with everything that was typed."""
    form = next(iter(forms.values()))
    if not form.errors:
        messages.success(request, words)
        return redirect("reviews:queue")
    fresh = case_subject_or_404(subject.case.number)
    stale = fresh.case.version != form.cleaned_data.get("version", fresh.case.version)
    if stale:
        form.data = form.data.copy()
        form.data["version"] = fresh.case.version
    page = _case_page(request, fresh, forms)
    page.status_code = (
        HTTPStatus.CONFLICT if stale or fresh.refuse_work(person_of(request)) else HTTPStatus.UNPROCESSABLE_ENTITY
    )
    return page


def _unsaved_texts(forms: dict[str, Any] | None) -> list[str]:
    """Longer texts of a form that cannot be shown any more, so that nothing typed is lost."""
    form = next(iter((forms or {}).values()), None)
    names = ("explanation", "to_complainant", "to_respondent", "note")
    return [value for name in names if form and (value := form.data.get(form.add_prefix(name), "").strip())]


def _back_to_case(subject: CaseSubject) -> HttpResponseBase:
    return redirect(reverse("complaints:review", args=[subject.case.number]))
