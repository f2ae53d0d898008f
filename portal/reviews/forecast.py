"""Where a case stands in line, and when its turn is to be expected, from the measured pace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from portal import clock
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import CaseState

EXACT_BELOW = 10_000
WINDOW = timedelta(days=14)
ENOUGH = 5


@dataclass(frozen=True)
class Position:
    """Place in line, from 1; `exact` is False where the number is a lower bound."""

    place: int
    exact: bool


@dataclass(frozen=True)
class Forecast:
    """When a decision is to be expected, and the figures that this rests on."""

    at: datetime
    decided: int
    days: int
    ahead: int


def position(case: ReviewCase) -> Position | None:
    """How many cases of the area and level come up to this one; None while it does not wait."""
    if case.state != CaseState.WAITING:
        return None
    ahead = ReviewCase.objects.filter(state=CaseState.WAITING, skill=case.skill).filter(
        Q(rank_at__lt=case.rank_at) | Q(rank_at=case.rank_at, pk__lt=case.pk)
    )
    count = ahead.order_by()[:EXACT_BELOW].count()
    return Position(count + 1, exact=count < EXACT_BELOW)


def forecast(case: ReviewCase) -> Forecast | None:
    """The date by which the cases ahead are decided at the pace of the last two weeks.

    None if fewer than five decisions were made in the area: then only the due date can be told.
    """
    place = position(case)
    if place is None:
        return None
    now = clock.now()
    decided = Decision.objects.filter(case__skill=case.skill, at__gt=now - WINDOW).order_by()[:EXACT_BELOW].count()
    if decided < ENOUGH:
        return None
    wait = WINDOW * place.place / decided
    return Forecast(now + wait, decided, WINDOW.days, place.place - 1)


def estimated_rows(table: str) -> int:
    """The planner's idea of a table's size, for lists where an exact count would cost too much."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
