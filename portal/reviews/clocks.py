"""Pure arithmetic of the queue's clocks: rank with ageing, leases, and due dates with pauses."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.clock import WorkCalendar

# A case of priority n overtakes those that entered less than n times this before it, and no others:
# whatever comes later with whatever priority, a waiting case's turn comes.
PRIORITY_BONUS = timedelta(hours=12)
MAX_PRIORITY = 3
LEASE = timedelta(minutes=30)
# How long a released case is not offered to the same reviewer again.
REST_AFTER_RELEASE = timedelta(hours=24)
APPEAL_WINDOW = timedelta(days=184)
# How long the texts of a case are kept after its end: for courts and bodies of dispute settlement.
RECORD_KEPT = timedelta(days=5 * 365 + 1)
_DAY = timedelta(days=1)


def queue_rank(entered_at: datetime, priority: int) -> datetime:
    """The moment by which waiting cases are ordered, earliest first."""
    return entered_at - priority * PRIORITY_BONUS


def due_after_pause(calendar: WorkCalendar, due_at: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
    """The due date, moved by the pause: the working time that was left then is left now. What was late stays late."""
    if due_at <= paused_at:
        return due_at
    return add_working_time(calendar, resumed_at, working_time(calendar, paused_at, due_at))


def working_time(calendar: WorkCalendar, start: datetime, end: datetime) -> timedelta:
    """Time between two moments that falls on working days; zero if `end` is not later.

    A working day counts whole, midnight to midnight in the calendar's zone.
    """
    total = timedelta()
    day = start.astimezone(ZoneInfo(calendar.zone)).date()
    while (opening := _midnight(calendar, day)) < end:
        if calendar.is_working_day(day):
            closing = _midnight(calendar, day + _DAY)
            total += max(min(end, closing) - max(start, opening), timedelta())
        day += _DAY
    return total


def add_working_time(calendar: WorkCalendar, start: datetime, amount: timedelta) -> datetime:
    """The moment by which `amount` of working time has passed since `start`; `start` for none."""
    day, left, at = start.astimezone(ZoneInfo(calendar.zone)).date(), amount, start
    while left > timedelta():
        if calendar.is_working_day(day):
            opening, closing = max(start, _midnight(calendar, day)), _midnight(calendar, day + _DAY)
            at = opening + min(left, closing - opening)
            left -= min(left, closing - opening)
        day += _DAY
    return at.astimezone(UTC)


def _midnight(calendar: WorkCalendar, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(calendar.zone)).astimezone(UTC)
