"""A certificate's badge for other sites: an SVG that says how the certificate stands at the moment of the request."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from django.template.loader import render_to_string

WIDTH: Final = 360
HEIGHT: Final = 96
_TEXT_WIDTH: Final = WIDTH - 40
# By tone (portal/web/templatetags/ui.py): the colour of the state, legible on white.
_COLOURS: Final = {"ok": "#1b7f4d", "warn": "#8a5a00", "bad": "#b42318", "muted": "#57606a", "info": "#0b5cad"}


@dataclass(frozen=True)
class BadgeWords:
    """What a badge says, in the reader's language."""

    issuer: str
    name: str
    label: str
    state: str
    tone: str
    detail: str
    language: str


def badge_svg(words: BadgeWords) -> str:
    """The badge. No script, no style, no font and no address: it can be shown by any page as a picture."""
    state_width = round(_width(words.state, 13, bold=True)) + 20
    context = {
        "words": words,
        "width": WIDTH,
        "height": HEIGHT,
        "colour": _COLOURS[words.tone],
        "name": shortened(words.name, 16, _TEXT_WIDTH, bold=True),
        "label": shortened(words.label, 12, _TEXT_WIDTH),
        "state_width": state_width,
        "state_x": 20 + state_width / 2,
        "detail_x": 20 + state_width + 10,
        "detail": shortened(words.detail, 12, _TEXT_WIDTH - state_width - 10),
    }
    return render_to_string("certification/proof/badge.svg", context)


def shortened(text: str, size: int, width: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it would be wider than `width` pixels at `size`."""
    if _width(text, size, bold=bold) <= width:
        return text
    end = len(text)
    while end and _width(text[:end] + "…", size, bold=bold) > width:
        end -= 1
    return text[:end].rstrip() + "…"


def _width(text: str, size: int, *, bold: bool = False) -> float:
    """About how wide a text is in a sans-serif font, rather too wide than too narrow: as in DejaVu Sans, a wide one."""
    return sum(_ems(letter, bold=bold) for letter in text) * size


def _ems(letter: str, *, bold: bool) -> float:
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return 1.0
    if unicodedata.combining(letter):
        return 0.0
    if bold:
        return 0.85 if letter.isupper() else 0.7
    return 0.7 if letter.isupper() else 0.6
