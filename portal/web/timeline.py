"""What has happened and what comes, for the people concerned: recorded events in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.functional import Promise


@dataclass(frozen=True)
class TimelineEntry:
    """One line for the timeline component; `tone` is done, bad, now or next."""

    title: str | Promise
    at: datetime | None = None
    tone: str = "done"


# By event code: the line's title and its tone.
EventTexts = Mapping[str, tuple[Promise, str]]


class RecordedEvent(Protocol):
    """An event of the audit trail."""

    event: str
    at: datetime


def event_entries(events: Iterable[RecordedEvent], texts: EventTexts) -> list[TimelineEntry]:
    """The events as lines. Those without a text are not shown."""
    return [TimelineEntry(texts[row.event][0], row.at, texts[row.event][1]) for row in events if row.event in texts]


def upcoming_entries(steps: Iterable[tuple[Promise, datetime | None]]) -> list[TimelineEntry]:
    """The steps that are still to come, with their dates where they are set; the first is where one is now."""
    return [TimelineEntry(title, at, "next" if number else "now") for number, (title, at) in enumerate(steps)]
