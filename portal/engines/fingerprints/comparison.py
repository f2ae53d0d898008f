"""Two fingerprints compared: what of one video is seen in the other, where, how, and how sure that is."""

import itertools
from dataclasses import asdict, dataclass
from typing import Any, Final

from portal.engines import limited_process
from portal.engines.fingerprints import pdq, record, similarity
from portal.engines.fingerprints.motion import Motion, compare_motion
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.stretches import Search, Stretch

VERSION: Final = 1  # of everything that turns two fingerprints into a comparison

# Grades, the surest first.
IDENTICAL: Final = "identical"  # the same file, bit for bit; callers know, by its sha256
MOTION_CONFIRMED: Final = "motion_confirmed"  # the same imagery, and the same things move alike
IMAGERY: Final = "imagery"  # the same imagery; motion does not confirm that it is the same recording
STATIC: Final = "static"  # the same imagery, in which nothing moves
NONE: Final = "none"
GRADES: Final = (IDENTICAL, MOTION_CONFIRMED, IMAGERY, STATIC, NONE)

_UNRELATED: Final = pdq.BITS / 2  # bits between pictures that have nothing in common


@dataclass(frozen=True)
class Thresholds:
    """Where likeness begins; stored beside every comparison."""

    bits: int = 31  # PDQ distance up to which two samples are alike
    quality: int = 50  # PDQ quality from which a sample is looked at; plain pictures have less
    hits: int = 3  # alike samples on a line
    seconds: float = 0.9  # from the first to the last of them, in both videos
    motion: float = 0.7  # correlation of what moves, from which it is the same recording
    energy: float = 1.0  # luma levels; below, nothing moves


THRESHOLDS: Final = Thresholds()


@dataclass(frozen=True)
class Segment:
    """Seconds a_start..a_end of the first video are seen at b_start..b_end of the second.

    `rate`: seconds of the second video for one of the first. `orientation`: how the second shows the
    first, one of pdq.ORIENTATIONS. `hits`: alike samples; `distance`: the mean of all, in bits of 256.
    `motion`: correlation of what moves, None where too little was sampled.
    """

    a_start: float
    a_end: float
    b_start: float
    b_end: float
    rate: float
    orientation: str
    hits: int
    distance: float
    motion: float | None
    grade: str


@dataclass(frozen=True)
class Comparison:
    """The grade is that of its surest segment; segments are in the order of the first video.

    `score` 0..1: the share of the shorter video that the segments cover, each second weighted by the
    likeness of its segment (1 for equal hashes, 0 for unrelated ones).
    """

    grade: str
    score: float
    segments: tuple[Segment, ...]
    thresholds: Thresholds
    versions: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        return asdict(self) | {"segments": [asdict(segment) for segment in self.segments]}


def compare_fingerprints(a: Fingerprint, b: Fingerprint, *, thresholds: Thresholds = THRESHOLDS) -> Comparison:
    """What of `a` is seen in `b`; for jobs only. Raises OnRequestThread while a web request is answered."""
    limited_process.refuse_on_request_thread("compare_fingerprints")
    search = Search(
        a, b, bits=thresholds.bits, quality=thresholds.quality, hits=thresholds.hits, seconds=thresholds.seconds
    )
    found = search.stretches(similarity.similar_pairs(a, b, bits=thresholds.bits, quality=thresholds.quality))
    segments = _kept([_segment(a, b, stretch, thresholds) for stretch in found])
    grade = min((segment.grade for segment in segments), key=GRADES.index, default=NONE)
    versions = {"fingerprint": a.version, "comparison": VERSION}
    return Comparison(grade, _score(a, b, segments), segments, thresholds, versions)


def identical_comparison(duration: float, *, thresholds: Thresholds = THRESHOLDS) -> Comparison:
    """The comparison of a video of `duration` seconds with the same file."""
    whole = Segment(0.0, duration, 0.0, duration, 1.0, pdq.ORIENTATIONS[0], 0, 0.0, None, IDENTICAL)
    versions = {"fingerprint": record.VERSION, "comparison": VERSION}
    return Comparison(IDENTICAL, 1.0, (whole,), thresholds, versions)


def _segment(a: Fingerprint, b: Fingerprint, stretch: Stretch, thresholds: Thresholds) -> Segment:
    line = stretch.line
    moved = compare_motion(a, b, stretch.orientation, line, (stretch.start, stretch.end))
    # The last sample stands for the time up to the next one.
    a_end, b_start = min(stretch.end + a.step, a.duration), max(0.0, line.at(stretch.start))
    b_end = min(line.at(a_end), b.duration)
    return Segment(
        a_start=round(stretch.start, 3),
        a_end=round(a_end, 3),
        b_start=round(b_start, 3),
        b_end=round(b_end, 3),
        rate=round(line.rate, 4),
        orientation=pdq.ORIENTATIONS[stretch.orientation],
        hits=stretch.hits,
        distance=round(stretch.distance, 2),
        motion=None if moved is None else round(moved.likeness, 3),
        grade=_grade(moved, thresholds),
    )


def _grade(moved: Motion | None, thresholds: Thresholds) -> str:
    if moved is None:
        return IMAGERY
    if moved.energy < thresholds.energy:
        return STATIC
    return MOTION_CONFIRMED if moved.likeness >= thresholds.motion else IMAGERY


def _kept(segments: list[Segment]) -> tuple[Segment, ...]:
    """Drop segments that a segment of higher confidence covers."""
    kept: list[Segment] = []
    for segment in sorted(segments, key=lambda each: (GRADES.index(each.grade), -each.hits)):
        a_taken = _covered([(each.a_start, each.a_end) for each in kept], (segment.a_start, segment.a_end))
        b_taken = _covered([(each.b_start, each.b_end) for each in kept], (segment.b_start, segment.b_end))
        again = sorted((a_taken / (segment.a_end - segment.a_start), b_taken / (segment.b_end - segment.b_start)))
        # The same seconds of one video may be shown twice in the other; then they move alike both times.
        if (again[0] if segment.grade == MOTION_CONFIRMED else again[1]) < 0.5:
            kept.append(segment)
    return tuple(sorted(kept, key=lambda each: (each.a_start, each.b_start)))


def _covered(spans: list[tuple[float, float]], within: tuple[float, float]) -> float:
    """Seconds of `within` that the spans cover together."""
    total, reached = 0.0, within[0]
    for start, end in sorted(spans):
        first, last = max(start, reached), min(end, within[1])
        if last > first:
            total, reached = total + last - first, last
    return total


def _score(a: Fingerprint, b: Fingerprint, segments: tuple[Segment, ...]) -> float:
    if a.shown_seconds <= b.shown_seconds:
        duration, spans = a.shown_seconds, [(each.a_start, each.a_end) for each in segments]
    else:
        duration, spans = b.shown_seconds, [(each.b_start, each.b_end) for each in segments]
    likeness = [max(0.0, 1 - each.distance / _UNRELATED) for each in segments]
    total = 0.0
    for start, end in itertools.pairwise(sorted({mark for span in spans for mark in span})):
        total += (end - start) * max(
            (share for share, span in zip(likeness, spans, strict=True) if span[0] <= start < span[1]), default=0.0
        )
    return round(min(total / duration, 1.0), 4)
