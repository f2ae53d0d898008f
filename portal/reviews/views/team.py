"""What the people who run the queue look at: its figures, one case without its documents, and one's own conflicts of interest."""

from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal import clock
from portal.errors import require_allowed
from portal.people.access import permitted_page, person_of, requires_permission
from portal.people.forms import show_refusals
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews import case_history, case_kinds, figures, forecast, policies
from portal.reviews.actions import conflicts as actions
from portal.reviews.forms import DeclaredConflictForm
from portal.reviews.models import Calendar, ConflictOfInterest, Decision, ReviewCase
from portal.reviews.views.case_in_hand import case_or_404
from portal.web.form_recovery import submitted_data
from portal.web.pages import render_page


@require_GET
@requires_permission(Permission.READ_QUEUE)
def team_page(request: HttpRequest) -> HttpResponse:
    """How the queue stands, area by area, and how much was decided."""
    areas = case_kinds.area_names()
    rows = [{"area": areas.get(row["skill"], row["skill"]), **row} for row in figures.open_cases_by_area()]
    context = {
        "rows": rows,
        "total": figures.total_figures(rows),
        "days": figures.decisions_by_day(),
        "now": clock.now(),
        "leads": person_of(request).may(Permission.LEAD_AREA),
        "calendars": Calendar.objects.running_out(clock.today()),
        "reads_releases": policies.may_read_releases(person_of(request)),
    }
    if context["reads_releases"]:
        released = figures.released_cases(person_of(request))
        context["released"] = [{"claim": row, "area": areas.get(row.case.skill, row.case.skill)} for row in released]
    return render(request, "reviews/team.html", context)


@require_GET
@requires_permission(Permission.READ_QUEUE)
@second_factor_required
def case_overview(request: HttpRequest, number: str) -> HttpResponse:
    """A case without its documents: where it stands and what happened."""
    row, person = case_or_404(number), person_of(request)
    require_allowed(policies.refuse_case_overview(row, person, clock.now()))
    decisions = list(Decision.objects.of_case(row))
    reasons, outcomes = case_kinds.review_reason_names(), case_kinds.outcome_names()
    held = policies.refuse_holding(row, person, clock.now()) is None
    place = forecast.queue_position(row)
    context: dict[str, Any] = {
        "case": row,
        "kind": case_kinds.kind_label_of(row),
        "area": case_kinds.area_names().get(row.skill, row.skill),
        "reasons": [reasons.get(code, code) for code in row.reasons],
        "overdue": row.is_overdue(clock.now()),
        "held": held,
        "case_url": case_kinds.url_of_case(row) if held else "",
        "is_beyond_everybody": policies.is_beyond_everybody(row, clock.now()),
        "place": place,
        "expected": forecast.forecast_decision(row, place),
        "decisions": [
            {"decision": decision, "outcome": outcomes.get(decision.outcome, decision.outcome)}
            for decision in decisions
            if _may_read_decisions(row, person, decisions)
        ],
        "history": _history(row),
        "net_time": row.net_time(clock.now()),
        "gross_time": row.gross_time(clock.now()),
    }
    return render(request, "reviews/case.html", context)


@permitted_page(Permission.REVIEW)
def conflicts_page(request: HttpRequest) -> HttpResponseBase:
    """One's own conflicts of interest, and declaring one."""
    person = person_of(request)
    form = DeclaredConflictForm(submitted_data(request))
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            until = form.cleaned_data["until"]
            end = datetime.combine(until, time(), UTC) if until else None
            actions.declare_conflict(form.cleaned_data["person"], by=person, kind=form.cleaned_data["kind"], until=end)
        if not form.errors:
            messages.success(request, _("Recorded. Their cases will not be offered to you."))
            return redirect("reviews:conflicts")
    context = {"form": form, "conflicts": ConflictOfInterest.objects.in_force(person, clock.now())}
    return render_page(request, "reviews/conflicts.html", context, wrong=request.method == "POST" and bool(form.errors))


def _may_read_decisions(row: ReviewCase, person: User, decisions: list[Decision]) -> bool:
    """Who reads everything, who has the case in hand, and who decided it."""
    if person.may(Permission.READ_ALL) or policies.refuse_holding(row, person, clock.now()) is None:
        return True
    return any(person.pk in (decision.by_id, decision.second_by_id) for decision in decisions)


def _history(row: ReviewCase) -> list[dict[str, Any]]:
    events = list(case_history.case_events(row))
    named = User.objects.filter(public_id__in={event.actor for event in events if event.actor})
    names = {user.public_id: str(user) for user in named}
    return [
        {"title": case_history.describe_event(event), "at": event.at, "by": names.get(event.actor, ""), "tone": "done"}
        for event in reversed(events)
    ]
