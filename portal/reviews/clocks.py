"""Pure arithmetic of the queue's clocks: rank with ageing, and due dates that stand still in a pause."""

from datetime import datetime, timedelta

# A case of priority n overtakes those that entered less than n times this before it, and no others:
# whatever comes later with whatever priority, a waiting case's turn comes.
PRIORITY_BONUS = timedelta(hours=12)
LEASE = timedelta(minutes=30)
APPEAL_WINDOW = timedelta(days=184)


def rank(entered_at: datetime, priority: int) -> datetime:
    """The moment by which waiting cases are ordered, earliest first."""
    return entered_at - priority * PRIORITY_BONUS


def due_after_pause(due_at: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
    """The due date, moved by the length of the pause."""
    return due_at + max(resumed_at - paused_at, timedelta())


def net_time(opened_at: datetime, paused_for: timedelta, until: datetime) -> timedelta:
    """How long the matter has been ours to work on, without the pauses."""
    return max(until - opened_at - paused_for, timedelta())
