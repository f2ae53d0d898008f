"""A peak of likeness drawn out along its line in time: where it begins and ends, its exact rate, how alike it is."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.sound_cells import BANDS, Cells, Floats
from portal.engines.fingerprints.sound_search import Peak

_BOX: Final = 25  # rows whose likeness is taken together
_GAP: Final = 25  # rows without likeness that do not end a stretch
_LAGS: Final = (-3, -2, -1, 0, 1, 2, 3)  # rows by which the second sound may lie beside the line
_TURNS: Final = 12  # times that a stretch is drawn out
_GROWTH: Final = 125  # rows that are looked at on either side, at least
_HALF: Final = 0.5  # of the likeness of the peak, below which the stretch ends
_LEAST: Final = 0.2  # likeness below which it ends in any case
_QUIET: Final = 20.0  # sum of squares of a row, on average over the box, below which it is neither alike nor unlike

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """Rows start..end of the first sound are heard at `first + rate * (row - start)` of the second."""

    start: float
    end: float
    first: float
    rate: float
    pitch: int
    likeness: float

    def at(self, row: float) -> float:
        return self.first + self.rate * (row - self.start)

    @property
    def last(self) -> float:
        return self.at(self.end)


def draw_out(peak: Peak, a: Cells, b: Cells, window: int) -> Stretch:
    """The longest stretch around the peak, whose window had so many rows, that stays alike."""
    shifted = shift_bands(b, peak.pitch)
    low, high = max(0, round(peak.a - window / 2)), min(len(a), round(peak.a + window / 2))
    middle, place, rate = peak.a, peak.b, peak.rate
    floor = max(_LEAST, _HALF * peak.likeness)
    likeness = peak.likeness
    for _ in range(_TURNS):
        more = max(_GROWTH, high - low)
        near = np.arange(max(0, low - more), min(len(a), high + more))
        places = place + rate * (near - middle)
        rows = near[(places > -1) & (places < len(b))]  # of which the line lies within the second sound
        curves = [likeness_along(a, shifted, rows, place + lag + rate * (rows - middle)) for lag in _LAGS]
        best = np.max(curves, axis=0)
        before = low, high
        low, high = _stretch(rows, best >= floor, round(middle))
        inside = (rows >= low) & (rows < high)
        if not inside.any():
            break
        likeness = float(best[inside].mean())
        place, rate = _fitted(rows[inside], np.array(curves)[:, inside], middle, place, rate)
        if (low, high) == before:
            break
    return Stretch(low, high, place + rate * (low - middle), rate, peak.pitch, likeness)


def shift_bands(cells: Cells, pitch: int) -> Cells:
    """The cells `pitch` semitones lower."""
    if not pitch:
        return cells
    shifted = np.zeros_like(cells)
    if pitch > 0:
        shifted[:, : BANDS - pitch] = cells[:, pitch:]
    else:
        shifted[:, -pitch:] = cells[:, :pitch]
    return shifted


def likeness_along(a: Cells, b: Cells, rows: npt.NDArray[np.int64], places: npt.NDArray[np.floating[Any]]) -> Values:
    """Likeness, -1..1, of the first sound's rows with the second's places, _BOX rows together."""
    first, second = a[rows].astype(np.float32), rows_at(b, np.asarray(places, np.float64))
    together = _summed((first * second).sum(axis=1))
    own, other = (_summed((each**2).sum(axis=1)) for each in (first, second))
    least = _QUIET * _summed(np.ones(len(rows), np.float32))
    return np.asarray(together / np.sqrt(np.maximum(own, least) * np.maximum(other, least)))


def rows_at(cells: Cells, places: Values) -> Floats:
    """Rows between rows; zeros outside."""
    low = np.floor(places).astype(np.int64)
    share = (places - low).astype(np.float32)[:, None]
    found = np.zeros((len(places), BANDS), np.float32)
    for number, part in ((low, 1 - share), (low + 1, share)):
        inside = (number >= 0) & (number < len(cells))
        found[inside] += cells[number[inside]] * part[inside]
    return found


def _summed(values: npt.NDArray[np.float32]) -> Values:
    """Moving sum, fewer values at the ends."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    numbers = np.arange(len(values))
    return np.asarray(
        total[np.minimum(numbers + _BOX // 2 + 1, len(values))] - total[np.maximum(numbers - _BOX // 2, 0)]
    )


def _stretch(rows: npt.NDArray[np.int64], good: npt.NDArray[np.bool_], middle: int) -> tuple[int, int]:
    """First row and the one after the last of the good rows around the middle, gaps up to _GAP bridged."""
    numbers = rows[good]
    if not len(numbers):
        return middle, middle
    breaks = np.flatnonzero(np.diff(numbers) > _GAP)
    firsts, lasts = numbers[np.r_[0, breaks + 1]], numbers[np.r_[breaks, len(numbers) - 1]]
    away = np.maximum(firsts - middle, 0) + np.maximum(middle - lasts, 0)
    nearest = int(np.argmin(away))
    return int(firsts[nearest]), int(lasts[nearest]) + 1


def _fitted(
    rows: npt.NDArray[np.int64], curves: Values, middle: float, place: float, rate: float
) -> tuple[float, float]:
    """Place of the middle and rate, so that the line runs through the lags that are most alike."""
    weights = np.maximum(curves.max(axis=0), 0) ** 2
    lags = np.array(_LAGS, float)[np.argmax(curves, axis=0)]
    distances = rows - middle
    if not weights.sum() or np.ptp(rows) < _BOX:
        return place, rate
    mean = float(np.average(distances, weights=weights))
    spread = float(np.average((distances - mean) ** 2, weights=weights))
    lag = float(np.average(lags, weights=weights))
    slope = float(np.average((distances - mean) * (lags - lag), weights=weights)) / spread
    return place + lag - slope * mean, rate + slope
