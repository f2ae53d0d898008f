"""Two videos' pooled keypoints matched: which affine map takes the picture of one to the other's, and when.

The nearest keypoint is looked for among all samples of the other video. There is no ratio test, because neighbouring
samples show the same point. Pairs vote for the offset in time; one map is fitted to all pairs of an offset, and the
distinct places that agree with it are counted. For a mirrored video the descriptors are permuted; nothing is extracted
again. The matrix of cosines is computed block by block: with _MOST keypoints in both videos a block takes 100 MB.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import affine
from portal.engines.fingerprints.affine import Chosen, Map, Places
from portal.engines.fingerprints.channels import Keypoints

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RATES: Final = (1.0, 0.9, 1.1, 0.8, 1.25, 0.5, 2.0, -1.0)  # seconds of the second video for one of the first
_MOST: Final = 24_000  # keypoints of a video that are matched; of more, the strongest of each sample
_BLOCK: Final = 1024  # keypoints matched at a time
_ALIKE: Final = 0.86  # cosine of two descriptors above which they are a pair
_BIN: Final = 0.5  # s, width of a bin of offsets
_BINS: Final = 3  # fullest bins of each rate that are tried
_TRIED: Final = 8  # lines (rate and offset) that a map is fitted for, in all
_TOLERANCE: Final = 4.0  # px between a pair and the map that it agrees with
_CELL: Final = 6.0  # px; inliers within a cell are one place
_LEAST_SPREAD: Final = 6.0  # px, standard deviation of the inliers' places
_MOST_ALIGNMENTS: Final = 4  # ways in which one video shows another, as many mirrored ones
_LEAST_PAIRS: Final = 8  # that vote for a line, or agree with a map


@dataclass(frozen=True)
class Alignment:
    """`map`: px of the first video's keypoint picture to px of the second's. `places`: distinct ones that agree.

    `at_a`, `at_b`: seconds of all pairs that agree with the map; `place_a`, `place_b`: px; `cells`: number of the place in
    the second video.
    """

    map: Map
    mirrored: bool
    places: int
    at_a: Floats
    at_b: Floats
    place_a: Places
    place_b: Places
    cells: Ints


@dataclass(frozen=True)
class _Matches:
    """Pairs of alike keypoints: seconds and places in both videos."""

    at_a: Floats
    at_b: Floats
    place_a: Places
    place_b: Places

    def __len__(self) -> int:
        return len(self.at_a)

    def only(self, chosen: Chosen | Ints) -> "_Matches":
        return _Matches(self.at_a[chosen], self.at_b[chosen], self.place_a[chosen], self.place_b[chosen])


def find_alignments(a: Keypoints, b: Keypoints, *, places: int) -> list[Alignment]:
    """Every way in which `b` shows `a` with at least so many places, the surest first."""
    first, second = _thinned(a), _thinned(b)
    if not len(first) or not len(second):
        return []
    found = []
    for mirrored in (False, True):
        matches = _matched(_mirrored(first) if mirrored else first, second)
        aligned = _aligned(matches, places)
        found += [_unmirrored(each, a.size[0]) if mirrored else each for each in aligned]
    return sorted(found, key=lambda each: -each.places)


def _thinned(points: Keypoints) -> Keypoints:
    """At most about _MOST keypoints: the strongest half of each sample, or third, and so on."""
    divisor = -(-len(points) // _MOST)
    if divisor <= 1:
        return points
    # Within a sample the strongest come first.
    _, start, count = np.unique(points.times, return_index=True, return_counts=True)
    rank = np.arange(len(points)) - np.repeat(start, count)
    chosen = rank < np.repeat(-(-count // divisor), count)
    return Keypoints(
        points.size, points.times[chosen], points.places[chosen], points.descriptors[chosen], points.looked_at
    )


def _mirrored(points: Keypoints) -> Keypoints:
    """As if found in the mirrored picture: columns and orientations of each histogram change places."""
    cells = points.descriptors.reshape(-1, 4, 4, 8)
    turned = cells[:, ::-1, :, :][..., (-np.arange(8)) % 8]
    places = points.places * np.array([-1, 1], np.float32) + np.array([points.size[0] - 1, 0], np.float32)
    return Keypoints(points.size, points.times, places, turned.reshape(-1, 128), points.looked_at)


def _unmirrored(found: Alignment, width: int) -> Alignment:
    mirror = np.array([[-1.0, 0, width - 1], [0, 1, 0]])
    places = found.place_a * np.array([-1, 1], np.float32) + np.array([width - 1, 0], np.float32)
    return replace(found, map=affine.after(found.map, mirror), mirrored=True, place_a=places)


def _matched(a: Keypoints, b: Keypoints) -> _Matches:
    """The most alike keypoint of `a` for each of `b`, where it is alike enough."""
    left, right = _unit(a.descriptors), _unit(b.descriptors)
    nearest, likeness = np.zeros(len(right), np.int64), np.zeros(len(right), np.float32)
    for start in range(0, len(right), _BLOCK):
        alike = right[start : start + _BLOCK] @ left.T
        best = alike.argmax(axis=1)
        nearest[start : start + _BLOCK] = best
        likeness[start : start + _BLOCK] = alike[np.arange(len(best)), best]
    chosen = np.flatnonzero(likeness > _ALIKE)
    other = nearest[chosen]
    return _Matches(a.times[other], b.times[chosen], a.places[other], b.places[chosen])


def _unit(descriptors: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    values = descriptors.astype(np.float32)
    length = np.sqrt((values**2).sum(axis=1, keepdims=True))
    return np.asarray(values / np.maximum(length, 1e-6), np.float32)


def _aligned(matches: _Matches, places: int) -> Iterator[Alignment]:
    """One alignment after the other, each of the pairs that do not agree with those before."""
    for _ in range(_MOST_ALIGNMENTS):
        found = max(_candidates(matches), key=lambda each: each.places, default=None)
        if found is None or found.places < places:
            return
        yield found
        matches = matches.only(~affine.agreeing(found.map, matches.place_a, matches.place_b, 3 * _TOLERANCE))


def _candidates(matches: _Matches) -> Iterator[Alignment]:
    for rate, offset in _fullest_lines(matches):
        near = np.flatnonzero(np.abs(matches.at_b - rate * matches.at_a - offset) <= 1.5 * _BIN)
        found = _fitted(matches, matches.only(near))
        if found is not None:
            yield found


def _fullest_lines(matches: _Matches) -> list[tuple[float, float]]:
    """(rate, offset) of the fullest bins."""
    found = []
    for rate in RATES:
        offsets = matches.at_b - rate * matches.at_a
        if not len(offsets):
            return []
        lowest = float(offsets.min())
        votes = np.bincount(((offsets - lowest) / _BIN).astype(np.int64) + 1, minlength=3)
        wide = np.convolve(votes, np.ones(3), "same")
        fullest = np.argsort(-wide, kind="stable")[:_BINS]
        found += [(float(wide[at]), rate, lowest + (int(at) - 0.5) * _BIN) for at in fullest]
    found.sort(key=lambda each: -each[0])
    # The unchanged rate is always tried: where the picture stands still, all rates have as many votes.
    even = [each for each in found if each[1] == 1][:_BINS]
    chosen = even + [each for each in found if each not in even][: _TRIED - len(even)]
    return [(rate, offset) for votes, rate, offset in chosen if votes >= _LEAST_PAIRS]


def _fitted(matches: _Matches, pairs: _Matches) -> Alignment | None:
    """The map that most of the pairs agree with, and all matches that agree with it."""
    found = affine.fullest_map(pairs.place_a, pairs.place_b, tolerance=_TOLERANCE)
    if found is None:
        return None
    kept = pairs.only(affine.agreeing(found, pairs.place_a, pairs.place_b, _TOLERANCE))
    if len(kept) < _LEAST_PAIRS or min(kept.place_a.std(axis=0).min(), kept.place_b.std(axis=0).min()) < _LEAST_SPREAD:
        return None
    agree = matches.only(affine.agreeing(found, matches.place_a, matches.place_b, _TOLERANCE))
    places = len(np.unique(_cells(kept)))
    return Alignment(found, False, places, agree.at_a, agree.at_b, agree.place_a, agree.place_b, _cells(agree))


def _cells(pairs: _Matches) -> Ints:
    """Numbers of the cells in which the second video shows the pairs."""
    column, row = np.floor(pairs.place_b / _CELL).astype(np.int64).T
    return np.asarray(row * 1000 + column, np.int64)
