"""The only source of time, and the arithmetic of working days.

Everything that asks for the time calls `now()`; SQL gets it as a parameter. Tests move time with
`at()`; a running demo moves it through the offset in `settings.CLOCK_FILE`, which every process
reads, so that a certificate can be seen to expire without waiting for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

_frozen: datetime | None = None
_SATURDAY = 5


def now() -> datetime:
    """The current moment, aware, in UTC."""
    if _frozen is not None:
        return _frozen
    return datetime.now(UTC) + _offset(settings.CLOCK_FILE)


def demo_offset() -> timedelta:
    """How far a demo's time runs ahead of the machine's; zero everywhere else."""
    return _offset(settings.CLOCK_FILE)


def today() -> date:
    """The current date in UTC."""
    return now().date()


@contextmanager
def freeze_time(moment: datetime) -> Iterator[None]:
    """Hold time still at `moment`, in this process."""
    global _frozen  # noqa: PLW0603 -- the one place where time is held
    before, _frozen = _frozen, moment
    try:
        yield
    finally:
        _frozen = before


def set_demo_offset(offset: timedelta) -> None:
    """Move a demo's time for all its processes; refused where no clock file is configured."""
    path: Path | None = settings.CLOCK_FILE
    if path is None:
        message = "Time moves by itself here: CLOCK_FILE is for demo mode."
        raise RuntimeError(message)
    draft = path.with_suffix(".new")
    draft.write_text(str(int(offset.total_seconds())))
    draft.rename(path)


def _offset(path: Path | None) -> timedelta:
    if path is None:
        return timedelta()
    try:
        return timedelta(seconds=int(path.read_text()))
    except FileNotFoundError:
        return timedelta()


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: weekends off, less `holidays`, plus make-up `workdays` (Chinese 调休)."""

    zone: str = "UTC"
    holidays: frozenset[date] = field(default_factory=frozenset)
    workdays: frozenset[date] = field(default_factory=frozenset)

    def is_working_day(self, day: date) -> bool:
        """Whether the day counts; a make-up workday wins over weekend and holiday."""
        if day in self.workdays:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The moment `days` (>= 0) working days after `start`, at the same local time; `start` for none.

        The day of `start` is not counted: the first working day after it is day 1. A start on a day off has the
        whole of each counted day, and so ends with the last second of day `days`: whatever comes in on the
        Saturday is due no earlier than what came in on the Friday, and on the same day. Raises ValueError for
        negative `days`.
        """
        if days < 0:
            message = "days must not be negative"
            raise ValueError(message)
        local = start.astimezone(ZoneInfo(self.zone))
        if days and not self.is_working_day(local.date()):
            local = local.replace(hour=23, minute=59, second=59, microsecond=0)
        for _ in range(days):
            local = self._next_working(local)
        return local.astimezone(UTC)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Number of working days after start's day up to and with end's day; 0 if end is not later."""
        zone = ZoneInfo(self.zone)
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        count = 0
        while day < last:
            day += timedelta(days=1)
            count += self.is_working_day(day)
        return count

    def _next_working(self, local: datetime) -> datetime:
        day = local.date() + timedelta(days=1)
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return datetime.combine(day, time(local.hour, local.minute, local.second, local.microsecond), local.tzinfo)
