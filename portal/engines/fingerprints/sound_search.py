"""Where a stretch of one sound's cells is heard in another's: correlated by FFT at every moment, at several rates and pitches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.sound_cells import Cells, Floats

WINDOW: Final = 64  # rows of the first sound that are looked for together
RATE_STEP: Final = 1.025
RATES: Final = tuple(RATE_STEP**number for number in range(-9, 10))  # seconds of the second sound for one of the first
PITCHES: Final = tuple(range(-4, 5))  # semitones by which the second sound is higher
_SIZE: Final = 1024  # rows transformed together
_STEP: Final = _SIZE - 96  # rows from one chunk to the next; a window takes fewer than the difference
_PADDED: Final = 64  # bands, so that a shift by PITCHES does not come round
_LEAST_ENERGY: Final = 0.15  # of a window beside the usual one, below which it tells nothing


@dataclass(frozen=True)
class Peak:
    """Row `a` of the first sound is heard at row `b` of the second: the middle of a window; `likeness` -1..1."""

    a: float
    b: float
    rate: float
    pitch: int
    likeness: float


def count_chunks(rows: int) -> int:
    """How many times a window is compared with a sound of so many rows."""
    return len(range(0, max(1, rows), _STEP))


def find_peaks(a: Cells, b: Cells, starts: npt.NDArray[np.int64], window: int = WINDOW) -> list[Peak]:
    """The best place, for each rate, of each window of so many rows of `a` that begins at one of `starts`."""
    chunks = list(_chunks(b)) if len(starts) else []
    found = []
    for rate in RATES:
        for start in starts:
            peak = _best(_resampled(a, int(start), window, rate), chunks)
            if peak is not None:
                place, pitch, likeness = peak
                half = (window - 1) / 2
                found.append(Peak(start + half, place + half * rate, rate, pitch, likeness))
    return found


@dataclass(frozen=True)
class _Chunk:
    """Rows of the second sound from `first` on: their spectrum [_PADDED, f] and the running sum of their squares."""

    first: int
    rows: int
    spectrum: npt.NDArray[np.complex64]
    energy: npt.NDArray[np.float64]


def _chunks(b: Cells) -> Iterator[_Chunk]:
    for first in range(0, max(1, len(b)), _STEP):
        rows = b[first : first + _SIZE].astype(np.float32)
        energy = np.concatenate([[0.0], np.cumsum((rows**2).sum(axis=1, dtype=np.float64))])
        yield _Chunk(first, len(rows), _transformed(rows), energy)


def _resampled(a: Cells, start: int, window: int, rate: float) -> Floats:
    """The window as it would be heard at that rate."""
    places = start + np.arange(int((window - 1) * rate) + 1) / rate
    low = np.minimum(places.astype(np.int64), len(a) - 2)
    share = (places - low).astype(np.float32)[:, None]
    return np.asarray(a[low] * (1 - share) + a[low + 1] * share, np.float32)


def _transformed(rows: Floats) -> npt.NDArray[np.complex64]:
    over_time = np.fft.rfft(rows, _SIZE, axis=0)
    return np.fft.fft(over_time, _PADDED, axis=1).T.astype(np.complex64)


_SHIFTS: Final = np.exp(2j * np.pi * np.outer(PITCHES, np.arange(_PADDED)) / _PADDED).astype(np.complex64) / _PADDED


def _best(window: Floats, chunks: list[_Chunk]) -> tuple[float, int, float] | None:
    """First row, pitch and likeness of the best place."""
    norm = float((window**2).sum())
    if norm == 0:
        return None
    query = np.conj(_transformed(window))
    best = None
    for chunk in chunks:
        last = chunk.rows - len(window)
        if last < 0:
            continue
        products = np.fft.irfft(_SHIFTS @ (query * chunk.spectrum), _SIZE, axis=1)[:, : last + 1]
        energy = chunk.energy[len(window) :] - chunk.energy[: last + 1]
        likeness = products / np.sqrt(np.maximum(energy, _LEAST_ENERGY * norm) * norm)
        number = int(np.argmax(likeness))
        pitch, row = divmod(number, last + 1)
        if best is None or likeness[pitch, row] > best[2]:
            best = chunk.first + row, PITCHES[pitch], float(likeness[pitch, row])
    return best
