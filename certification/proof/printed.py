"""A certificate as a PDF of one page: the state at the moment of printing, what was checked, and the code to look again."""

import importlib.util
import io
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

import segno
import typst

# Scripts that the fonts which come with the portal draw as they are written, by the first word of Unicode's names; of others they
# have letters at most. Whether they have a letter is seen when the page is made.
_SCRIPTS: Final = frozenset(
    [
        "LATIN",
        "GREEK",
        "CYRILLIC",
        "HEBREW",
        "ARABIC",
        "CJK",
        "HIRAGANA",
        "KATAKANA",
        "KATAKANA-HIRAGANA",
        "HANGUL",
        "BOPOMOFO",
        "IDEOGRAPHIC",
        "FULLWIDTH",
        "HALFWIDTH",
    ]
)
# What Typst says of a letter that none of the fonts holds; a tagged PDF may not have one.
_NO_LETTER: Final = "could not be displayed with font"
_SOURCE: Final = Path(__file__).with_name("certificate.typ")


@dataclass(frozen=True)
class PrintedCheck:
    """One credential that was checked, and how."""

    name: str
    issuer: str
    ways: str


@dataclass(frozen=True)
class PrintedPage:
    """Everything that the page says, in one language."""

    title: str
    issuer: str
    lang: str
    region: str
    name: str
    label: str
    state: str
    tone: str
    as_of: str
    sentence: str
    address: str
    code_label: str
    facts: Sequence[tuple[str, str]]
    checks_title: str
    checks: Sequence[PrintedCheck]
    means_title: str
    means: Sequence[str]
    rely: str
    footer: str


class LetterMissing(ValueError):
    """The fonts that come with the portal lack a letter of the texts; a page with empty boxes would be no certificate."""


def can_be_printed(*texts: str) -> bool:
    """Whether the portal's fonts are made for the scripts of the texts."""
    return all(_is_drawable(letter) for text in texts for letter in text)


def certificate_pdf(page: PrintedPage) -> bytes:
    """The page as a PDF with its fonts and tags in it. Takes about a tenth of a second; raises LetterMissing."""
    code = io.BytesIO()
    segno.make(page.address, error="m").save(code, kind="svg", border=0)
    shown = {**asdict(page), "code": code.getvalue().decode()}
    inputs = {"page": json.dumps(shown)}
    try:
        pdf: bytes = typst.compile(_SOURCE.read_bytes(), font_paths=_fonts(), sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError as error:
        if _NO_LETTER in str(error):
            raise LetterMissing from error
        raise
    return pdf


def _is_drawable(letter: str) -> bool:
    category = unicodedata.category(letter)
    if category[0] != "L":
        # Digits, marks, signs and spaces of the scripts above; pictographs and marks of other scripts are not.
        return (
            ord(letter) < 0x0600
            or 0x2000 <= ord(letter) < 0x2100
            or 0x3000 <= ord(letter) < 0x3400
            or (0xFF00 <= ord(letter) < 0xFFF0)
        )
    return unicodedata.name(letter, "").split(" ")[0] in _SCRIPTS


@cache
def _fonts() -> typst.Fonts:
    """Noto Sans CJK, which comes as a package, and the few fonts within Typst; none of the machine."""
    found = importlib.util.find_spec("noto_cjk_sans_otc")
    if found is None or found.origin is None:
        message = "the package noto-cjk-sans-otc is not installed"
        raise RuntimeError(message)
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(found.origin).parent)])
