"""The library in PostgreSQL: for every word, pages of postings (LibraryPage), read by whoever asks.

Each kind of work has pages of its own. A question reads the pages of its words by their keys and counts in numpy: a keypoint speaks for each video that has a
posting with a near signature, the more the rarer its word is. Pages are read from the shortest on, up to a number of postings that
bounds the time of a question; how many words were left out is told with the answer. Nothing is held in memory between questions.
Rows of pages are locked in the order of their keys.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

from complaints.library import WORD_VERSIONS, Answer, Candidate, WorkContent
from complaints.library.entries import EntryLibrary
from complaints.models import LibraryEntry
from portal.engines.fingerprints import NEAR, WORD_COUNT, VisualWords
from portal.media.models import Kind

POSTING: Final = np.dtype([("entry", "<u4"), ("signature", "<u8")])
# Of the number of a page: which kind its works are of. Below it there is room for a million parts.
_KIND: Final = {Kind.VIDEO.value: 0, Kind.IMAGE.value: 1 << 40, Kind.AUDIO.value: 2 << 40, Kind.TEXT.value: 3 << 40}
PART: Final = 1 << 16  # entries whose postings share pages
MOST_POSTINGS: Final = 4096  # of a page; works of which it takes no posting are found by their other words
_MOST_READ: Final = 1 << 17  # postings of one part that one statement reads
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
_READ: Final = """
    SELECT id, octet_length(postings), CASE WHEN sum(octet_length(postings)) OVER shortest <= %s THEN postings END
    FROM complaints_librarypage WHERE id = ANY(%s::bigint[])
    WINDOW shortest AS (ORDER BY octet_length(postings), id)
"""
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


class PageLibrary(EntryLibrary):
    """See the module; implements complaints.library.Library."""

    versions = WORD_VERSIONS

    def find(self, asked: WorkContent, *, most: int = 10) -> Answer:
        """The shortlist by counting, then by the length of each work. Three statements for a picture."""
        newest = _fetch(_NEWEST, [])[0][0]
        if newest is None or not len(asked.words):
            return Answer([])
        entries, scores, unsearched = _counted(asked.words, newest, asked.kind)
        size = max(_SHORTLIST, most)
        best = np.argpartition(scores, -size)[-size:] if len(scores) > size else np.arange(len(scores))
        found = dict(zip(entries[best].tolist(), scores[best].tolist(), strict=True))
        rows = _fetch(_SHORTLISTED, [list(found), self.versions[asked.kind]])
        ranked = sorted((-found[pk] / (count + _LENGTH) ** 0.5, pk, media) for pk, media, count in rows)
        return Answer([Candidate(media, -score) for score, _pk, media in ranked[:most]], unsearched)

    def _write(self, entry: LibraryEntry, content: WorkContent) -> int:
        return add_postings(entry.pk, content.words, content.kind)

    def _erase(self, entry: LibraryEntry) -> None:
        words = np.frombuffer(bytes(entry.words), "<i4")
        _drop_postings(entry.pk, page_keys(entry.pk, words, _kind_of(entry)))


def _kind_of(entry: LibraryEntry) -> str:
    """Rows whose file has not been checked are held as videos, as all were before there were other kinds."""
    return entry.media.kind or Kind.VIDEO


def page_keys(entry: int, words: Numbers, kind: str = Kind.VIDEO) -> Numbers:
    """The pages on which an entry of a work of that kind stands."""
    return _KIND[kind] + entry // PART * WORD_COUNT + words.astype(np.int64)


def add_postings(entry: int, words: VisualWords, kind: str = Kind.VIDEO) -> int:
    """Append the postings of an entry, whose words are in rising order; returns how many the pages took."""
    postings = np.zeros(len(words), POSTING)
    postings["entry"], postings["signature"] = entry, words.signatures
    data = postings.tobytes()
    size = POSTING.itemsize
    each = [data[start : start + size] for start in range(0, len(data), size)]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [page_keys(entry, words.words, kind).tolist(), each, MOST_POSTINGS * size])
        return int(cursor.rowcount)


def _drop_postings(entry: int, keys: Numbers) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [keys.tolist()])
        pages = [(key, np.frombuffer(bytes(data), POSTING)) for key, data in cursor.fetchall()]
        kept = [(key, postings[postings["entry"] != entry].tobytes()) for key, postings in pages]
        cursor.execute(_WRITE, [[key for key, _data in kept], [data for _key, data in kept]])
        cursor.execute(_EMPTY, [keys.tolist()])


def _counted(words: VisualWords, newest: int, kind: str) -> tuple[Numbers, Numbers, float]:
    """Entries that share something with a question, how much speaks for each, and the share of words not searched."""
    asked = _without_repeats(words)
    numbers = np.unique(asked.words)
    found = [_near(asked, some, newest, _KIND[kind]) for some in _batches(numbers)]
    entries, points, weights, unread = (np.concatenate(column) for column in zip(*found, strict=True))
    unsearched = len(unread) / len(numbers)
    if not len(entries):
        return entries, weights, unsearched
    # A keypoint speaks once for each video, in the best way in which it does.
    both = entries << 32 | points
    order = np.argsort(both)
    first = np.flatnonzero(_is_first(both[order]))
    best = np.maximum.reduceat(weights[order], first)
    told, place = np.unique(entries[order][first], return_inverse=True)
    return told, np.bincount(place, best), unsearched


def _batches(numbers: Numbers) -> list[Numbers]:
    """So few words at a time that memory does not grow with the question."""
    return [numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE)]


def _near(asked: VisualWords, some: Numbers, newest: int, first_page: int) -> tuple[Numbers, ...]:
    """Of these words: entries whose signatures are near to one asked for, its keypoint, what it weighs; and words not read."""
    pages, lengths, postings, unread = _read_pages(some, newest, first_page)
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
    entries, points = postings["entry"][posting].astype(np.int64), asked.points[question].astype(np.int64)
    return entries, points, weights, np.setdiff1d((unread - first_page) % WORD_COUNT, held)


def _without_repeats(words: VisualWords) -> VisualWords:
    """In the order of the words, each at most _MOST_ALIKE times."""
    order = np.argsort(words.words, kind="stable")
    ordered = words.words[order]
    rank = np.arange(len(ordered)) - np.searchsorted(ordered, ordered, "left")
    order = order[rank < _MOST_ALIKE]
    return VisualWords(words.words[order], words.signatures[order], words.points[order])


def _read_pages(words: Numbers, newest: int, first_page: int) -> tuple[Numbers, ...]:
    """Of the pages of these words that are read: keys, how many postings each has, all postings. And keys of those too long to be read."""
    parts = newest // PART + 1
    keys = [first_page + part * WORD_COUNT + words.astype(np.int64) for part in range(parts)]
    size = POSTING.itemsize
    rows = _fetch(_READ, [_MOST_READ * parts * size, np.concatenate(keys).tolist()])
    read = [row for row in rows if row[2] is not None]
    return (
        np.array([key for key, _length, _data in read], np.int64),
        np.array([length // size for _key, length, _data in read], np.int64),
        np.frombuffer(b"".join(data for _key, _length, data in read), POSTING),
        np.array([key for key, _length, data in rows if data is None], np.int64),
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
