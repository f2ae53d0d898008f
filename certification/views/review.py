"""The reviewer's case page: papers on one side, what was declared, checked and said on the other, and the decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certification.actions import applications, decisions
from certification.forms.review import AskForm, DecisionForm, LookUpForm, PaperReadForm, SecondWordForm
from certification.models import Credential, Document
from certification.views import dossier, statements
from certification.views.matters import Choice, Matter, carry_out, choices, confirm, matter_of, send_back
from certification.views.pages import CONFLICT, UNPROCESSABLE, answer, is_partial, staff_page
from portal.accounts.access import person_of
from portal.accounts.forms import refusals
from portal.accounts.roles import Permission
from portal.accounts.second_factor import second_factor_required
from portal.reviews.models import ReasonCode


@staff_page(Permission.READ_QUEUE)
@require_GET
def review(request: HttpRequest, number: str) -> HttpResponseBase:
    """The case for the person who holds it; other staff are shown where it stands, without papers."""
    matter = matter_of(number)
    if refusal := matter.refuse_work(person_of(request)):
        messages.info(request, str(refusal))
        return redirect("reviews:case", number)
    return _page(request, matter)


@staff_page(Permission.REVIEW)
@second_factor_required
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """Approve or reject, whatever that means at this stage of this kind of case; or only show the statement."""
    matter = matter_of(number)
    choice = next((row for row in choices(matter) if row.verb == verb), None)
    if request.method != "POST" or choice is None:
        return _back(matter)
    form = _decision_form(matter, choice, request.POST)
    good = form.is_valid()
    if "preview" in request.POST or is_partial(request):
        return _preview(request, matter, choice, form)
    if good:
        with refusals(form):
            said = {name: form.cleaned_data.get(name, []) for name in ("version", "explanation", "reasons")}
            carry_out(matter, choice, by=person_of(request), accepted=form.accepted_ids(), said=said)
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
            act = confirm if verb == "confirm" else send_back
            act(matter, by=person_of(request), version=form.cleaned_data["version"], note=form.cleaned_data["note"])
    words = _("You have confirmed the decision.") if verb == "confirm" else _("You have sent the decision back.")
    return _done(request, matter, {"second": form}, words)


@staff_page(Permission.REVIEW)
def ask(request: HttpRequest, number: str) -> HttpResponseBase:
    """Ask the applicant for more; the case rests until she answers."""
    matter = matter_of(number)
    if request.method != "POST" or matter.application is None:
        return _back(matter)
    form = AskForm(request.POST, auto_id="id_ask_%s")
    if form.is_valid():
        with refusals(form):
            applications.ask(application=matter.application, by=person_of(request), **form.cleaned_data)
    return _done(request, matter, {"ask": form}, _("Your question was sent. The case rests until the answer comes."))


@staff_page(Permission.REVIEW)
def look_up(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """Note what the official register says about a credential."""
    matter = matter_of(number)
    credential = _credential(matter, pk)
    if request.method != "POST" or credential is None:
        return _back(matter)
    form = LookUpForm(request.POST, credential=credential)
    if form.is_valid():
        with refusals(form):
            decisions.look_up(credential=credential, by=person_of(request), **form.cleaned_data)
    return _noted(request, matter, form, f"credential-{pk}")


@staff_page(Permission.REVIEW)
def paper_read(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """Note what a paper says."""
    matter = matter_of(number)
    document = _document(matter, pk)
    if request.method != "POST" or document is None:
        return _back(matter)
    form = PaperReadForm(request.POST, document=document)
    if form.is_valid():
        with refusals(form):
            decisions.read_paper(document=document, by=person_of(request), **form.cleaned_data)
    return _noted(request, matter, form, f"document-{pk}")


@staff_page(Permission.REVIEW)
def number_reveal(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """A number in full, once; the look is logged."""
    matter = matter_of(number)
    credential = _credential(matter, pk)
    if request.method != "POST" or credential is None:
        return _back(matter)
    shown = applications.reveal_number(credential=credential, by=person_of(request))
    if is_partial(request):
        return answer(request, "reviewer/_number", {"shown": shown})
    return _page(request, matter, revealed={pk: shown})


def _page(
    request: HttpRequest, matter: Matter, forms: dict[str, Any] | None = None, revealed: dict[int, str] | None = None
) -> HttpResponse:
    person = person_of(request)
    refusal = matter.refuse_work(person)
    context: dict[str, Any] = {"matter": matter, "case": matter.case, "refusal": refusal}
    if refusal:
        context |= {"typed": _typed(forms)}
        return answer(request, "reviewer/closed", context)
    context |= dossier.of(matter, person, bound=forms or {}, revealed=revealed or {})
    context["panels"] = [_panel(matter, choice, forms or {}) for choice in choices(matter)]
    context["open_panel"] = next(iter(forms or {}), "")
    return answer(request, "reviewer/review", context)


def _panel(matter: Matter, choice: Choice, forms: dict[str, Any]) -> dict[str, Any]:
    return {"choice": choice, "form": forms.get(choice.verb) or _decision_form(matter, choice, None)}


def _decision_form(matter: Matter, choice: Choice, data: Any) -> DecisionForm:
    reasons = ReasonCode.objects.filter(kind=matter.case.kind, outcome=choice.outcome, active=True).order_by("code")
    application = matter.application
    takes = choice.accepts and application is not None
    credentials = list(application.credentials.select_related("type").order_by("pk")) if takes and application else []
    return DecisionForm(
        data,
        version=matter.case.version,
        verb=choice.verb,
        adverse=choice.adverse,
        reasons=list(reasons),
        credentials=credentials,
    )


def _preview(request: HttpRequest, matter: Matter, choice: Choice, form: DecisionForm) -> HttpResponse:
    """The statement of reasons as the person would get it."""
    codes = form.cleaned_data.get("reasons", [])
    text = form.cleaned_data.get("explanation", "")
    statement = statements.preview(choice.outcome, codes, text, adverse=choice.adverse)
    if is_partial(request):
        return answer(request, "reviewer/_preview", {"statement": statement, "choice": choice})
    form.statement = statement  # type: ignore[attr-defined]
    return _page(request, matter, {choice.verb: form})


def _done(request: HttpRequest, matter: Matter, forms: dict[str, Any], words: str) -> HttpResponseBase:
    """Back to the queue when it went well; else the page again with everything that was typed."""
    form = next(iter(forms.values()))
    if not form.errors:
        messages.success(request, words)
        return redirect("reviews:queue")
    fresh = matter_of(matter.case.number)
    stale = fresh.case.version != form.cleaned_data.get("version", fresh.case.version)
    if stale and "version" in form.fields:
        form.data = form.data.copy()
        form.data["version"] = fresh.case.version
    page = _page(request, fresh, forms)
    page.status_code = CONFLICT if stale or fresh.refuse_work(person_of(request)) else UNPROCESSABLE
    return page


def _noted(request: HttpRequest, matter: Matter, form: Any, anchor: str) -> HttpResponseBase:
    if not form.errors:
        return redirect(f"{_url(matter)}#{anchor}")
    page = _page(request, matter_of(matter.case.number), {form.prefix: form})
    page.status_code = UNPROCESSABLE
    return page


def _typed(forms: dict[str, Any] | None) -> list[str]:
    """Longer texts of a form that cannot be shown any more, so that nothing typed is lost."""
    form = next(iter((forms or {}).values()), None)
    names = ("explanation", "text", "items", "note", "seen")
    return [value for name in names if form and (value := form.data.get(form.add_prefix(name), "").strip())]


def _credential(matter: Matter, pk: int) -> Credential | None:
    application = matter.application
    if application is None:
        return None
    row = application.credentials.select_related("type").filter(pk=pk).first()
    if row is not None:
        row.application = application
    return row


def _document(matter: Matter, pk: int) -> Document | None:
    application = matter.application
    if application is None:
        return None
    row = application.documents.current().filter(pk=pk).first()
    if row is not None:
        row.application = application
    return row


def _back(matter: Matter) -> HttpResponseBase:
    return redirect(_url(matter))


def _url(matter: Matter) -> str:
    return reverse("certification:review", args=[matter.case.number])
