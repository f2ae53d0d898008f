"""The vocabulary of visual words, made anew from the footage on which thresholds were set: centres, mean and directions.

Distances and centres are whole numbers, and every draw comes from one fixed generator: the same footage and the same version of
numpy give the same bytes.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.channels import DESCRIPTOR
from portal.engines.fingerprints.words import Descriptors

CENTRES: Final = 512  # of each half of a descriptor
DIRECTIONS: Final = 64  # of signatures
ROUNDS: Final = 25  # of k-means
MOST: Final = 60_000  # descriptors of all works together
_SEED: Final = 20
_AT_ONCE: Final = 8192
_WRITTEN_AT: Final = (1980, 1, 1, 0, 0, 0)

Numbers = npt.NDArray[Any]


def train(works: Sequence[Descriptors], *, centres: int = CENTRES, most: int = MOST) -> dict[str, Numbers]:
    """The arrays of vocabulary.npz from the descriptors of each work, as many of each. Raises ValueError for too few."""
    each = most // max(1, len(works))
    sample = np.concatenate([_spread(one, each) for one in works] or [np.zeros((0, DESCRIPTOR), np.uint8)])
    if len(sample) < centres:
        message = f"{len(sample)} keypoints are too few for {centres} centres"
        raise ValueError(message)
    chance = np.random.default_rng(_SEED)
    half = sample.shape[1] // 2
    return {
        "upper": k_means(sample[:, :half], centres, chance),
        "lower": k_means(sample[:, half:], centres, chance),
        "mean": np.rint(sample.mean(axis=0, dtype=np.float64)).astype(np.uint8),
        "directions": _directions(sample.shape[1], chance),
    }


def k_means(rows: npt.NDArray[np.uint8], count: int, chance: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Centres of rows, whole numbers; one that nothing is near to stays where it was."""
    centres = rows[np.sort(chance.choice(len(rows), count, replace=False))].copy()
    for _round in range(ROUNDS):
        nearest = _nearest(rows, centres)
        sums = np.zeros(centres.shape, np.int64)
        np.add.at(sums, nearest, rows)
        members = np.bincount(nearest, minlength=count)[:, None]
        moved = np.where(members > 0, (2 * sums + members) // np.maximum(2 * members, 1), centres).astype(np.uint8)
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres


def pack(arrays: dict[str, Numbers]) -> bytes:
    """The file, the same bytes for the same arrays."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
            target.writestr(zipfile.ZipInfo(f"{name}.npy", _WRITTEN_AT), entry.getvalue(), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _nearest(rows: npt.NDArray[np.uint8], centres: npt.NDArray[np.uint8]) -> Numbers:
    """The number of the centre nearest to each row. Products of bytes are whole numbers that float32 sums exactly."""
    wide = centres.astype(np.float32)
    lengths = (wide**2).sum(axis=1)
    parts = [
        np.argmin(lengths - 2 * (rows[start : start + _AT_ONCE].astype(np.float32) @ wide.T), axis=1)
        for start in range(0, len(rows), _AT_ONCE)
    ]
    return np.concatenate(parts)


def _directions(values: int, chance: np.random.Generator) -> npt.NDArray[np.int8]:
    """Directions at right angles to each other, as columns, to steps of 1/256."""
    square, _rest = np.linalg.qr(chance.standard_normal((values, DIRECTIONS)))
    return np.asarray(np.clip(np.rint(square * 256), -127, 127), np.int8)


def _spread(rows: Numbers, most: int) -> Numbers:
    """At most so many rows, evenly."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
