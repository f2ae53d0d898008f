"""What every reader of pictures needs from Pillow: turning them upright, putting them on white, and what damage raises."""

import struct
from typing import Final

from PIL import ExifTags, Image

# What Pillow raises at damaged pictures.
FAULTS: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, OverflowError, EOFError, IndexError, KeyError),
    struct.error,
)
_UPRIGHT: Final = 1  # of EXIF's orientations
_SIDEWAYS: Final = (5, 6, 7, 8)  # shown with width and height exchanged
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_orientation(image: Image.Image) -> int:
    """How the camera was held, 1 to 8. Nothing else of EXIF is read: it need not be right, nor written back."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT))
    except Exception:  # noqa: BLE001 -- whatever Pillow raises at odd entries, the picture itself is sound
        return _UPRIGHT


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it is to be shown."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def turn_place(place: tuple[float, float, float, float], orientation: int) -> tuple[float, float, float, float]:
    """Where a part of the picture lies once it is turn_upright(): left, top, width, height as shares of the sides."""
    left, top, wide, high = place
    right, bottom = 1 - left - wide, 1 - top - high
    turned = {2: (right, top), 3: (right, bottom), 4: (left, bottom)}
    turned |= {5: (top, left), 6: (bottom, left), 7: (bottom, right), 8: (top, right)}
    x, y = turned.get(orientation, (left, top))
    return (x, y, high, wide) if is_sideways(orientation) else (x, y, wide, high)


def is_sideways(orientation: int) -> bool:
    """Whether the picture is shown with width and height exchanged."""
    return orientation in _SIDEWAYS


def put_on_white(image: Image.Image) -> Image.Image:
    """The picture in RGB, on white where it is transparent."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
