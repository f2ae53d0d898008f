"""Black borders: how much of a video's picture they take, and the picture without them."""

from typing import Final

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]  # [frames, side, side]
Box = tuple[float, float, float, float]  # top, bottom, left, right in px of the picture, and in parts of them

_BLACK: Final = 12  # luma, 0..255, up to which a pixel is black; what is merely dark has more
_LIT: Final = 5  # luma from which a pixel beside a border is taken for picture
_SHARE: Final = 0.97  # of a row's pixels, over the whole video, that must be black
_LEAST: Final = 0.3  # of a side that must be left; a video with less is dark, not bordered
_EDGE: Final = 0.5  # how lit the row beside a border is, to the most lit; a dark place has no straight edge
_LOOKED_AT: Final = 300  # frames, evenly spread


def inner_box(luma: Luma) -> Box:
    """The part that is not black border, found over the whole video so that it does not change with the shots."""
    side = luma.shape[1]
    seen = luma[:: max(1, len(luma) // _LOOKED_AT)]
    lit = seen[seen.reshape(len(seen), -1).max(axis=1) > 4 * _BLACK]
    if not len(lit):
        return 0, side, 0, side
    top, bottom = _span(lit.transpose(1, 0, 2))
    left, right = _span(lit.transpose(2, 0, 1))
    if min(bottom - top, right - left) < _LEAST * side:
        return 0, side, 0, side
    return top, bottom, left, right


def crop_to_box(luma: Luma, box: Box, side: int) -> npt.NDArray[np.uint8]:
    """The part of each frame inside `box`, scaled to a square of `side` px by area."""
    down, across = _weights(*box[:2], luma.shape[1], side), _weights(*box[2:], luma.shape[2], side)
    scaled = down @ luma.astype(np.float32) @ across.T
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def _span(rows: Luma) -> tuple[float, float]:
    """Where the picture begins and ends, of rows [row, frame, pixel].

    Borders come in pairs: what is black on one side only is part of the picture.
    """
    inside = np.flatnonzero((rows <= _BLACK).mean(axis=(1, 2)) < _SHARE)
    if not len(inside):
        return 0, 0
    first, last = int(inside[0]), int(inside[-1])
    if last - first < 4 or first < 1 or last > len(rows) - 2:
        return 0, len(rows)
    shown = (rows[first + 1 : last] >= _LIT).mean(axis=(1, 2))
    if min(shown[0], shown[-1]) < _EDGE * shown.max():
        return 0, len(rows)
    return first + 1 - _part(rows[first], rows[first + 1]), last + _part(rows[last], rows[last - 1])


def _part(row: npt.NDArray[np.uint8], within: npt.NDArray[np.uint8]) -> float:
    """How much of the row beside a border is picture: as much as it is lit, to the row within."""
    return min(1.0, float(row.mean()) / max(float(within.mean()), 1.0))


def _weights(first: float, last: float, size: int, side: int) -> npt.NDArray[np.float32]:
    """[side, size]: the share of each source pixel in each target pixel, when first..last become 0..side."""
    edges = np.linspace(first, last, side + 1)
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(size)[None, :]
    overlap = np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None)
    return np.asarray(overlap / (high - low), np.float32)
