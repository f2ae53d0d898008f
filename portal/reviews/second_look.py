"""What a second person must know before they agree: what calls for care, and what each of the two has opened.

What somebody has opened is read from the logs of looks at files and videos, which nobody can change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count

from portal.errors import Text
from portal.evidence.models import EvidenceAccess, EvidenceFile, FileState
from portal.media.models import MediaFile, MediaLook, MediaState
from portal.people.models import User


class Looks(NamedTuple):
    """How many parts of something, such as the pages of a file, each of the two has opened."""

    first: int
    second: int


@dataclass(frozen=True)
class Examined:
    """One thing to look at, where it stands on the page (`anchor`, the id of an element), and who opened how much.

    `total` is the number of pages of a file, 1 for everything else. What is not `is_required` is shown only.
    """

    key: str
    label: Text
    anchor: str
    looks: Looks
    total: int = 1
    is_required: bool = True

    @property
    def is_unopened(self) -> bool:
        """Whether the second person has not opened all of it."""
        return self.is_required and self.looks.second < self.total


@dataclass(frozen=True)
class SecondLook:
    """What the second person is shown. `warnings` and `notes` map codes to sentences; only warnings hold back."""

    warnings: Mapping[str, Text] = field(default_factory=dict)
    notes: Mapping[str, Text] = field(default_factory=dict)
    examined: Sequence[Examined] = ()

    @property
    def unopened(self) -> list[Examined]:
        """What the second person has not opened wholly."""
        return [row for row in self.examined if row.is_unopened]

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether the second person has to say that they agree nevertheless."""
        return bool(self.warnings or self.unopened)

    @property
    def audit_data(self) -> dict[str, list[str]]:
        """What stood open when they agreed, as codes and keys."""
        return {"warnings": sorted(self.warnings), "unopened": [row.key for row in self.unopened]}


class Place(NamedTuple):
    """What a file or video is called on the case page, and where it stands there."""

    label: Text
    anchor: str


def examine_files(
    files: Iterable[tuple[EvidenceFile, Place]], *, first: User, second: User, is_required: bool = True
) -> list[Examined]:
    """The pages of each file that the two have opened. One query; files that cannot be shown are left out."""
    shown = [(row, place) for row, place in files if row.state == FileState.READY and row.purged_at is None]
    pages = EvidenceAccess.objects.filter(file__in=[row for row, _place in shown], by__in=(first, second))
    counts = pages.exclude(page=None).order_by().values_list("file", "by").annotate(opened=Count("page", distinct=True))
    opened = {(file, by): number for file, by, number in counts}
    return [
        Examined(
            str(row.pk),
            place.label,
            place.anchor,
            Looks(opened.get((row.pk, first.pk), 0), opened.get((row.pk, second.pk), 0)),
            row.page_count,
            is_required,
        )
        for row, place in shown
    ]


def examine_videos(videos: Iterable[tuple[MediaFile | None, Place]], *, first: User, second: User) -> list[Examined]:
    """Whether the two have played each video. One query; videos that are not here are left out."""
    shown = [
        (row, place)
        for row, place in videos
        if row is not None and row.state == MediaState.READY and row.purged_at is None
    ]
    looks = MediaLook.objects.filter(file__in=[row for row, _place in shown], by__in=(first, second))
    played = set(looks.values_list("file", "by"))
    return [
        Examined(
            str(row.pk),
            place.label,
            place.anchor,
            Looks(int((row.pk, first.pk) in played), int((row.pk, second.pk) in played)),
        )
        for row, place in shown
    ]
