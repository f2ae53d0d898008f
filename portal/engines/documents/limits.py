"""What is accepted, how much of it, and the codes of refusal."""

import math
from dataclasses import dataclass
from typing import Final

from portal.engines import limited_process

MIB: Final = 1024 * 1024

PDF: Final = "application/pdf"
# Media type -> the endings under which a file of this type may come. Pictures are often renamed
# from one picture type to another by phones and messengers, so any picture ending will do.
_PICTURE_ENDINGS: Final = ("jpg", "jpeg", "jpe", "jfif", "png", "webp")
ACCEPTED: Final[dict[str, tuple[str, ...]]] = {
    PDF: ("pdf",),
    "image/jpeg": _PICTURE_ENDINGS,
    "image/png": _PICTURE_ENDINGS,
    "image/webp": _PICTURE_ENDINGS,
}

# Every code has one sentence for people in portal/evidence/refusals.py.
EMPTY: Final = "empty"
TOO_LARGE: Final = "too_large"
UNKNOWN_TYPE: Final = "unknown_type"
HEIC: Final = "heic"
WRONG_NAME: Final = "wrong_name"
TWO_TYPES: Final = "two_types"
BROKEN: Final = limited_process.BROKEN
ENCRYPTED: Final = "encrypted"
ACTIVE: Final = "active"
TOO_MANY_PAGES: Final = "too_many_pages"
TOO_MANY_PIXELS: Final = "too_many_pixels"
ANIMATED: Final = "animated"
TOO_HEAVY: Final = limited_process.TOO_HEAVY
NO_FONT: Final = "no_font"

CODES: Final = frozenset(
    {EMPTY, TOO_LARGE, UNKNOWN_TYPE, HEIC, WRONG_NAME, TWO_TYPES, BROKEN, ENCRYPTED, ACTIVE}
    | {TOO_MANY_PAGES, TOO_MANY_PIXELS, ANIMATED, TOO_HEAVY, NO_FONT}
)


@dataclass(frozen=True)
class Limits:
    """Bounds on a file and on the child that opens it."""

    file_bytes: int = 20 * MIB
    pages: int = 20
    pixels: int = 64_000_000  # of one picture; a 50 megapixel phone photo passes
    side: int = 30_000  # px, of one picture
    pdf_objects: int = 100_000
    pdf_values: int = 500_000  # members of all arrays and dictionaries of a PDF together
    unpacked_bytes: int = 256 * MIB  # all compressed streams of a PDF together
    page_side: int = 1600  # px, long side of a rendered page
    strip_ratio: int = 3  # from here on, long side to short side, a page is drawn by its short side
    strip_side: int = 1000  # px, short side of such a page, as long as it has at most
    strip_pixels: int = 16_000_000  # pixels
    child_memory: int = 768 * MIB  # address space
    child_output: int = 64 * MIB
    inspect_seconds: int = 10  # processor time
    render_seconds: int = 60  # processor time
    wall_seconds: int = (
        200  # on the clock, for a child that waits for a processor; short of an attempt at a job (portal/pools.py)
    )


LIMITS: Final = Limits()
_LONGEST_SIDE: Final = 24_000  # px; JPEG ends at 65,535, some phones draw less


def drawing_scale(width: float, height: float, bounds: Limits) -> float:
    """By what a page of these sides is enlarged or reduced; a long screenshot stays as wide as can be read."""
    short, long = sorted((max(width, 1.0), max(height, 1.0)))
    if long <= short * bounds.strip_ratio:
        return bounds.page_side / long
    most = math.sqrt(bounds.strip_pixels / (short * long))
    return min(bounds.strip_side / short, most, _LONGEST_SIDE / long)


@dataclass(frozen=True)
class Report:
    """What a file really is."""

    media_type: str
    page_count: int


@dataclass(frozen=True)
class Page:
    """One page as our own picture: re-encoded JPEG without metadata; sizes in px, numbers from 1."""

    number: int
    width: int
    height: int
    data: bytes
