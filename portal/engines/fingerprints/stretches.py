"""What two videos share: each line that votes found, looked at sample by sample, cut and grown.

On a line the expected moment of every sample is known. Where few alike samples make it sure that
there is a line at all, a much weaker likeness at exactly the expected moment is support enough to
follow it: unrelated pictures differ in half of the bits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import pdq, voting
from portal.engines.fingerprints.record import KEYFRAMES, Fingerprint
from portal.engines.fingerprints.similarity import Floats, Ints, Pairs
from portal.engines.fingerprints.voting import Line

_SUPPORT: Final = 72  # bits; 128 are expected of unrelated pictures, with a deviation of 8
_APART: Final = 1.6  # s without support at which the videos part
_GAP: Final = 3.0  # s without a hit that cut a line
_MOST_LINES: Final = 40


@dataclass(frozen=True)
class Stretch:
    """Seconds `start`..`end` of the first video on one line; `distance`: the mean of all its samples, in bits."""

    orientation: int
    line: Line
    start: float
    end: float
    hits: int
    distance: float


@dataclass(frozen=True)
class _Along:
    """Samples `a` of the first video and the nearest of the second at the expected moment, `distance` bits apart."""

    a: Ints
    b: Ints
    distance: Ints


class Search:
    """Two fingerprints and what makes samples alike: at most `bits` apart, both of at least `quality`."""

    def __init__(self, a: Fingerprint, b: Fingerprint, *, bits: int, quality: int, hits: int, seconds: float) -> None:
        self._a, self._b = a, b
        self._bits, self._quality, self._hits, self._seconds = bits, quality, hits, seconds
        self._good_a, self._good_b = a.quality >= quality, b.quality >= quality
        spacing = max(_spacing(a), _spacing(b))
        self._tolerance = max(0.35, 0.6 * min(spacing, 1.0))
        self._gap = max(_GAP, 2.5 * spacing)

    def stretches(self, found: list[Pairs]) -> Iterator[Stretch]:
        """Of the alike pairs of each orientation, the fullest line's stretches first."""
        lines = [self._fullest(pairs) for pairs in found]
        for _ in range(_MOST_LINES):
            orientation = max(range(len(lines)), key=lambda number: lines[number].votes)
            if len(found[orientation]) < self._hits:
                return
            line = self._straightened(found[orientation], lines[orientation])
            stretches = self._on(line, orientation)
            yield from stretches
            for number, pairs in enumerate(found):
                left = pairs.only(~self._spoken_for(pairs, stretches, line if number == orientation else None))
                if len(left) < len(pairs):
                    found[number], lines[number] = left, self._fullest(left)

    def _fullest(self, pairs: Pairs) -> Line:
        return voting.fullest_line(self._a.times[pairs.a], self._b.times[pairs.b], voting.pair_weights(pairs))

    def _straightened(self, pairs: Pairs, line: Line) -> Line:
        at = self._a.times[pairs.a], self._b.times[pairs.b]
        return voting.straighten_line(*at, voting.pair_weights(pairs), line, self._tolerance)

    def _spoken_for(self, pairs: Pairs, stretches: list[Stretch], line: Line | None) -> npt.NDArray[np.bool_]:
        """The pairs beside the line, and those between the moments of one of the stretches."""
        at_a, at_b = self._a.times[pairs.a], self._b.times[pairs.b]
        gone = np.zeros(len(pairs), bool)
        if line is not None:
            gone = np.abs(at_b - line.at(at_a)) <= 2 * self._tolerance
        for each in stretches:
            inside_b = (at_b >= each.line.at(each.start)) & (at_b <= each.line.at(each.end))
            gone |= (at_a >= each.start) & (at_a <= each.end) & inside_b
        return gone

    def _on(self, line: Line, orientation: int) -> list[Stretch]:
        along = self._along(line, orientation)
        hits = np.flatnonzero(along.distance <= self._bits)
        times = self._a.times[along.a]
        cuts = np.flatnonzero(np.diff(times[hits]) > self._gap) + 1
        found: list[Stretch] = []
        for run in np.split(hits, cuts):
            # A stretch that grew may have reached the next run.
            if len(run) and self._holds(along, run) and not (found and times[run[0]] <= found[-1].end):
                found.append(self._grown(along, run, line, orientation))
        return found

    def _along(self, line: Line, orientation: int) -> _Along:
        expected = line.at(self._a.times)
        after = np.searchsorted(self._b.times, expected)
        hashes = pdq.orient_hashes(self._a.hashes)[orientation]
        nearest, least = np.zeros(len(expected), np.int64), np.full(len(expected), pdq.BITS + 1)
        for step in (-1, 0):
            near = np.clip(after + step, 0, len(self._b.times) - 1)
            apart = np.bitwise_count(hashes ^ self._b.hashes[near, 0]).sum(axis=1, dtype=np.int64)
            off = np.abs(self._b.times[near] - expected) > self._tolerance
            apart[off | ~self._good_a | ~self._good_b[near]] = pdq.BITS + 1
            nearest, least = np.where(apart < least, near, nearest), np.minimum(apart, least)
        chosen = np.flatnonzero(least <= pdq.BITS)
        return _Along(chosen, nearest[chosen], least[chosen])

    def _holds(self, along: _Along, run: Ints) -> bool:
        """Enough hits over enough time in both videos, and not a few strays among many samples that are unlike."""
        a, b = along.a[run], along.b[run]
        count = min(len(a), len(np.unique(b)))
        lasting = min(np.ptp(self._a.times[a]), np.ptp(self._b.times[b])) >= self._seconds
        return count >= self._hits and bool(lasting) and len(run) >= (run[-1] - run[0] + 1) / 3

    def _grown(self, along: _Along, run: Ints, line: Line, orientation: int) -> Stretch:
        times = self._a.times[along.a]
        supported = np.flatnonzero(along.distance <= _SUPPORT)
        before, after = supported[supported < run[0]], supported[supported > run[-1]]
        start = -_reach(-times[before][::-1], -float(times[run[0]]))
        end = _reach(times[after], float(times[run[-1]]))
        inside = supported[(times[supported] >= start) & (times[supported] <= end)]
        return Stretch(orientation, line, start, end, len(run), float(along.distance[inside].mean()))


def _spacing(video: Fingerprint) -> float:
    if video.sampling != KEYFRAMES or len(video.times) < 2:
        return video.step
    return float(np.median(np.diff(video.times)))


def _reach(moments: Floats, reached: float) -> float:
    """The last of rising moments that follow `reached` without a gap."""
    for moment in moments:
        if moment - reached > _APART:
            break
        reached = float(moment)
    return reached
