"""Words of a sound: what a search over many sounds looks up before two of them are compared in full (ADR 49).

Around each row the cells of two seconds are projected on waves over time and over the semitones. The signs of the 18 that
noise and filters turn least are one of 262,144 words, those of 64 others its signature, as for visual words. The kept sound
gives its words as it is; the one that is asked for gives them at several speeds and pitches.
"""

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.sound_cells import BANDS, Cells, Floats
from portal.engines.fingerprints.sound_lines import rows_at, shift_bands
from portal.engines.fingerprints.sound_record import SoundFingerprint
from portal.engines.fingerprints.sound_search import PITCHES
from portal.engines.fingerprints.words import VisualWords

SOUND_WORDS_VERSION: Final = 1  # of the projections, and of which rows are taken
_HALF: Final = 12  # rows before and after one that are looked at with it
_ROWS: Final = 2 * _HALF + 1
_TURNS: Final = (1, 2, 3, 4)  # of a wave within them
_RIPPLES: Final = tuple(range(1, 13))  # half waves over all semitones
_OF_WORD: Final = range(3, 12)  # ripples of the slowest wave of which a word is made
_RATES: Final = (0.8, 0.89, 1.0, 1.12, 1.25)  # seconds of the sound asked for, for one of a kept one
_STEP: Final = 2  # rows of a kept sound from one word to the next
_HEARD: Final = 60.0  # mean sum of squares of a row, from which words are taken
_MOST_KEPT: Final = 20_000  # words of one sound in a library
_MOST_ASKED: Final = 12_000  # with which one is looked for, of all speeds and pitches


def words_of_kept_sound(sound: SoundFingerprint) -> VisualWords:
    """What a library keeps of a sound: each of its words once, in rising order."""
    return encode_features(features_of_kept_sound(sound))


def features_of_kept_sound(sound: SoundFingerprint) -> Floats:
    """What the words are signs of, a row for each moment; none where nothing is heard."""
    rows = _spread(_heard_rows(sound.cells)[::_STEP], _MOST_KEPT)
    if not len(rows):
        return np.zeros((0, len(_TURNS) * 2 * len(_RIPPLES)), np.float32)
    return _features(sound.cells, rows)


def encode_features(features: Floats) -> VisualWords:
    """Their words, each once, in rising order."""
    words, signatures = _encoded(features)
    _each, first = np.unique(words, return_index=True)
    return VisualWords(words[first], signatures[first], first.astype(np.int32))


def words_of_asked_sound(sound: SoundFingerprint) -> VisualWords:
    """What a sound is looked for with. Its words at one moment count as one, whatever the speed and pitch."""
    variants = [(rate, pitch) for rate in _RATES for pitch in PITCHES]
    found = [VisualWords.none()]
    for rate in _RATES:
        cells = np.rint(rows_at(sound.cells, np.arange(0, max(len(sound.cells) - 1, 0), rate))).astype(np.int8)
        rows = _spread(_heard_rows(cells), _MOST_ASKED // len(variants))
        for pitch in PITCHES:
            some = _words(shift_bands(cells, pitch), rows)
            moments = np.rint(some.points * rate).astype(np.int32)
            found.append(VisualWords(some.words, some.signatures, moments))
    words, signatures, points = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("words", "signatures", "points")
    )
    return VisualWords(words, signatures, points)


def _heard_rows(cells: Cells) -> npt.NDArray[np.int64]:
    """Middles of the stretches in which enough is heard."""
    if len(cells) < _ROWS:
        return np.zeros(0, np.int64)
    total = np.concatenate([[0.0], np.cumsum((cells.astype(np.float32) ** 2).sum(axis=1, dtype=np.float64))])
    loud = (total[_ROWS:] - total[:-_ROWS]) / _ROWS >= _HEARD
    return np.flatnonzero(loud).astype(np.int64) + _HALF


def _words(cells: Cells, rows: npt.NDArray[np.int64]) -> VisualWords:
    if not len(rows):
        return VisualWords.none()
    words, signatures = _encoded(_features(cells, rows))
    return VisualWords(words, signatures, rows.astype(np.int32))


def _features(cells: Cells, rows: npt.NDArray[np.int64]) -> Floats:
    """Around each row: the cells projected on every wave."""
    over_time, over_bands, _of_word, _of_signature = _projections()
    narrow = cells.astype(np.float32) @ over_bands
    around = np.lib.stride_tricks.sliding_window_view(narrow, _ROWS, axis=0)[rows - _HALF]
    return np.asarray(np.einsum("nbt,wt->nwb", around, over_time).reshape(len(rows), -1), np.float32)


def _encoded(features: Floats) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
    """Words and signatures."""
    _over_time, _over_bands, of_word, of_signature = _projections()
    signs = features > 0
    words = signs[:, of_word] @ (1 << np.arange(len(of_word)))
    packed = np.ascontiguousarray(np.packbits(signs[:, of_signature], axis=1)).view("<u8")[:, 0]
    return words.astype(np.int32), packed.astype(np.uint64)


def _spread(rows: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """At most so many of them, evenly."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


@functools.cache
def _projections() -> tuple[Floats, Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Waves over time [waves, rows] and over semitones [bands, ripples]; which of their products make word and signature."""
    moments, taper = np.arange(-_HALF, _HALF + 1), np.hanning(_ROWS + 2)[1:-1]
    angles = [2 * np.pi * turns * moments / _ROWS for turns in _TURNS]
    over_time = np.array([taper * wave(angle) for angle in angles for wave in (np.cos, np.sin)])
    over_bands = np.cos(np.pi * np.outer((np.arange(BANDS) + 0.5) / BANDS, _RIPPLES))
    numbers = np.arange(len(over_time) * len(_RIPPLES)).reshape(len(over_time), len(_RIPPLES))
    of_word = numbers[:2, _OF_WORD.start - _RIPPLES[0] : _OF_WORD.stop - _RIPPLES[0]].reshape(-1)
    others = np.setdiff1d(numbers.reshape(-1), of_word)[:64]
    return over_time.astype(np.float32), over_bands.astype(np.float32), of_word, others
