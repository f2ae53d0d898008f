"""Numbers of papers: how they are compared, and which carry a check digit of their own."""

import re
import unicodedata
from typing import Final

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

_SEPARATORS: Final = re.compile(r"[\s.\-‐‑‒–—·/:：]")
_IDENTITY: Final = re.compile(r"\d{17}[\dX]")
_DOCTOR: Final = re.compile(r"\d{26}[\dX]")
_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{18}")
# Characters that look alike in one font or another, where a number may hold either.
_ALIKE: Final = (
    frozenset("0OQD"),
    frozenset("1IL"),
    frozenset("5S"),
    frozenset("8B"),
    frozenset("2Z"),
    frozenset("6G"),
)


def compared_number(text: str) -> str:
    """The number without spaces and signs, in upper case."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_identity(number: str) -> bool:
    """Whether it is a Chinese identity number with a right check digit and a birthday that can be."""
    if not _IDENTITY.fullmatch(number) or ric.calc_check_digit(number) != number[-1]:
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return True


def check_number(number: str) -> bool | None:
    """Whether the check digit that a number of this form carries is right; None for forms that carry none."""
    if _DOCTOR.fullmatch(number):
        return check_identity(number[9:])
    if _IDENTITY.fullmatch(number):
        return check_identity(number) or uscc.is_valid(number)
    if _CREDIT_CODE.fullmatch(number) and not number.isdigit():
        return uscc.is_valid(number)
    return None


def is_ambiguous(number: str) -> bool:
    """Whether a character could be taken for another that the same place may hold: letters among digits."""
    letters = [sign for sign in number if sign.isalpha()]
    return any(letter in group for letter in letters for group in _ALIKE)
