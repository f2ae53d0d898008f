"""Long videos looked at more closely: short windows of both, fingerprinted as densely as short videos are.

The fingerprint of a long video has few keypoints and no small pictures, so that an edited copy of it is hardly found and
never confirmed. Where segments or the rhythm of changes say which seconds belong together, some windows there are
fingerprinted again and compared; what they confirm is joined where the rhythm between two windows is alike, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from portal.engines.fingerprints import rhythm
from portal.engines.fingerprints.channels import LUMA_STEP
from portal.engines.fingerprints.comparison import Comparison, Segment, covered_seconds, score_segments
from portal.engines.fingerprints.grades import GRADES, IDENTICAL, MOTION_CONFIRMED
from portal.engines.fingerprints.record import Fingerprint

VERSION: Final = 1  # of everything that chooses windows and joins what they confirm
WINDOWS: Final = "windows"  # how many were looked at, beside the versions of a comparison
LENGTH: Final = 40.0  # s of the first video in a window
MOST: Final = 8  # windows of a comparison
_MARGIN: Final = 8.0  # s before and after, in the second video: how exactly samples of long videos tell the offset
_APART: Final = 90.0  # s between the starts of two windows, at least
_DENSE: Final = 450.0  # s; in longer videos, pictures with keypoints lie more than 1.5 s apart (details.keypoint_step)
_SEEN: Final = 0.9  # share of a video that small pictures must cover for this
_SHORTEST: Final = 2.0  # s of a window
_ENOUGH: Final = 0.5  # share of a line on which motion is confirmed, from which on no closer look is needed
_SAME_LINE: Final = 1.5  # s by which a segment may be off a line
_SAME_RATE: Final = 0.02
_SAME_OFFSET: Final = 0.5  # s
_BRIEF: Final = 4.0  # s between two windows in which nothing can speak against it
_ALIKE: Final = 6.0  # deviations above chance of the rhythms between two windows that lets them be one segment


@dataclass(frozen=True)
class Window:
    """Seconds, start and end, of each video."""

    a: tuple[float, float]
    b: tuple[float, float]


@dataclass(frozen=True)
class _Line:
    """Seconds start..end of the first video, at rate * t + offset of the second."""

    start: float
    end: float
    rate: float
    offset: float

    def at(self, second: float) -> float:
        return self.rate * second + self.offset

    def within(self, a: Fingerprint, b: Fingerprint) -> "_Line":
        """The seconds that both videos have."""
        first = max(self.start, -self.offset / self.rate, float(a.times[0]))
        return replace(self, start=first, end=min(self.end, (b.duration - self.offset) / self.rate, a.duration))

    def passes(self, segment: Segment) -> bool:
        away = abs(self.at(segment.a_start) - segment.b_start), abs(self.at(segment.a_end) - segment.b_end)
        return max(away) <= _SAME_LINE

    def confirmed(self, sure: list[Segment]) -> float:
        """The share of the line on which motion is confirmed."""
        spans = [each for each in sure if self.passes(each)]
        return sum(each.a_end - each.a_start for each in spans) / max(self.end - self.start, 1e-6)


def windows_to_look_at(found: Comparison, a: Fingerprint, b: Fingerprint) -> tuple[Window, ...]:
    """Where a closer look may tell more than `found`, the comparison of `a` with `b`; none for videos sampled densely."""
    if found.grade == IDENTICAL or not (_is_sparse(a) or _is_sparse(b)):
        return ()
    sure = [each for each in found.segments if each.grade == MOTION_CONFIRMED]
    lines = [line for line in _lines(found, a, b) if line.confirmed(sure) < _ENOUGH]
    lines.sort(key=lambda line: line.start - line.end)
    return tuple(sorted(_spread(lines, sure, b), key=lambda window: window.a))


def look_closer(
    found: Comparison, a: Fingerprint, b: Fingerprint, looks: Iterable[tuple[Window, Comparison]]
) -> Comparison:
    """`found`, the comparison of `a` with `b`, with what is confirmed within the windows."""
    looks = list(looks)
    versions = found.versions | {"closer_look": VERSION, WINDOWS: len(looks)}
    seen = [_moved(each, window) for window, look in looks for each in look.segments if each.grade == MOTION_CONFIRMED]
    if not seen:
        return replace(found, versions=versions)
    seen += [each for each in found.segments if each.grade == MOTION_CONFIRMED]
    parts = _joined(sorted(seen, key=lambda each: (each.orientation, each.a_start)), found, a, b)
    joined = _without_doubles([_extended(each, parts, a, b) for each in parts])
    segments = [*joined, *(each for each in found.segments if _covered(each, joined) < 0.5)]
    segments.sort(key=lambda each: (each.a_start, each.b_start))
    grade = min((each.grade for each in segments), key=GRADES.index)
    score = score_segments(a, b, segments)
    return replace(found, grade=grade, segments=tuple(segments), score=score, versions=versions)


def _is_sparse(video: Fingerprint) -> bool:
    return video.duration > _DENSE or len(video.luma) * LUMA_STEP < _SEEN * video.shown_seconds


def _lines(found: Comparison, a: Fingerprint, b: Fingerprint) -> list["_Line"]:
    """On which lines in time the videos may be alike: that of the rhythm, and those of segments that are on no other."""
    lines: list[_Line] = []
    alike = rhythm.compare_rhythm(a.changes, b.changes)
    if alike.score >= found.thresholds.rhythm:
        lines.append(_Line(0.0, a.duration, alike.rate, alike.offset).within(a, b))
    for each in sorted(found.segments, key=lambda each: each.a_start - each.a_end):
        line = _Line(each.a_start, each.a_end, each.rate, each.b_start - each.rate * each.a_start)
        same = next((number for number, other in enumerate(lines) if other.passes(each)), None)
        if same is None:
            lines.append(line.within(a, b))
        else:
            other = lines[same]
            lines[same] = replace(other, start=min(other.start, line.start), end=max(other.end, line.end))
    return [line for line in lines if line.end - line.start >= _SHORTEST]


def _spread(lines: list["_Line"], sure: list[Segment], b: Fingerprint) -> list[Window]:
    """Windows over all lines, evenly, the longest lines first; none where motion is confirmed already."""
    chosen: list[Window] = []
    total = sum(line.end - line.start for line in lines)
    for line in lines:
        seconds = line.end - line.start
        count = max(1, min(round(MOST * seconds / total), int(seconds // _APART)))
        for place in (line.start + seconds * (number + 0.5) / count for number in range(count)):
            if len(chosen) < MOST and not any(each.a_start <= place <= each.a_end for each in sure):
                begun, ended = max(line.start, place - LENGTH / 2), min(line.end, place + LENGTH / 2)
                low, high = line.at(begun) - _MARGIN, line.at(ended) + _MARGIN
                chosen.append(Window(_rounded(begun, ended), _rounded(max(0.0, low), min(high, b.duration))))
    return chosen


def _rounded(start: float, end: float) -> tuple[float, float]:
    return round(start, 2), round(end, 2)


def _moved(segment: Segment, window: Window) -> Segment:
    """The segment of a window in seconds of the whole videos."""
    return replace(
        segment,
        a_start=round(segment.a_start + window.a[0], 3),
        a_end=round(segment.a_end + window.a[0], 3),
        b_start=round(segment.b_start + window.b[0], 3),
        b_end=round(segment.b_end + window.b[0], 3),
    )


def _joined(seen: list[Segment], found: Comparison, a: Fingerprint, b: Fingerprint) -> list[Segment]:
    """Neighbours on one line as one segment, where the seconds between them are alike too."""
    joined: list[Segment] = []
    for each in seen:
        number = next((n for n, one in reversed(list(enumerate(joined))) if _is_one_line(one, each)), None)
        last = each if number is None else joined[number]
        if number is not None and _is_alike_between(last, each, found, a, b):
            surer = max(last, each, key=lambda one: one.motion or 0.0)
            joined[number] = replace(
                surer,
                a_start=min(last.a_start, each.a_start),
                a_end=max(last.a_end, each.a_end),
                b_start=min(last.b_start, each.b_start),
                b_end=max(last.b_end, each.b_end),
                hits=last.hits + each.hits,
                motion=min(last.motion or 0.0, each.motion or 0.0),
            )
        else:
            joined.append(each)
    return joined


def _is_one_line(one: Segment, other: Segment) -> bool:
    rate = (one.rate + other.rate) / 2
    offset = abs((other.b_start - one.b_start) - rate * (other.a_start - one.a_start))
    near = offset <= max(_SAME_OFFSET, _SAME_RATE * abs(other.a_start - one.a_start))
    return abs(one.rate - other.rate) <= _SAME_RATE and near and one.orientation == other.orientation


def _is_alike_between(one: Segment, other: Segment, found: Comparison, a: Fingerprint, b: Fingerprint) -> bool:
    first, second = sorted((one, other), key=lambda each: each.a_start)
    gap = (first.a_end, second.a_start)
    if gap[1] - gap[0] <= _BRIEF:
        return True
    if any(
        each.a_start - 1 <= gap[0] and gap[1] <= each.a_end + 1 and _is_one_line(first, each) for each in found.segments
    ):
        return True
    rate = (second.b_start - first.b_end) / (gap[1] - gap[0])
    return rhythm.score_within(a.changes, b.changes, gap, rate, first.b_end - rate * gap[0]) >= _ALIKE


def _extended(segment: Segment, parts: list[Segment], a: Fingerprint, b: Fingerprint) -> Segment:
    """The segment up to the next one, or to the start and the end of both videos, where the rhythm there is alike too."""
    rate = (segment.b_end - segment.b_start) / (segment.a_end - segment.a_start)
    offset = segment.b_start - rate * segment.a_start
    first = max([0.0, -offset / rate, *(each.a_end for each in parts if each.a_end <= segment.a_start)])
    last = min(
        [a.duration, (b.duration - offset) / rate, *(each.a_start for each in parts if each.a_start >= segment.a_end)]
    )

    def is_alike(start: float, end: float) -> bool:
        return rhythm.score_within(a.changes, b.changes, (start, end), rate, offset) >= _ALIKE

    if is_alike(first, segment.a_start):
        segment = replace(segment, a_start=round(first, 3), b_start=round(rate * first + offset, 3))
    if is_alike(segment.a_end, last):
        segment = replace(segment, a_end=round(last, 3), b_end=round(rate * last + offset, 3))
    return segment


def _without_doubles(segments: list[Segment]) -> list[Segment]:
    """Without those whose seconds of both videos lie within a longer one."""
    kept: list[Segment] = []
    for each in sorted(segments, key=lambda each: each.a_start - each.a_end):
        middle = (each.a_start + each.a_end) / 2, (each.b_start + each.b_end) / 2
        if not any(one.a_start <= middle[0] <= one.a_end and one.b_start <= middle[1] <= one.b_end for one in kept):
            kept.append(each)
    return kept


def _covered(segment: Segment, by: list[Segment]) -> float:
    """The share of the segment's seconds of the first video that the others cover together."""
    within = (segment.a_start, segment.a_end)
    return covered_seconds([(each.a_start, each.a_end) for each in by], within) / max(within[1] - within[0], 1e-6)
