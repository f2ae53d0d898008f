"""The reviewer's case page: both videos side by side, both sides' words and evidence, and the decision."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from complaints import remedies
from complaints.actions import contacts, decisions
from complaints.forms.review import AdmitForm, DecisionForm, SecondWordForm
from complaints.views import desk, films
from complaints.views.matters import Choice, Matter, carry_out, choices, matter_of
from complaints.views.pages import UNPROCESSABLE, answer, is_partial, staff_page
from portal.accounts.access import person_of
from portal.accounts.forms import refusals
from portal.accounts.roles import Permission
from portal.accounts.second_factor import second_factor_required
from portal.reviews.models import ReasonCode

CONFLICT = 409
_SIDES = {desk.A: films.ORIGINAL, desk.B: films.COPY}


@staff_page(Permission.READ_QUEUE)
@require_GET
def review(request: HttpRequest, number: str) -> HttpResponseBase:
    """The case for the person who holds it; other staff are shown where it stands, without videos and statements."""
    matter = matter_of(number)
    if refusal := matter.refuse_work(person_of(request)):
        messages.info(request, str(refusal))
        return redirect("reviews:case", number)
    return _page(request, matter)


@staff_page(Permission.REVIEW)
@second_factor_required
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """One of the choices of this stage; or only show what the sides would read."""
    matter = matter_of(number)
    choice = next((row for row in choices(matter) if row.verb == verb), None)
    if request.method != "POST" or choice is None:
        return _back(matter)
    form = _decision_form(matter, choice, request.POST, _situation(matter))
    good = form.is_valid()
    if "preview" in request.POST or is_partial(request):
        return _preview(request, matter, choice, form)
    if good:
        with refusals(form):
            carry_out(matter, choice, by=person_of(request), said=form.cleaned_data)
    return _done(request, matter, {verb: form}, _("Your decision is recorded."))


@staff_page(Permission.REVIEW)
@second_factor_required
def second_word(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """The second person confirms the held decision, or sends it back with a note."""
    matter = matter_of(number)
    if request.method != "POST":
        return _back(matter)
    form = SecondWordForm(request.POST)
    if form.is_valid():
        with refusals(form):
            act = decisions.confirm if verb == "confirm" else decisions.send_back
            act(complaint=matter.complaint, by=person_of(request), **form.cleaned_data)
    words = _("You have confirmed the decision.") if verb == "confirm" else _("You have sent the decision back.")
    return _done(request, matter, {"second": form}, words)


@staff_page(Permission.REVIEW)
@require_safe
def video(request: HttpRequest, number: str, name: str) -> HttpResponseBase:
    """One of the two videos, by ranges, for the holder of the case; the look is logged."""
    matter = matter_of(number)
    if name not in _SIDES or matter.refuse_work(person_of(request)):
        raise Http404
    return films.play(request, matter.complaint, _SIDES[name])


@staff_page(Permission.REVIEW)
def contact(request: HttpRequest, number: str, side: str) -> HttpResponseBase:
    """Name and address of one side, once; the look is logged."""
    matter = matter_of(number)
    if request.method != "POST" or side not in desk.SIDES:
        return _back(matter)
    shown = contacts.read(complaint=matter.complaint, by=person_of(request), side=side)
    if is_partial(request):
        return answer(request, "reviewer/_contact", {"opened": shown})
    return _page(request, matter, opened={side: shown})


def _page(
    request: HttpRequest,
    matter: Matter,
    forms: dict[str, Any] | None = None,
    opened: dict[str, dict[str, str]] | None = None,
) -> HttpResponse:
    refusal = matter.refuse_work(person_of(request))
    context: dict[str, Any] = {"matter": matter, "case": matter.case, "refusal": refusal}
    if refusal:
        context |= {"typed": _typed(forms)}
        return answer(request, "reviewer/closed", context)
    bound = forms or {}
    context |= desk.of(matter, bound=bound, contacts=opened or {})
    situation = _situation(matter)
    context["panels"] = [_panel(matter, choice, bound, situation) for choice in choices(matter)]
    context["situation"] = situation
    context["open_panel"] = next(iter(bound), "")
    return answer(request, "reviewer/review", context)


def _situation(matter: Matter) -> remedies.Situation | None:
    """What the choice of measures depends on, where there are any to choose."""
    return remedies.situation_of(matter.complaint) if any(row.upholds for row in choices(matter)) else None


def _panel(
    matter: Matter, choice: Choice, forms: dict[str, Any], situation: remedies.Situation | None
) -> dict[str, Any]:
    return {"choice": choice, "form": forms.get(choice.verb) or _decision_form(matter, choice, None, situation)}


def _decision_form(matter: Matter, choice: Choice, data: Any, situation: remedies.Situation | None) -> Any:
    version = matter.case.version
    if not choice.texts:
        return AdmitForm(data, initial={"version": version}, auto_id=f"id_{choice.verb}_%s")
    reasons = ReasonCode.objects.offered(matter.case.kind).filter(outcome=choice.outcome)
    offered = remedies.refusals(situation) if choice.upholds and situation else {}
    return DecisionForm(
        data, version=version, verb=choice.verb, reasons=list(reasons), texts=choice.texts, refusals=offered
    )


def _preview(request: HttpRequest, matter: Matter, choice: Choice, form: Any) -> HttpResponse:
    """The statements of reasons as the sides would get them."""
    said = {name: form.cleaned_data.get(name, "") for name in choice.texts}
    statements = desk.preview(choice.outcome, form.cleaned_data.get("reasons", []), said) if said else []
    if is_partial(request):
        return answer(request, "reviewer/_preview", {"statements": statements})
    form.statements = statements
    return _page(request, matter, {choice.verb: form})


def _done(request: HttpRequest, matter: Matter, forms: dict[str, Any], words: str) -> HttpResponseBase:
    """Back to the queue when it went well; else the page again with everything that was typed."""
    form = next(iter(forms.values()))
    if not form.errors:
        messages.success(request, words)
        return redirect("reviews:queue")
    fresh = matter_of(matter.case.number)
    stale = fresh.case.version != form.cleaned_data.get("version", fresh.case.version)
    if stale:
        form.data = form.data.copy()
        form.data["version"] = fresh.case.version
    page = _page(request, fresh, forms)
    page.status_code = CONFLICT if stale or fresh.refuse_work(person_of(request)) else UNPROCESSABLE
    return page


def _typed(forms: dict[str, Any] | None) -> list[str]:
    """Longer texts of a form that cannot be shown any more, so that nothing typed is lost."""
    form = next(iter((forms or {}).values()), None)
    names = ("explanation", "to_complainant", "to_respondent", "note")
    return [value for name in names if form and (value := form.data.get(form.add_prefix(name), "").strip())]


def _back(matter: Matter) -> HttpResponseBase:
    return redirect(reverse("complaints:review", args=[matter.case.number]))
