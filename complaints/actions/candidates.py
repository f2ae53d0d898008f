"""Candidates of the library compared in full, as long as they match; for works that enter it, and for `manage.py screen`."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints import matching
from complaints.library import WorkContent, get_library
from complaints.models import LibraryMatch, Work
from complaints.policies import library as policy
from portal import vault
from portal.engines.fingerprints import Comparison
from portal.media.models import Kind, MediaFile

AT_ONCE = 10  # candidates that are compared before it is asked whether any of them matched
MOST_COMPARED = 100

Compare = Callable[[MediaFile], Comparison]


@dataclass(frozen=True)
class ComparedWork:
    """A work of the library with what of it was found; `score`: the library's, None where it did not name the work."""

    media: MediaFile
    score: float | None
    comparison: Comparison

    @property
    def matches(self) -> bool:
        """Whether that is kept, and told."""
        return policy.is_match(self.media.kind, self.comparison)


@dataclass(frozen=True)
class Search:
    """What was compared, in that order; the share of the question that was not searched; whether all that match were reached."""

    compared: list[ComparedWork]
    unsearched: float
    finished: bool


def search_library(asked: WorkContent, sha256: str, compare: Compare, *, but: MediaFile | None = None) -> Search:
    """The same file and the library's candidates, ten at a time until none of ten matches, and works that are known to match those found.

    So it makes no difference how many copies of a work stand before the original. Reads only; takes seconds to minutes.
    """
    kept = MediaFile.objects.kept().filter(kind=asked.kind, library_entry__isnull=False)
    kept = kept.exclude(pk=but.pk) if but else kept
    answer = get_library().find(asked, most=MOST_COMPARED + AT_ONCE)  # more, so that it is seen whether any are left
    scores = {each.media: each.score for each in answer.candidates}
    same = list(kept.filter(sha256=sha256).order_by("library_entry")[:AT_ONCE])
    waiting = [*(row.pk for row in same), *scores]
    compared: list[ComparedWork] = []
    seen: set[UUID] = set()
    while batch := [pk for pk in dict.fromkeys(waiting) if pk not in seen][:AT_ONCE]:
        if len(compared) >= MOST_COMPARED:
            return Search(compared, answer.unsearched, finished=False)
        seen.update(batch)
        rows = kept.in_bulk(batch)
        told = [
            ComparedWork(rows[pk], scores.get(pk), found)
            for pk in batch
            if pk in rows and (found := _compared(rows[pk], compare)) is not None
        ]
        compared += told
        matched = [each.media for each in told if each.matches]
        if not matched:
            break
        waiting = [*(row.pk for row in _known_to_match(kept, matched)), *waiting]
    return Search(compared, answer.unsearched, finished=True)


def is_comparable(media: MediaFile) -> bool:
    """Whether what the library compares of the work is there: the pictures of a video, the sound of a recording."""
    return matching.has_sound_fingerprint(media) if media.kind == Kind.AUDIO else matching.has_fingerprint(media)


def _compared(media: MediaFile, compare: Compare) -> Comparison | None:
    """None where the other one cannot be read, which others can do without."""
    if not is_comparable(media):
        return None
    with contextlib.suppress(matching.Unreadable, vault.Tampered, LookupError):
        return compare(media)
    return None


def _known_to_match(kept: QuerySet[MediaFile], found: list[MediaFile]) -> QuerySet[MediaFile]:
    """What earlier comparisons found to match these: works of an author first, then those held longest."""
    keys = [media.pk for media in found]
    matches = LibraryMatch.objects.filter(Q(a=OuterRef("pk"), b__in=keys) | Q(b=OuterRef("pk"), a__in=keys))
    authored = Exists(Work.objects.filter(media=OuterRef("pk"), owner__isnull=False, deleted_at=None))
    rows = kept.filter(Exists(matches)).annotate(authored=authored)
    return rows.order_by("-authored", "library_entry__pk")[:MOST_COMPARED]
