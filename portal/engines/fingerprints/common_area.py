"""How much of two pictures is the same: two different videos may share a sticker, a logo or a frame, and nothing else.

Measured moment by moment, for a sticker may move about: the box around the keypoints that agree, as a share of the box
around all keypoints. A copy within another picture is all of the original, so the larger share of the two counts.
"""

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.affine import Places
from portal.engines.fingerprints.alignment import Alignment
from portal.engines.fingerprints.channels import Keypoints

_LEAST_PAIRS = 3  # of a moment that is measured
_USUAL = 75  # percentile of the moments: some show less than the others


def common_area(a: Keypoints, b: Keypoints, found: Alignment, chosen: npt.NDArray[np.bool_]) -> float:
    """The share, 0..1, of the pairs that agree with an alignment and are chosen; 1 where there are too few to tell."""
    moments = found.at_b[chosen]
    shares = [
        _usual_box(moments, places[chosen]) / max(_usual_box(*_within(points, times[chosen])), 1.0)
        for points, places, times in ((a, found.place_a, found.at_a), (b, found.place_b, found.at_b))
        if len(moments)
    ]
    return min(max(shares, default=0.0), 1.0) or 1.0


def _within(points: Keypoints, times: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], Places]:
    """All keypoints of the moments between the first and the last of these."""
    inside = (points.times >= times.min()) & (points.times <= times.max())
    return points.times[inside], points.places[inside]


def _usual_box(moments: npt.NDArray[np.float64], places: Places) -> float:
    """The area, in px, of the box around the places of a moment, in the upper quartile of moments; 0 where all have too few."""
    order = np.argsort(moments, kind="stable")
    if not len(order):
        return 0.0
    _, starts, counts = np.unique(moments[order], return_index=True, return_counts=True)
    ordered = places[order]
    sides = np.maximum.reduceat(ordered, starts) - np.minimum.reduceat(ordered, starts)
    areas = sides.prod(axis=1)[counts >= _LEAST_PAIRS]
    return float(np.percentile(areas, _USUAL)) if len(areas) else 0.0
