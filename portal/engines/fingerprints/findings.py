"""What two videos share, found by hashes and by keypoints; each finding graded by what moves within its picture."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from portal.engines.fingerprints import (
    alignment,
    common_area,
    motion_lines,
    shared_spans,
    similarity,
    thumbnail_motion,
    transformations,
    warped_motion,
)
from portal.engines.fingerprints.affine import Map
from portal.engines.fingerprints.alignment import Alignment
from portal.engines.fingerprints.grades import IMAGERY, MOTION_CONFIRMED, STATIC
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.stretches import Search, Stretch
from portal.engines.fingerprints.thresholds import (
    BY_FEW_WINDOWS,
    BY_REPETITION,
    BY_SHORT_STRETCH,
    BY_THUMBNAILS,
    BY_WINDOWS,
    TOO_FEW_WINDOWS,
    Thresholds,
)
from portal.engines.fingerprints.voting import Line
from portal.engines.fingerprints.warped_motion import AlignedMotion

_SAME_LINE: Final = 1.0  # s between a stretch and a span up to which they are the same finding
_SAME_SPAN: Final = 0.6  # share of the stretch that the span must cover for this
_SAME_RATE: Final = 0.016  # difference of two rates that motion cannot distinguish within seconds
_ENOUGH: Final = (
    0.8  # share of the shorter video on which motion is confirmed, from which on no further lines are looked for
)
_MOST_MAPS: Final = 3  # along which they are
_EXACT: Final = 1.25  # weight of findings by hashes, which are sampled more often than keypoints


@dataclass(frozen=True)
class Finding:
    """Seconds `start`..`end` of the first video, shown along the line; the last sample stands for `step` seconds more.

    `map`: px of the first video's keypoint picture to px of the second's. `area`: share of the picture that is the same, as
    common_area.py says. `rule`, `needed`: as in comparison.Segment.
    """

    line: Line
    start: float
    end: float
    step: float
    map: Map
    hits: int
    distance: float | None
    places: int
    motion: float | None = None
    grade: str = IMAGERY
    area: float = 1.0
    rule: str = ""
    needed: float | None = None

    def weight(self) -> float:
        """By which findings of one grade are preferred."""
        return (self.end - self.start) * (_EXACT if self.hits else 1.0)

    def seconds(self, a_duration: float, b_duration: float) -> tuple[float, float, float, float]:
        """Start and end in the first, start and end in the second video."""
        a_start, a_end = max(0.0, self.start), min(self.end + self.step, a_duration)
        low, high = sorted((self.line.at(a_start), self.line.at(a_end)))
        return a_start, a_end, min(max(0.0, low), b_duration), max(0.0, min(high, b_duration))


def find_shared(a: Fingerprint, b: Fingerprint, thresholds: Thresholds) -> list[Finding]:
    """All findings; several may describe the same seconds."""
    alignments = alignment.find_alignments(a.keypoints, b.keypoints, places=thresholds.places)
    spans = _by_keypoints(a, b, alignments, thresholds)
    stretches = [_merged(each, spans) for each in _by_hashes(a, b, thresholds)]
    grading = _Grading(a, b, thresholds)
    found = [grading.graded(each) for each in (*stretches, *spans)]
    if spans and _confirmed_share(found, a, b) < _ENOUGH:
        moving = (grading.graded(each) for each in grading.by_motion(alignments[:_MOST_MAPS]))
        found += [each for each in moving if each.grade == MOTION_CONFIRMED]
    return found


def _confirmed_share(found: list[Finding], a: Fingerprint, b: Fingerprint) -> float:
    """How much is confirmed of the video of which less is."""
    sure = [each.seconds(a.duration, b.duration) for each in found if each.grade == MOTION_CONFIRMED]
    first = covered_seconds([each[:2] for each in sure], (0.0, a.duration))
    second = covered_seconds([each[2:] for each in sure], (0.0, b.duration))
    return min(first / max(a.shown_seconds, 1e-6), second / max(b.shown_seconds, 1e-6))


def covered_seconds(spans: Iterable[tuple[float, float]], within: tuple[float, float]) -> float:
    """Seconds of `within`, start and end, that the spans cover together."""
    total, reached = 0.0, within[0]
    for start, end in sorted(spans):
        first, last = max(start, reached), min(end, within[1])
        if last > first:
            total, reached = total + last - first, last
    return total


def _by_hashes(a: Fingerprint, b: Fingerprint, thresholds: Thresholds) -> list[Finding]:
    search = Search(
        a, b, bits=thresholds.bits, quality=thresholds.quality, hits=thresholds.hits, seconds=thresholds.seconds
    )
    alike = similarity.similar_pairs(a, b, bits=thresholds.bits, quality=thresholds.quality)
    return [_of_stretch(a, b, each) for each in search.stretches(alike)]


def _of_stretch(a: Fingerprint, b: Fingerprint, found: Stretch) -> Finding:
    picture = transformations.box_map(found.orientation, (a.keypoints.size, a.box), (b.keypoints.size, b.box))
    return Finding(found.line, found.start, found.end, a.step, picture, found.hits, found.distance, places=0)


def _by_keypoints(a: Fingerprint, b: Fingerprint, alignments: list[Alignment], thresholds: Thresholds) -> list[Finding]:
    step = max(_step(a), _step(b))
    return [
        Finding(
            *(span.line, span.start, span.end, _step(a), found.map),
            hits=0,
            distance=None,
            places=span.places,
            area=common_area.common_area(a.keypoints, b.keypoints, found, shared_spans.pairs_of(span, found)),
        )
        for found in alignments
        for span in shared_spans.find_spans(found, places=thresholds.places, seconds=thresholds.seconds, step=step)
    ]


def _step(video: Fingerprint) -> float:
    looked_at = video.keypoints.looked_at
    return float(np.median(np.diff(looked_at))) if len(looked_at) > 1 else video.step


def _merged(stretch: Finding, spans: list[Finding]) -> Finding:
    """The stretch with the map of the span that is the same finding: that of keypoints is more exact."""
    middle = (stretch.start + stretch.end) / 2
    for span in spans:
        shared = min(stretch.end, span.end) - max(stretch.start, span.start)
        near = abs(stretch.line.at(middle) - span.line.at(middle)) <= _SAME_LINE
        turned = transformations.nearest_orientation(stretch.map) == transformations.nearest_orientation(span.map)
        if near and turned and shared >= _SAME_SPAN * (stretch.end - stretch.start):
            return replace(stretch, map=span.map, places=span.places)
    return stretch


class _Grading:
    """Grades findings in two videos; what moves is worked out once for each map."""

    def __init__(self, a: Fingerprint, b: Fingerprint, thresholds: Thresholds) -> None:
        self._a, self._b, self._thresholds = a, b, thresholds
        self._motions: dict[bytes, AlignedMotion] = {}

    def graded(self, found: Finding) -> Finding:
        span = (found.start, min(found.end + found.step, self._a.duration))
        moved = self._motion(found.map).compare(found.line, span)
        if moved is None and self._motion(found.map).stands_still(found.line, span):
            return self._even(replace(found, grade=STATIC))
        if moved is None:
            return _graded_by_thumbnails(self._a, self._b, found, self._thresholds)
        if not moved.windows:
            return self._even(replace(found, grade=STATIC))
        rule, needed = _rule(moved, self._thresholds)
        found = replace(found, motion=moved.likeness, rule=rule, needed=needed)
        if _confirms(moved, self._thresholds):
            return _timed_by(moved, replace(found, grade=MOTION_CONFIRMED))
        return replace(found, grade=IMAGERY)

    def _even(self, found: Finding) -> Finding:
        """At the unchanged rate, which a still picture does not tell, where the second video shows as much of it."""
        a_start, a_end, b_start, b_end = found.seconds(self._a.duration, self._b.duration)
        offset = (b_start + b_end - a_start - a_end) / 2
        least, most = -a_start, self._b.duration - a_end
        if least > most + found.step:
            return found
        return replace(found, line=Line(1.0, max(min(offset, most), least), found.line.votes))

    def by_motion(self, alignments: list[Alignment]) -> Iterator[Finding]:
        """Findings along the lines on which things move alike."""
        for each in alignments:
            products = self._motion(each.map).whole()
            for line, start, end in motion_lines.find_lines(products) if products else ():
                last = min(end, self._a.duration)
                yield Finding(line, start, last, 0.0, each.map, hits=0, distance=None, places=each.places)

    def _motion(self, found: Map) -> AlignedMotion:
        key = found.tobytes()
        if key not in self._motions:
            self._motions[key] = AlignedMotion(self._a, self._b, found)
        return self._motions[key]


def _confirms(moved: warped_motion.Motion, thresholds: Thresholds) -> bool:
    _, needed = _rule(moved, thresholds)
    return needed is not None and moved.likeness >= needed


def _rule(moved: warped_motion.Motion, thresholds: Thresholds) -> tuple[str, float | None]:
    """The rule that asks for most, and the likeness that it asks for; None where none is enough."""
    if moved.windows < thresholds.few_windows:
        return TOO_FEW_WINDOWS, None
    if moved.windows >= (thresholds.short_windows if moved.short else thresholds.windows):
        rule, needed = BY_WINDOWS, thresholds.motion
    elif moved.windows >= thresholds.windows:
        rule, needed = BY_SHORT_STRETCH, thresholds.short_motion
    else:
        rule, needed = BY_FEW_WINDOWS, thresholds.few_motion
    clear = thresholds.clear * moved.elsewhere
    return (BY_REPETITION, clear) if clear > needed else (rule, needed)


def _timed_by(moved: warped_motion.Motion, found: Finding) -> Finding:
    """The finding on the line that motion measured: still things leave that of keypoints and hashes open."""
    exact = found.hits and abs(moved.rate - found.line.rate) <= _SAME_RATE
    if exact:
        return found
    line = Line(moved.rate, moved.offset, found.line.votes)
    # Both videos have the picture in common in these seconds; on the new line fewer of the first may be left.
    shown = (found.line.at(moment) for moment in (found.start, found.end))
    first, last = sorted((moment - line.offset) / line.rate for moment in shown)
    start, end = max(found.start, first), min(found.end, last)
    return replace(found, line=line, start=start, end=end) if end > start else replace(found, line=line)


def _graded_by_thumbnails(a: Fingerprint, b: Fingerprint, found: Finding, thresholds: Thresholds) -> Finding:
    """For videos without small pictures; thumbnails are aligned by hashes only."""
    if not found.hits or found.line.rate < 0:
        return found
    number = transformations.nearest_orientation(found.map)
    moved = thumbnail_motion.compare_thumbnails(a, b, number, found.line, (found.start, found.end))
    if moved is None:
        return found
    if moved.energy < thresholds.energy:
        return replace(found, motion=moved.likeness, grade=STATIC)
    needed = thresholds.small_motion
    found = replace(found, motion=moved.likeness, rule=BY_THUMBNAILS, needed=needed)
    return replace(found, grade=MOTION_CONFIRMED if moved.likeness >= needed else IMAGERY)
