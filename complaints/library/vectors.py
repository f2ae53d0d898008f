"""The library as vectors in PostgreSQL, with the extension pgvector; what makes the vectors is named by LIBRARY_EMBEDDING.

For whoever has a model that tells works apart better than words do: a class as Embedding below, over words or fingerprints.
The vectors of a work are stretches of it, so that an excerpt is near to one of them. They are searched with HNSW.
"""

import hashlib
from typing import Final, Protocol, cast

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from complaints.library import WORD_VERSIONS, Answer, Candidate, WorkContent
from complaints.library.entries import EntryLibrary
from complaints.models import LibraryEntry

_MOST_ASKED: Final = 32  # vectors of one question
_NEAREST: Final = 100  # stretches looked up for each
_LEAST: Final = 0.1  # cosine of vectors that speak for a work

Floats = npt.NDArray[np.float32]


class Embedding(Protocol):
    """What makes vectors of works. `version` changes with every change of them: then the library is built anew."""

    version: str
    size: int  # values of a vector, at most 4000

    def embed(self, content: WorkContent) -> Floats:
        """Vectors of stretches of the work [n, size], none where there is nothing to tell it by; their lengths do not matter."""
        ...


class WordEmbedding:
    """A stretch is 512 words that follow each other in the work, a vector the sum of one fixed vector for each word.

    Needs no model. It finds less than words that are looked up one by one (complaints.library.pages).
    """

    version = "words 1"
    size = 512
    _stretch: Final = 512
    _signs: Final = 8  # values that one word changes

    def embed(self, content: WorkContent) -> Floats:
        """See the class."""
        order = np.argsort(content.words.points, kind="stable")
        words = content.words.words[order].astype(np.uint64)
        count = -(-len(words) // self._stretch)
        vectors = np.zeros((count, self.size), np.float32)
        rows = np.arange(len(words)) * count // (len(words) or 1)
        for number in range(1, self._signs + 1):
            mixed = (words + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15 * number % (1 << 64) | 1)
            mixed ^= mixed >> np.uint64(29)
            mixed *= np.uint64(0xBF58476D1CE4E5B9)
            place, sign = mixed >> np.uint64(55), (mixed >> np.uint64(20)) & np.uint64(1)
            np.add.at(vectors, (rows, place.astype(np.int64)), sign.astype(np.float32) * 2 - 1)
        return vectors


class VectorLibrary(EntryLibrary):
    """See the module; implements complaints.library.Library."""

    def __init__(self) -> None:
        self._embedding = cast("Embedding", import_string(settings.LIBRARY_EMBEDDING)())
        self._table = f"complaints_libraryvector_{int(self._embedding.size)}"
        made_by = f"{settings.LIBRARY_EMBEDDING} {self._embedding.version} {sorted(WORD_VERSIONS.items())}"
        version = f"vectors {hashlib.sha256(made_by.encode()).hexdigest()[:12]}"
        self.versions = dict.fromkeys(WORD_VERSIONS, version)

    def prepare(self) -> None:
        """The extension and the table. Where only a superuser may create the extension, one has to do it before."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {self._table}"
                f" (entry bigint NOT NULL, kind text NOT NULL, vector halfvec({int(self._embedding.size)}) NOT NULL)"
            )
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {self._table}_entry ON {self._table} (entry)")
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {self._table}_near ON {self._table} USING hnsw (vector halfvec_cosine_ops)"
            )

    def find(self, asked: WorkContent, *, most: int = 10) -> Answer:
        """For each stretch that is asked for the nearest ones; a work counts by its best for each, added up."""
        vectors = self._vectors(asked)
        if len(vectors) > _MOST_ASKED:
            vectors = vectors[np.linspace(0, len(vectors) - 1, _MOST_ASKED).astype(np.int64)]
        if not len(vectors):
            return Answer([])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL hnsw.iterative_scan = strict_order"
            )  # else rows of other kinds use up the nearest
            cursor.execute(
                f"""
                SELECT entry.media_id, sum(best.likeness) AS score FROM (
                    SELECT asked.number, near.entry, max(near.likeness) AS likeness
                    FROM unnest(%s::text[]) WITH ORDINALITY AS asked(vector, number)
                    CROSS JOIN LATERAL (
                        SELECT held.entry, 1 - (held.vector <=> asked.vector::halfvec) AS likeness
                        FROM {self._table} AS held WHERE held.kind = %s
                        ORDER BY held.vector <=> asked.vector::halfvec LIMIT %s
                    ) AS near WHERE near.likeness >= %s GROUP BY asked.number, near.entry
                ) AS best JOIN complaints_libraryentry AS entry ON entry.id = best.entry AND entry.version = %s
                GROUP BY entry.id, entry.media_id ORDER BY score DESC, entry.id LIMIT %s
                """,  # noqa: S608 -- the name of the table is a number of ours
                [
                    [_as_text(row) for row in vectors],
                    asked.kind,
                    max(_NEAREST, most),
                    _LEAST,
                    self.versions[asked.kind],
                    most,
                ],
            )
            return Answer([Candidate(media, float(score)) for media, score in cursor.fetchall()])

    def _write(self, entry: LibraryEntry, content: WorkContent) -> int:
        rows = [(entry.pk, content.kind, _as_text(row)) for row in self._vectors(content)]
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self._table} VALUES (%s, %s, %s)", rows)  # noqa: S608 -- as above
        return len(content.words)

    def _erase(self, entry: LibraryEntry) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._table} WHERE entry = %s", [entry.pk])  # noqa: S608 -- as above

    def _vectors(self, content: WorkContent) -> Floats:
        """Those of the embedding at length 1; a vector of zeros is near to nothing, and left out."""
        vectors = np.asarray(self._embedding.embed(content), np.float32)
        lengths = np.linalg.norm(vectors, axis=1)
        return np.asarray(vectors[lengths > 0] / lengths[lengths > 0, None], np.float32)


def _as_text(vector: Floats) -> str:
    return f"[{','.join(f'{value:.5g}' for value in vector)}]"
