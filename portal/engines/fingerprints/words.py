"""Visual words of a video: what a search over many videos looks up before two of them are compared in full.

A descriptor's first and last 64 values each go to the nearest of 512 centres (vocabulary.npz); the two together are one
of 262,144 words. Its signature, the signs of its projections on 64 directions, tells apart what falls into one word. The
centres were found by k-means over keypoints of the works on which thresholds were set (ADR 0042).
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.channels import DESCRIPTOR
from portal.engines.fingerprints.record import Fingerprint

WORDS_VERSION: Final = 1  # of the vocabulary and the projection; a library is built anew when it grows
WORD_COUNT: Final = 512 * 512
NEAR: Final = 14  # bits of 64 up to which two signatures within one word may be of one point
_MOST_KEPT: Final = 20_000  # words of one video in a library
_MOST_ASKED: Final = 3_000  # keypoints of one video with which it is looked for
_HALF: Final = DESCRIPTOR // 2
_AT_ONCE: Final = 4096  # descriptors

Descriptors = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class VisualWords:
    """Words (int32 [n], below WORD_COUNT) and the signature of each (uint64 [n]).

    `points` (int32 [n]): the keypoint that each is of. Those of a mirrored picture count as of the same keypoint. Words of
    sounds and texts have the same form (sound_words.py, text_words.py): there a point is a moment or a run of letters.
    """

    words: npt.NDArray[np.int32]
    signatures: npt.NDArray[np.uint64]
    points: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def none(cls) -> "VisualWords":
        """Those of a video that has none."""
        return cls(np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0, np.int32))


def words_to_keep(fingerprint: Fingerprint) -> VisualWords:
    """What a library keeps of a video: each of its words once, in rising order."""
    found = plain_words(fingerprint.keypoints.descriptors)
    _each, first = np.unique(found.words, return_index=True)
    first = first[_spread(len(first), _MOST_KEPT)]
    return VisualWords(found.words[first], found.signatures[first], found.points[first])


def words_to_ask(fingerprint: Fingerprint) -> VisualWords:
    """What a video is looked for with: words of its keypoints as they are, and mirrored."""
    descriptors = fingerprint.keypoints.descriptors
    descriptors = descriptors[_spread(len(descriptors), _MOST_ASKED)]
    return words_of_picture(descriptors)


def words_of_picture(descriptors: Descriptors) -> VisualWords:
    """The same for any descriptors (uint8 [n, 128])."""
    plain, mirrored = plain_words(descriptors), plain_words(descriptors[:, _mirror_order()])
    pairs = ((plain.words, mirrored.words), (plain.signatures, mirrored.signatures), (plain.points, mirrored.points))
    return VisualWords(*(np.concatenate(pair) for pair in pairs))  # type: ignore[arg-type]


def plain_words(descriptors: Descriptors) -> VisualWords:
    """Words of descriptors as they are, one for each."""
    upper, lower, mean, directions = _vocabulary()
    words, signatures = [np.zeros(0, np.int32)], [np.zeros(0, np.uint64)]
    for start in range(0, len(descriptors), _AT_ONCE):
        some = descriptors[start : start + _AT_ONCE].astype(np.float32)
        words.append(
            (_nearest(some[:, :_HALF], upper) * len(lower) + _nearest(some[:, _HALF:], lower)).astype(np.int32)
        )
        signs = np.packbits((some - mean) @ directions > 0, axis=1)
        signatures.append(signs.view("<u8")[:, 0].astype(np.uint64))
    return VisualWords(np.concatenate(words), np.concatenate(signatures), np.arange(len(descriptors), dtype=np.int32))


def _nearest(halves: Floats, centres: Floats) -> npt.NDArray[np.int64]:
    """The number of the centre nearest to each."""
    return np.asarray(np.argmin((centres**2).sum(axis=1) / 2 - halves @ centres.T, axis=1), np.int64)


def _spread(count: int, most: int) -> npt.NDArray[np.int64]:
    """At most so many of `count` numbers, evenly."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


@functools.cache
def _vocabulary() -> tuple[Floats, ...]:
    """Centres of both halves, the mean descriptor, and the 64 directions of signatures as columns."""
    with np.load(Path(__file__).with_name("vocabulary.npz"), allow_pickle=False) as kept:
        return tuple(kept[name].astype(np.float32) for name in ("upper", "lower", "mean", "directions"))


@functools.cache
def _mirror_order() -> npt.NDArray[np.int64]:
    """Where each value of a mirrored picture's descriptor is taken from: rows and orientations change places."""
    row, column, turn = np.meshgrid(np.arange(4), np.arange(4), np.arange(8), indexing="ij")
    return np.asarray((3 - row) * 32 + column * 8 + (8 - turn) % 8).reshape(-1)
