"""Long videos looked at more closely: short windows of both, fingerprinted as densely as short videos are.

The fingerprint of a long video has few keypoints and no small pictures, so that an edited copy of it is hardly found and
never confirmed. Where segments or the rhythm of changes say which seconds belong together, some windows there are
fingerprinted again and compared; what they confirm is joined where the rhythm between two windows is alike, too.
The two videos are taken in the order of comparison.py, so that (a, b) and (b, a) have the same windows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from portal.engines.fingerprints import rhythm
from portal.engines.fingerprints.channels import LUMA_STEP, RHYTHM_STEP
from portal.engines.fingerprints.comparison import (
    RATE_DIGITS,
    TURNED_RATE_DIGITS,
    Comparison,
    Segment,
    compare_fingerprints,
    is_turned,
    score_segments,
)
from portal.engines.fingerprints.findings import covered_seconds
from portal.engines.fingerprints.grades import GRADES, IDENTICAL, MOTION_CONFIRMED
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.voting import Line
from portal.engines.limited_process import Refused

VERSION: Final = 2  # of everything that chooses windows and joins what they confirm
# Beside the versions of a comparison: how many windows were compared, and in how many of them motion was confirmed.
WINDOWS: Final = "windows"
CONFIRMED_WINDOWS: Final = "windows_confirmed"
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

    def turned(self) -> "Window":
        """The same, the other video first."""
        return Window(self.b, self.a)


ReadWindow = Callable[[tuple[float, float]], Fingerprint]


@dataclass(frozen=True)
class _Span:
    """Seconds start..end of the first video, shown by the second along the line."""

    line: Line
    start: float
    end: float

    def within(self, a: Fingerprint, b: Fingerprint) -> "_Span":
        """The seconds that both videos have."""
        first, last = _shown(self.line, b)
        start = max(self.start, first, float(a.times[0]))
        return replace(self, start=start, end=min(self.end, last, a.duration))

    def passes(self, segment: Segment) -> bool:
        other = _line_of(segment)
        away = (abs(self.line.at(each) - other.at(each)) for each in (segment.a_start, segment.a_end))
        return max(away) <= _SAME_LINE

    def confirmed(self, sure: list[Segment]) -> float:
        """The share of the span on which motion is confirmed."""
        spans = [each for each in sure if self.passes(each)]
        return sum(each.a_end - each.a_start for each in spans) / max(self.end - self.start, 1e-6)


def compare_closely(a: Fingerprint, b: Fingerprint, read_a: ReadWindow, read_b: ReadWindow) -> Comparison:
    """The comparison of two videos, with a closer look where they are long; `read_a`, `read_b` fingerprint a window of each.

    A window that cannot be read is left out. For jobs and commands that have minutes.
    """
    found, looks = compare_fingerprints(a, b), []
    windows = windows_to_look_at(found, a, b)
    for window in windows:
        try:
            looks.append((window, compare_fingerprints(read_a(window.a), read_b(window.b))))
        except Refused:
            continue
    return look_closer(found, a, b, looks) if windows else found


def windows_to_look_at(found: Comparison, a: Fingerprint, b: Fingerprint) -> tuple[Window, ...]:
    """Where a closer look may tell more than `found`, the comparison of `a` with `b`; none for videos sampled densely."""
    if is_turned(a, b):
        return tuple(window.turned() for window in windows_to_look_at(_turned(found), b, a))
    if found.grade == IDENTICAL or not (_is_sparse(a) or _is_sparse(b)):
        return ()
    sure = [each for each in found.segments if each.grade == MOTION_CONFIRMED]
    spans = [span for span in _spans(found, a, b) if span.confirmed(sure) < _ENOUGH]
    spans.sort(key=lambda span: span.start - span.end)
    return tuple(sorted(_spread(spans, sure, b), key=lambda window: window.a))


def look_closer(
    found: Comparison, a: Fingerprint, b: Fingerprint, looks: Iterable[tuple[Window, Comparison]]
) -> Comparison:
    """`found`, the comparison of `a` with `b`, with what is confirmed within the windows."""
    if is_turned(a, b):
        turned = [(window.turned(), _turned(look)) for window, look in looks]
        return _turned(look_closer(_turned(found), b, a, turned), TURNED_RATE_DIGITS)
    looks = list(looks)
    sure = [(window, [each for each in look.segments if each.grade == MOTION_CONFIRMED]) for window, look in looks]
    seen = [_moved(each, window) for window, segments in sure for each in segments]
    counts = {WINDOWS: len(looks), CONFIRMED_WINDOWS: sum(bool(segments) for _, segments in sure)}
    versions = found.versions | {"closer_look": VERSION} | counts
    if not seen:
        return replace(found, versions=versions)
    seen += [each for each in found.segments if each.grade == MOTION_CONFIRMED]
    parts = _joined(sorted(seen, key=lambda each: (each.a_start, each.b_start)), found, a, b)
    joined = _without_doubles([_extended(each, parts, a, b) for each in parts])
    segments = [*joined, *(each for each in found.segments if _covered(each, joined) < 0.5)]
    segments.sort(key=lambda each: (each.a_start, each.b_start))
    grade = min((each.grade for each in segments), key=GRADES.index)
    score = score_segments(a, b, segments)
    return replace(found, grade=grade, segments=tuple(segments), score=score, versions=versions)


def _turned(found: Comparison, digits: int = RATE_DIGITS) -> Comparison:
    """With the other video first in time; codes and maps stay those of the order in which the caller names the videos."""
    segments = [
        replace(
            each,
            a_start=each.b_start,
            a_end=each.b_end,
            b_start=each.a_start,
            b_end=each.a_end,
            rate=round(1 / each.rate, digits),
            by_rhythm=round(each.by_rhythm * each.rate, 3),
        )
        for each in found.segments
    ]
    return replace(found, segments=tuple(sorted(segments, key=lambda each: (each.a_start, each.b_start))))


def _is_sparse(video: Fingerprint) -> bool:
    return video.duration > _DENSE or len(video.luma) * LUMA_STEP < _SEEN * video.shown_seconds


def _line_of(segment: Segment) -> Line:
    rate = round(segment.signed_rate, RATE_DIGITS)
    return Line(rate, (segment.b_end if rate < 0 else segment.b_start) - rate * segment.a_start)


def _shown(line: Line, b: Fingerprint) -> tuple[float, float]:
    """From when to when in the first video the second one lasts."""
    first, last = sorted((each - line.offset) / line.rate for each in (0.0, b.duration))
    return first, last


def _spans(found: Comparison, a: Fingerprint, b: Fingerprint) -> list[_Span]:
    """On which lines in time the videos may be alike: those of the rhythm, and those of segments that are on no other."""
    spans = [_Span(line, 0.0, a.duration).within(a, b) for line in _rhythm_lines(found, a, b)]
    for each in sorted(found.segments, key=lambda each: each.a_start - each.a_end):
        same = next((number for number, other in enumerate(spans) if other.passes(each)), None)
        if same is None:
            spans.append(_Span(_line_of(each), each.a_start, each.a_end).within(a, b))
        else:
            other = spans[same]
            spans[same] = replace(other, start=min(other.start, each.a_start), end=max(other.end, each.a_end))
    return [span for span in spans if span.end - span.start >= _SHORTEST]


def _rhythm_lines(found: Comparison, a: Fingerprint, b: Fingerprint) -> list[Line]:
    """The line on which the rhythms are alike; where they are alike backwards only, that one."""
    alike = rhythm.compare_rhythm(a.changes, b.changes)
    if alike.score >= found.thresholds.rhythm:
        return [Line(alike.rate, alike.offset)]
    alike = rhythm.compare_rhythm(a.changes, b.changes[::-1])
    if alike.score < found.thresholds.rhythm:
        return []
    return [Line(-alike.rate, len(b.changes) * RHYTHM_STEP - alike.offset)]


def _spread(spans: list[_Span], sure: list[Segment], b: Fingerprint) -> list[Window]:
    """Windows over all spans, evenly, the longest spans first; none where motion is confirmed already."""
    chosen: list[Window] = []
    total = sum(span.end - span.start for span in spans)
    for span in spans:
        seconds = span.end - span.start
        count = max(1, min(round(MOST * seconds / total), int(seconds // _APART)))
        for place in (span.start + seconds * (number + 0.5) / count for number in range(count)):
            if len(chosen) < MOST and not any(each.a_start <= place <= each.a_end for each in sure):
                begun, ended = max(span.start, place - LENGTH / 2), min(span.end, place + LENGTH / 2)
                low, high = sorted((span.line.at(begun), span.line.at(ended)))
                low, high = max(0.0, low - _MARGIN), min(high + _MARGIN, b.duration)
                chosen.append(Window(_rounded(begun, ended), _rounded(low, high)))
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
        rate=round(segment.rate, RATE_DIGITS),
    )


def _joined(seen: list[Segment], found: Comparison, a: Fingerprint, b: Fingerprint) -> list[Segment]:
    """Neighbours on one line as one segment, where the seconds between them are alike too."""
    joined: list[Segment] = []
    for each in seen:
        number = next((n for n, one in reversed(list(enumerate(joined))) if _is_one_line(one, each)), None)
        by_rhythm = None if number is None else _alike_between(joined[number], each, found, a, b)
        if number is None or by_rhythm is None:
            joined.append(each)
        else:
            joined[number] = _as_one(joined[number], each, by_rhythm)
    return joined


def _as_one(one: Segment, other: Segment, by_rhythm: float) -> Segment:
    """Both as one segment, whose motion is that of the less sure one."""
    surer = max(one, other, key=lambda each: each.motion or 0.0)
    less = min(one, other, key=lambda each: each.motion or 0.0)
    return replace(
        surer,
        a_start=min(one.a_start, other.a_start),
        a_end=max(one.a_end, other.a_end),
        b_start=min(one.b_start, other.b_start),
        b_end=max(one.b_end, other.b_end),
        hits=one.hits + other.hits,
        motion=less.motion,
        rule=less.rule,
        needed=less.needed,
        by_rhythm=round(one.by_rhythm + other.by_rhythm + by_rhythm, 3),
    )


def _is_one_line(one: Segment, other: Segment) -> bool:
    lines, apart = (_line_of(one), _line_of(other)), abs(other.a_start - one.a_start)
    # How far one of them is beside the middle of both lines, at the start of the other.
    rate = (lines[0].rate + lines[1].rate) / 2
    offset = abs(lines[1].at(other.a_start) - lines[0].at(one.a_start) - rate * (other.a_start - one.a_start))
    near = offset <= max(_SAME_OFFSET, _SAME_RATE * apart)
    return abs(lines[0].rate - lines[1].rate) <= _SAME_RATE and near and one.orientation == other.orientation


def _alike_between(one: Segment, other: Segment, found: Comparison, a: Fingerprint, b: Fingerprint) -> float | None:
    """Seconds between the two for which the rhythm alone speaks; None where they are not alike there."""
    first, second = sorted((one, other), key=lambda each: each.a_start)
    gap = (first.a_end, second.a_start)
    if gap[1] - gap[0] <= _BRIEF:
        return 0.0
    if any(
        each.a_start - 1 <= gap[0] and gap[1] <= each.a_end + 1 and _is_one_line(first, each) for each in found.segments
    ):
        return 0.0
    back = first.signed_rate < 0
    ends = (first.b_start, second.b_end) if back else (first.b_end, second.b_start)
    rate = (ends[1] - ends[0]) / (gap[1] - gap[0])
    alike = rhythm.score_within(a.changes, b.changes, gap, rate, ends[0] - rate * gap[0]) >= _ALIKE
    return gap[1] - gap[0] if alike else None


def _extended(segment: Segment, parts: list[Segment], a: Fingerprint, b: Fingerprint) -> Segment:
    """The segment up to the next one, or to the start and the end of both videos, where the rhythm there is alike too."""
    rate = (segment.b_end - segment.b_start) / (segment.a_end - segment.a_start)
    rate = -rate if segment.signed_rate < 0 else rate
    line = Line(rate, (segment.b_end if rate < 0 else segment.b_start) - rate * segment.a_start)
    first, last = _shown(line, b)
    first = max([0.0, first, *(each.a_end for each in parts if each.a_end <= segment.a_start)])
    last = min([a.duration, last, *(each.a_start for each in parts if each.a_start >= segment.a_end)])

    def is_alike(start: float, end: float) -> bool:
        return rhythm.score_within(a.changes, b.changes, (start, end), line.rate, line.offset) >= _ALIKE

    start = first if is_alike(first, segment.a_start) else segment.a_start
    end = last if is_alike(segment.a_end, last) else segment.a_end
    if (start, end) == (segment.a_start, segment.a_end):
        return segment
    b_start, b_end = sorted((line.at(start), line.at(end)))
    seconds = [round(each, 3) for each in (start, end, b_start, b_end)]
    by_rhythm = segment.by_rhythm + (segment.a_start - start) + (end - segment.a_end)
    return replace(
        segment,
        a_start=seconds[0],
        a_end=seconds[1],
        b_start=seconds[2],
        b_end=seconds[3],
        by_rhythm=round(by_rhythm, 3),
    )


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
