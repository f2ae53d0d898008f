"""The library: which of many videos show the same as a given one, edited copies included (ADR 0042).

It gives candidates in order, never a finding: each is compared in full before anybody hears of it. The engine is the
class that the setting LIBRARY_ENGINE names; `complaints.library.pages.PageLibrary` keeps the index in PostgreSQL.
"""

from dataclasses import dataclass
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from portal.engines.fingerprints import VERSION, WORDS_VERSION, VisualWords
from portal.media.models import MediaFile

LIBRARY_VERSION = f"{VERSION}.{WORDS_VERSION}"  # of what an entry is made from


@dataclass(frozen=True)
class Candidate:
    """A video that may show the same; scores order the candidates of one question and mean nothing else."""

    media: UUID
    score: float


class Library(Protocol):
    """What an engine does. Each call may be repeated; add() and remove() belong to the caller's transaction."""

    def add(self, media: MediaFile, words: VisualWords) -> bool:
        """Let the video be found from now on; returns False where it is held already. Called with its row locked."""
        ...

    def remove(self, media: MediaFile) -> bool:
        """Forget the video; returns False where it is not held. Called with its row locked."""
        ...

    def find(self, words: VisualWords, *, most: int = 10) -> list[Candidate]:
        """The likeliest videos, best first."""
        ...


def get_library() -> Library:
    """The engine that the settings name."""
    return cast("Library", import_string(settings.LIBRARY_ENGINE)())
