"""Black borders: how much of a film's picture they take, and the picture without them."""

from typing import Final

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]  # [frames, side, side]
Box = tuple[int, int, int, int]  # top, bottom, left, right in px of the picture; bottom and right are outside

_BLACK: Final = 6  # luma, 0..255, up to which a pixel is black; what is merely dark has more
_SHARE: Final = 0.985  # of a row's pixels, over the whole film, that must be black
_LEAST: Final = 0.3  # of a side that must be left; a film with less is dark, not bordered
_EDGE: Final = 0.4  # how lit the row beside a border is, to the most lit; a dark place has no straight edge
_LOOKED_AT: Final = 300  # frames, evenly spread


def inner_box(luma: Luma) -> Box:
    """The part that is not black border, found over the whole film so that it does not change with the shots."""
    side = luma.shape[1]
    seen = luma[:: max(1, len(luma) // _LOOKED_AT)]
    lit = seen[seen.reshape(len(seen), -1).max(axis=1) > 8 * _BLACK]
    if not len(lit):
        return 0, side, 0, side
    dark = lit <= _BLACK
    top, bottom = _span(dark.mean(axis=(0, 2)))
    left, right = _span(dark.mean(axis=(0, 1)))
    if min(bottom - top, right - left) < _LEAST * side:
        return 0, side, 0, side
    return top, bottom, left, right


def cropped(luma: Luma, box: Box, side: int) -> npt.NDArray[np.uint8]:
    """The part of each frame inside `box`, scaled to a square of `side` px by area."""
    down, across = _weights(*box[:2], luma.shape[1], side), _weights(*box[2:], luma.shape[2], side)
    scaled = down @ luma.astype(np.float32) @ across.T
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def _span(dark: npt.NDArray[np.float64]) -> tuple[int, int]:
    """First row inside and first row outside again, from the share of each row's pixels that is black.

    Borders come in pairs: what is black on one side only is part of the picture.
    """
    inside = np.flatnonzero(dark < _SHARE)
    if not len(inside):
        return 0, 0
    # The row beside a border is half border.
    first, last = int(inside[0]) + 1, int(inside[-1])
    if first >= last or first < 2 or last > len(dark) - 2:
        return 0, len(dark)
    lit = 1 - dark[first:last]
    return (first, last) if min(lit[0], lit[-1]) >= _EDGE * lit.max() else (0, len(dark))


def _weights(first: int, last: int, size: int, side: int) -> npt.NDArray[np.float32]:
    """[side, size]: the share of each source pixel in each target pixel, when first..last become 0..side."""
    edges = np.linspace(first, last, side + 1)
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(size)[None, :]
    overlap = np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None)
    return np.asarray(overlap / (high - low), np.float32)
