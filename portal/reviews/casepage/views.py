"""The case page and the decisions that are made on it."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal.people.access import permitted_page, person_of
from portal.people.forms import show_refusals
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.casepage.forms import ConfirmForm, DecisionForm, SendBackForm, VersionForm
from portal.reviews.casepage.lookup import case_subject_or_404
from portal.reviews.casepage.rendering import (
    CONFIRM,
    SEND_BACK,
    answer_decision,
    answer_lost_form,
    redirect_to_case,
    render_case_page,
)
from portal.reviews.casepage.subjects import CaseSubject, Ruling
from portal.web import form_recovery
from portal.web.pages import is_partial, render_page


@permitted_page(Permission.READ_QUEUE)
@second_factor_required
@require_GET
def case_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """The case for the person who holds it; other staff are shown where it stands, without what it is about."""
    subject = case_subject_or_404(number)
    if refusal := subject.refuse_work(person_of(request)):
        messages.info(request, str(refusal))
        return redirect("reviews:case", number)
    return render_case_page(request, subject)


@permitted_page(Permission.REVIEW)
@second_factor_required
def decide_case(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """One of the rulings of this stage; or only show what people would read."""
    subject, typed = case_subject_or_404(number), form_recovery.submitted_data(request)
    ruling = next((row for row in subject.rulings if row.verb == verb), None)
    if typed is None:
        return redirect_to_case(subject.case)
    if ruling is None:
        return answer_lost_form(request, subject, typed)
    form = subject.make_form(ruling, typed)
    if request.method != "POST":
        return render_case_page(request, subject, {verb: form})
    good = form.is_valid()
    if "preview" in request.POST or is_partial(request):
        return _show_preview(request, subject, ruling, form)
    if good:
        with show_refusals(form):
            ruling.carry_out(by=person_of(request), **form.decision_fields())
    return answer_decision(request, subject, verb, form, _("Your decision was recorded."))


@permitted_page(Permission.REVIEW)
@second_factor_required
def confirm_decision(request: HttpRequest, number: str) -> HttpResponseBase:
    """The second person confirms the held decision."""
    subject = case_subject_or_404(number)
    form = partial(ConfirmForm, auto_id="id_confirm_%s")
    thanks = _("You have confirmed the decision.")
    return _second_approval(request, subject, CONFIRM, form, act=subject.confirm, thanks=thanks)


@permitted_page(Permission.REVIEW)
@second_factor_required
def send_decision_back(request: HttpRequest, number: str) -> HttpResponseBase:
    """The second person sends the held decision back with a note."""
    subject = case_subject_or_404(number)
    form = partial(SendBackForm, auto_id="id_send_back_%s")
    thanks = _("You have sent the decision back.")
    return _second_approval(request, subject, SEND_BACK, form, act=subject.send_back, thanks=thanks)


@permitted_page(Permission.REVIEW)
@second_factor_required
@require_GET
def second_look(request: HttpRequest, number: str) -> HttpResponseBase:
    """What stands against confirming, as it is now: the part of the panel that is asked for when it opens."""
    subject, person = case_subject_or_404(number), person_of(request)
    held = None if subject.refuse_work(person) else subject.find_held_decision()
    if held is None or not is_partial(request):
        return redirect_to_case(subject.case)
    context = {"look": subject.look_again(held, person), "confirm_form": ConfirmForm(auto_id="id_confirm_%s")}
    return render_page(request, "reviews/casepage/_second_look.html", context)


def _second_approval(
    request: HttpRequest,
    subject: CaseSubject,
    name: str,
    make_form: Callable[..., VersionForm],
    *,
    act: Callable[..., object],
    thanks: str,
) -> HttpResponseBase:
    typed = form_recovery.submitted_data(request)
    if typed is None:
        return redirect_to_case(subject.case)
    form = make_form(typed)
    if request.method != "POST":
        return render_case_page(request, subject, {name: form})
    if form.is_valid():
        with show_refusals(form):
            act(by=person_of(request), **form.cleaned_data)
    return answer_decision(request, subject, name, form, thanks)


def _show_preview(request: HttpRequest, subject: CaseSubject, ruling: Ruling, form: DecisionForm) -> HttpResponse:
    """The statements of reasons as people would get them, alone or within the page; never a decision.

    What the decision still lacks is said with it.
    409, with what was typed, for who does not hold the case any more.
    """
    if subject.refuse_work(person_of(request)):
        page = render_case_page(request, subject, {ruling.verb: form})
        page.status_code = HTTPStatus.CONFLICT
        return page
    previews = subject.preview(ruling, form.cleaned_data) if ruling.is_previewed else []
    for field, sentences in subject.preview_errors(ruling, form.cleaned_data).items() if ruling.is_previewed else ():
        form.add_error(field if field in form.fields else None, [str(sentence) for sentence in sentences])
    if is_partial(request):
        return render_page(request, "reviews/casepage/_preview.html", {"previews": previews, "form": form})
    form.previews = previews
    return render_case_page(request, subject, {ruling.verb: form})
