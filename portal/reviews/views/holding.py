"""What one does with a case in hand besides deciding it: keep it, give it back, hand it over, step aside."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.accounts.access import person_of, requires
from portal.accounts.forms import refusals
from portal.accounts.roles import Permission
from portal.errors import Conflict
from portal.reviews import kinds, policies
from portal.reviews.actions import queue as actions
from portal.reviews.forms import HandOverForm, ReleaseForm, TieForm, colleagues_of
from portal.reviews.models import ReviewCase

_UNPROCESSABLE = 422


def case_of(number: str) -> ReviewCase:
    """The case of a number in a URL, or 404."""
    try:
        return ReviewCase.objects.select_related("claimed_by").numbered(number)
    except ReviewCase.DoesNotExist as error:
        raise Http404 from error


@requires(Permission.REVIEW)
def lease(request: HttpRequest, number: str) -> HttpResponseBase:
    """How long the case is still in hand; by POST, for half an hour more."""
    case, person = case_of(number), person_of(request)
    if request.method == "POST" and policies.refuse_holding(case, person, clock.now()) is None:
        try:
            actions.renew(case, by=person)
        except Conflict:
            case = case_of(number)
    if request.headers.get("HX-Request") != "true":
        return redirect(kinds.url_of(case))
    lost = policies.refuse_holding(case, person, clock.now())
    return render(request, "reviews/_lease.html", {"case": case, "lost": lost})


@require_GET
@requires(Permission.REVIEW)
def leave(request: HttpRequest, number: str) -> HttpResponse:
    """The three ways in which a case goes out of hand undecided."""
    return _leave_page(request, case_of(number), {})


@require_POST
@requires(Permission.REVIEW)
def release(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give the case back to the queue."""
    case, form = case_of(number), ReleaseForm(request.POST)
    if form.is_valid():
        with refusals(form):
            actions.release(case, by=person_of(request), why=form.cleaned_data["why"])
    return _done(request, case, "release", form, _("The case is back in its old place in the queue."))


@require_POST
@requires(Permission.REVIEW)
def hand_over(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give the case to a colleague."""
    case, person = case_of(number), person_of(request)
    form = HandOverForm(request.POST, colleagues=colleagues_of(person, case.skill))
    if form.is_valid():
        with refusals(form):
            actions.hand_over(case, by=person, **form.cleaned_data)
    return _done(request, case, "hand_over", form, _("Your colleague has the case now."))


@require_POST
@requires(Permission.REVIEW)
def tie(request: HttpRequest, number: str) -> HttpResponseBase:
    """Step aside because of a tie with somebody in the matter."""
    case, form = case_of(number), TieForm(request.POST)
    if form.is_valid():
        with refusals(form):
            actions.declare_tie(case, by=person_of(request), kind=form.cleaned_data["kind"])
    return _done(request, case, "tie", form, _("Thank you. You will not be offered their cases again."))


def _done(request: HttpRequest, case: ReviewCase, name: str, form: forms.Form, words: str) -> HttpResponseBase:
    if not form.errors:
        messages.success(request, words)
        return redirect("reviews:queue")
    page = _leave_page(request, case_of(case.number), {name: form})
    page.status_code = _UNPROCESSABLE
    return page


def _leave_page(request: HttpRequest, case: ReviewCase, bound: dict[str, forms.Form]) -> HttpResponse:
    person = person_of(request)
    fresh: dict[str, forms.Form] = {
        "release": ReleaseForm(),
        "hand_over": HandOverForm(colleagues=colleagues_of(person, case.skill)),
        "tie": TieForm(),
    }
    context = {"case": case, "case_url": kinds.url_of(case), "forms": fresh | bound}
    context["refusal"] = policies.refuse_holding(case, person, clock.now())
    return render(request, "reviews/leave.html", context)
