"""Motion compared within the aligned picture: distinguishes a copy from another recording of the same place.

The small pictures of both videos are brought onto one grid by the map between them. What stands still or changes
gradually (within two seconds), and changes of brightness and contrast, are subtracted; the rest is compared pixel by
pixel, moment by moment, along a line in time.
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
_REACH: Final = 12  # small pictures to either side within which a change is gradual
_CLIP: Final = 40.0  # luma levels of a residual
_WINDOW, _STEP = 16, 8  # small pictures
_STIRRED, _STIRRED_LESS = 1.0, 0.3  # luma levels from which something moves: in the video with more, with less motion
_RATES: Final = np.round(np.arange(-0.015, 0.0151, 0.0025), 4)  # about the line's rate
# Likeness that a rate must gain for each unit by which it differs from 1: over a few seconds all near ones are alike.
_ODD: Final = 0.6
_USUAL: Final = (1.0, 0.9, 1.1, 0.8, 1.25)  # rates that copyists use
_SHIFTS: Final = np.arange(-12, 12.1, 1.0)  # small pictures
_APART: Final = 4.0  # small pictures from the best offset at which another one counts as another moment
_COVERED: Final = 0.6  # share of the stretch that must be compared
_MARGIN: Final = 24  # small pictures of the second video beyond the expected span
_MOST: Final = 1200  # small pictures of the first video that are compared; of longer spans the middle
# Exchanges after which the fifth of nine is their median.
_MEDIAN_OF_9: Final = (
    *((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3)),
    *((5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)


@dataclass(frozen=True)
class Motion:
    """`likeness` -1..1 of what moves, over the `windows` in which something does.

    `elsewhere`: the highest likeness at other moments. Moment t of the first video is at rate * t + offset in the
    second, as measured by motion.
    """

    likeness: float
    windows: int
    rate: float = 1.0
    offset: float = 0.0
    elsewhere: float = 0.0


def compare_motion(a: Fingerprint, b: Fingerprint, found: Map, line: Line, span: tuple[float, float]) -> Motion | None:
    """Of the seconds `span` of `a`, shown by `b` along the line; None where there are no small pictures to compare."""
    ticks_a = _middle(_ticks(span, len(a.luma)))
    ends = sorted((line.at(ticks_a[0] * LUMA_STEP), line.at(ticks_a[-1] * LUMA_STEP))) if len(ticks_a) else (0.0, 0.0)
    ticks_b = _ticks((ends[0] - _MARGIN * LUMA_STEP, ends[1] + _MARGIN * LUMA_STEP), len(b.luma))
    cells = _grid(a, b, found)
    if len(ticks_a) < _WINDOW or len(ticks_b) < _WINDOW or len(cells) < _LEAST_CELLS:
        return None
    left = _without_lines(_moving(a, cells, ticks_a), cells)
    right = _without_lines(_moving(b, affine.apply(found, cells).astype(np.float32), ticks_b), cells)
    return _best(left, right, ticks_a, int(ticks_b[0]), line)


def _ticks(span: tuple[float, float], count: int) -> Ints:
    """Numbers of the small pictures in these seconds."""
    first, last = max(0, round(span[0] / LUMA_STEP)), min(count - 1, int(span[1] / LUMA_STEP))
    return np.arange(first, last + 1)


def _middle(ticks: Ints) -> Ints:
    """At most about _MOST of them, from the middle."""
    beyond = max(0, len(ticks) - _MOST) // 2
    return ticks[beyond : len(ticks) - beyond]


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


def _best(left: Floats, right: Floats, ticks: Ints, first: int, line: Line) -> Motion | None:
    """The likeness at the best of some rates and offsets about the line."""
    products = left @ right.T / left.shape[1]
    power_left, power_right = (left**2).mean(axis=1), (right**2).mean(axis=1)
    middle = float(ticks.mean()) * LUMA_STEP
    tried: list[tuple[float, Motion]] = []
    for rate in _rates(line):
        expected = (rate * (ticks * LUMA_STEP - middle) + line.at(middle)) / LUMA_STEP - first
        for shift in _SHIFTS:
            other = np.rint(expected + shift).astype(np.int64)
            known = np.flatnonzero((other >= 0) & (other < len(right)))
            if len(known) < max(_WINDOW, _COVERED * len(ticks)):
                continue
            other = other[known]
            found = _windowed(products[known, other], power_left[known], power_right[other])
            offset = line.at(middle) + shift * LUMA_STEP - rate * middle
            tried.append((shift, replace(found, rate=float(rate), offset=float(offset))))
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


def _windowed(product: Floats, power_left: Floats, power_right: Floats) -> Motion:
    """The mean cosine of the windows in which something moves, weighted by the lesser motion of the two."""
    product, power_left, power_right = (_summed(each) for each in (product, power_left, power_right))
    stirred_left, stirred_right = np.sqrt(power_left), np.sqrt(power_right)
    less, more = np.minimum(stirred_left, stirred_right), np.maximum(stirred_left, stirred_right)
    moves = (more >= _STIRRED) & (less >= _STIRRED_LESS)
    if not moves.any():
        return Motion(0.0, 0)
    cosine = product[moves] / (stirred_left[moves] * stirred_right[moves])
    weight = less[moves]
    return Motion(float((cosine * weight).sum() / weight.sum()), int(moves.sum()))


def _summed(values: Floats) -> Floats:
    """Means of the windows."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    starts = np.arange(0, len(values) - _WINDOW + 1, _STEP)
    return np.asarray((total[starts + _WINDOW] - total[starts]) / _WINDOW, np.float32)
