"""Identifiers by form and check digit: pure functions, and the table that names them.

A right form proves nothing about a person; the registry does, asked by somebody. Golden numbers
are in tests/test_identifiers.py.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from stdnum import lei as stdnum_lei
from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError as NumberError
from stdnum.iso7064 import mod_11_2

from portal import clock
from portal.errors import Text

_NPI_PREFIX = "80840"
_DOCTOR_LENGTHS = {27: 18, 24: 15}
_CATEGORIES_NOT_COUNTED = frozenset({"Pd", "Cf", "Cc", "Zl", "Zp"})  # dashes, format, control, separators
# Dots, slashes, and what is typed for a dash: minus signs, hyphen bullet, long vowel mark; selectors and blank signs.
_NOT_COUNTED = frozenset("./·・•‧−˗⁃➖ー\u034f\u115f\u1160\u2800\u3164\ufe0e\ufe0f")
_OLDEST = timedelta(days=130 * 366)  # nobody alive was born longer ago


class ChecksumStatus(StrEnum):
    """What a check digit says."""

    RIGHT = "right"
    WARNING = "warning"  # the check digit is right, something else is unusual
    WRONG = "wrong"


@dataclass(frozen=True)
class ChecksumAnswer:
    """The status and the code of the sentence that explains it (certification/findings.py)."""

    status: ChecksumStatus
    finding: str


_RIGHT = ChecksumAnswer(ChecksumStatus.RIGHT, "checksum.right")
_WRONG = ChecksumAnswer(ChecksumStatus.WRONG, "checksum.wrong")
_WRONG_BIRTHDAY = ChecksumAnswer(ChecksumStatus.WRONG, "checksum.birth_date")


def normalise_identifier(text: str) -> str:
    """The number as it is compared, whatever keyboard or clipboard it came from: one number has one form.

    Full-width letters are made plain, digits of every script 0 to 9, letters upper case. Spaces, dots, slashes, dashes
    of every kind and invisible signs are left out.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    signs = "".join(_plain_sign(sign) for sign in plain)
    # Upper case and the missing hyphens can bring together what composes to one letter.
    return unicodedata.normalize("NFKC", signs)


def _plain_sign(sign: str) -> str:
    """One sign as it counts in a number; an empty text if it does not count."""
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.digit(sign))
    if sign.isspace() or sign in _NOT_COUNTED or category in _CATEGORIES_NOT_COUNTED:
        return ""
    return sign


def mask_identifier(text: str) -> str:
    """The number with all but its last three characters hidden; a short one is hidden whole."""
    number = normalise_identifier(text)
    shown = 3 if len(number) > 6 else 0
    return "•" * (len(number) - shown) + number[len(number) - shown :]


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether the whole normalised number has the form."""
    return re.fullmatch(pattern, normalise_identifier(text)) is not None


def check_chinese_identity(number: str) -> ChecksumAnswer:
    """Resident identity number, 18 characters: MOD 11-2. A region that is no longer listed is a warning only."""
    try:
        ric.validate(number)
    except NumberError:
        return _check_identity_region(number)
    return _RIGHT if _can_be_birthday(ric.get_birth_date(number)) else _WRONG_BIRTHDAY


def _can_be_birthday(day: date) -> bool:
    """Whether somebody alive can have been born on the day."""
    today = clock.now().date()
    return today - _OLDEST < day <= today


def _check_identity_region(number: str) -> ChecksumAnswer:
    if not re.fullmatch(r"\d{17}[\dX]", number) or number[-1] != ric.calc_check_digit(number):
        return _WRONG
    try:
        born = ric.get_birth_date(number)
    except NumberError:
        return _WRONG_BIRTHDAY
    return ChecksumAnswer(ChecksumStatus.WARNING, "checksum.region") if _can_be_birthday(born) else _WRONG_BIRTHDAY


def check_social_credit_code(number: str) -> ChecksumAnswer:
    """Unified social credit code of a Chinese organisation, 18 characters, mod 31."""
    return _RIGHT if uscc.is_valid(number) else _WRONG


def check_npi(number: str) -> ChecksumAnswer:
    """US National Provider Identifier: ten digits, first 1 or 2, Luhn over 80840 and the number."""
    formed = re.fullmatch(r"[12]\d{9}", number)
    return _RIGHT if formed and luhn.is_valid(_NPI_PREFIX + number) else _WRONG


def check_orcid(number: str) -> ChecksumAnswer:
    """ORCID: sixteen characters, MOD 11-2."""
    formed = re.fullmatch(r"\d{15}[\dX]", number)
    return _RIGHT if formed and mod_11_2.is_valid(number) else _WRONG


def check_lei(number: str) -> ChecksumAnswer:
    """Legal entity identifier: twenty characters, MOD 97-10."""
    return _RIGHT if stdnum_lei.is_valid(number) else _WRONG


def embedded_identity_number(number: str) -> str | None:
    """The identity number at the end of a Chinese doctor's qualification number (27 or 24 characters), or None."""
    length = _DOCTOR_LENGTHS.get(len(number))
    return number[-length:] if length else None


def check_chinese_doctor(number: str) -> ChecksumAnswer:
    """Chinese doctor's qualification number: the identity number inside must have a right check digit.

    The old form of 24 characters carries an identity number of 15 digits, which has no check digit.
    """
    inside = embedded_identity_number(number)
    if inside is None:
        return _WRONG
    if len(inside) == _DOCTOR_LENGTHS[24]:
        return _check_old_identity(inside)
    answer = check_chinese_identity(inside)
    if answer.status is ChecksumStatus.WRONG:
        return ChecksumAnswer(ChecksumStatus.WRONG, "checksum.embedded_wrong")
    return ChecksumAnswer(
        answer.status, "checksum.embedded_region" if answer.status is ChecksumStatus.WARNING else "checksum.embedded"
    )


def _check_old_identity(number: str) -> ChecksumAnswer:
    """Identity number of 15 digits: region, birthday without its century, order. Its holders were born in the 1900s."""
    try:
        date(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))
    except ValueError:
        return ChecksumAnswer(ChecksumStatus.WRONG, "checksum.embedded_wrong")
    return ChecksumAnswer(ChecksumStatus.WARNING, "checksum.old_identity")


CHECKSUMS: dict[str, Callable[[str], ChecksumAnswer]] = {
    "cn_identity": check_chinese_identity,
    "cn_uscc": check_social_credit_code,
    "cn_doctor": check_chinese_doctor,
    "us_npi": check_npi,
    "orcid": check_orcid,
    "lei": check_lei,
}


# How long a number with each check digit can be.
CHECKSUM_LENGTHS: dict[str, frozenset[int]] = {
    "cn_identity": frozenset({18}),
    "cn_uscc": frozenset({18}),
    "cn_doctor": frozenset(_DOCTOR_LENGTHS),
    "us_npi": frozenset({10}),
    "orcid": frozenset({16}),
    "lei": frozenset({20}),
}

# The same in words, for whoever chooses one.
CHECKSUM_NAMES: dict[str, Text] = {
    "cn_identity": _("Chinese resident identity number (MOD 11-2)"),
    "cn_uscc": _("Chinese unified social credit code (mod 31)"),
    "cn_doctor": _("Chinese doctor's qualification number (the identity number inside)"),
    "us_npi": _("US National Provider Identifier (Luhn)"),
    "orcid": _("ORCID (MOD 11-2)"),
    "lei": _("Legal entity identifier (MOD 97-10)"),
}
