"""Frames as players show them, within the child: turned, mirrored, with square pixels, of standard dynamic range."""

import functools
import struct
from collections.abc import Sequence
from typing import Final, cast

import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

Picture = npt.NDArray[np.uint8]  # [height, width] or [height, width, 3]

_WIDEST: Final = 10.0  # ratio of a pixel's sides above which the header is ignored
_MATRIX: Final = struct.Struct("=9i")
# How levels stand for light: numbers of ITU-T H.273, table 3.
_PQ: Final = 16
_HLG: Final = 18
_WHITE: Final = 203.0  # cd/m2 of white paper in both (ITU-R BT.2408)
_PEAK: Final = 1000.0  # cd/m2 of the display for which HLG is read
_KNEE: Final = 0.8  # of white; brighter light is compressed into the rest
_GAMMA: Final = 2.2


def luma_of(frame: VideoFrame, width: int, height: int) -> Picture:
    """The frame's luma 0..255, scaled to `width` x `height` px of the stored picture, then turned upright."""
    scaled = frame.reformat(width, height, "gray", interpolation="AREA", threads=1).to_ndarray()
    return _as_shown(frame, scaled.astype(np.uint8, copy=False))


def rgb_of(frame: VideoFrame, width: int, height: int) -> Picture:
    """The frame in RGB; otherwise as luma_of()."""
    scaled = frame.reformat(width, height, "rgb24", interpolation="AREA", threads=1).to_ndarray()
    return _as_shown(frame, scaled.astype(np.uint8, copy=False))


def pixel_aspect(stream: VideoStream) -> float:
    """Width of a stored pixel for its height; 1 where the header says nothing, or nothing likely."""
    said = stream.sample_aspect_ratio
    aspect = float(said) if said else 1.0
    return aspect if 1 / _WIDEST <= aspect <= _WIDEST else 1.0


def square_size(frame: VideoFrame, aspect: float) -> tuple[int, int]:
    """Width and height of the stored picture in square pixels; as players do, none is made smaller."""
    width, height = frame.width * max(aspect, 1.0), frame.height * max(1 / aspect, 1.0)
    return round(width), round(height)


def is_sideways(frame: VideoFrame) -> bool:
    """Whether width and height change places when the picture is shown."""
    return _placing(frame)[0]


def turn_upright(frame: VideoFrame, picture: Picture) -> Picture:
    """A picture made from the frame, turned and mirrored as the frame's display matrix says."""
    sideways, mirrored, upside_down = _placing(frame)
    turned = picture.swapaxes(0, 1) if sideways else picture
    return turned[:: -1 if upside_down else 1, :: -1 if mirrored else 1]


def _as_shown(frame: VideoFrame, picture: Picture) -> Picture:
    table = _tone_table(int(frame.color_trc))
    return np.ascontiguousarray(turn_upright(frame, picture if table is None else table[picture]))


def _placing(frame: VideoFrame) -> tuple[bool, bool, bool]:
    """Whether rows and columns change places, and then left and right, and then top and bottom.

    x' = a x + c y, y' = b x + d y, of the display matrix [a b u, c d v, x y w]; rounded to quarter turns.
    """
    # The library's stubs call it a mapping of names; it is a sequence of side data.
    data = cast("Sequence[SideData]", frame.side_data)
    said = next((bytes(each) for each in data if each.type == Type.DISPLAYMATRIX), b"")
    if len(said) != _MATRIX.size:
        return False, False, False
    a, b, _u, c, d, *_ = _MATRIX.unpack(said)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return False, a < 0, d < 0
    return True, c < 0, b < 0


@functools.cache
def _tone_table(curve: int) -> Picture | None:
    """What each of 256 levels of a picture of high dynamic range is on an ordinary display; None for other pictures."""
    levels = np.linspace(0.0, 1.0, 256)
    if curve == _PQ:
        light = _pq_light(levels)
    elif curve == _HLG:
        light = _hlg_light(levels)
    else:
        return None
    share = light / _WHITE
    room = 1.0 - _KNEE
    bright = _KNEE + room * (1.0 - np.exp(-np.maximum(share - _KNEE, 0.0) / room))
    shown = np.where(share <= _KNEE, share, bright) ** (1 / _GAMMA)
    return np.asarray(np.rint(shown * 255), np.uint8)


def _pq_light(levels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """cd/m2 (SMPTE ST 2084)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = levels ** (1 / m2)
    light: npt.NDArray[np.float64] = 10_000.0 * (np.maximum(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1)
    return light


def _hlg_light(levels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """cd/m2 of a grey on a display of _PEAK (ITU-R BT.2100)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(levels <= 0.5, levels**2 / 3, (np.exp((levels - c) / a) + b) / 12)
    light: npt.NDArray[np.float64] = _PEAK * scene**1.2
    return light
