"""Motion compared within the aligned picture: distinguishes a copy from another recording of the same place.

The small pictures of both videos are brought onto one grid by the map between them. What stands still or changes
gradually (within two seconds), and changes of brightness and contrast, are subtracted; the rest is compared pixel by
pixel, moment by moment, along a line in time. A moment of one video falls between two small pictures of the other: what moves
is spread over neighbouring pictures and taken between them, so that another speed or frame rate is compared fairly.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import affine
from portal.engines.fingerprints.affine import Map
from portal.engines.fingerprints.channels import LUMA_STEP, PICTURE
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.voting import Line

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_GRID: Final = 96  # cells along the longer side of the first picture, at most
_LEAST_GRID: Final = 12
_LEAST_CELLS: Final = 60  # that both pictures show
_REACH: Final = 24  # small pictures to either side within which a change is gradual
_CLIP: Final = 40.0  # luma levels of a residual
_WINDOW: Final = 32  # small pictures; each window overlaps the next by half
_SHORT_WINDOW: Final = 16  # of stretches too short for two of the others, side by side
_STIRRED, _STIRRED_LESS = 1.0, 0.3  # luma levels from which something moves: in the video with more, with less motion
_RATES: Final = np.round(np.arange(-0.015, 0.0151, 0.0025), 4)  # about the line's rate
# Likeness that a rate must gain for each unit by which it differs from 1: over a few seconds all near ones are alike.
_ODD: Final = 0.6
_USUAL: Final = (1.0, 0.9, 1.1, 0.8, 1.25)  # rates that copyists use
_SHIFTS: Final = np.arange(-24, 24.1, 0.5)  # small pictures
_APART: Final = 8.0  # small pictures from the best offset at which another one counts as another moment
_COVERED: Final = 0.6  # share of the stretch that must be compared
_MARGIN: Final = 48  # small pictures of the second video beyond the expected span
_MOST: Final = 1200  # small pictures of each video that are compared; of longer spans the middle
# Exchanges after which the fifth of nine is their median.
_MEDIAN_OF_9: Final = (
    *((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3)),
    *((5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)


@dataclass(frozen=True)
class Motion:
    """`likeness` -1..1 of what moves, over the `windows` in which something does; `short` ones in short stretches.

    `elsewhere`: the highest likeness at other moments. Moment t of the first video is at rate * t + offset in the
    second, as measured by motion.
    """

    likeness: float
    windows: int
    rate: float = 1.0
    offset: float = 0.0
    elsewhere: float = 0.0
    short: bool = False


@dataclass(frozen=True)
class Products:
    """What moves in two videos, multiplied: `both` [ticks of a, ticks of b], means over the grid.

    `a`, `b`: of each small picture with itself, `b_next` of each of b with the next one. `first_a`, `first_b`: numbers of the
    small pictures with which they begin.
    """

    both: Floats
    a: Floats
    b: Floats
    b_next: Floats
    first_a: int
    first_b: int


class AlignedMotion:
    """What moves in two videos, of which the map joins the pictures. Of short videos it is worked out once."""

    def __init__(self, a: Fingerprint, b: Fingerprint, found: Map) -> None:
        self._a, self._b, self._map = a, b, found
        self._whole: Products | None = None

    def compare(self, line: Line, span: tuple[float, float]) -> Motion | None:
        """Of the seconds `span` of `a`, shown by `b` along the line; None where there are no small pictures to compare."""
        ticks = _middle(_ticks(span, len(self._a.luma)))
        products = self._about(ticks, line) if len(ticks) >= _SHORT_WINDOW else None
        return _best(products, ticks, line) if products else None

    def stands_still(self, line: Line, span: tuple[float, float]) -> bool:
        """Whether nothing moves in one of the videos, in seconds that are too few to compare; False where it is unknown."""
        products = self.whole()
        if products is None:
            return False
        start, end = sorted(line.at(moment) for moment in span)
        sides = (products.a, span), (products.b, (start, end))
        powers = [power[_ticks(seconds, len(power))] for power, seconds in sides]
        return any(len(power) > 0 and bool(np.sqrt(power.max()) < _STIRRED_LESS) for power in powers)

    def whole(self) -> Products | None:
        """Of all small pictures; None where there are too few or too many."""
        a, b = len(self._a.luma), len(self._b.luma)
        if self._whole is None and min(a, b) >= _SHORT_WINDOW and max(a, b) <= _MOST:
            self._whole = self._products(np.arange(a), np.arange(b))
        return self._whole

    def _about(self, ticks: Ints, line: Line) -> Products | None:
        """Of what is near the line."""
        if max(len(self._a.luma), len(self._b.luma)) <= _MOST:
            return self.whole()
        ends = sorted((line.at(ticks[0] * LUMA_STEP), line.at(ticks[-1] * LUMA_STEP)))
        other = _ticks((ends[0] - _MARGIN * LUMA_STEP, ends[1] + _MARGIN * LUMA_STEP), len(self._b.luma))
        return self._products(ticks, other) if len(other) >= _SHORT_WINDOW else None

    def _products(self, ticks_a: Ints, ticks_b: Ints) -> Products | None:
        cells = _grid(self._a, self._b, self._map)
        if len(cells) < _LEAST_CELLS:
            return None
        shown = affine.apply(self._map, cells).astype(np.float32)
        left = _spread(_without_lines(_moving(self._a, cells, ticks_a), cells))
        right = _spread(_without_lines(_moving(self._b, shown, ticks_b), cells))
        return Products(
            both=np.asarray(left @ right.T / len(cells), np.float32),
            a=np.asarray((left**2).mean(axis=1), np.float32),
            b=np.asarray((right**2).mean(axis=1), np.float32),
            b_next=np.asarray((right[:-1] * right[1:]).mean(axis=1), np.float32),
            first_a=int(ticks_a[0]),
            first_b=int(ticks_b[0]),
        )


def _ticks(span: tuple[float, float], count: int) -> Ints:
    """Numbers of the small pictures in these seconds."""
    first, last = max(0, round(span[0] / LUMA_STEP)), min(count - 1, int(span[1] / LUMA_STEP))
    return np.arange(first, last + 1)


def _middle(ticks: Ints) -> Ints:
    """At most about _MOST of them, from the middle."""
    beyond = max(0, len(ticks) - _MOST) // 2
    return ticks[beyond : len(ticks) - beyond]


def _spread(moving: Floats) -> Floats:
    """Each small picture with a part of its neighbours, so that what lies between two of them is a mixture of both."""
    beyond = np.concatenate([moving[:1], moving, moving[-1:]])
    return np.asarray(0.25 * beyond[:-2] + 0.5 * moving + 0.25 * beyond[2:], np.float32)


def _grid(a: Fingerprint, b: Fingerprint, found: Map) -> Floats:
    """Places of the first picture, px, that the second one shows, its edges left out; no finer than either is known."""
    sides = max(a.luma.shape[1:]), max(b.luma.shape[1:]) * affine.scales(found)[0]
    step = PICTURE / max(_LEAST_GRID, min(_GRID, *sides))
    across, down = (np.arange(step / 2, side, step, dtype=np.float32) for side in a.keypoints.size)
    places = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    shown = affine.apply(found, places)
    edge = step * affine.scales(found)[1]
    inside = (shown > edge) & (shown < np.array(b.keypoints.size) - edge)
    within = (places > step) & (places < np.array(a.keypoints.size) - step)
    return np.asarray(places[inside.all(axis=1) & within.all(axis=1)], np.float32)


def _moving(video: Fingerprint, places: Floats, ticks: Ints) -> Floats:
    """What moves at those places, luma levels [ticks, places]."""
    first, last = max(0, int(ticks[0]) - _REACH), min(len(video.luma), int(ticks[-1]) + _REACH + 1)
    shown = _seen(video.luma[first:last], places * (max(video.luma.shape[1:]) / PICTURE))
    background = _background(shown)
    kept = ticks - first
    rest = shown[kept].astype(np.float32) - background[kept]
    return _without_light(rest, background[kept].astype(np.float32))


def _seen(pictures: npt.NDArray[np.uint8], places: Floats) -> npt.NDArray[np.uint8]:
    """The pictures at those places (x, y), interpolated between four pixels."""
    high, wide = pictures.shape[1:]
    flat = pictures.reshape(len(pictures), -1)
    x, y = (np.clip(places[:, axis] - 0.5, 0, side - 1.001) for axis, side in ((0, wide), (1, high)))
    left, top = x.astype(np.int64), y.astype(np.int64)
    right, bottom = np.minimum(left + 1, wide - 1), np.minimum(top + 1, high - 1)
    x, y = x - left, y - top
    total = np.zeros((len(pictures), len(places)), np.float32)
    for row, column, weight in (
        (top, left, (1 - x) * (1 - y)),
        (top, right, x * (1 - y)),
        (bottom, left, (1 - x) * y),
        (bottom, right, x * y),
    ):
        total += flat[:, row * wide + column] * weight.astype(np.float32)
    return np.asarray(np.rint(total), np.uint8)


def _background(shown: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The median of nine pictures about each, spread over _REACH to either side; beyond the ends it is reflected."""
    count = len(shown)
    number = np.arange(count)
    nine = []
    for step in np.linspace(-_REACH, _REACH, 9).round().astype(np.int64):
        at = np.abs(number + step)
        nine.append(shown[np.clip(np.where(at >= count, 2 * (count - 1) - at, at), 0, count - 1)])
    for low, high in _MEDIAN_OF_9:
        nine[low], nine[high] = np.minimum(nine[low], nine[high]), np.maximum(nine[low], nine[high])
    return np.asarray(nine[4], np.uint8)


def _without_light(rest: Floats, background: Floats) -> Floats:
    """Subtract what a change of brightness or contrast of the whole picture explains: fades, flashes, exposure."""
    rest = rest - rest.mean(axis=1, keepdims=True)
    plain = background - background.mean(axis=1, keepdims=True)
    share = (rest * plain).sum(axis=1, keepdims=True) / np.maximum((plain**2).sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(rest - share * plain, np.float32)


def _without_lines(rest: Floats, cells: Floats) -> Floats:
    """Subtract what whole rows and columns have in common: other text that scrolls alike has the same lines."""
    for axis in (1, 0):
        _, line = np.unique(cells[:, axis], return_inverse=True)
        member = np.zeros((len(cells), int(line.max()) + 1), np.float32)
        member[np.arange(len(cells)), line] = 1
        rest = rest - (rest @ (member / member.sum(axis=0))) @ member.T
    return np.asarray(np.clip(rest, -_CLIP, _CLIP), np.float32)


def _best(products: Products, ticks: Ints, line: Line) -> Motion | None:
    """The likeness at the best of some rates and offsets about the line."""
    middle = float(ticks.mean())
    at = line.at(middle * LUMA_STEP) / LUMA_STEP
    tried: list[tuple[float, Motion]] = []
    for rate in _rates(line):
        expected = np.asarray(rate * (ticks - middle) + at, np.float64)
        for shift, found in zip(_SHIFTS, _windowed(products, ticks, expected), strict=True):
            if found is not None:
                offset = (at + shift - rate * middle) * LUMA_STEP
                tried.append((float(shift), replace(found, rate=float(rate), offset=float(offset))))
    return _surest(tried)


def _surest(tried: list[tuple[float, Motion]]) -> Motion | None:
    """The highest likeness, with the highest at other moments: motion that repeats itself is alike there, too."""
    if not tried:
        return None
    at, best = max(tried, key=lambda each: each[1].likeness - _ODD * min(abs(abs(each[1].rate) - 1), _RATES[-1]))
    elsewhere = max((found.likeness for shift, found in tried if abs(shift - at) >= _APART), default=0.0)
    return replace(best, elsewhere=elsewhere)


def _rates(line: Line) -> list[float]:
    """Rates to try: near the line's, and the usual ones, because still pictures leave the line's rate open."""
    near = [line.rate + step * np.sign(line.rate) for step in _RATES]
    usual = [each * np.sign(line.rate) for each in _USUAL]
    return [*near, *(each for each in usual if abs(each - line.rate) > _RATES[-1])]


def _windowed(products: Products, ticks: Ints, expected: npt.NDArray[np.float64]) -> list[Motion | None]:
    """For each of _SHIFTS the mean cosine of the windows in which something moves, weighted by the lesser motion of the two.

    `expected`: where the second video shows each of the ticks, in small pictures. None where too much lies beyond its ends.
    """
    window = _WINDOW if len(ticks) >= 2 * _WINDOW else _SHORT_WINDOW
    known, product, power_left, power_right = _between(products, ticks, expected + _SHIFTS[:, None])
    whole = _summed(known.astype(np.float32), window) > 1 - 0.5 / window
    product, power_left, power_right = (_summed(each, window) for each in (product, power_left, power_right))
    stirred_left, stirred_right = np.sqrt(power_left), np.sqrt(np.maximum(power_right, 0))
    less, more = np.minimum(stirred_left, stirred_right), np.maximum(stirred_left, stirred_right)
    moves = whole & (more >= _STIRRED) & (less >= _STIRRED_LESS)
    weight = np.where(moves, less, 0)
    cosine = product / np.maximum(stirred_left * stirred_right, 1e-9)
    total = weight.sum(axis=1)
    likeness = np.where(total > 0, (cosine * weight).sum(axis=1) / np.maximum(total, 1e-9), 0)
    count = moves.sum(axis=1)
    enough = (known.sum(axis=1) >= max(window, _COVERED * len(ticks))) & whole.any(axis=1)
    return [
        Motion(float(alike), int(moved), short=window < _WINDOW) if good else None
        for alike, moved, good in zip(likeness, count, enough, strict=True)
    ]


def _between(
    products: Products, ticks: Ints, at: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.bool_], Floats, Floats, Floats]:
    """Whether both videos have small pictures there, and the products, the second video's taken between two of them."""
    place = at - products.first_b
    before = np.floor(place).astype(np.int64)
    last = len(products.b) - 2
    known = (before >= 0) & (before <= last)
    before = np.clip(before, 0, last)
    share = np.where(known, place - before, 0).astype(np.float32)
    row = ticks - products.first_a
    product = (1 - share) * products.both[row, before] + share * products.both[row, before + 1]
    power = (1 - share) ** 2 * products.b[before] + share**2 * products.b[before + 1]
    power = power + 2 * share * (1 - share) * products.b_next[before]
    left = np.broadcast_to(products.a[row], product.shape)
    product, left, power = (np.asarray(np.where(known, each, 0), np.float32) for each in (product, left, power))
    return known, product, left, power


def _summed(values: Floats, window: int) -> Floats:
    """Means of the windows, along the last axis."""
    total = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, dtype=np.float64, out=total[..., 1:])
    starts = np.arange(0, values.shape[-1] - window + 1, window // 2)
    return np.asarray((total[..., starts + window] - total[..., starts]) / window, np.float32)
