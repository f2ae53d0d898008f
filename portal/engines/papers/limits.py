"""What reading a page answers, and the bounds on the child that reads it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.engines import limited_process

MIB: Final = 1024 * 1024
BROKEN: Final = limited_process.BROKEN
TOO_HEAVY: Final = limited_process.TOO_HEAVY
CODES: Final = frozenset({BROKEN, TOO_HEAVY})

Point = tuple[int, int]  # px from the left and from the top of the page
Box = tuple[Point, Point, Point, Point]  # clockwise, from where the first letter begins at its top


class FieldKind(StrEnum):
    """What a value on a paper is."""

    NAME = "name"
    NUMBER = "number"
    IDENTITY = "identity"
    ISSUER = "issuer"
    ISSUED_ON = "issued_on"
    FIRST_ISSUE = "first_issue"  # the day of the first of several issues: not of this one
    EXPIRES_ON = "expires_on"


@dataclass(frozen=True)
class Line:
    """One line of writing: its corners on the page, its text, and the model's probability (0..1) of each character."""

    box: Box
    text: str
    probabilities: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The probability of the least sure character; 0 for an empty line."""
        return min(self.probabilities, default=0.0)


@dataclass(frozen=True)
class Field:
    """A value on the page. Dates are ISO 8601. `certain` only where two readings agree and every cross-check holds."""

    kind: FieldKind
    value: str
    box: Box
    confidence: float
    certain: bool


@dataclass(frozen=True)
class PageReading:
    """What was read on one page of `width` x `height` px; `peak` is the memory of the child in bytes."""

    width: int
    height: int
    lines: tuple[Line, ...]
    fields: tuple[Field, ...]
    picture_hash: tuple[int, ...] = ()  # four words of 64 bits (PDQ); () for a page too plain to tell from others
    peak: int = 0


class HintKind(StrEnum):
    """A sign that a picture was edited, or that one was looked for."""

    EDITOR = "editor"  # the metadata name an editor: `detail`
    SAVED_BEFORE = "saved_before"  # a part was saved at another quality: `place`
    # The whole picture was looked over for such parts. Where it is missing, only the metadata were looked at, or the answer is
    # of a release in which places referred to the picture as it was stored, and not to the upright one.
    EXAMINED = "examined"


@dataclass(frozen=True)
class Hint:
    """A sign of editing. `place`: left, top, width and height as shares of the width and height of the upright picture."""

    kind: HintKind
    detail: str = ""
    place: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """Bounds on a file, on a page and on the child that reads it."""

    pages: int = 6  # of one file; what follows is not read
    page_bytes: int = 8 * MIB
    pixels: int = 16_000_000
    original_bytes: int = 20 * MIB  # of an uploaded picture
    original_pixels: int = 64_000_000
    lines: int = 200  # of one page; what is more is not read
    line_ratio: int = 60  # width of a line by its height, at most
    child_memory: int = 2048 * MIB  # address space; up to 1.4 GB are used
    child_output: int = 4 * MIB
    seconds: int = 90  # processor time
    wall_seconds: int = (
        600  # on the clock, for a child that waits for a processor; short of an attempt at a job (portal/pools.py)
    )


BOUNDS: Final = Bounds()
