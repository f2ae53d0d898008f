"""Words of a text: what a search over many texts looks up before two of them are compared in full (ADR 49).

Of every run of letters as long as the shortest that counts in a comparison a number is made; the smallest of each few
neighbours is kept ("winnowing"), so that two texts that share a longer run share a word. A word and its signature are taken
from a keyed digest of the run: whoever has the library alone cannot look up what somebody has written.
"""

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.texts import FoldedText, Ints
from portal.engines.fingerprints.words import WORD_COUNT, VisualWords

TEXT_WORDS_VERSION: Final = 2  # of how words are chosen and made
RUN: Final = 12  # folded characters of which a word is made
WINDOW: Final = 13  # neighbouring runs of which the smallest is kept; RUN + WINDOW - 1 equal characters share a word
_MOST: Final = 20_000  # words of one text


def words_of_text(text: FoldedText, key: bytes) -> VisualWords:
    """What a library keeps of a text, and what it is asked with: each word once, in rising order."""
    places = _chosen(text.codes)
    if len(places) > _MOST:
        places = places[np.linspace(0, len(places) - 1, _MOST).astype(np.int64)]
    runs = {text.codes[place : place + RUN].astype("<i4").tobytes(): place for place in places.tolist()}
    digests = [hashlib.blake2b(run, key=key, digest_size=16).digest() for run in runs]
    halves = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
    words = (halves[:, 0] % WORD_COUNT).astype(np.int32)
    _each, first = np.unique(words, return_index=True)
    return VisualWords(words[first], halves[first, 1].astype(np.uint64), first.astype(np.int32))


def _chosen(codes: Ints) -> npt.NDArray[np.int64]:
    """First characters of the runs that are kept."""
    if len(codes) < RUN:
        return np.zeros(0, np.int64)
    numbers = np.zeros(len(codes) - RUN + 1, np.uint64)
    for step in range(RUN):
        numbers = numbers * np.uint64(1_000_003) + codes[step : len(codes) - RUN + 1 + step].astype(np.uint64)
    # Mixed, so that no letter is preferred.
    for shift in (33, 29):
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(0xFF51AFD7ED558CCD)
    if len(numbers) <= WINDOW:
        return np.array([int(np.argmin(numbers))], np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(numbers, WINDOW)
    return np.unique(np.argmin(windows, axis=1) + np.arange(len(windows))).astype(np.int64)
