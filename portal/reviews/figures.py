"""The queue in figures, for the people who run it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.formats import date_format
from django.utils.translation import pgettext

from portal import clock
from portal.people.models import User
from portal.reviews.models import Claim, Decision, ReviewCase
from portal.reviews.states import CaseState

DAYS = 14
RELEASES_SHOWN, MOST_RELEASES = timedelta(days=DAYS), 50
_CACHE_SECONDS = 20  # seconds: with hundreds of thousands of open cases one count costs a tenth of a second
_OPEN = (CaseState.WAITING, CaseState.CLAIMED, CaseState.PAUSED)


def open_cases_by_area() -> list[dict[str, Any]]:
    """Open cases by skill: waiting, in work, paused, overdue, and since when the oldest waits. Largest first."""
    key = f"reviews.figures:{clock.now():%Y%m%d%H%M}"
    known: list[dict[str, Any]] | None = cache.get(key)
    if known is None:
        known = list(_counted(clock.now()))
        cache.set(key, known, _CACHE_SECONDS)
    return known


def total_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The sums of open_cases_by_area(), and the oldest of all."""
    sums: dict[str, Any] = {
        name: sum(row[name] for row in rows) for name in ("waiting", "claimed", "paused", "overdue")
    }
    sums["oldest"] = min((row["oldest"] for row in rows if row["oldest"]), default=None)
    return sums


def decisions_by_day() -> list[tuple[str, int]]:
    """Decisions on each of the last 14 days in UTC, earliest first, days without any included.

    What a second person decided, who confirms a decision or sends it back, counts as one more.
    """
    today = clock.today()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    counts = _number_by_day("at") + _number_by_day("second_at")
    return [(date_format(day, pgettext("short date format of a chart", "j M")), counts[day]) for day in days]


def released_cases(person: User) -> QuerySet[Claim]:
    """What reviewers have left undecided within RELEASES_SHOWN, newest first, but for cases that are the reader's own.

    Both releases and recusals; the reason of a recusal is not shown.
    """
    others = ReviewCase.objects.without_own(person).order_by()
    left = (Claim.End.RELEASED, Claim.End.CONFLICT)
    recent = Claim.objects.filter(end__in=left, ended_at__gt=clock.now() - RELEASES_SHOWN, case__in=others)
    return recent.select_related("case", "reviewer").order_by("-ended_at", "-pk")[:MOST_RELEASES]


def _number_by_day(field: str) -> Counter[date]:
    """How many decisions have the time `field` on each day."""
    recent = Decision.objects.filter(**{f"{field}__gte": clock.now() - timedelta(days=DAYS + 1)})
    rows = recent.annotate(day=TruncDate(field)).order_by().values_list("day").annotate(number=Count("pk"))
    return Counter(dict(rows))


def _counted(now: datetime) -> Any:
    late = Q(state__in=(CaseState.WAITING, CaseState.CLAIMED), due_at__lt=now)
    counts = ReviewCase.objects.filter(state__in=_OPEN).order_by().values("skill")
    return counts.annotate(
        waiting=Count("pk", filter=Q(state=CaseState.WAITING)),
        claimed=Count("pk", filter=Q(state=CaseState.CLAIMED)),
        paused=Count("pk", filter=Q(state=CaseState.PAUSED)),
        overdue=Count("pk", filter=late),
        oldest=Min("entered_at", filter=Q(state=CaseState.WAITING)),
    ).order_by("-waiting", "skill")
