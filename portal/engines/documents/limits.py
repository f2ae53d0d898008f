"""What is accepted, how much of it, and the codes of refusal."""

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

CODES: Final = frozenset(
    {EMPTY, TOO_LARGE, UNKNOWN_TYPE, HEIC, WRONG_NAME, TWO_TYPES, BROKEN, ENCRYPTED, ACTIVE}
    | {TOO_MANY_PAGES, TOO_MANY_PIXELS, ANIMATED, TOO_HEAVY}
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
    child_memory: int = 768 * MIB  # address space
    child_output: int = 64 * MIB
    inspect_seconds: int = 10  # wall clock; processor time is held to the same figure
    render_seconds: int = 60


LIMITS: Final = Limits()


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
