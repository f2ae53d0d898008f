"""Working time, pauses, and the forecast: by tables and properties."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.clock import WorkCalendar
from portal.people.roles import Role
from portal.reviews import clocks, figures, forecast
from portal.reviews.actions import cases, decisions, queue
from portal.reviews.models import Calendar, CalendarDay, ReviewCase
from portal.reviews.tests import factories as make

CHINA = WorkCalendar(
    "Asia/Shanghai",
    holidays=frozenset({date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)}),
    workdays=frozenset({date(2026, 10, 10)}),
)
BERLIN = WorkCalendar("Europe/Berlin")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
calendars = st.sampled_from([WorkCalendar(), CHINA, BERLIN])
amounts = st.timedeltas(timedelta(), timedelta(days=20))


@pytest.mark.parametrize(
    ("calendar", "start", "end", "worked"),
    [
        (WorkCalendar(), "2026-05-29T12:00", "2026-06-01T12:00", timedelta(days=1)),  # Friday to Monday
        (WorkCalendar(), "2026-05-30T00:00", "2026-06-01T00:00", timedelta()),  # a weekend
        (CHINA, "2026-09-30T16:00", "2026-10-07T16:00", timedelta()),  # the golden week, by Shanghai's days
        (CHINA, "2026-10-09T16:00", "2026-10-10T16:00", timedelta(days=1)),  # the Saturday that makes up for it
        (BERLIN, "2026-03-27T23:00", "2026-03-29T22:00", timedelta()),  # the short Sunday of summer time
        (BERLIN, "2026-03-29T22:00", "2026-03-30T22:00", timedelta(days=1)),
        (WorkCalendar(), "2026-06-02T12:00", "2026-06-01T12:00", timedelta()),
    ],
)
def test_working_time(calendar: WorkCalendar, start: str, end: str, worked: timedelta) -> None:
    moments_ = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)]
    assert clocks.working_time(calendar, *moments_) == worked


@given(calendar=calendars, start=moments, amount=amounts)
def test_adding_and_measuring_agree(calendar: WorkCalendar, start: datetime, amount: timedelta) -> None:
    assert clocks.working_time(calendar, start, clocks.add_working_time(calendar, start, amount)) == amount


@given(calendar=calendars, paused=moments, left=amounts, away=amounts)
def test_a_pause_leaves_the_same_working_time(
    calendar: WorkCalendar, paused: datetime, left: timedelta, away: timedelta
) -> None:
    due, resumed = clocks.add_working_time(calendar, paused, left), paused + away
    moved = clocks.due_after_pause(calendar, due, paused, resumed)
    assert moved >= min(due, resumed)
    if due > paused:
        assert clocks.working_time(calendar, resumed, moved) == left


@given(due=moments, late=amounts, away=amounts)
def test_what_was_late_stays_late(due: datetime, late: timedelta, away: timedelta) -> None:
    assert clocks.due_after_pause(CHINA, due, due + late, due + late + away) == due


@pytest.mark.django_db
def test_a_calendar_of_rows_counts_like_one_of_values() -> None:
    row = Calendar.objects.create(code="cn-rows", name="China", zone="Asia/Shanghai")
    kinds = CalendarDay.Kind
    days = [(day, kinds.HOLIDAY) for day in CHINA.holidays] + [(day, kinds.WORKDAY) for day in CHINA.workdays]
    CalendarDay.objects.bulk_create([CalendarDay(calendar=row, day=day, kind=kind) for day, kind in days])
    assert row.working_days() == CHINA
    start = datetime(2026, 9, 30, 4, tzinfo=UTC)
    reviewer = make.reviewer()
    with clock.freeze_time(start):
        make.case(calendar=row, due_at=clocks.add_working_time(CHINA, start, timedelta(days=2)))
        case = queue.claim_next_case(by=reviewer)
        assert case is not None
        cases.pause_case(case, by=reviewer)
    with clock.freeze_time(start + timedelta(days=5)):
        cases.resume_case(ReviewCase.objects.get(), by=None)
        # The whole pause but its first half day fell on holidays; one day and a half are left from the 8th on.
        left = clocks.working_time(CHINA, clock.now(), ReviewCase.objects.get().due_at)
        assert left == timedelta(days=2)


@pytest.mark.django_db
def test_a_calendar_that_runs_out_is_named_before_it_does() -> None:
    row = Calendar.objects.create(code="short", name="Short", zone="UTC")
    Calendar.objects.create(code="weekends", name="Weekends only", zone="UTC")
    row.days.create(day=date(2027, 5, 1), kind=CalendarDay.Kind.HOLIDAY)
    assert row.known_until == date(2027, 12, 31)
    assert not Calendar.objects.running_out(date(2027, 10, 31))
    assert list(Calendar.objects.running_out(date(2027, 11, 30))) == [row]
    page = Client()
    page.force_login(make.reviewer(role=Role.AREA_LEAD))
    with clock.freeze_time(datetime(2027, 12, 1, 9, tzinfo=UTC)):
        assert "Calendar “Short”" in page.get("/reviews/team/").content.decode()


def decide(reviewer: Any, number: int) -> None:
    for _ in range(number):
        make.case()
        case = queue.claim_next_case(by=reviewer)
        assert case is not None
        decisions.record_decision(case, by=reviewer, outcome="approved", explanation="", version=case.version)


@pytest.mark.django_db
def test_forecast_waits_for_enough_decisions_and_counts_working_days() -> None:
    monday, reviewer = datetime(2026, 6, 1, 9, tzinfo=UTC), make.reviewer()
    with clock.freeze_time(monday - timedelta(days=3)):
        decide(reviewer, 4)
        first = make.case()
    with clock.freeze_time(monday):
        for _ in range(9):
            last = make.case()
        assert forecast.forecast_decision(last) is None
    with clock.freeze_time(monday - timedelta(days=2)):
        decide_one_more(reviewer)
    with clock.freeze_time(monday + timedelta(minutes=1)):
        told = forecast.forecast_decision(last)
        assert told is not None
        # Five decisions on ten working days; ten cases up to and with this one: twenty working days.
        assert (told.decided, told.days, told.ahead) == (5, 14, 9)
        assert told.at.date() == date(2026, 6, 29)
        assert str(forecast.queue_position(first)) == "1"


def decide_one_more(reviewer: Any) -> None:
    case = make.case(priority=3)
    taken = queue.claim_next_case(by=reviewer)
    assert taken == case
    decisions.record_decision(taken, by=reviewer, outcome="approved", explanation="", version=taken.version)


@pytest.mark.django_db
def test_place_in_line_counts_the_lane_only(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = [make.case() for _ in range(5)]
    make.case(skill="law", priority=3)
    make.case(level=2, priority=3)
    urgent = make.case(priority=3)
    places = [position.place for case in [urgent, *mine] if (position := forecast.queue_position(case))]
    assert places == [1, 2, 3, 4, 5, 6]
    monkeypatch.setattr(forecast, "EXACT_BELOW", 3)
    estimate = forecast.queue_position(mine[-1])
    assert estimate is not None
    assert not estimate.exact
    assert str(estimate).startswith("about ")


@pytest.mark.django_db
def test_figures_add_up() -> None:
    reviewer = make.reviewer()
    decide(reviewer, 2)
    make.case(due_at=clock.now() - timedelta(hours=1))
    make.case(skill="law")
    queue.claim_next_case(by=reviewer)
    rows = {row["skill"]: row for row in figures.open_cases_by_area()}
    assert (rows[make.SKILL]["claimed"], rows[make.SKILL]["overdue"], rows["law"]["waiting"]) == (1, 1, 1)
    assert figures.total_figures(list(rows.values()))["waiting"] == 1
    assert figures.decisions_by_day()[-1][1] == 2
