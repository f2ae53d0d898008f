"""Where in our own code something happens."""

import sys
from pathlib import Path
from types import FrameType

_ROOT = Path(__file__).resolve().parent.parent.parent
_OURS = ("portal/", "certification/", "complaints/")
_DEPTH = 6


def place_in_our_code() -> str:
    """The innermost lines of our code that lead here, as `file:line`, without those of portal/testing."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and len(found) < _DEPTH:
        name = frame.f_code.co_filename.removeprefix(f"{_ROOT}/")
        if name.startswith(_OURS) and not name.startswith("portal/testing/"):
            found.append(f"{name}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(found)
