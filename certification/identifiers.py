"""Identifiers by form and check digit: pure functions, and the table that names them.

A right form proves nothing about a person; the registry does, asked by somebody. Golden numbers
are in tests/test_identifiers.py.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import lei as stdnum_lei
from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError as NumberError
from stdnum.iso7064 import mod_11_2

_NPI_PREFIX = "80840"
_DOCTOR_LENGTHS = {27: 18, 24: 15}


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


def normalise_identifier(text: str) -> str:
    """The number as it is compared: full-width letters made plain, upper case, without spaces, dots and hyphens."""
    plain = unicodedata.normalize("NFKC", text).upper()
    # Upper case and the missing hyphens can bring together what composes to one letter.
    return unicodedata.normalize("NFKC", re.sub(r"[\s.\-‐‑‒–—·/]", "", plain))


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
    return _RIGHT


def _check_identity_region(number: str) -> ChecksumAnswer:
    if not re.fullmatch(r"\d{17}[\dX]", number) or number[-1] != ric.calc_check_digit(number):
        return _WRONG
    try:
        ric.get_birth_date(number)
    except NumberError:
        return ChecksumAnswer(ChecksumStatus.WRONG, "checksum.birth_date")
    return ChecksumAnswer(ChecksumStatus.WARNING, "checksum.region")


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
        return ChecksumAnswer(ChecksumStatus.WARNING, "checksum.old_identity")
    answer = check_chinese_identity(inside)
    if answer.status is ChecksumStatus.WRONG:
        return ChecksumAnswer(ChecksumStatus.WRONG, "checksum.embedded_wrong")
    return ChecksumAnswer(
        answer.status, "checksum.embedded_region" if answer.status is ChecksumStatus.WARNING else "checksum.embedded"
    )


CHECKSUMS: dict[str, Callable[[str], ChecksumAnswer]] = {
    "cn_identity": check_chinese_identity,
    "cn_uscc": check_social_credit_code,
    "cn_doctor": check_chinese_doctor,
    "us_npi": check_npi,
    "orcid": check_orcid,
    "lei": check_lei,
}


def validate_identifier_rule(pattern: str, checksum: str) -> None:
    """Refuse (Django's ValidationError) a form that is no regular expression, or a check digit that is not known."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValidationError({"identifier_pattern": _("This is not a regular expression.")}) from error
    if checksum and checksum not in CHECKSUMS:
        known = ", ".join(CHECKSUMS)
        raise ValidationError({"checksum": _("Unknown. Available: %s") % known})
