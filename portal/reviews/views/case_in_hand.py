"""What one does with a case in hand besides deciding it: keep it, give it back, hand it over, step aside."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal import clock
from portal.errors import Conflict, require_allowed
from portal.people.access import permitted_page, person_of, requires_permission
from portal.people.forms import show_refusals
from portal.people.models import User
from portal.people.roles import Permission
from portal.reviews import case_kinds, policies
from portal.reviews.actions import queue as actions
from portal.reviews.forms import CaseConflictForm, HandOverForm, ReleaseForm
from portal.reviews.models import ReviewCase
from portal.web import form_recovery
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


@permitted_page(Permission.REVIEW)
@require_GET
def leave_page(request: HttpRequest, number: str) -> HttpResponse:
    """The three ways in which a case goes out of hand undecided."""
    return _leave_page(request, case_or_404(number), {})


@permitted_page(Permission.REVIEW)
def post_release(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give the case back to the queue."""
    thanks = _("The case is back in its previous place in the queue.")
    return _let_go(request, number, "release", ReleaseForm, act=actions.release_case, thanks=thanks)


@permitted_page(Permission.REVIEW)
def post_hand_over(request: HttpRequest, number: str) -> HttpResponseBase:
    """Give the case to a colleague."""
    form = partial(HandOverForm, colleagues=_colleagues(case_or_404(number), person_of(request)))
    thanks = _("The case was reassigned to your colleague.")
    return _let_go(request, number, "hand_over", form, act=actions.hand_over_case, thanks=thanks)


@permitted_page(Permission.REVIEW)
def post_conflict(request: HttpRequest, number: str) -> HttpResponseBase:
    """Step aside because of a conflict of interest with somebody in the case."""
    thanks = _("Thank you. You will not be offered their cases again.")
    return _let_go(request, number, "conflict", CaseConflictForm, act=actions.declare_case_conflict, thanks=thanks)


def _let_go(
    request: HttpRequest,
    number: str,
    name: str,
    make_form: Callable[..., forms.Form],
    *,
    act: Callable[..., object],
    thanks: str,
) -> HttpResponseBase:
    """Carry out one of the three ways; or show its form again: with what is wrong (422), or typed before signing in."""
    case, typed = case_or_404(number), form_recovery.submitted_data(request)
    if typed is None:
        return redirect("reviews:leave", case.number)
    form = make_form(typed)
    if request.method != "POST":
        return _leave_page(request, case, {name: form})
    if form.is_valid():
        with show_refusals(form):
            act(case, by=person_of(request), **form.cleaned_data)
    if not form.errors:
        messages.success(request, thanks)
        return redirect("reviews:queue")
    page = _leave_page(request, case_or_404(case.number), {name: form})
    page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return page


def _colleagues(case: ReviewCase, person: User) -> QuerySet[User]:
    """The others who may take the case in its present stage, by name."""
    takers = [taker.pk for taker in policies.list_takers(case, clock.now()) if taker.pk != person.pk]
    return User.objects.filter(pk__in=takers).order_by("display_name", "pk")


def _leave_page(request: HttpRequest, case: ReviewCase, bound: dict[str, forms.Form]) -> HttpResponse:
    person = person_of(request)
    require_allowed(policies.refuse_case_overview(case, person, clock.now()))
    fresh: dict[str, forms.Form] = {
        "release": ReleaseForm(),
        "hand_over": HandOverForm(colleagues=_colleagues(case, person)),
        "conflict": CaseConflictForm(),
    }
    context: dict[str, Any] = {"case": case, "case_url": case_kinds.url_of_case(case), "forms": fresh | bound}
    context["release_limit"], context["released"] = policies.RELEASE_LIMIT, policies.count_releases(person, clock.now())
    context["release_refusal"] = None if "release" in bound else policies.refuse_release(person, clock.now())
    context["has_colleagues"] = "hand_over" in bound or context["forms"]["hand_over"].fields["to"].queryset.exists()
    context["typed"] = [
        text for form in bound.values() for text in (form.data.get("why"), form.data.get("note_to")) if text
    ]
    context["refusal"] = policies.refuse_holding(case, person, clock.now())
    return render(request, "reviews/leave.html", context)
