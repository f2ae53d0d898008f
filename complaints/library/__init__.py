"""The library: which of many works of a kind have the same as a given one, edited copies included (ADRs 42, 49 and 58).

It gives candidates in order, never a finding: each is compared in full before anybody hears of it. The engine is the
class that the setting LIBRARY_ENGINE names: `complaints.library.pages.PageLibrary` keeps words in PostgreSQL,
`complaints.library.vectors.VectorLibrary` vectors of an embedding, with the extension pgvector.
"""

from collections.abc import Mapping
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
    Fingerprint,
    FoldedText,
    SoundFingerprint,
    VisualWords,
)
from portal.media.models import Kind, MediaFile

LIBRARY_VERSION = f"{VERSION}.{WORDS_VERSION}"  # of the words of a video or picture
WORD_VERSIONS: dict[str, str] = {
    Kind.VIDEO: LIBRARY_VERSION,
    Kind.IMAGE: LIBRARY_VERSION,
    Kind.AUDIO: f"sound {SOUND_VERSION}.{SOUND_WORDS_VERSION}",
    Kind.TEXT: f"text {TEXT_WORDS_VERSION}",
}


@dataclass(frozen=True)
class WorkContent:
    """What an engine computes from: the words of a work, and what they were made from (None of a work that cannot be read).

    Words to keep are each there once, in rising order; those with which is asked may repeat.
    """

    kind: str
    words: VisualWords
    made: Fingerprint | SoundFingerprint | FoldedText | None = None

    @classmethod
    def unread(cls, kind: str) -> "WorkContent":
        """Of a work that cannot be read: it is held, and never found."""
        return cls(kind, VisualWords.none())


@dataclass(frozen=True)
class Candidate:
    """A work that may have the same; scores order the candidates of one question and mean nothing else."""

    media: UUID
    score: float


@dataclass(frozen=True)
class Answer:
    """The likeliest works, best first, and the share of the question (0 to 1) with which was not searched: it is in too many works."""

    candidates: list[Candidate]
    unsearched: float = 0.0


class Library(Protocol):
    """What an engine does. Each call may be repeated; add() and remove() belong to the caller's transaction.

    An engine keeps a LibraryEntry of each work that it holds: `entries.EntryLibrary` does that. What every engine
    must do is tested in complaints/tests/test_library_engines.py.
    """

    versions: Mapping[str, str]  # by kind: of what an entry is made from; an entry of another version is made anew

    def prepare(self) -> None:
        """Make what the engine needs in the database. Called after migrations."""
        ...

    def add(self, media: MediaFile, content: WorkContent) -> bool:
        """Let the work be found from now on; returns False where it is held already. Called with its row locked."""
        ...

    def remove(self, media: MediaFile) -> bool:
        """Forget the work; returns False where it is not held. Called with its row locked."""
        ...

    def find(self, asked: WorkContent, *, most: int = 10) -> Answer:
        """The likeliest works of the kind that is asked for, best first."""
        ...


def get_library() -> Library:
    """The engine that the settings name."""
    return cast("Library", import_string(settings.LIBRARY_ENGINE)())
