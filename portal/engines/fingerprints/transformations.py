"""What was done to a picture and its time, derived from the map and the rate: codes, which pages put into words."""

from typing import Final

import numpy as np

from portal.engines.fingerprints import affine, pdq
from portal.engines.fingerprints.affine import Map

REVERSED: Final = "reversed"
REPEATED: Final = "repeated"  # the second shows these seconds of the first more than once
FASTER: Final = "faster"
SLOWER: Final = "slower"
ROTATED: Final = "rotated"  # by another angle than a quarter turn
STRETCHED: Final = "stretched"
CROPPED: Final = "cropped"  # the second shows a part of the first
BORDERED: Final = "bordered"  # the first fills most of the second
PICTURE_IN_PICTURE: Final = "picture_in_picture"
SIDE_BY_SIDE: Final = "side_by_side"
HIGHER: Final = "higher"  # in pitch
LOWER: Final = "lower"
SOUND_REPLACED: Final = "sound_replaced"  # the picture is the same, the sound is another
SOUND_ONLY: Final = "sound_only"  # the sound is the same, no picture in common was found
SMALL_AREA: Final = "small_area"  # no more than a small part of both pictures is the same
HIDDEN_SIGNS: Final = "hidden_signs"  # signs that cannot be seen stand within the words of a text
TRANSFORMATIONS: Final = (
    *pdq.ORIENTATIONS[1:],
    *(ROTATED, CROPPED, BORDERED, PICTURE_IN_PICTURE, SIDE_BY_SIDE, STRETCHED, FASTER, SLOWER, REVERSED, REPEATED),
    *(HIGHER, LOWER, SOUND_REPLACED, SOUND_ONLY, SMALL_AREA, HIDDEN_SIGNS),
)

_RATE: Final = 0.02  # difference from 1 above which a speed is another
_ANGLE: Final = 2.0  # degrees
_STRETCH: Final = 1.06  # of one axis over the other
_WHOLE: Final = 0.94  # share of a picture that counts as all of it
_SMALL: Final = 0.35  # share of the second picture up to which the first is a picture within it
_HALF: Final = 0.46  # share of a side that a picture beside another one fills at least
_POINTS: Final = 48  # along each side, by which shares are measured

Size = tuple[int, int]


def orientation_map(number: int) -> Map:
    """The linear part, about the middle, of one of pdq.ORIENTATIONS."""
    flip = np.diag([-1.0 if number % 4 in {1, 3} else 1.0, -1.0 if number % 4 in {2, 3} else 1.0])
    return flip[::-1] if number >= pdq.STORED else flip


def box_map(number: int, a: tuple[Size, tuple[float, ...]], b: tuple[Size, tuple[float, ...]]) -> Map:
    """The map that takes one picture's part within its borders to the other's, so oriented; (size, box) of each."""
    (middle_a, sides_a), (middle_b, sides_b) = _placed(*a), _placed(*b)
    turned = np.diag(sides_b) @ orientation_map(number) @ np.diag(1 / sides_a)
    return np.column_stack([turned, middle_b - turned @ middle_a])


def nearest_orientation(found: Map) -> int:
    """The number of the one of pdq.ORIENTATIONS that the map is nearest to."""
    likeness = [float((orientation_map(number) * found[:, :2]).sum()) for number in range(len(pdq.ORIENTATIONS))]
    return int(np.argmax(likeness))


def describe(found: Map, a: Size, b: Size, rate: float) -> tuple[str, ...]:
    """Codes of what was done to the first picture to become the second, in the order of TRANSFORMATIONS."""
    number = nearest_orientation(found)
    codes = {pdq.ORIENTATIONS[number]} if number else set()
    codes |= _of_time(rate) | _of_shape(found, number) | _of_place(found, a, b)
    return tuple(code for code in TRANSFORMATIONS if code in codes)


def describe_sound(rate: float, pitch: int) -> tuple[str, ...]:
    """Codes of what was done to the time and the pitch (in semitones) of the first sound to become the second."""
    higher = {HIGHER if pitch > 0 else LOWER} if pitch else set()
    codes = _of_time(rate) | higher
    return tuple(code for code in TRANSFORMATIONS if code in codes)


def _placed(size: Size, box: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Middle and sides of the part within the borders, px."""
    top, bottom, left, right = box
    middle = np.array([(left + right) / 2 * size[0], (top + bottom) / 2 * size[1]])
    return middle, np.array([(right - left) * size[0], (bottom - top) * size[1]])


def _of_time(rate: float) -> set[str]:
    codes = {REVERSED} if rate < 0 else set()
    if abs(abs(rate) - 1) > _RATE:
        codes.add(FASTER if abs(rate) < 1 else SLOWER)
    return codes


def _of_shape(found: Map, number: int) -> set[str]:
    upright = found[:, :2] @ np.linalg.inv(orientation_map(number))
    shortest, longest = affine.scales(found)
    angle = np.degrees(np.arctan2(upright[1, 0] - upright[0, 1], upright[0, 0] + upright[1, 1]))
    codes = {ROTATED} if abs(angle) > _ANGLE else set()
    return codes | ({STRETCHED} if longest > _STRETCH * shortest else set())


def _of_place(found: Map, a: Size, b: Size) -> set[str]:
    seen = _inside(affine.apply(found, _points(a)), b)
    filled = _inside(affine.apply(affine.inverse(found), _points(b)), a)
    codes = {CROPPED} if seen.mean() < _WHOLE else set()
    if filled.mean() < _WHOLE:
        codes.add(_placement(_points(b)[filled] / np.array(b), float(filled.mean())))
    return codes


def _placement(filled: np.ndarray, share: float) -> str:
    """How a picture lies in another of which it fills these points, in parts of its sides."""
    if not len(filled):
        return PICTURE_IN_PICTURE
    low, high = filled.min(axis=0), filled.max(axis=0)
    beside = ((high < 1 - _HALF) | (low > _HALF)) & (high - low >= _HALF)
    if beside.any():
        return SIDE_BY_SIDE
    return PICTURE_IN_PICTURE if share < _SMALL else BORDERED


def _points(size: Size) -> affine.Places:
    across, down = ((np.arange(_POINTS, dtype=np.float32) + 0.5) * side / _POINTS for side in size)
    return np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2).astype(np.float32)


def _inside(places: np.ndarray, size: Size) -> np.ndarray:
    return np.asarray(((places >= 0) & (places < np.array(size))).all(axis=1))
