"""The rhythm of a video: how much its picture changes from moment to moment, whatever the picture shows.

Crops, borders and mirroring hardly alter it. It says when something changes, not what: two slide shows on one schedule
have the same rhythm, so by itself it is a hint only.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.channels import NO_CHANGE, RHYTHM_STEP

Floats = npt.NDArray[np.float64]

RATES: Final = (1.0, 0.8, 0.9, 1.1, 1.25)  # seconds of the second video for one of the first
_LEAST_CHANGE: Final = 0.05  # luma levels, added before the logarithm
_LEVELS: Final = 29.0  # of a byte for a factor of e
_WINDOW: Final = 21  # figures of the moving mean
_ROBUST: Final = 1.4826  # standard deviations for a median deviation
_SQUEEZE: Final = 1.5  # robust deviations beyond which a figure hardly grows (tanh)
_OVERLAP: Final = 45  # figures in common
_PEAK: Final = 3  # lags beside the best that belong to it
_CLEAR: Final = 1.4  # times the score of every other lag that the best must have


@dataclass(frozen=True)
class Likeness:
    """`score`: deviations above what chance gives. Second t of the first is at rate * t + offset of the second."""

    score: float
    rate: float
    offset: float


def as_byte(change: float) -> int:
    """The mean absolute difference of two pictures, luma levels, as it is kept; 0 means a repeated picture."""
    if change <= 0:
        return NO_CHANGE
    return int(np.clip(round((np.log(change + _LEAST_CHANGE) - np.log(_LEAST_CHANGE)) * _LEVELS), 0, NO_CHANGE - 1))


def compare_rhythm(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> Likeness:
    """The best of all offsets at some rates; score 0 where too little changes."""
    best = Likeness(0.0, 1.0, 0.0)
    left = _evened(a)
    for rate in RATES:
        right = _evened(_at_rate(b, rate))
        if left is None or right is None:
            continue
        score, lag = _correlated(left, right)
        if score > best.score:
            best = Likeness(score, rate, lag * RHYTHM_STEP * rate)
    return best


def score_within(
    a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], span: tuple[float, float], rate: float, offset: float
) -> float:
    """How alike the rhythms are in these seconds of the first: deviations above chance, 0 where too little is known.

    The offset may be wrong by one figure. A rate below 0: the second video runs backwards.
    """
    left = _evened(a[round(span[0] / RHYTHM_STEP) : round(span[1] / RHYTHM_STEP)])
    best = 0.0
    for shift in (-1, 0, 1):
        first = (span[0] * rate + offset) / RHYTHM_STEP + shift
        places = np.round(first + np.arange(0 if left is None else len(left)) * rate).astype(np.int64)
        if left is None or not len(places) or places.min() < 0 or places.max() >= len(b):
            continue
        right = _evened(b[places])
        if right is not None:
            likeness = float(np.clip(np.corrcoef(left, right)[0, 1], -0.9999, 0.9999))
            best = max(best, float(np.arctanh(likeness) * np.sqrt(len(right) - 3)))
    return best


def _at_rate(changes: npt.NDArray[np.uint8], rate: float) -> npt.NDArray[np.uint8]:
    """The figures as they would be had the video been played `rate` times as fast."""
    chosen = np.round(np.arange(0, len(changes) / rate) * rate).astype(np.int64)
    return changes[chosen[chosen < len(changes)]]


def _evened(changes: npt.NDArray[np.uint8]) -> Floats | None:
    """The figures in robust deviations from their moving mean, squeezed so that no single cut decides."""
    known = np.flatnonzero(changes != NO_CHANGE)
    if len(known) < _OVERLAP:
        return None
    level = np.interp(np.arange(len(changes)), known, changes[known].astype(np.float64)) / _LEVELS
    weights = np.ones(_WINDOW)
    mean = np.convolve(level, weights, "same") / np.convolve(np.ones_like(level), weights, "same")
    rest = level - mean
    spread = _ROBUST * float(np.median(np.abs(rest)))
    return None if spread < 1e-3 else np.tanh(rest / (_SQUEEZE * spread))


def _correlated(left: Floats, right: Floats) -> tuple[float, int]:
    """The highest score of all lags, and its lag: left[i] goes with right[i + lag]."""
    size = 1 << int(len(left) + len(right)).bit_length()

    def crossed(first: Floats, second: Floats) -> Floats:
        found = np.fft.irfft(np.conj(np.fft.rfft(first, size)) * np.fft.rfft(second, size), size)
        return np.concatenate([found[size - len(left) + 1 :], found[: len(right)]])

    ones_left, ones_right = np.ones_like(left), np.ones_like(right)
    count = np.rint(crossed(ones_left, ones_right))
    sum_left, sum_right = crossed(left, ones_right), crossed(ones_left, right)
    power_left = crossed(left**2, ones_right) - sum_left**2 / np.maximum(count, 1)
    power_right = crossed(ones_left, right**2) - sum_right**2 / np.maximum(count, 1)
    both = crossed(left, right) - sum_left * sum_right / np.maximum(count, 1)
    likeness = both / np.sqrt(np.maximum(power_left, 1e-6) * np.maximum(power_right, 1e-6))
    likeness = np.where(count >= _OVERLAP, np.clip(likeness, -0.9999, 0.9999), 0.0)
    scores = np.arctanh(likeness) * np.sqrt(np.maximum(count - 3, 0))
    best = int(np.argmax(scores))
    elsewhere = np.delete(scores, np.arange(max(0, best - _PEAK), min(len(scores), best + _PEAK + 1)))
    # The even beat of an encoder or of a machine is alike at many lags, a copy at one.
    clear = scores[best] >= _CLEAR * elsewhere.max(initial=0.0)
    return (float(scores[best]) if clear else 0.0), best - (len(left) - 1)
