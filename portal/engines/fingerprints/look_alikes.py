"""How a sign of a text is compared: without case and marks, and as the Latin letter or digit that it looks like.

Which signs look alike says UTS 39 (confusables.txt, whose head names its source). Two things are added: a letter whose
prototype is no Latin letter or digit is compared as its capital is, and a small capital as the letter of its name. I, l
and 1 are one sign, and so are O and 0.
"""

import functools
import unicodedata
from pathlib import Path
from typing import Final

_DATA: Final = Path(__file__).with_name("confusables.txt")
_BLANK_LETTERS: Final = (
    "\u115f\u1160"  # Hangul fillers, to which the others decompose: letters that are drawn as nothing
)
_SMALL_CAPITAL: Final = "LATIN LETTER SMALL CAPITAL "
_MOST_STEPS: Final = 4  # from a sign to another that looks like it, and on


@functools.lru_cache(maxsize=1 << 16)
def fold_sign(sign: str) -> str:
    """The letters and digits as which a sign, or a Hangul syllable written as several, is compared; "" if it has none."""
    folded = _plain(sign)
    for _ in range(_MOST_STEPS):
        following = "".join(_look_alike(each) for each in folded)
        if following == folded:
            break
        folded = following
    return "".join(each for each in unicodedata.normalize("NFC", folded) if each.isalnum())


def _plain(text: str) -> str:
    """Decomposed for compatibility, without marks, blank letters and case."""
    return _bare(_bare(text).casefold())


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if unicodedata.category(sign)[0] != "M" and sign not in _BLANK_LETTERS)


def _look_alike(sign: str) -> str:
    prototypes = _read_prototypes()
    found = [_bare(prototypes[each]) for each in (sign, sign.upper()) if each in prototypes]
    name = unicodedata.name(sign, "")
    if name.startswith(_SMALL_CAPITAL):
        found.append(_bare(name.removeprefix(_SMALL_CAPITAL)))
    usable = [each for each in found if each.isascii() and each.isalnum()] or found
    return _plain(usable[0]) if usable else sign


@functools.cache
def _read_prototypes() -> dict[str, str]:
    """By sign, what UTS 39 says that it looks like."""
    prototypes = {}
    for line in _DATA.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            prototype, *signs = ("".join(chr(int(code, 16)) for code in each.split("+")) for each in line.split())
            prototypes.update(dict.fromkeys(signs, prototype))
    return prototypes
