"""A stretch grown to where the two films really part.

Alike samples are few where the camera moves fast or a copy is poor. Once a line is found, a much
weaker likeness at exactly the expected moment is support enough: unrelated pictures differ in
half of the bits.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import pdq
from portal.engines.fingerprints.alike import Floats, Ints
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.voting import Stretch

_SUPPORT: Final = 72  # bits; 128 are expected of unrelated pictures, with a deviation of 8
_GAP: Final = 1.6  # s without support at which the films part
_BESIDE: Final = 0.6  # s from the expected moment to the nearest sample


@dataclass(frozen=True)
class Extent:
    """Seconds `start`..`end` of the first film, and the mean distance of the supporting samples, in bits."""

    start: float
    end: float
    distance: float


def grown(a: Fingerprint, b: Fingerprint, stretch: Stretch, *, quality: int) -> Extent:
    """How far the stretch reaches."""
    chosen, apart = _along(a, b, stretch, quality)
    supported = apart <= _SUPPORT
    moments = a.times[chosen[supported]]
    first, last = a.times[stretch.hits.a[0]], a.times[stretch.hits.a[-1]]
    start = _reach(-moments[moments < first][::-1], -first)
    end = _reach(moments[moments > last], last)
    inside = supported & (a.times[chosen] >= -start) & (a.times[chosen] <= end)
    distance = apart[inside].mean() if inside.any() else stretch.hits.distance.mean()
    return Extent(float(-start), float(end), float(distance))


def _along(a: Fingerprint, b: Fingerprint, stretch: Stretch, quality: int) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Samples of `a` for which `b` has one at the expected moment, and their distance."""
    expected = stretch.line.rate * a.times + stretch.line.offset
    after = np.clip(np.searchsorted(b.times, expected), 1, max(len(b.times) - 1, 1))
    nearer = np.abs(b.times[after - 1] - expected) <= np.abs(b.times[np.minimum(after, len(b.times) - 1)] - expected)
    nearest = np.minimum(np.where(nearer, after - 1, after), len(b.times) - 1)
    known = (np.abs(b.times[nearest] - expected) <= _BESIDE) & (a.quality >= quality) & (b.quality[nearest] >= quality)
    chosen = np.flatnonzero(known)
    turned = pdq.oriented(a.hashes[chosen])[stretch.orientation]
    return chosen, np.bitwise_count(turned ^ b.hashes[nearest[chosen], 0]).sum(axis=1, dtype=np.int64)


def _reach(moments: Floats, reached: float) -> float:
    """The last of rising moments that follow `reached` without a gap."""
    for moment in moments:
        if moment - reached > _GAP:
            break
        reached = float(moment)
    return reached
