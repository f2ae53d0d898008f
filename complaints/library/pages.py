"""The library in PostgreSQL: for every word, pages of postings (LibraryPage), read by whoever asks.

Each kind of work has pages of its own. A question reads the pages of its words by their keys and counts in numpy: a keypoint speaks for each video that has a
posting with a near signature, the more the rarer its word is. Nothing is held in memory between questions. Rows of pages are locked
in the order of their keys.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection, transaction

from complaints.library import VERSIONS, Candidate
from complaints.models import LibraryEntry
from portal.engines.fingerprints import NEAR, WORD_COUNT, VisualWords
from portal.media.models import Kind, MediaFile

POSTING: Final = np.dtype([("entry", "<u4"), ("signature", "<u8")])
# Of the number of a page: which kind its works are of. Below it there is room for a million parts.
_KIND: Final = {Kind.VIDEO.value: 0, Kind.IMAGE.value: 1 << 40, Kind.AUDIO.value: 2 << 40, Kind.TEXT.value: 3 << 40}
PART: Final = 1 << 16  # entries whose postings share pages
MOST_POSTINGS: Final = 4096  # of a page; a word that more videos of a part have tells nothing
_COMMON: Final = 0.05  # share of all videos; words that more have are not counted
_LEAST_COMMON: Final = 200  # videos; in a small library no word is common
_MOST_ALIKE: Final = 8  # keypoints of one word with which it is asked
_AT_ONCE: Final = 1024  # words whose pages are read at once; those of a picture are fewer
_SHORTLIST: Final = 200  # entries whose length is looked up
_LENGTH: Final = 200.0  # words; added to the length of a video, so that very short ones do not come first
_SOFT: Final = 16.0  # bits; nearer signatures count more

ADD: Final = """
    INSERT INTO complaints_librarypage AS page (id, postings)
    SELECT * FROM unnest(%s::bigint[], %s::bytea[])
    ON CONFLICT (id) DO UPDATE SET postings = page.postings || excluded.postings
    WHERE octet_length(page.postings) < %s
"""
_READ: Final = (
    "SELECT id, postings FROM complaints_librarypage WHERE id = ANY(%s::bigint[]) AND octet_length(postings) <= %s"
)
_NEWEST: Final = "SELECT max(id) FROM complaints_libraryentry"
_SHORTLISTED: Final = """
    SELECT id, media_id, count FROM complaints_libraryentry WHERE id = ANY(%s::bigint[]) AND version = %s
"""
_LOCK: Final = "SELECT id, postings FROM complaints_librarypage WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_WRITE: Final = """
    UPDATE complaints_librarypage AS page SET postings = new.postings
    FROM unnest(%s::bigint[], %s::bytea[]) AS new(id, postings) WHERE page.id = new.id
"""
_EMPTY: Final = "DELETE FROM complaints_librarypage WHERE id = ANY(%s) AND octet_length(postings) = 0"

Numbers = npt.NDArray[Any]


class PageLibrary:
    """See the module; implements complaints.library.Library."""

    def add(self, media: MediaFile, words: VisualWords) -> bool:
        """Write the entry and its postings, both or neither."""
        with transaction.atomic():
            row = LibraryEntry.objects.filter(media=media).first()
            if row is not None and row.version == VERSIONS[_kind_of(media)]:
                return False
            if row is not None:
                self.remove(media)
            packed = words.words.astype("<i4").tobytes()
            entry = LibraryEntry.objects.create(
                media=media, version=VERSIONS[_kind_of(media)], words=packed, count=len(words)
            )
            add_postings(entry.pk, words, _kind_of(media))
        return True

    def remove(self, media: MediaFile) -> bool:
        """Delete the entry and its postings, both or neither."""
        with transaction.atomic():
            row = LibraryEntry.objects.filter(media=media).first()
            if row is None:
                return False
            number = row.pk
            row.delete()
            _drop_postings(number, page_keys(number, np.frombuffer(bytes(row.words), "<i4"), _kind_of(media)))
        return True

    def find(self, words: VisualWords, *, kind: str = Kind.VIDEO, most: int = 10) -> list[Candidate]:
        """The shortlist by counting, then by the length of each work. Three statements for a picture."""
        newest = _fetch(_NEWEST, [])[0][0]
        if newest is None or not len(words):
            return []
        entries, scores = _counted(words, newest, kind)
        best = (
            np.argpartition(scores, -_SHORTLIST)[-_SHORTLIST:] if len(scores) > _SHORTLIST else np.arange(len(scores))
        )
        found = dict(zip(entries[best].tolist(), scores[best].tolist(), strict=True))
        rows = _fetch(_SHORTLISTED, [list(found), VERSIONS[kind]])
        ranked = sorted((-found[pk] / (count + _LENGTH) ** 0.5, pk, media) for pk, media, count in rows)
        return [Candidate(media, -score) for score, _pk, media in ranked[:most]]


def _kind_of(media: MediaFile) -> str:
    """Rows whose file has not been checked are held as videos, as all were before there were other kinds."""
    return media.kind or Kind.VIDEO


def page_keys(entry: int, words: Numbers, kind: str = Kind.VIDEO) -> Numbers:
    """The pages on which an entry of a work of that kind stands."""
    return _KIND[kind] + entry // PART * WORD_COUNT + words.astype(np.int64)


def add_postings(entry: int, words: VisualWords, kind: str = Kind.VIDEO) -> None:
    """Append the postings of an entry, whose words are in rising order."""
    postings = np.zeros(len(words), POSTING)
    postings["entry"], postings["signature"] = entry, words.signatures
    data = postings.tobytes()
    size = POSTING.itemsize
    each = [data[start : start + size] for start in range(0, len(data), size)]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [page_keys(entry, words.words, kind).tolist(), each, MOST_POSTINGS * size])


def _drop_postings(entry: int, keys: Numbers) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [keys.tolist()])
        pages = [(key, np.frombuffer(bytes(data), POSTING)) for key, data in cursor.fetchall()]
        kept = [(key, postings[postings["entry"] != entry].tobytes()) for key, postings in pages]
        cursor.execute(_WRITE, [[key for key, _data in kept], [data for _key, data in kept]])
        cursor.execute(_EMPTY, [keys.tolist()])


def _counted(words: VisualWords, newest: int, kind: str) -> tuple[Numbers, Numbers]:
    """Entries that share something with a question, and how much speaks for each."""
    asked = _without_repeats(words)
    found = [_near(asked, some, newest, _KIND[kind]) for some in _batches(np.unique(asked.words))]
    entries, points, weights = (np.concatenate(column) for column in zip(*found, strict=True))
    if not len(entries):
        return entries, weights
    # A keypoint speaks once for each video, in the best way in which it does.
    both = entries << 32 | points
    order = np.argsort(both)
    first = np.flatnonzero(_is_first(both[order]))
    best = np.maximum.reduceat(weights[order], first)
    told, place = np.unique(entries[order][first], return_inverse=True)
    return told, np.bincount(place, best)


def _batches(numbers: Numbers) -> list[Numbers]:
    """So few words at a time that memory does not grow with the question."""
    return [numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE)]


def _near(asked: VisualWords, some: Numbers, newest: int, first_page: int) -> tuple[Numbers, Numbers, Numbers]:
    """Of these words: entries whose signatures are near to one asked for, its keypoint, and what it weighs."""
    pages, lengths, postings = _read_pages(some, newest, first_page)
    held, of_word = np.unique((pages - first_page) % WORD_COUNT, return_inverse=True)
    having = np.bincount(of_word, lengths, len(held))[of_word]
    first = np.searchsorted(asked.words, held, "left")[of_word]
    counts = np.searchsorted(asked.words, held, "right")[of_word] - first
    signatures, ends = np.ascontiguousarray(postings["signature"]), np.cumsum(lengths)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    # A word is asked for with one keypoint mostly; those of further ones are looked at in turns, so that nothing is copied.
    for turn in range(int(counts.max(initial=0))):
        chosen = np.flatnonzero(counts > turn)
        told = signatures if len(chosen) == len(pages) else signatures[np.repeat(counts > turn, lengths)]
        bits = np.bitwise_count(told ^ np.repeat(asked.signatures[first[chosen] + turn], lengths[chosen]))
        near = np.flatnonzero(bits <= NEAR)
        own_ends = np.cumsum(lengths[chosen])
        page = np.searchsorted(own_ends, near, "right")
        posting = near - own_ends[page] + ends[chosen[page]]
        weights = np.log1p(newest / having[chosen[page]]) * np.exp(-((bits[near] / _SOFT) ** 2))
        found.append((posting, first[chosen[page]] + turn, weights))
    posting, question, weights = (np.concatenate(column) for column in zip(*found, strict=True))
    return postings["entry"][posting].astype(np.int64), asked.points[question].astype(np.int64), weights


def _without_repeats(words: VisualWords) -> VisualWords:
    """In the order of the words, each at most _MOST_ALIKE times."""
    order = np.argsort(words.words, kind="stable")
    ordered = words.words[order]
    rank = np.arange(len(ordered)) - np.searchsorted(ordered, ordered, "left")
    order = order[rank < _MOST_ALIKE]
    return VisualWords(words.words[order], words.signatures[order], words.points[order])


def _read_pages(words: Numbers, newest: int, first_page: int) -> tuple[Numbers, Numbers, Numbers]:
    """Keys of the pages of these words, how many postings each has, and all postings; those of common words left out."""
    keys = [first_page + part * WORD_COUNT + words.astype(np.int64) for part in range(newest // PART + 1)]
    most = int(min(MOST_POSTINGS, max(_LEAST_COMMON, newest * _COMMON)))
    size = POSTING.itemsize
    rows = _fetch(_READ, [np.concatenate(keys).tolist(), most * size])
    return (
        np.array([key for key, _data in rows], np.int64),
        np.array([len(data) // size for _key, data in rows], np.int64),
        np.frombuffer(b"".join(data for _key, data in rows), POSTING),
    )


def _fetch(sql: str, told: Any) -> list[tuple[Any, ...]]:
    """All rows, in binary: the text form of postings is twice as long and has to be parsed."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, told, binary=True).fetchall()


def _is_first(column: Numbers) -> npt.NDArray[np.bool_]:
    """Whether a number differs from the one before."""
    new = np.ones(len(column), bool)
    new[1:] = column[1:] != column[:-1]
    return new
