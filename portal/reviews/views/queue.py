"""The queue: its lists, and taking the next case."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal import clock
from portal.errors import Text
from portal.people.access import person_of, requires_permission
from portal.people.models import User
from portal.people.roles import Permission
from portal.reviews import case_kinds, forecast, policies
from portal.reviews.actions import queue as actions
from portal.reviews.forms import NARROWING, QueueFilter
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import CaseState, Stage
from portal.web.pagination import Page, keyset_page

_SECOND = (Stage.SECOND, Stage.APPEAL_SECOND)


@dataclass(frozen=True)
class QueueTab:
    """One list of the queue; `stages` narrow the cases, and what "take the next" gives there."""

    code: str
    label: Text
    condition: Q
    nothing: Text
    stages: tuple[str, ...] = ()
    order: tuple[str, ...] = field(default=("rank_at", "pk"))


@dataclass(frozen=True)
class CodeNames:
    """Words for the codes in a list, fetched once for all rows."""

    areas: dict[str, Text]
    reasons: dict[str, Text]
    outcomes: dict[str, Text]


_WAITING = Q(state=CaseState.WAITING)
TABS = (
    QueueTab("waiting", gettext_lazy("Waiting"), _WAITING, gettext_lazy("No cases waiting.")),
    QueueTab(
        "mine", gettext_lazy("Assigned to me"), Q(state=CaseState.CLAIMED), gettext_lazy("No case is assigned to you.")
    ),
    QueueTab(
        "seconds",
        gettext_lazy("Second approvals"),
        _WAITING & Q(stage__in=_SECOND),
        gettext_lazy("No decisions waiting for second approval."),
        tuple(_SECOND),
    ),
    QueueTab(
        "appeals",
        gettext_lazy("Appeals"),
        _WAITING & Q(stage=Stage.APPEAL),
        gettext_lazy("No appeals waiting."),
        (Stage.APPEAL,),
    ),
    QueueTab(
        "paused",
        gettext_lazy("Paused"),
        Q(state=CaseState.PAUSED),
        gettext_lazy("No cases waiting for an external answer."),
        order=("pk",),
    ),
    QueueTab("decided", gettext_lazy("Decided by me"), Q(), gettext_lazy("You have not decided any cases yet.")),
)


@require_GET
@requires_permission(Permission.READ_QUEUE)
def queue_page(request: HttpRequest) -> HttpResponse:
    """One list of the queue, with what the person has in hand above it."""
    person = person_of(request)
    tab = _tab(request.GET.get("tab", ""))
    words = CodeNames(case_kinds.area_names(), case_kinds.review_reason_names(), case_kinds.outcome_names())
    filters = _filters(request.GET, words)
    context: dict[str, Any] = {
        "tab": tab,
        "narrowing": filters.narrowing(),
        "tabs": _visible_tabs(person),
        "filters": filters,
        "filtered": filters.chosen(),
        "refusal": policies.refuse_reviewing(person),
        "in_hand": [
            {**_row(case, words), "url": case_kinds.url_of_case(case)} for case in ReviewCase.objects.claimed_by(person)
        ],
    }
    if tab.code == "decided":
        context |= _decided(request, person, words)
    else:
        context |= _cases(request, _chosen(tab, person, context["filtered"]), tab, words)
    return render(request, "reviews/queue.html", context)


@requires_permission(Permission.READ_QUEUE)
def post_next_case(request: HttpRequest) -> HttpResponseBase:
    """Take the next case, or go on with the one in hand. Whoever had to sign in meanwhile comes to the queue."""
    if request.method != "POST":
        return redirect("reviews:queue")
    tab, filters = _tab(request.POST.get("tab", "")), _filters(request.POST)
    chosen = {name: filters.narrowing().get(name) for name in NARROWING}
    kinds, skills = ([choice.code] if choice else None for choice in chosen.values())
    case = actions.claim_next_case(by=person_of(request), kinds=kinds, skills=skills, stages=tab.stages or None)
    if case is not None:
        return redirect(case_kinds.url_of_case(case))
    narrowed = {"tab": tab.code} if tab.stages else {}
    narrowed |= {name: choice.code for name, choice in chosen.items() if choice}
    if narrowed:
        messages.info(
            request, _("No case for you here right now. Clear the filter, or go to “Waiting”, to take any other.")
        )
        return redirect(f"{reverse('reviews:queue')}?{urlencode(narrowed)}")
    messages.info(
        request,
        _("There is no case for you to take right now: none is in your areas and free of conflicts of interest."),
    )
    return redirect("reviews:queue")


def _filters(data: QueryDict, words: CodeNames | None = None) -> QueueFilter:
    """The filters as chosen in an address, or sent with the button."""
    areas = words.areas if words else case_kinds.area_names()
    return QueueFilter(data, areas=areas, reasons=words.reasons if words else {})


def _tab(code: str) -> QueueTab:
    return next((tab for tab in TABS if tab.code == code), TABS[0])


def _visible_tabs(person: User) -> list[QueueTab]:
    """People who take no cases have none in hand and decide nothing."""
    own = ("mine", "decided")
    return [tab for tab in TABS if tab.code not in own or policies.refuse_reviewing(person) is None]


def _chosen(tab: QueueTab, person: User, chosen: dict[str, Any]) -> QuerySet[ReviewCase]:
    rows = ReviewCase.objects.filter(tab.condition).without_own(person)
    if tab.code == "mine":
        rows = rows.filter(claimed_by=person)
    if "reason" in chosen:
        rows = rows.filter(reasons__contains=[chosen["reason"]])
    if "overdue" in chosen:
        rows = rows.filter(due_at__lt=clock.now())
    return rows.filter(**{name: chosen[name] for name in ("kind", "skill") if name in chosen})


def _cases(request: HttpRequest, rows: QuerySet[ReviewCase], tab: QueueTab, words: CodeNames) -> dict[str, Any]:
    page: Page[ReviewCase] = keyset_page(request, rows, order=tab.order)
    return {"page": page, "rows": [_row(case, words) for case in page], "count": forecast.count_or_estimate(rows)}


def _decided(request: HttpRequest, person: User, words: CodeNames) -> dict[str, Any]:
    page: Page[Decision] = keyset_page(request, Decision.objects.made_by(person), order=("-at", "-pk"))
    return {
        "page": page,
        "decisions": [
            {"decision": row, "outcome": words.outcomes.get(row.outcome, row.outcome), **_row(row.case, words)}
            for row in page
        ],
    }


def _row(case: ReviewCase, words: CodeNames) -> dict[str, Any]:
    return {
        "case": case,
        "kind": case_kinds.kind_label_of(case),
        "area": words.areas.get(case.skill, case.skill),
        "reasons": [words.reasons.get(code, code) for code in case.reasons],
        "overdue": case.is_overdue(clock.now()),
    }
