"""Affine maps of the plane, and the one that most pairs of places agree with (RANSAC with a fixed seed).

A map is a float64 array [2, 3]: (x, y) goes to map @ (x, y, 1), in px.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float64]  # [2, 3]
Places = npt.NDArray[np.float32]  # [n, 2]
Chosen = npt.NDArray[np.bool_]

_TRIES: Final = 1200
_BATCH: Final = 200  # maps tried together
_ASKED: Final = 1500  # pairs by which tries are ranked; the best are judged by all pairs
_KEPT: Final = 6  # tries that are fitted and judged by all pairs
_REFITS: Final = 4  # rounds of least squares
_LEAST_SCALE, _MOST_SCALE = 0.15, 4.0  # of a map that an editor could have made
_MOST_STRETCH: Final = 2.2  # of one axis over the other
_LEAST_APART: Final = 20.0  # px between the places a map is made of


def apply(found: Map, places: Places) -> npt.NDArray[np.float64]:
    """Where the map takes the places."""
    return np.asarray(places @ found[:, :2].T + found[:, 2], np.float64)


def inverse(found: Map) -> Map:
    """The map back."""
    turned = np.linalg.inv(found[:, :2])
    return np.hstack([turned, -turned @ found[:, 2:]])


def after(second: Map, first: Map) -> Map:
    """The map that does `first`, then `second`."""
    return np.hstack([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2:] + second[:, 2:]])


def scales(found: Map) -> tuple[float, float]:
    """How much the map enlarges along its shortest and its longest axis."""
    longest, shortest = np.linalg.svd(found[:, :2], compute_uv=False)
    return float(shortest), float(longest)


def is_sane(found: Map) -> bool:
    """Whether an editor could have made it: scale and stretch within bounds, not mirrored."""
    if not np.isfinite(found).all() or np.linalg.det(found[:, :2]) <= 0:
        return False
    shortest, longest = scales(found)
    return shortest >= _LEAST_SCALE and longest <= _MOST_SCALE and longest <= _MOST_STRETCH * shortest


def agreeing(found: Map, left: Places, right: Places, tolerance: float) -> Chosen:
    """Which of the pairs of places the map joins, within so many px."""
    return np.asarray(((apply(found, left) - right) ** 2).sum(axis=1) <= tolerance**2)


def fullest_map(left: Places, right: Places, *, tolerance: float) -> Map | None:
    """The map from `left` to `right` that most pairs agree with; None where there is no sane one."""
    if len(left) < 4:
        return None
    chance = np.random.default_rng(0)
    asked = chance.permutation(len(left))[:_ASKED]
    maps, counts = [], []
    for _ in range(_TRIES // _BATCH):
        tried = _tries(left, right, chance)
        if len(tried):
            maps.append(tried)
            counts.append(_counted(tried, left[asked], right[asked], 1.5 * tolerance))
    if not maps:
        return None
    everything, count = np.concatenate(maps), np.concatenate(counts)
    best = np.argsort(-count, kind="stable")[:_KEPT]
    fitted = [_refitted(everything[number], left, right, tolerance) for number in best]
    sane = [
        (int(agreeing(each, left, right, tolerance).sum()), -number, each)
        for number, each in enumerate(fitted)
        if is_sane(each)
    ]
    return max(sane, key=lambda each: each[:2])[2] if sane else None


def _tries(left: Places, right: Places, chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Similarities through two random pairs of places each, [n, 2, 3]."""
    first, second = chance.integers(0, len(left), (2, _BATCH))
    step_left, step_right = left[second] - left[first], right[second] - right[first]
    far = (np.abs(step_left).max(axis=1) >= _LEAST_APART) & (np.abs(step_right).max(axis=1) >= _LEAST_APART / 4)
    from_, to, step_left, step_right = left[first][far], right[first][far], step_left[far], step_right[far]
    length = (step_left**2).sum(axis=1)
    cosine = (step_left * step_right).sum(axis=1) / length
    sine = (step_left[:, 0] * step_right[:, 1] - step_left[:, 1] * step_right[:, 0]) / length
    scale = np.hypot(cosine, sine)
    good = (scale >= _LEAST_SCALE) & (scale <= _MOST_SCALE)
    cosine, sine, from_, to = cosine[good], sine[good], from_[good], to[good]
    maps = np.zeros((len(cosine), 2, 3))
    maps[:, 0, 0] = maps[:, 1, 1] = cosine
    maps[:, 0, 1], maps[:, 1, 0] = -sine, sine
    maps[:, :, 2] = to - np.einsum("nij,nj->ni", maps[:, :, :2], from_)
    return maps


def _counted(maps: npt.NDArray[np.float64], left: Places, right: Places, tolerance: float) -> npt.NDArray[np.int64]:
    x, y = left.T.astype(np.float32)
    m = maps.astype(np.float32)
    across = m[:, 0, 0, None] * x + m[:, 0, 1, None] * y + m[:, 0, 2, None] - right[:, 0]
    down = m[:, 1, 0, None] * x + m[:, 1, 1, None] * y + m[:, 1, 2, None] - right[:, 1]
    return np.asarray((across**2 + down**2 <= tolerance**2).sum(axis=1), np.int64)


def _refitted(found: Map, left: Places, right: Places, tolerance: float) -> Map:
    """Least squares through the pairs that agree, several times: a similarity becomes an affine map."""
    for step in range(_REFITS):
        near = agreeing(found, left, right, tolerance * (3, 2, 1, 1)[step])
        if near.sum() < 6:
            return found
        ones = np.column_stack([left[near], np.ones(int(near.sum()))]).astype(np.float64)
        solved, _, rank, _ = np.linalg.lstsq(ones, right[near].astype(np.float64), rcond=None)
        if rank < 3:
            return found
        found = np.asarray(solved.T, np.float64)
    return found
