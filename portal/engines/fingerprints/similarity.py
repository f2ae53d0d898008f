"""Which samples of two videos show alike pictures, in each orientation."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import pdq
from portal.engines.fingerprints.record import Fingerprint

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROWS: Final = 512  # samples compared at a time
_MOST: Final = 64  # pairs kept of one sample: a still video is alike everywhere


@dataclass(frozen=True)
class Pairs:
    """Alike samples: `a` and `b` number them, `distance` in bits."""

    a: Ints
    b: Ints
    distance: Ints

    def __len__(self) -> int:
        return len(self.a)

    def only(self, chosen: npt.NDArray[np.bool_] | Ints) -> "Pairs":
        """Those of the pairs."""
        return Pairs(self.a[chosen], self.b[chosen], self.distance[chosen])


def similar_pairs(a: Fingerprint, b: Fingerprint, *, bits: int, quality: int) -> list[Pairs]:
    """The pairs of at most `bits` distance, both of at least `quality`, for each of pdq.ORIENTATIONS."""
    chosen_a, chosen_b = np.flatnonzero(a.quality >= quality), np.flatnonzero(b.quality >= quality)
    plain = np.ascontiguousarray(b.hashes[chosen_b, 0])
    found = []
    for hashes in pdq.orient_hashes(a.hashes[chosen_a]):
        near = _near(np.ascontiguousarray(hashes), plain, bits)
        found.append(Pairs(chosen_a[near.a], chosen_b[near.b], near.distance))
    return found


def _near(left: pdq.Hashes, right: pdq.Hashes, bits: int) -> Pairs:
    parts: list[list[Ints]] = [[np.zeros(0, np.int64)] * 3]
    for start in range(0, len(left), _ROWS):
        apart = pdq.hash_distances(left[start : start + _ROWS], right)
        rows, columns = np.nonzero(_thinned(apart <= bits, apart))
        parts.append([rows + start, columns, apart[rows, columns].astype(np.int64)])
    return Pairs(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _thinned(near: npt.NDArray[np.bool_], apart: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Of samples with too many alike ones, the nearest; among equals, spread evenly."""
    for row in np.flatnonzero(near.sum(axis=1) > _MOST):
        columns = np.flatnonzero(near[row])
        spread = (columns * 0.618 + row * 0.414) % 1
        kept = columns[np.argsort(apart[row, columns] + spread)[:_MOST]]
        near[row] = False
        near[row, kept] = True
    return near
