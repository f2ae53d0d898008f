"""How strong each semitone of a sound is, twelve and a half times a second, beside what is usual around that moment.

Levels are half decibels, a byte each, 0 for -100 dB of full scale or less. From them come cells: whole numbers from
-CELL_MOST to CELL_MOST, above 0 where a band is stronger than its mean over the seconds around. What is even, such as
hum or the tone of a telephone line, leaves no cell.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

HERTZ: Final = 8000  # samples a second that are looked at
HOP: Final = 640  # samples from one row to the next
ROWS: Final = HERTZ / HOP  # a second
BANDS: Final = 48  # semitones
CELL_MOST: Final = 7

_WINDOW: Final = 1024  # samples
_LOWEST: Final = 220.0  # Hz
_FLOOR: Final = -100.0  # dB
_SILENCE: Final = -65.0  # dB of a band up to which nothing is heard
_DEPTH: Final = 40.0  # dB below the loudest band around, under which a band is not looked at
_AROUND: Final = 20  # rows before and after one, of which the mean is taken
_SCALE: Final = 9.0  # dB that are squeezed to two thirds of a cell's range
_AT_ONCE: Final = 8192  # rows

Levels = npt.NDArray[np.uint8]
Cells = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]


def _band_weights() -> Floats:
    """Share of each frequency in each band: triangles in steps of semitones."""
    frequencies = np.arange(1, _WINDOW // 2 + 1) * HERTZ / _WINDOW
    tones = 12 * np.log2(frequencies / _LOWEST)
    width = np.maximum(1.0, 12 * np.log2(1 + HERTZ / _WINDOW / frequencies))  # low ones lie wider apart
    weights = np.clip(1 - np.abs(tones[:, None] - np.arange(BANDS)) / width[:, None], 0, None)
    return np.vstack([np.zeros((1, BANDS)), weights]).astype(np.float32)


_WEIGHTS: Final = _band_weights()
_TAPER: Final = np.hanning(_WINDOW).astype(np.float32)


def count_rows(samples: int) -> int:
    """How many rows so many samples give."""
    return max(0, (samples - _WINDOW) // HOP + 1)


def levels_of_samples(samples: Floats) -> Levels:
    """Levels [count_rows(n), BANDS] of samples in -1..1."""
    count = count_rows(len(samples))
    if not count:
        return np.zeros((0, BANDS), np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::HOP][:count]
    spectrum = np.fft.rfft(windows * _TAPER, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) / np.float32((_WINDOW / 4) ** 2)
    decibels = 10 * np.log10(np.maximum(power @ _WEIGHTS, 1e-12))
    return np.rint(np.clip((decibels - _FLOOR) * 2, 0, 255)).astype(np.uint8)


def make_cells(levels: Levels) -> Cells:
    """Cells [n, BANDS] of the levels [n, BANDS]."""
    cells = np.zeros(levels.shape, np.int8)
    margin = 2 * _AROUND
    for start in range(0, len(levels), _AT_ONCE):
        low = max(0, start - margin)
        part = _cells(levels[low : start + _AT_ONCE + margin])
        cells[start : start + _AT_ONCE] = part[start - low : start - low + _AT_ONCE]
    return cells


def _cells(levels: Levels) -> Cells:
    decibels = levels.astype(np.float32) / 2 + np.float32(_FLOOR)
    loudest = _largest_around(decibels.max(axis=1))
    decibels = np.maximum(decibels, np.maximum(loudest - _DEPTH, _SILENCE)[:, None])
    # A band that is louder at this moment than around it, compared with how much louder all bands are.
    change = decibels - _mean_around(decibels)
    change -= change.mean(axis=1, keepdims=True)
    return np.asarray(np.rint(CELL_MOST * np.tanh(change / np.float32(_SCALE))), np.int8)


def _mean_around(rows: Floats) -> Floats:
    """Moving mean over time, fewer rows at the ends."""
    total = np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    numbers = np.arange(len(rows))
    low, high = np.maximum(numbers - _AROUND, 0), np.minimum(numbers + _AROUND + 1, len(rows))
    return np.asarray((total[high] - total[low]) / (high - low)[:, None], np.float32)


def _largest_around(values: Floats) -> Floats:
    padded = np.pad(values, _AROUND, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1).max(axis=1))
