"""A library of works and distractors: how long a question takes among very many videos, and whether an edited copy is among the first ten.

Works and copies are those of the benchmark of originality. What surrounds them is made, since so much footage is nowhere to be had:
each distractor is a video of as many words as the works have on average, at two pictures a second; each of its
keypoints is a mixture of two keypoints of the run's works, drawn at random. So words are as common as among the works, and a
signature that falls near by chance does so as often; but keypoints of one distractor do not belong together, as those of one real
place would.
"""

import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

from complaints.library import LIBRARY_VERSION, WorkContent, get_library, pages
from complaints.models import LibraryEntry
from portal.bench.measuring import Say, bench_database, percentile_ms, vacuum_and_analyze
from portal.bench.originality.tasks import Video
from portal.engines.fingerprints import WORD_COUNT, Fingerprint, words
from portal.engines.fingerprints.words import Descriptors
from portal.media.models import Kind, MediaFile, MediaState

_FRAMES_OF_ONE: Final = 20  # pictures of a distractor: ten seconds
_MIXTURES: Final = 1_000_000  # keypoints from which distractors are drawn
_AT_ONCE: Final = 50_000
_SHARES: Final = (0.5, 0.9)  # of the first keypoint of a mixture
_LENGTH: Final = 512.0  # of a descriptor
_ASKED: Final = (1 / 3, 5 / 6)  # places of the two pictures of each copy with which the library is asked
_FIRST: Final = 10

Numbers = npt.NDArray[Any]


def measure(
    originals: Sequence[Video], copies: Sequence[Video], *, frames: int, seed: int, say: Say, keep: bool = False
) -> dict[str, Any]:
    """The figures of a library that holds the originals and distractors up to so many pictures."""
    with bench_database(keep=keep):
        shelf = _Shelf(originals, np.random.default_rng(seed), say)
        adding = shelf.add_works()
        building = shelf.add_distractors(frames)
        vacuum_and_analyze()
        return {
            **shelf.ask(copies),
            "library_add_ms": percentile_ms(adding, 0.5),
            "library_build_s": round(building, 1),
            **sizes(),
            "library_frames": shelf.frames,
            "library_distractors": "mixtures of two keypoints of the run's works each, independent of each other",
        }


@dataclass(frozen=True)
class _Asked:
    """What the library said of one copy: whether its work was among the first, for the video and for two pictures of it."""

    attack: str
    found: bool
    pictures: list[bool]
    seconds: list[float]
    cpu: list[float]  # seconds of this process


class _Shelf:
    """A library that is filled and asked."""

    def __init__(self, originals: Sequence[Video], chance: np.random.Generator, say: Say) -> None:
        self._chance, self._say = chance, say
        read = ((video, _fingerprint(video)) for video in originals)
        self._prints = {video.name: made for video, made in read if made is not None}
        self._media: dict[str, MediaFile] = {}
        self.frames = sum(len(made.keypoints.looked_at) for made in self._prints.values())

    def add_works(self) -> list[float]:
        """Let the works enter; seconds of each."""
        spent = []
        rows = media_rows(len(self._prints))
        for (name, made), media in zip(self._prints.items(), rows, strict=True):
            self._media[name] = media
            kept = WorkContent(Kind.VIDEO, words.words_to_keep(made), made)
            begun = time.perf_counter()
            get_library().add(media, kept)
            spent.append(time.perf_counter() - begun)
        return spent

    def add_distractors(self, frames: int) -> float:
        """Write as many as are missing; seconds that PostgreSQL took to store them."""
        count = max(0, frames - self.frames) // _FRAMES_OF_ONE
        if not count:
            return 0.0
        average = int(statistics.mean(LibraryEntry.objects.values_list("count", flat=True)))
        rows = media_rows(count)
        facts = {"version": LIBRARY_VERSION, "words": b"", "count": average}
        made = LibraryEntry.objects.bulk_create([LibraryEntry(media=each, **facts) for each in rows], batch_size=5000)
        numbers = np.array([row.pk for row in made], np.int64)
        self._say(f"{count} distractors of {average} words each")
        spent = self._write(numbers, average)
        self.frames += count * _FRAMES_OF_ONE
        return spent

    def ask(self, copies: Sequence[Video]) -> dict[str, Any]:
        """Ask for every copy, and for two pictures of each."""
        asked = [told for copy in copies if (told := self._ask(copy)) is not None]
        self._say(f"{len(asked)} copies asked for")
        found, all_of = Counter(each.attack for each in asked if each.found), Counter(each.attack for each in asked)
        pictures = [one for each in asked for one in each.pictures]
        return {
            "library_p95_ms": percentile_ms([one for each in asked for one in each.seconds], 0.95),
            "library_p50_ms": percentile_ms([one for each in asked for one in each.seconds], 0.5),
            "library_cpu_ms": round(1000 * statistics.mean(one for each in asked for one in each.cpu), 2),
            "library_recall_10": round(sum(found.values()) / (len(asked) or 1), 4),
            "library_frame_recall_10": round(sum(pictures) / (len(pictures) or 1), 4),
            "library_copies": len(asked),
            "library_missed": {
                kind: f"{many - found[kind]} of {many}" for kind, many in all_of.items() if many > found[kind]
            },
        }

    def _ask(self, copy: Video) -> _Asked | None:
        made, media = _fingerprint(copy), self._media.get(copy.work.name)
        if made is None or media is None:
            return None
        pictures, seconds, cpu = [], [], []
        for descriptors in _pictures(made):
            begun, spent = time.perf_counter(), time.process_time()
            told = _asked(words.words_of_picture(descriptors))
            seconds.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - spent)
            pictures.append(media.pk in told)
        return _Asked(copy.attack, media.pk in _asked(words.words_to_ask(made)), pictures, seconds, cpu)

    def _write(self, numbers: Numbers, average: int) -> float:
        """Pages of all distractors, in the order of their keys, merged with those of the works."""
        mixed, signatures = self._mixtures()
        each = len(numbers) * average / len(mixed)
        spent = 0.0
        for start in range(0, len(mixed), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            counts = self._chance.poisson(each, len(mixed[some]))
            postings = np.zeros(int(counts.sum()), pages.POSTING)
            entries = self._chance.choice(numbers, len(postings))
            flipped = np.uint64(1) << self._chance.integers(0, 64, len(postings)).astype(np.uint64)
            postings["entry"], postings["signature"] = entries, np.repeat(signatures[some], counts) ^ flipped
            spent += store(entries // pages.PART * WORD_COUNT + np.repeat(mixed[some], counts), postings)
            self._say(f"{start + len(mixed[some])} of {len(mixed)} kinds of keypoints written")
        return spent

    def _mixtures(self) -> tuple[Numbers, Numbers]:
        """Words in rising order, and their signatures."""
        pool = np.concatenate([made.keypoints.descriptors[::7] for made in self._prints.values()]).astype(np.float32)
        found = [self._mixed(pool) for _each in range(_MIXTURES // _AT_ONCE)]
        numbers, signatures = (
            np.concatenate([getattr(one, name) for one in found]) for name in ("words", "signatures")
        )
        order = np.argsort(numbers, kind="stable")
        return numbers[order].astype(np.int64), signatures[order]

    def _mixed(self, pool: npt.NDArray[np.float32]) -> words.VisualWords:
        share = self._chance.uniform(*_SHARES, (_AT_ONCE, 1)).astype(np.float32)
        one, other = (pool[self._chance.integers(0, len(pool), _AT_ONCE)] for _side in range(2))
        mixed = share * one + (1 - share) * other
        mixed *= _LENGTH / np.linalg.norm(mixed, axis=1, keepdims=True)
        return words.plain_words(np.asarray(np.rint(np.clip(mixed, 0, 255)), np.uint8))


def _asked(question: words.VisualWords) -> set[UUID]:
    answer = get_library().find(WorkContent(Kind.VIDEO, question), most=_FIRST)
    return {each.media for each in answer.candidates}


def _fingerprint(video: Video) -> Fingerprint | None:
    kept = video.path.with_suffix(".fingerprint")
    made = Fingerprint.unpack(kept.read_bytes()) if kept.exists() else None
    return made if made is not None and len(made.keypoints) else None


def _pictures(made: Fingerprint) -> Iterator[Descriptors]:
    points = made.keypoints
    times = np.unique(points.times)
    for place in _ASKED:
        yield points.descriptors[points.times == times[int(len(times) * place)]]


def media_rows(count: int, kind: str = Kind.VIDEO) -> list[MediaFile]:
    """Rows without bytes: the library asks for their keys alone."""
    before = MediaFile.objects.count()
    facts = {"purpose": "bench", "size": 1, "state": MediaState.STORED, "wrapped_key": b"none", "kind": kind}
    rows = [MediaFile(sha256=f"{before + number:064x}", **facts) for number in range(count)]
    return MediaFile.objects.bulk_create(rows, batch_size=5000)


def store(keys: Numbers, postings: Numbers) -> float:
    """Append postings to their pages; seconds of PostgreSQL. Common words end at their most, as when entries are added."""
    order = np.argsort(keys, kind="stable")
    keys, postings = keys[order], postings[order]
    found, start = np.unique(keys, return_index=True)
    ends = [*start[1:].tolist(), len(keys)]
    rows = [
        postings[begin:end][: pages.MOST_POSTINGS].tobytes() for begin, end in zip(start.tolist(), ends, strict=True)
    ]
    begun = time.perf_counter()
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(pages.ADD, [found.tolist(), rows, pages.MOST_POSTINGS * pages.POSTING.itemsize])
    return time.perf_counter() - begun


def sizes() -> dict[str, int]:
    """Bytes of the pages on disk, and entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('complaints_librarypage')")
        return {"library_bytes": cursor.fetchone()[0], "library_entries": LibraryEntry.objects.count()}
