"""What the people who run the queue look at: its figures, one case without its papers, and one's own ties."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal import clock
from portal.accounts.access import person_of, requires
from portal.accounts.forms import refusals
from portal.accounts.models import User
from portal.accounts.roles import Permission
from portal.reviews import changes, figures, forecast, kinds, policies
from portal.reviews.actions import ties as actions
from portal.reviews.forms import DeclaredTieForm
from portal.reviews.models import Decision, ReviewCase, Tie
from portal.reviews.views.holding import case_of

_UNPROCESSABLE = 422


@require_GET
@requires(Permission.READ_QUEUE)
def team(request: HttpRequest) -> HttpResponse:
    """How the queue stands, area by area, and how much was decided."""
    areas = kinds.areas()
    rows = [{"area": areas.get(row["skill"], row["skill"]), **row} for row in figures.by_area()]
    context = {"rows": rows, "total": figures.total(rows), "days": figures.decided_by_day(), "now": clock.now()}
    return render(request, "reviews/team.html", context)


@require_GET
@requires(Permission.READ_QUEUE)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """A case without its papers: where it stands and what happened."""
    row, person = case_of(number), person_of(request)
    decisions = list(Decision.objects.of_case(row))
    reasons, outcomes = kinds.reasons(), kinds.outcomes()
    held = policies.refuse_holding(row, person, clock.now()) is None
    context: dict[str, Any] = {
        "case": row,
        "kind": kinds.label_of(row),
        "area": kinds.areas().get(row.skill, row.skill),
        "reasons": [reasons.get(code, code) for code in row.reasons],
        "overdue": row.is_overdue(clock.now()),
        "held": held,
        "case_url": kinds.url_of(row) if held else "",
        "place": forecast.position(row),
        "expected": forecast.forecast(row),
        "decisions": [
            {"decision": decision, "outcome": outcomes.get(decision.outcome, decision.outcome)}
            for decision in decisions
            if _may_read_decisions(row, person, decisions)
        ],
        "history": _history(row),
        "net_text": _in_words(row.net_time(clock.now())),
        "gross_text": _in_words(row.gross_time(clock.now())),
    }
    return render(request, "reviews/case.html", context)


@requires(Permission.REVIEW)
def ties(request: HttpRequest) -> HttpResponseBase:
    """One's own ties, and declaring one."""
    person = person_of(request)
    form = DeclaredTieForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            until = form.cleaned_data["until"]
            end = datetime.combine(until, time(), UTC) if until else None
            actions.declare(form.cleaned_data["person"], by=person, kind=form.cleaned_data["kind"], until=end)
        if not form.errors:
            messages.success(request, _("Noted. Their cases will not be offered to you."))
            return redirect("reviews:ties")
    context = {"form": form, "ties": Tie.objects.holding(person, clock.now())}
    return render(request, "reviews/ties.html", context, status=_UNPROCESSABLE if form.errors else None)


def _may_read_decisions(row: ReviewCase, person: User, decisions: list[Decision]) -> bool:
    """Who reads everything, who has the case in hand, and who decided it."""
    if person.may(Permission.READ_ALL) or policies.refuse_holding(row, person, clock.now()) is None:
        return True
    return any(person.pk in (decision.by_id, decision.second_by_id) for decision in decisions)


def _in_words(length: timedelta) -> str:
    moment = clock.now()
    return timesince(moment - length, moment)


def _history(row: ReviewCase) -> list[dict[str, Any]]:
    events = list(changes.of_case(row))
    named = User.objects.filter(public_id__in={event.actor for event in events if event.actor})
    names = {user.public_id: str(user) for user in named}
    return [
        {"title": changes.in_words(event), "at": event.at, "by": names.get(event.actor, ""), "tone": "done"}
        for event in reversed(events)
    ]
