"""Lines in time found by motion: where keypoints of a still background agree at every offset, only what moves tells the moment.

Short pieces of the first video are compared with every moment of the second, at some rates; pieces that are alike at moments
on one line are a run. So excerpts, reordered parts, repetitions and parts that run backwards are told apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.channels import LUMA_STEP
from portal.engines.fingerprints.voting import Line
from portal.engines.fingerprints.warped_motion import Products

Floats = npt.NDArray[np.float64]

RATES: Final = (1.0, 0.9, 1.1, 0.8, 1.25, -1.0)
_PIECE, _STEP = 16, 8  # small pictures
_ALIKE: Final = 0.6  # cosine of a piece with a moment of the second video, of a run's mean too
_STIRRED: Final = 0.5  # luma levels that must move in both
_MOST_PEAKS: Final = 600  # moments that are looked at, the most alike
_NEAR: Final = 2.5  # small pictures by which a piece may lie beside a line
_GAP: Final = 24.0  # small pictures of the first video without a piece that is alike, at which a run ends
_LEAST: Final = 2  # pieces of a run
_MOST_RUNS: Final = 10
_PLAY: Final = 0.07  # by which the rate of a run may differ from that of its pieces


@dataclass(frozen=True)
class _Peaks:
    """Middles of pieces of the first video and the moments of the second that they are like, in small pictures."""

    at_a: Floats
    at_b: Floats
    rate: Floats
    alike: Floats

    def only(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> "_Peaks":
        return _Peaks(self.at_a[chosen], self.at_b[chosen], self.rate[chosen], self.alike[chosen])


def find_lines(products: Products) -> Iterator[tuple[Line, float, float]]:
    """The lines, each with the seconds of the first video in which it holds; the most alike first."""
    peaks = _peaks(products)
    for _ in range(_MOST_RUNS):
        if not len(peaks.at_a):
            return
        run, rate = _run(peaks)
        offset = float(np.average(run.at_b - rate * run.at_a, weights=run.alike))
        start, end = float(run.at_a.min()) - _PIECE / 2, float(run.at_a.max()) + _PIECE / 2
        if len(np.unique(run.at_a)) >= _LEAST:
            yield Line(rate, offset * LUMA_STEP), max(0.0, start) * LUMA_STEP, end * LUMA_STEP
        beside = np.abs(peaks.at_b - rate * peaks.at_a - offset) <= 3 * _NEAR
        peaks = peaks.only(~(beside & (peaks.at_a >= start) & (peaks.at_a <= end)))


def _peaks(products: Products) -> _Peaks:
    """The moments that are alike more than those beside them, of all pieces and rates."""
    starts = np.arange(0, len(products.a) - _PIECE + 1, _STEP)
    middles = starts + (_PIECE - 1) / 2
    found = []
    for rate in RATES:
        cosine = _cosines(products, starts, rate)
        if not cosine.shape[1]:
            continue
        beyond = np.pad(cosine, ((0, 0), (1, 1)), constant_values=-1)
        highest = (cosine >= _ALIKE) & (cosine >= beyond[:, :-2]) & (cosine > beyond[:, 2:])
        piece, moment = np.nonzero(highest)
        found.append(
            np.stack(
                [
                    middles[piece] + products.first_a,
                    moment + products.first_b,
                    np.full(len(piece), rate),
                    cosine[highest],
                ]
            )
        )
    every = np.concatenate(found, axis=1) if found else np.zeros((4, 0))
    chosen = np.argsort(-every[3], kind="stable")[:_MOST_PEAKS]
    return _Peaks(*(every[:, chosen]))


def _cosines(products: Products, starts: npt.NDArray[np.int64], rate: float) -> Floats:
    """Of each piece with each moment of the second video as its middle; -1 where it reaches beyond the ends."""
    count = len(products.b)
    product, power = np.zeros((len(starts), count)), np.zeros(count)
    known = np.ones(count, bool)
    moments = np.arange(count)
    for number in range(_PIECE):
        place = moments + rate * (number - (_PIECE - 1) / 2)
        before = np.floor(place).astype(np.int64)
        known &= (before >= 0) & (before <= count - 2)
        before = np.clip(before, 0, count - 2)
        share = place - np.floor(place)
        row = products.both[starts + number]
        product += (1 - share) * row[:, before] + share * row[:, before + 1]
        power += (1 - share) ** 2 * products.b[before] + share**2 * products.b[before + 1]
        power += 2 * share * (1 - share) * products.b_next[before]
    total = np.concatenate([[0.0], np.cumsum(products.a, dtype=np.float64)])
    power_a = (total[starts + _PIECE] - total[starts])[:, None]
    stirred = (np.minimum(power_a, power) >= _PIECE * _STIRRED**2) & known
    return np.where(stirred, product / np.sqrt(np.maximum(power_a * power, 1e-9)), -1.0)


def _run(peaks: _Peaks) -> tuple[_Peaks, float]:
    """The pieces on one line with the most alike one, and their rate."""
    seed_a, seed_b, rate = float(peaks.at_a[0]), float(peaks.at_b[0]), float(peaks.rate[0])
    kept = np.zeros(len(peaks.at_a), bool)
    kept[0] = True
    same = np.sign(peaks.rate) == np.sign(rate)
    low = high = seed_a
    first = rate
    while True:
        off = np.abs(peaks.at_b - seed_b - rate * (peaks.at_a - seed_a))
        near = same & (off <= _NEAR) & (peaks.at_a >= low - _GAP) & (peaks.at_a <= high + _GAP)
        near[0] = True
        if not (near & ~kept).any():
            return peaks.only(kept), rate
        kept |= near
        low, high = float(peaks.at_a[kept].min()), float(peaks.at_a[kept].max())
        if high - low >= _PIECE:
            a, b, weight = peaks.at_a[kept], peaks.at_b[kept], peaks.alike[kept]
            middle_a, middle_b = np.average(a, weights=weight), np.average(b, weights=weight)
            slope = float((weight * (a - middle_a) * (b - middle_b)).sum() / (weight * (a - middle_a) ** 2).sum())
            rate = float(np.clip(slope, first - _PLAY, first + _PLAY))
            seed_a, seed_b = float(middle_a), float(middle_b)
