"""What one does with a case in hand besides deciding it: keep it, give it back, hand it over, step aside."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.errors import Conflict
from portal.people.access import person_of, requires_permission
from portal.people.forms import show_refusals
from portal.people.roles import Permission
from portal.reviews import case_kinds, policies
from portal.reviews.actions import queue as actions
from portal.reviews.forms import CaseConflictForm, HandOverForm, ReleaseForm, colleagues_of
from portal.reviews.models import ReviewCase
from portal.web.pages import is_partial


def case_or_404(number: str) -> ReviewCase:
    """The case of a number in a URL, or 404."""
    try:
        return ReviewCase.objects.select_related("claimed_by").numbered(number)
    except ReviewCase.DoesNotExist as error:
        raise Http404 from error


@requires_permission(Permission.REVIEW)
def lease_fragment(request: HttpRequest, number: str) -> HttpResponseBase:
    """How long the case is still in hand; by POST, for half an hour more."""
    case, person = case_or_404(number), person_of(request)
    if request.method == "POST" and policies.refuse_holding(case, person, clock.now()) is None:
        try:
            actions.renew_lease(case, by=person)
        except Conflict:
            case = case_or_404(number)
    if not is_partial(request):
        return redirect(case_kinds.url_of_case(case))
    lost = policies.refuse_holding(case, person, clock.now())
    return render(request, "reviews/_lease.html", {"case": case, "lost": lost})


@require_GET
@requires_permission(Permission.REVIEW)
def leave_page(request: HttpRequest, number: str) -> HttpResponse:
    """The three ways in which a case goes out of hand undecided."""
    return _leave_page(request, case_or_404(number), {})


@require_POST
@requires_permission(Permission.REVIEW)
def post_release(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give the case back to the queue."""
    case, form = case_or_404(number), ReleaseForm(request.POST)
    if form.is_valid():
        with show_refusals(form):
            actions.release_case(case, by=person_of(request), why=form.cleaned_data["why"])
    return _leave_result(request, case, "release", form, _("The case is back in its old place in the queue."))


@require_POST
@requires_permission(Permission.REVIEW)
def post_hand_over(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give the case to a colleague."""
    case, person = case_or_404(number), person_of(request)
    form = HandOverForm(request.POST, colleagues=colleagues_of(person, case.skill))
    if form.is_valid():
        with show_refusals(form):
            actions.hand_over_case(case, by=person, **form.cleaned_data)
    return _leave_result(request, case, "hand_over", form, _("Your colleague has the case now."))


@require_POST
@requires_permission(Permission.REVIEW)
def post_conflict(request: HttpRequest, number: str) -> HttpResponseBase:
    """Step aside because of a conflict of interest with somebody in the case."""
    case, form = case_or_404(number), CaseConflictForm(request.POST)
    if form.is_valid():
        with show_refusals(form):
            actions.declare_case_conflict(case, by=person_of(request), kind=form.cleaned_data["kind"])
    return _leave_result(request, case, "conflict", form, _("Thank you. You will not be offered their cases again."))


def _leave_result(request: HttpRequest, case: ReviewCase, name: str, form: forms.Form, words: str) -> HttpResponseBase:
    if not form.errors:
        messages.success(request, words)
        return redirect("reviews:queue")
    page = _leave_page(request, case_or_404(case.number), {name: form})
    page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return page


def _leave_page(request: HttpRequest, case: ReviewCase, bound: dict[str, forms.Form]) -> HttpResponse:
    person = person_of(request)
    fresh: dict[str, forms.Form] = {
        "release": ReleaseForm(),
        "hand_over": HandOverForm(colleagues=colleagues_of(person, case.skill)),
        "conflict": CaseConflictForm(),
    }
    context = {"case": case, "case_url": case_kinds.url_of_case(case), "forms": fresh | bound}
    context["refusal"] = policies.refuse_holding(case, person, clock.now())
    return render(request, "reviews/leave.html", context)
