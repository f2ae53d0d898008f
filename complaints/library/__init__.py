"""The library: which of many works of a kind have the same as a given one, edited copies included (ADRs 42 and 49).

It gives candidates in order, never a finding: each is compared in full before anybody hears of it. The engine is the
class that the setting LIBRARY_ENGINE names; `complaints.library.pages.PageLibrary` keeps the index in PostgreSQL.
"""

from dataclasses import dataclass
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from portal.engines.fingerprints import (
    SOUND_VERSION,
    SOUND_WORDS_VERSION,
    TEXT_WORDS_VERSION,
    VERSION,
    WORDS_VERSION,
    VisualWords,
)
from portal.media.models import Kind, MediaFile

LIBRARY_VERSION = f"{VERSION}.{WORDS_VERSION}"  # of what an entry of a video or picture is made from
VERSIONS: dict[str, str] = {
    Kind.VIDEO: LIBRARY_VERSION,
    Kind.IMAGE: LIBRARY_VERSION,
    Kind.AUDIO: f"sound {SOUND_VERSION}.{SOUND_WORDS_VERSION}",
    Kind.TEXT: f"text {TEXT_WORDS_VERSION}",
}


@dataclass(frozen=True)
class Candidate:
    """A work that may have the same; scores order the candidates of one question and mean nothing else."""

    media: UUID
    score: float


class Library(Protocol):
    """What an engine does. Each call may be repeated; add() and remove() belong to the caller's transaction."""

    def add(self, media: MediaFile, words: VisualWords) -> bool:
        """Let the work be found from now on; returns False where it is held already. Called with its row locked."""
        ...

    def remove(self, media: MediaFile) -> bool:
        """Forget the work; returns False where it is not held. Called with its row locked."""
        ...

    def find(self, words: VisualWords, *, kind: str = Kind.VIDEO, most: int = 10) -> list[Candidate]:
        """The likeliest works of that kind, best first."""
        ...


def get_library() -> Library:
    """The engine that the settings name."""
    return cast("Library", import_string(settings.LIBRARY_ENGINE)())
