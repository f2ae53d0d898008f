"""Working days by calendar, and the two ways by which time is moved."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

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
        (WorkCalendar(), datetime(2026, 9, 26, 23, tzinfo=UTC), 0, datetime(2026, 9, 28, 9, tzinfo=UTC)),
        (GOLDEN_WEEK, FRIDAY, 1, datetime(2026, 9, 26, 15, 30, tzinfo=UTC)),
        (GOLDEN_WEEK, FRIDAY, 5, datetime(2026, 10, 8, 15, 30, tzinfo=UTC)),
        # 23:30 UTC on Friday is already Saturday in Shanghai, so counting starts on Monday at 09:00 there.
        (
            WorkCalendar("Asia/Shanghai"),
            datetime(2026, 9, 25, 23, 30, tzinfo=UTC),
            1,
            datetime(2026, 9, 29, 1, tzinfo=UTC),
        ),
    ],
)
def test_add_working_days_by_calendar(calendar: WorkCalendar, start: datetime, days: int, expected: datetime) -> None:
    assert calendar.add_working_days(start, days) == expected


@given(moments, st.integers(0, 40), st.integers(0, 40))
def test_add_working_days_adds_up(start: datetime, first: int, second: int) -> None:
    in_steps = GOLDEN_WEEK.add_working_days(GOLDEN_WEEK.add_working_days(start, first), second)
    at_once = GOLDEN_WEEK.add_working_days(start, first + second)
    assert in_steps == at_once
    assert first + second == 0 or GOLDEN_WEEK.is_working_day(at_once.date())


@given(moments, st.integers(0, 40))
def test_working_days_between_counts_what_was_added(start: datetime, days: int) -> None:
    start = GOLDEN_WEEK.add_working_days(start, 0)
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
