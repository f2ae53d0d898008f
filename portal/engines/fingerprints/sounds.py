"""Fingerprints of two sounds compared: where one is heard in the other, at another speed or pitch too.

The grade is at most "similar": two works may use one licensed track. In the order of its own digest, so that (a, b) and
(b, a) have one answer.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines import limited_process
from portal.engines.fingerprints import pdq, sound_cells, sound_lines, sound_search, transformations
from portal.engines.fingerprints.comparison import Comparison, Segment
from portal.engines.fingerprints.findings import covered_seconds
from portal.engines.fingerprints.grades import NONE, NOT_COMPARABLE, SIMILAR
from portal.engines.fingerprints.sound_cells import ROWS
from portal.engines.fingerprints.sound_lines import Stretch
from portal.engines.fingerprints.sound_record import SoundFingerprint
from portal.engines.fingerprints.sound_search import Peak
from portal.engines.fingerprints.thresholds import THRESHOLDS, Thresholds

VERSION: Final = 1  # of everything that turns two fingerprints of sound into a comparison

_MOST_STRETCHES: Final = 16
_MOST_DRAWN: Final = 64  # peaks that are drawn out; in sound that repeats itself nearly all say the same
_MOST_LOOKS: Final = 60_000  # comparisons of a window with a chunk of the other sound; some .4 ms each
_LEAST_WINDOWS: Final = 12
_SHARE: Final = 0.8  # of the shorter sound, which a window takes at most
_SAME_LINE: Final = 12.0  # rows beside a stretch within which a peak belongs to it
_ENERGY: Final = 60.0  # mean sum of squares of a row, from which a window is looked for


def compare_sounds(a: SoundFingerprint, b: SoundFingerprint, *, thresholds: Thresholds = THRESHOLDS) -> Comparison:
    """What of sound `a` is heard in `b`; (a, b) and (b, a) have one answer. For jobs only."""
    limited_process.refuse_on_request_thread("compare_sounds")
    shares = a.heard_share, b.heard_share
    if min(len(a.cells), len(b.cells)) < thresholds.sound_seconds * ROWS:
        return _comparison(a, NOT_COMPARABLE, shares, thresholds)
    swapped = order_of(b) < order_of(a)
    first, second = (b, a) if swapped else (a, b)
    found = find_stretches(first, second, thresholds)
    segments = [_segment(each, swapped=swapped) for each in found]
    segments.sort(key=lambda each: (each.a_start, each.b_start))
    unheard = NOT_COMPARABLE if min(shares) < thresholds.usable else NONE
    score = _score(a, b, segments, [each.likeness for each in found])
    grade = SIMILAR if segments else unheard
    return _comparison(a, grade, shares, thresholds, score=score, segments=tuple(segments))


def find_stretches(a: SoundFingerprint, b: SoundFingerprint, thresholds: Thresholds) -> list[Stretch]:
    """All stretches of `a`, the shorter one, that are heard in `b`; the surest first."""
    window = min(sound_search.WINDOW, int(_SHARE * min(len(a.cells), len(b.cells))))
    starts = _starts(a.cells, window, len(b.cells))
    needed = _needed(window, thresholds)
    peaks = [each for each in sound_search.find_peaks(a.cells, b.cells, starts, window) if each.likeness >= needed]
    peaks.sort(key=lambda each: (-each.likeness, each.a, each.b))
    found: list[Stretch] = []
    drawn = 0
    for peak in peaks:
        if len(found) >= _MOST_STRETCHES or drawn >= _MOST_DRAWN:
            break
        if any(_belongs(peak, each) for each in found):
            continue
        drawn += 1
        stretch = sound_lines.draw_out(peak, a.cells, b.cells, window)
        if _is_enough(stretch, thresholds) and not _is_taken(stretch, found):
            found.append(stretch)
    return found


def _needed(window: int, thresholds: Thresholds) -> float:
    """Likeness of a window from which it counts: the fewer rows it has, the more chance alone gives."""
    return thresholds.sound * math.sqrt(sound_search.WINDOW / window)


def order_of(sound: SoundFingerprint) -> tuple[int, bytes]:
    """The shorter one first: its windows are looked for in the other."""
    return len(sound.cells), sound.digest()


def _starts(cells: sound_cells.Cells, window: int, other: int) -> npt.NDArray[np.int64]:
    """First rows of the windows that hold enough sound; in long sounds fewer, spread evenly."""
    rows = np.arange(0, max(1, len(cells) - window + 1), max(1, window // 2))
    energy = np.concatenate([[0.0], np.cumsum((cells.astype(np.float32) ** 2).sum(axis=1, dtype=np.float64))])
    loud = rows[energy[np.minimum(rows + window, len(cells))] - energy[rows] >= _ENERGY * window]
    chunks = sound_search.count_chunks(other)
    most = max(_LEAST_WINDOWS, _MOST_LOOKS // (chunks * len(sound_search.RATES)))
    if len(loud) <= most:
        return np.asarray(loud, np.int64)
    return np.asarray(loud[np.linspace(0, len(loud) - 1, most).astype(np.int64)])


def _belongs(peak: Peak, stretch: Stretch) -> bool:
    return stretch.start <= peak.a <= stretch.end and abs(stretch.at(peak.a) - peak.b) <= _SAME_LINE


def _is_enough(stretch: Stretch, thresholds: Thresholds) -> bool:
    rows = thresholds.sound_seconds * ROWS
    return (
        stretch.likeness >= thresholds.sound_stretch
        and min(stretch.end - stretch.start, stretch.last - stretch.first) >= rows
    )


def _is_taken(stretch: Stretch, found: list[Stretch]) -> bool:
    """Whether surer stretches cover half of it in either sound, as they do where music repeats itself."""
    spans = [(each.start, each.end) for each in found], [(each.first, each.last) for each in found]
    own = (stretch.start, stretch.end), (stretch.first, stretch.last)
    return any(
        covered_seconds(taken, span) >= 0.5 * (span[1] - span[0]) for taken, span in zip(spans, own, strict=True)
    )


def _segment(found: Stretch, *, swapped: bool) -> Segment:
    spans = [(found.start / ROWS, found.end / ROWS), (max(0.0, found.first / ROWS), found.last / ROWS)]
    rate, pitch = (1 / found.rate, -found.pitch) if swapped else (found.rate, found.pitch)
    (a_start, a_end), (b_start, b_end) = spans[::-1] if swapped else spans
    return Segment(
        a_start=round(float(a_start), 3),
        a_end=round(float(a_end), 3),
        b_start=round(float(b_start), 3),
        b_end=round(float(b_end), 3),
        rate=round(float(rate), 4),
        orientation=pdq.ORIENTATIONS[0],
        hits=round(found.end - found.start),
        distance=None,
        motion=None,
        grade=SIMILAR,
        transformations=transformations.describe_sound(rate, pitch),
    )


def _score(a: SoundFingerprint, b: SoundFingerprint, segments: list[Segment], likeness: list[float]) -> float:
    """The share of the shorter sound that the segments cover, times their mean likeness."""
    if not segments:
        return 0.0
    by_first = (a.duration, order_of(a)) <= (b.duration, order_of(b))
    spans = [(s.a_start, s.a_end) if by_first else (s.b_start, s.b_end) for s in segments]
    shortest = min(a.duration, b.duration)
    share = min(covered_seconds(spans, (0.0, shortest)) / shortest, 1.0)
    return round(float(share * min(1.0, sum(likeness) / len(likeness))), 4)


def _comparison(
    a: SoundFingerprint,
    grade: str,
    shares: tuple[float, float],
    thresholds: Thresholds,
    *,
    score: float = 0.0,
    segments: tuple[Segment, ...] = (),
) -> Comparison:
    return Comparison(
        grade=grade,
        score=score,
        segments=segments,
        thresholds=thresholds,
        versions={"fingerprint": a.version, "comparison": VERSION},
        usable_a=round(shares[0], 3),
        usable_b=round(shares[1], 3),
    )
