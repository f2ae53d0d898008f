"""Two fingerprints compared: what of one video is seen in the other, where, how, and how sure that is.

The two are compared in an order of their own, so that (a, b) and (b, a) have one answer, seen from either side.
"""

import itertools
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from portal.engines import limited_process
from portal.engines.fingerprints import affine, findings, pdq, record, rhythm, transformations, usable
from portal.engines.fingerprints.findings import Finding, covered_seconds
from portal.engines.fingerprints.grades import GRADES, IDENTICAL, MOTION_CONFIRMED, NONE, NOT_COMPARABLE, SIMILAR
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.thresholds import THRESHOLDS, Thresholds

VERSION: Final = 4  # of everything that turns two fingerprints into a comparison
# Decimals of a rate in the order in which two videos are compared, and seen from the other one: turned back, it is the same.
RATE_DIGITS: Final = 4
TURNED_RATE_DIGITS: Final = 6

_UNRELATED: Final = pdq.BITS / 2  # bits between pictures that have nothing in common
_AGAIN: Final = (
    0.8  # share of the shorter of two segments that they have in common in the first video, if it is repeated
)
_ELSEWHERE: Final = 0.2  # the same in the second video, at most
_UNCONFIRMED: Final = 0.5  # likeness of a segment that keypoints found and motion does not confirm


@dataclass(frozen=True)
class Segment:
    """Seconds a_start..a_end of the first video are seen at b_start..b_end of the second.

    `rate`: seconds of the second video for one of the first. `orientation`: how the second shows the
    first, one of pdq.ORIENTATIONS. `hits`: samples whose hashes are alike; `distance`: the mean of all, in bits of
    256, None where only keypoints agree. `places`: distinct places whose keypoints agree. `motion`: correlation of what
    moves within the picture, None where too little was sampled. `affine`: (xx, xy, x0, yx, yy, y0), which takes a place
    of the first picture to the second's, both in parts of their own longer side. `transformations`: codes of
    transformations.py. `rule`: one of RULES, by which motion was judged; `needed`: the correlation that it asked for.
    `backwards`: the line in time on which the picture was found runs back, which is told as a transformation only where
    motion has measured it. `by_rhythm`: seconds of the first for which the rhythm of changes alone speaks (closer.py).
    """

    a_start: float
    a_end: float
    b_start: float
    b_end: float
    rate: float
    orientation: str
    hits: int
    distance: float | None
    motion: float | None
    grade: str
    places: int = 0
    affine: tuple[float, ...] = ()
    transformations: tuple[str, ...] = ()
    rule: str = ""
    needed: float | None = None
    backwards: bool = False
    by_rhythm: float = 0.0

    @property
    def signed_rate(self) -> float:
        """`rate`, less than 0 where the second video shows the first backwards."""
        return -self.rate if self.backwards or transformations.REVERSED in self.transformations else self.rate


@dataclass(frozen=True)
class Comparison:
    """The grade is that of the surest segment; segments are in the order of the first video.

    `score` 0..1: the share of the shorter video that the segments cover, each second weighted by the
    likeness of its segment (1 for equal hashes, 0 for unrelated ones). `rhythm`: standard
    deviations above chance by which the rhythms are alike. `usable_a`, `usable_b`: recognisable share of each video.
    """

    grade: str
    score: float
    segments: tuple[Segment, ...]
    thresholds: Thresholds
    versions: dict[str, int]
    rhythm: float = 0.0
    usable_a: float = 1.0
    usable_b: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        return asdict(self) | {"segments": [asdict(segment) for segment in self.segments]}


def compare_fingerprints(a: Fingerprint, b: Fingerprint, *, thresholds: Thresholds = THRESHOLDS) -> Comparison:
    """What of `a` is seen in `b`; for jobs only. Raises OnRequestThread while a web request is answered."""
    limited_process.refuse_on_request_thread("compare_fingerprints")
    swapped = is_turned(a, b)
    first, second = (b, a) if swapped else (a, b)
    kept = _kept(findings.find_shared(first, second, thresholds), first, second)
    segments = _with_repetitions([describe_finding(each, first, second, thresholds, swapped=swapped) for each in kept])
    alike = rhythm.compare_rhythm(first.changes, second.changes).score
    shares = usable.usable_share(a, quality=thresholds.quality), usable.usable_share(b, quality=thresholds.quality)
    return Comparison(
        grade=_grade(segments, alike, min(shares), thresholds),
        score=score_segments(a, b, segments),
        segments=tuple(sorted(segments, key=lambda each: (each.a_start, each.b_start))),
        thresholds=thresholds,
        versions={"fingerprint": a.version, "comparison": VERSION},
        rhythm=round(alike, 2),
        usable_a=round(shares[0], 3),
        usable_b=round(shares[1], 3),
    )


def is_turned(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether the two are compared the other way round, `b` first."""
    return b.digest() < a.digest()


def identical_comparison(duration: float, *, thresholds: Thresholds = THRESHOLDS) -> Comparison:
    """The comparison of a video of `duration` seconds with the same file."""
    whole = Segment(0.0, duration, 0.0, duration, 1.0, pdq.ORIENTATIONS[0], 0, 0.0, None, IDENTICAL)
    versions = {"fingerprint": record.VERSION, "comparison": VERSION}
    return Comparison(IDENTICAL, 1.0, (whole,), thresholds, versions)


def _grade(segments: list[Segment], alike: float, share: float, thresholds: Thresholds) -> str:
    """The surest segment's; without one, by the rhythm and by how much of both videos is recognisable."""
    if segments:
        return min((segment.grade for segment in segments), key=GRADES.index)
    if alike >= thresholds.rhythm:
        return SIMILAR
    return NOT_COMPARABLE if share < thresholds.usable else NONE


def describe_finding(
    found: Finding, a: Fingerprint, b: Fingerprint, thresholds: Thresholds, *, swapped: bool
) -> Segment:
    """The finding, in which `a` comes first, as a segment; `swapped`: in which `b` does."""
    seconds, rate = found.seconds(a.duration, b.duration), round(abs(found.line.rate), RATE_DIGITS)
    picture, sizes = found.map, (a.keypoints.size, b.keypoints.size)
    if swapped:
        seconds, rate = (*seconds[2:], *seconds[:2]), round(1 / rate, TURNED_RATE_DIGITS)
        picture, sizes = affine.inverse(picture), sizes[::-1]
    a_start, a_end, b_start, b_end = (round(each, 3) for each in seconds)
    small = (transformations.SMALL_AREA,) if not found.hits and found.area <= thresholds.area else ()
    return Segment(
        *(a_start, a_end, b_start, b_end, rate),
        orientation=pdq.ORIENTATIONS[transformations.nearest_orientation(picture)],
        hits=found.hits,
        distance=None if found.distance is None else round(found.distance, 2),
        motion=None if found.motion is None else round(found.motion, 3),
        grade=found.grade,
        places=found.places,
        affine=_in_parts(picture, *sizes),
        transformations=(*transformations.describe(picture, *sizes, _measured_rate(found, rate)), *small),
        rule=found.rule,
        needed=None if found.needed is None else round(found.needed, 3),
        backwards=found.line.rate < 0,
    )


def _in_parts(picture: affine.Map, a: tuple[int, int], b: tuple[int, int]) -> tuple[float, ...]:
    """The map from parts of one picture's longer side to parts of the other's, row by row."""
    whole = np.column_stack([picture[:, :2] * max(a), picture[:, 2]]) / max(b)
    return tuple(round(float(each), 4) for each in whole.ravel())


def _measured_rate(found: Finding, rate: float) -> float:
    """The signed rate, only where motion has measured it: a still picture is alike at every speed and backwards."""
    if found.grade != MOTION_CONFIRMED:
        return 1.0
    return rate if found.line.rate > 0 else -rate


def _kept(found: list[Finding], a: Fingerprint, b: Fingerprint) -> list[Finding]:
    """Drop findings that one of higher confidence covers."""
    kept: list[tuple[float, float, float, float]] = []
    chosen = []
    for each in sorted(found, key=lambda each: (GRADES.index(each.grade), -each.weight(), each.start)):
        a_start, a_end, b_start, b_end = each.seconds(a.duration, b.duration)
        a_taken = covered_seconds([span[:2] for span in kept], (a_start, a_end)) / max(a_end - a_start, 1e-6)
        b_taken = covered_seconds([span[2:] for span in kept], (b_start, b_end)) / max(b_end - b_start, 1e-6)
        again = sorted((a_taken, b_taken))
        # The other video may show the same seconds twice; then their motion is alike both times.
        if (again[0] if each.grade == MOTION_CONFIRMED else again[1]) < 0.5:
            kept.append((a_start, a_end, b_start, b_end))
            chosen.append(each)
    return chosen


def _with_repetitions(segments: list[Segment]) -> list[Segment]:
    """The same segments; those whose seconds of the first video the second shows more than once say so."""
    sure = [each for each in segments if each.grade == MOTION_CONFIRMED]
    again = {one for one, other in itertools.permutations(sure, 2) if _is_repeated(one, other)}
    return [
        replace(each, transformations=_with_code(each, transformations.REPEATED)) if each in again else each
        for each in segments
    ]


def _is_repeated(one: Segment, other: Segment) -> bool:
    shortest_a = min(one.a_end - one.a_start, other.a_end - other.a_start)
    shortest_b = min(one.b_end - one.b_start, other.b_end - other.b_start)
    shared_a = min(one.a_end, other.a_end) - max(one.a_start, other.a_start)
    shared_b = min(one.b_end, other.b_end) - max(one.b_start, other.b_start)
    return shared_a >= _AGAIN * shortest_a and shared_b <= _ELSEWHERE * shortest_b


def _with_code(segment: Segment, code: str) -> tuple[str, ...]:
    return tuple(each for each in transformations.TRANSFORMATIONS if each in {*segment.transformations, code})


def _likeness(segment: Segment) -> float:
    if segment.distance is not None:
        return max(0.0, 1 - segment.distance / _UNRELATED)
    return max(_UNCONFIRMED, segment.motion or 0.0)


def score_segments(a: Fingerprint, b: Fingerprint, segments: list[Segment]) -> float:
    """The share of the shorter video that the segments cover, weighted as Comparison says."""
    shorter = min(a.shown_seconds, b.shown_seconds)
    likeness = [_likeness(each) for each in segments]
    covered = []  # two videos of equal length count from the side on which more is covered
    if a.shown_seconds == shorter:
        covered.append(_weighted([(each.a_start, each.a_end) for each in segments], likeness))
    if b.shown_seconds == shorter:
        covered.append(_weighted([(each.b_start, each.b_end) for each in segments], likeness))
    return round(min(max(covered) / shorter, 1.0), 4)


def _weighted(spans: list[tuple[float, float]], likeness: list[float]) -> float:
    """Seconds that the spans cover, each second times the highest likeness there."""
    total = 0.0
    for start, end in itertools.pairwise(sorted({mark for span in spans for mark in span})):
        total += (end - start) * max(
            (share for share, span in zip(likeness, spans, strict=True) if span[0] <= start < span[1]), default=0.0
        )
    return total
