"""The line on which most alike samples of two videos lie: weighted Hough voting over (rate, offset).

Every alike pair of moments votes for the offset that it has under each rate; the fullest line is
straightened by least squares.
"""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from portal.engines.fingerprints.similarity import Floats, Pairs

_NEAR_ONE: Final = np.round(np.arange(0.74, 1.3501, 0.01), 2)
_RATES: Final = np.concatenate([_NEAR_ONE, [0.5, 0.6, 0.667, 1.4, 1.5, 1.75, 2.0]])
_EVEN: Final = 1.05  # advantage of the unchanged rate: another must explain more
_AS_WELL: Final = 0.98  # of a line's pairs that explain it as well
_BIN: Final = 0.5  # s of offset
_MOST_VOTES: Final = 400_000  # pairs asked; more than that add time and no knowledge
_LEAST_SPAN: Final = 3.0  # s of hits from which a rate can be measured
_PLAY: Final = 0.03  # of rate, that the bins of offset leave open; more is noise of few hits

_Moments = TypeVar("_Moments", float, Floats)


@dataclass(frozen=True)
class Line:
    """Moment `a` of the first video is at `rate * a + offset` in the second, s."""

    rate: float
    offset: float
    votes: float = 0.0

    def at(self, moments: _Moments) -> _Moments:
        """Where the second video shows these moments of the first."""
        return self.rate * moments + self.offset


def pair_weights(pairs: Pairs) -> Floats:
    """Near pairs count more, and so do pairs of samples that are like few others."""
    if not len(pairs):
        return np.zeros(0)
    crowd = np.bincount(pairs.a)[pairs.a] * np.bincount(pairs.b)[pairs.b]
    closeness = np.clip(1 - pairs.distance / 32, 0.02, 1)
    return np.asarray(closeness**2 / np.sqrt(crowd), np.float64)


def fullest_line(at_a: Floats, at_b: Floats, weight: Floats) -> Line:
    """The line with the most votes of the pairs of moments (at_a, at_b); with none where there are no pairs."""
    if not len(at_a):
        return Line(1.0, 0.0)
    if len(at_a) > _MOST_VOTES:
        asked = np.random.default_rng(0).choice(len(at_a), _MOST_VOTES, replace=False)
        at_a, at_b, weight = at_a[asked], at_b[asked], weight[asked]
    return max((_peak(at_a, at_b, weight, float(rate)) for rate in _RATES), key=lambda line: line.votes)


def straighten_line(at_a: Floats, at_b: Floats, weight: Floats, line: Line, tolerance: float) -> Line:
    """The line through the pairs within `tolerance` seconds of it; with the rate 1 where that explains them as well."""
    for width in (2 * _BIN, 1.5 * tolerance, tolerance):
        near = np.abs(at_b - line.at(at_a)) <= width
        if near.any():
            line = _fitted(at_a[near], at_b[near], weight[near], line)
    near = np.abs(at_b - line.at(at_a)) <= tolerance
    if not near.any():
        return line
    even = Line(1.0, float((at_b[near] - at_a[near]).mean()), line.votes)
    explained = np.abs(at_b - even.at(at_a)) <= tolerance
    return even if explained.sum() >= _AS_WELL * near.sum() else line


def _peak(at_a: Floats, at_b: Floats, weight: Floats, rate: float) -> Line:
    offsets = at_b - rate * at_a
    lowest = offsets.min()
    votes = np.bincount(((offsets - lowest) / _BIN).astype(np.int64) + 1, weight)
    both = votes[:-1] + votes[1:]  # a line may lie on the edge of two bins
    best = int(np.argmax(both))
    return Line(rate, float(lowest + best * _BIN), float(both[best]) * (_EVEN if rate == 1 else 1))


def _fitted(at_a: Floats, at_b: Floats, weight: Floats, line: Line) -> Line:
    share = weight / weight.sum()
    middle_a, middle_b = float(share @ at_a), float(share @ at_b)
    rate = line.rate
    if np.ptp(at_a) >= _LEAST_SPAN:
        measured = float(share @ ((at_a - middle_a) * (at_b - middle_b))) / float(share @ (at_a - middle_a) ** 2)
        rate = float(np.clip(measured, rate - _PLAY, rate + _PLAY))
    return Line(rate, middle_b - rate * middle_a, line.votes)
