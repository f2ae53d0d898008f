"""Six layouts of papers, drawn with fonts that the tests' Chromium brings along (Noto CJK)."""

import functools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from portal.bench.certification.papers import Paper

_FOLDER: Final = Path("/usr/share/fonts/opentype/noto")
_FACES: Final = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "NotoSerifCJK-Bold.ttc")
_SIMPLIFIED: Final = 2  # face of the collections
_KINDS: Final = ("name", "number", "issuer", "issued_on", "expires_on")
_TALL, _WIDE = (1240, 1754), (1754, 1240)


class FontMissing(RuntimeError):
    """The fonts of Chinese papers are not installed; `make chromium` installs them on Debian."""


class Sheet:
    """A picture with one face of letters."""

    def __init__(self, chance: random.Random, size: tuple[int, int]) -> None:
        self.chance, self.face = chance, chance.choice(_FACES)
        paper = tuple(chance.randrange(238, 256) for _ in range(3))
        ink = chance.randrange(10, 70)
        self.image = Image.new("RGB", size, paper)
        self.draw = ImageDraw.Draw(self.image)
        self.ink = (ink, ink, ink + chance.randrange(30))

    def write(self, x: float, y: float, text: str, size: int = 36, anchor: str = "lm") -> float:
        """Write; returns where the text ends."""
        self.draw.text((x, y), text, font=letters(self.face, size), fill=self.ink, anchor=anchor)
        return x + letters(self.face, size).getlength(text)

    def frame(self, margin: int = 50) -> None:
        """A line around the sheet."""
        width, height = self.image.size
        colour = tuple(self.chance.randrange(90, 200) for _ in range(3))
        self.draw.rectangle((margin, margin, width - margin, height - margin), outline=colour, width=6)


@functools.cache
def letters(face: str, size: int) -> ImageFont.FreeTypeFont:
    """A face of the CJK fonts, `size` px high; raises FontMissing."""
    path = _FOLDER / face
    if not path.exists():
        raise FontMissing(str(path))
    return ImageFont.truetype(str(path), size, index=_SIMPLIFIED)


def _colon(paper: Paper) -> str:
    return "：" if paper.language == "zh" else ": "


def _lines(paper: Paper, chance: random.Random) -> Image.Image:
    """One label and its value a line."""
    sheet = Sheet(chance, _TALL)
    sheet.frame()
    sheet.write(620, 220, paper.title, 68, "mm")
    size, left = chance.randrange(32, 46), chance.randrange(130, 230)
    for row, kind in enumerate(_shuffled(chance)):
        label, text = paper.words[kind]
        sheet.write(left, 480 + row * chance.randrange(108, 120), f"{label}{_colon(paper)}{text}", size)
    _filler(sheet, paper, 1250)
    return sheet.image


def _table(paper: Paper, chance: random.Random) -> Image.Image:
    """A table of labels and values with rules."""
    sheet = Sheet(chance, _TALL)
    sheet.write(620, 180, paper.title, 60, "mm")
    size, step = chance.randrange(30, 40), chance.randrange(90, 120)
    for row, kind in enumerate(_shuffled(chance)):
        label, text = paper.words[kind]
        top = 330 + row * step
        sheet.draw.rectangle((110, top, 1130, top + step), outline=sheet.ink, width=2)
        sheet.draw.line((420, top, 420, top + step), fill=sheet.ink, width=2)
        sheet.write(130, top + step / 2, label, size)
        sheet.write(445, top + step / 2, text, size)
    _filler(sheet, paper, 330 + 5 * step + 140)
    return sheet.image


def _stacked(paper: Paper, chance: random.Random) -> Image.Image:
    """Small labels above large values."""
    sheet = Sheet(chance, _TALL)
    sheet.frame(70)
    sheet.write(620, 210, paper.title, 62, "mm")
    for row, kind in enumerate(_shuffled(chance)):
        label, text = paper.words[kind]
        sheet.write(170, 420 + row * 190, label, 28)
        sheet.write(170, 475 + row * 190, text, 42)
    return sheet.image


def _columns(paper: Paper, chance: random.Random) -> Image.Image:
    """Two pairs in a row, on a sheet that is wider than high."""
    sheet = Sheet(chance, _WIDE)
    sheet.frame()
    sheet.write(877, 190, paper.title, 66, "mm")
    places = [(140, 400), (940, 400), (140, 540), (940, 540), (140, 680)]
    order = ["name", "issued_on", "issuer", "expires_on", "number"]
    for (x, y), kind in zip(places, order, strict=True):
        label, text = paper.words[kind]
        sheet.write(x, y, f"{label}{_colon(paper)}{text}", 36)
    _filler(sheet, paper, 880)
    return sheet.image


def _sentence(paper: Paper, chance: random.Random) -> Image.Image:
    """A sentence with the name, the rest at the foot."""
    sheet = Sheet(chance, _WIDE)
    sheet.frame(40)
    sheet.write(877, 200, paper.title, 74, "mm")
    chinese = paper.language == "zh"
    sheet.write(877, 360, "兹证明" if chinese else "This is to certify that", 36, "mm")
    sheet.write(877, 460, paper.name, 64, "mm")
    closing = "已通过考核，具备相应的执业资格。" if chinese else "has met the requirements of this profession."
    sheet.write(877, 580, closing, 34, "mm")
    for row, kind in enumerate(("number", "issuer", "issued_on", "expires_on")):
        label, text = paper.words[kind]
        sheet.write(180 + 780 * (row % 2), 800 + 130 * (row // 2), f"{label}{_colon(paper)}{text}", 34)
    return sheet.image


def _card(paper: Paper, chance: random.Random) -> Image.Image:
    """A card with a picture; labels end where values begin."""
    sheet = Sheet(chance, (1500, 950))
    sheet.draw.rectangle((0, 0, 1500, 150), fill=(40, 70, chance.randrange(100, 180)))
    sheet.draw.text((60, 75), paper.title, font=letters(sheet.face, 56), fill="white", anchor="lm")
    sheet.draw.rectangle((90, 240, 420, 680), fill=(190, 200, 210))
    sheet.draw.ellipse((180, 300, 330, 470), fill=(120, 120, 130))
    for row, kind in enumerate(_shuffled(chance)):
        label, text = paper.words[kind]
        sheet.write(790, 260 + 120 * row, label + _colon(paper).strip(), 34, "rm")
        sheet.write(815, 260 + 120 * row, text, 36)
    return sheet.image


LAYOUTS: Final[dict[str, Callable[[Paper, random.Random], Image.Image]]] = {
    "lines": _lines,
    "table": _table,
    "stacked": _stacked,
    "columns": _columns,
    "sentence": _sentence,
    "card": _card,
}


def _shuffled(chance: random.Random) -> list[str]:
    """The name first, the others in any order."""
    rest = list(_KINDS[1:])
    chance.shuffle(rest)
    return ["name", *rest]


def _filler(sheet: Sheet, paper: Paper, y: int) -> None:
    """Text that means nothing for the fields."""
    chinese = "本证书由发证机关统一印制，遗失须及时申报。请妥善保管。"
    english = "This document remains the property of the authority that issued it."
    sheet.write(140, y, chinese if paper.language == "zh" else english, 28)
    sheet.write(140, y + 60, "http://www.example.org/verify", 24)
