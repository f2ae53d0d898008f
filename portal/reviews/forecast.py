"""Where a case stands in line, and when its turn is to be expected, from the measured pace."""

import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from portal import clock
from portal.clock import WorkCalendar
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import CaseState, Level, Stage

EXACT_BELOW = 10_000
WINDOW = timedelta(days=14)
MIN_DECISIONS = 5
_CACHE_SECONDS = 300  # seconds


@dataclass(frozen=True)
class CaseCount:
    """How many; `exact` is False where the number is the planner's estimate."""

    value: int
    exact: bool

    def __str__(self) -> str:
        if self.exact:
            return number_format(self.value, force_grouping=True)
        return _("about %(number)s") % {"number": number_format(_rounded(self.value), force_grouping=True)}


@dataclass(frozen=True)
class QueuePosition:
    """Place in line, from 1; `exact` is False where the place is an estimate."""

    place: int
    exact: bool

    def __str__(self) -> str:
        return str(CaseCount(self.place, self.exact))


@dataclass(frozen=True)
class DecisionForecast:
    """When a decision is to be expected, and the figures that this rests on: what was decided in `days` days."""

    at: datetime
    decided: int
    days: int
    ahead: int


def count_or_estimate(rows: QuerySet[ReviewCase]) -> CaseCount:
    """How many rows: counted up to 10,000, above that estimated by the planner."""
    counted = rows.order_by()[: EXACT_BELOW + 1].count()
    if counted <= EXACT_BELOW:
        return CaseCount(counted, exact=True)
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    return CaseCount(max(int(plan[0]["Plan"]["Plan Rows"]), EXACT_BELOW), exact=False)


def queue_position(case: ReviewCase) -> QueuePosition | None:
    """How many cases of the area and level come up to this one; None while it does not wait."""
    if case.state != CaseState.WAITING:
        return None
    lane = ReviewCase.objects.filter(state=CaseState.WAITING, skill=case.skill, level=case.level)
    before = Q(rank_at__lt=case.rank_at) | Q(rank_at=case.rank_at, pk__lt=case.pk)
    ahead = count_or_estimate(lane.filter(before, rank_at__lte=case.rank_at))
    return QueuePosition(ahead.value + 1, ahead.exact)


def forecast_decision(case: ReviewCase, place: QueuePosition | None = None) -> DecisionForecast | None:
    """The date by which the cases ahead are decided at the pace of the last two weeks, by working days.

    `place` is the case's place in line, where it is known already. None if fewer than five decisions were made in the
    area: then only the due date can be told.
    """
    place = place or queue_position(case)
    decided = _decided(case.skill, case.level) if place else 0
    if place is None or decided < MIN_DECISIONS:
        return None
    calendar = case.calendar.working_days() if case.calendar is not None else WorkCalendar()
    now = clock.now()
    days = calendar.working_days_between(now - WINDOW, now)
    if not days:
        return None
    expected = calendar.add_working_days(now, math.ceil(place.place * days / decided))
    return DecisionForecast(expected, decided, WINDOW.days, place.place - 1)


def _decided(skill: str, level: int) -> int:
    """How many cases of a lane were decided in the window; kept for some minutes."""
    key = f"reviews.pace:{skill}:{level}:{clock.now():%Y%m%d%H%M}"
    known: int | None = cache.get(key)
    if known is None:
        known = _count_decided(skill, level)
        cache.set(key, known, _CACHE_SECONDS)
    return known


def _count_decided(skill: str, level: int) -> int:
    since = clock.now() - WINDOW
    made = Decision.objects.filter(at__gt=since, case__skill=skill)
    if level == Level.REVIEWER:
        return made.filter(stage=Stage.FIRST, case__entry_level=level).count()
    seconded = Decision.objects.filter(second_at__gt=since, case__skill=skill)
    return made.exclude(stage=Stage.FIRST, case__entry_level=Level.REVIEWER).count() + seconded.count()


def _rounded(number: int) -> int:
    step: int = 10 ** max(len(str(number)) - 2, 0)
    return round(number / step) * step
