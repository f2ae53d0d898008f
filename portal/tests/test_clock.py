"""Working days by calendar, and the two ways by which time is moved."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from certification.reference.calendars import HOLIDAYS
from portal import clock
from portal.clock import WorkCalendar

FRIDAY = datetime(2026, 9, 25, 15, 30, tzinfo=UTC)
# The Chinese National Day week of 2026 with a make-up Saturday, as an example of 调休.
GOLDEN_WEEK = WorkCalendar(
    "UTC",
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    workdays=frozenset({date(2026, 9, 26)}),
)

moments = st.integers(0, 700 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.mark.parametrize(
    ("calendar", "start", "days", "expected"),
    [
        (WorkCalendar(), FRIDAY, 0, FRIDAY),
        (WorkCalendar(), FRIDAY, 1, datetime(2026, 9, 28, 15, 30, tzinfo=UTC)),
        (WorkCalendar(), datetime(2026, 9, 26, 23, tzinfo=UTC), 0, datetime(2026, 9, 26, 23, tzinfo=UTC)),
        (GOLDEN_WEEK, FRIDAY, 1, datetime(2026, 9, 26, 15, 30, tzinfo=UTC)),
        (GOLDEN_WEEK, FRIDAY, 5, datetime(2026, 10, 8, 15, 30, tzinfo=UTC)),
        # 23:30 UTC on Friday is already Saturday in Shanghai: Monday there is day 1, until its last second.
        (
            WorkCalendar("Asia/Shanghai"),
            datetime(2026, 9, 25, 23, 30, tzinfo=UTC),
            1,
            datetime(2026, 9, 28, 15, 59, 59, tzinfo=UTC),
        ),
    ],
)
def test_add_working_days_by_calendar(calendar: WorkCalendar, start: datetime, days: int, expected: datetime) -> None:
    assert calendar.add_working_days(start, days) == expected


_US = WorkCalendar(
    "America/New_York",
    holidays=frozenset(date.fromisoformat(day) for day in HOLIDAYS["us"]),
)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        # A counter-notice of 17 U.S.C. 512(g): the day of receipt does not count, whatever day it is.
        ("2026-11-20", 10, "2026-12-07"),  # Friday before Thanksgiving
        ("2026-11-21", 10, "2026-12-07"),  # the Saturday
        ("2026-11-22", 10, "2026-12-07"),  # the Sunday
        ("2026-11-23", 10, "2026-12-08"),  # the Monday
        ("2026-11-26", 1, "2026-11-27"),  # Thanksgiving
        ("2026-11-25", 1, "2026-11-27"),  # the day before
        ("2026-07-03", 1, "2026-07-06"),  # Independence Day, observed on the Friday
        ("2026-12-26", 14, "2027-01-15"),
        # New Year's Day 2028 is a Saturday: the holiday is Friday, 31 December 2027.
        ("2027-12-30", 1, "2028-01-03"),
        ("2027-12-31", 1, "2028-01-03"),
        ("2028-01-01", 1, "2028-01-03"),
        ("2027-12-24", 10, "2028-01-10"),
    ],
)
@pytest.mark.parametrize("hour", [0, 9, 12, 23])
def test_a_receipt_on_a_day_off_counts_no_day_more(received: str, days: int, due: str, hour: int) -> None:
    start = datetime.fromisoformat(received).replace(hour=hour, minute=30, tzinfo=ZoneInfo(_US.zone))
    end = _US.add_working_days(start, days).astimezone(ZoneInfo(_US.zone))
    assert end.date() == date.fromisoformat(due)
    expected = (hour, 30) if _US.is_working_day(start.date()) else (23, 59)
    assert (end.hour, end.minute) == expected


@given(moments, st.timedeltas(timedelta(), timedelta(days=9)), st.integers(0, 40))
def test_what_comes_later_is_due_no_earlier(start: datetime, later: timedelta, days: int) -> None:
    second = start + later
    assert GOLDEN_WEEK.add_working_days(start, days) <= GOLDEN_WEEK.add_working_days(second, days)


@given(moments, st.integers(0, 40), st.integers(0, 40))
def test_add_working_days_adds_up(start: datetime, first: int, second: int) -> None:
    in_steps = GOLDEN_WEEK.add_working_days(GOLDEN_WEEK.add_working_days(start, first), second)
    at_once = GOLDEN_WEEK.add_working_days(start, first + second)
    assert in_steps == at_once
    assert first + second == 0 or GOLDEN_WEEK.is_working_day(at_once.date())


@given(moments, st.integers(0, 40))
def test_working_days_between_counts_what_was_added(start: datetime, days: int) -> None:
    assert GOLDEN_WEEK.working_days_between(start, GOLDEN_WEEK.add_working_days(start, days)) == days


def test_add_working_days_refuses_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        WorkCalendar().add_working_days(FRIDAY, -1)


def test_at_holds_time_still_and_lets_go() -> None:
    with clock.freeze_time(FRIDAY):
        assert clock.now() == FRIDAY
        assert clock.today() == FRIDAY.date()
    assert clock.now() > FRIDAY


def test_set_offset_moves_time_for_every_reader(settings: Settings, tmp_path: Path) -> None:
    settings.CLOCK_FILE = tmp_path / "clock"
    before = clock.now()
    clock.set_demo_offset(timedelta(days=3))
    assert timedelta(days=3) <= clock.now() - before < timedelta(days=3, minutes=1)


def test_set_offset_refused_without_a_clock_file(settings: Settings) -> None:
    settings.CLOCK_FILE = None
    with pytest.raises(RuntimeError, match="demo"):
        clock.set_demo_offset(timedelta(days=3))
