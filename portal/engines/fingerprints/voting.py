"""The lines on which alike samples of two films lie: weighted Hough voting over (rate, offset).

A moment `a` of one film is seen in the other at `rate * a + offset`. Every alike pair votes for the
offset it has under each rate. The fullest line is straightened by least squares and cut at its
gaps, its stretches are taken away, and the next line is looked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from portal.engines.fingerprints.alike import Floats, Ints, Pairs
from portal.engines.fingerprints.record import KEYFRAMES, Fingerprint

_NEAR_ONE: Final = np.round(np.arange(0.74, 1.3501, 0.01), 2)
_RATES: Final = np.concatenate([_NEAR_ONE, [0.5, 0.6, 0.667, 1.4, 1.5, 1.75, 2.0]])
_EVEN: Final = 1.05  # advantage of the unchanged rate: another must explain more
_BIN: Final = 0.5  # s of offset
_MOST_VOTES: Final = 400_000  # pairs asked; more than that add time and no knowledge
_MOST_LINES: Final = 40
_GAP: Final = 3.0  # s without a hit that cut a line
_LEAST_SPAN: Final = 3.0  # s of hits from which a rate can be measured


@dataclass(frozen=True)
class Line:
    """Moments `a` of the first film are at `rate * a + offset` in the second, s."""

    rate: float
    offset: float
    votes: float


@dataclass(frozen=True)
class Stretch:
    """A part of a line without gaps: `hits`, one a sample of the first film, in its order."""

    orientation: int
    line: Line
    hits: Pairs


class Times:
    """What the search knows of the two films."""

    def __init__(self, a: Fingerprint, b: Fingerprint, *, quality: int) -> None:
        self.a, self.b = a.times, b.times
        self.good_a, self.good_b = a.times[a.quality >= quality], b.times[b.quality >= quality]
        spacing = max(_spacing(a), _spacing(b))
        self.tolerance = max(0.35, 0.6 * min(spacing, 1.0))
        self.gap = max(_GAP, 2.5 * spacing)

    def beside(self, pairs: Pairs, line: Line) -> Floats:
        """How many seconds each pair is off the line."""
        apart: Floats = self.b[pairs.b] - line.rate * self.a[pairs.a] - line.offset
        return apart


def stretches(found: list[Pairs], times: Times, *, hits: int, seconds: float) -> Iterator[Stretch]:
    """Of the pairs of each orientation, the stretches of at least so many hits and seconds, the fullest line first."""
    left = list(found)
    lines = [_fullest(pairs, times) for pairs in left]
    for _ in range(_MOST_LINES):
        orientation = max(range(len(lines)), key=lambda number: lines[number].votes)
        pairs = left[orientation]
        if len(pairs) < hits:
            return
        line = _straightened(pairs, times, lines[orientation])
        on_line = np.abs(times.beside(pairs, line)) <= 2 * times.tolerance
        gone = [on_line if number == orientation else np.zeros(len(other), bool) for number, other in enumerate(left)]
        for run in _cut(_hits(pairs, times, line), times):
            if _holds(run, times, hits, seconds):
                yield Stretch(orientation, line, run)
                gone = [was | _within(other, run) for was, other in zip(gone, left, strict=True)]
        for number, taken in enumerate(gone):
            if taken.any() or number == orientation:
                left[number] = left[number].only(~taken)
                lines[number] = _fullest(left[number], times)


def _spacing(film: Fingerprint) -> float:
    if film.sampling != KEYFRAMES or len(film.times) < 2:
        return film.step
    return float(np.median(np.diff(film.times)))


def _weights(pairs: Pairs) -> Floats:
    """Near pairs count more, and so do pairs of samples that are like few others."""
    crowd = np.bincount(pairs.a)[pairs.a] * np.bincount(pairs.b)[pairs.b]
    closeness = np.clip(1 - pairs.distance / 32, 0.02, 1)
    weights: Floats = closeness**2 / np.sqrt(crowd)
    return weights


def _fullest(pairs: Pairs, times: Times) -> Line:
    if not len(pairs):
        return Line(1.0, 0.0, 0.0)
    weights = _weights(pairs)
    if len(pairs) > _MOST_VOTES:
        asked = np.random.default_rng(0).choice(len(pairs), _MOST_VOTES, replace=False)
        pairs, weights = pairs.only(asked), weights[asked]
    at_a, at_b = times.a[pairs.a], times.b[pairs.b]
    return max((_peak(at_a, at_b, weights, float(rate)) for rate in _RATES), key=lambda line: line.votes)


def _peak(at_a: Floats, at_b: Floats, weights: Floats, rate: float) -> Line:
    offsets = at_b - rate * at_a
    lowest = offsets.min()
    votes = np.bincount(((offsets - lowest) / _BIN).astype(np.int64) + 1, weights)
    both = votes[:-1] + votes[1:]  # a line may lie on the edge of two bins
    best = int(np.argmax(both))
    return Line(rate, float(lowest + best * _BIN), float(both[best]) * (_EVEN if rate == 1 else 1))


def _straightened(pairs: Pairs, times: Times, line: Line) -> Line:
    """The line through the pairs near it; with the rate 1 where that explains them as well."""
    weights = _weights(pairs)
    for width in (2 * _BIN, 1.5 * times.tolerance, times.tolerance):
        line = _fitted(pairs, weights, times, line, width)
    even = Line(1.0, line.offset + (line.rate - 1) * _middle(pairs, times, line), line.votes)
    as_well = [int((np.abs(times.beside(pairs, each)) <= times.tolerance).sum()) for each in (even, line)]
    return even if as_well[0] >= 0.98 * as_well[1] else line


def _middle(pairs: Pairs, times: Times, line: Line) -> float:
    near = np.abs(times.beside(pairs, line)) <= times.tolerance
    return float(times.a[pairs.a[near]].mean()) if near.any() else 0.0


def _fitted(pairs: Pairs, weights: Floats, times: Times, line: Line, width: float) -> Line:
    near = np.abs(times.beside(pairs, line)) <= width
    if not near.any():
        return line
    at_a, at_b, share = times.a[pairs.a[near]], times.b[pairs.b[near]], weights[near] / weights[near].sum()
    middle_a, middle_b = float(share @ at_a), float(share @ at_b)
    rate, spread = line.rate, float(share @ (at_a - middle_a) ** 2)
    if np.ptp(at_a) >= _LEAST_SPAN:
        rate = float(share @ ((at_a - middle_a) * (at_b - middle_b))) / spread
        # Within what a bin of offsets leaves open; the rest is noise of few hits.
        rate = float(np.clip(rate, line.rate - 0.03, line.rate + 0.03))
    return Line(rate, middle_b - rate * middle_a, line.votes)


def _hits(pairs: Pairs, times: Times, line: Line) -> Pairs:
    """The nearest pair of each sample of the first film, of those on the line."""
    beside = np.abs(times.beside(pairs, line))
    near = np.flatnonzero(beside <= times.tolerance)
    order = near[np.lexsort((beside[near], pairs.distance[near], pairs.a[near]))]
    _, first = np.unique(pairs.a[order], return_index=True)
    return pairs.only(order[first])


def _cut(hits: Pairs, times: Times) -> list[Pairs]:
    gaps = np.flatnonzero(np.diff(times.a[hits.a]) > times.gap) + 1
    parts: list[Ints] = np.split(np.arange(len(hits)), gaps)
    return [hits.only(part) for part in parts if len(part)]


def _holds(run: Pairs, times: Times, hits: int, seconds: float) -> bool:
    """Enough hits over enough time in both films, and not a few strays among many samples that are unlike."""
    at_a, at_b = times.a[run.a], times.b[run.b]
    count = min(len(np.unique(run.a)), len(np.unique(run.b)))
    if count < hits or min(np.ptp(at_a), np.ptp(at_b)) < seconds:
        return False
    expected = min(_between(times.good_a, at_a), _between(times.good_b, at_b))
    return count >= expected / 3


def _between(samples: Floats, span: Floats) -> int:
    return int(np.searchsorted(samples, span.max(), "right") - np.searchsorted(samples, span.min(), "left"))


def _within(pairs: Pairs, run: Pairs) -> "np.typing.NDArray[np.bool_]":
    in_a = (pairs.a >= run.a.min()) & (pairs.a <= run.a.max())
    inside = in_a & (pairs.b >= run.b.min()) & (pairs.b <= run.b.max())
    return np.asarray(inside, np.bool_)
