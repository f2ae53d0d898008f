"""Which of the dates behind a label is the end of a period, and which its beginning, by the words and signs around them.

A date that begins a period, or from which a length of time is counted, is never its end, and nothing is computed from it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from portal.engines.papers import dates
from portal.engines.papers.dates import PlacedDate


class Role(Enum):
    """What a date is within a period; OPEN where the text does not say it, or says two things."""

    START = "start"
    END = "end"
    OPEN = "open"


@dataclass(frozen=True)
class PeriodDate:
    """A date with its role; `only` where its text can mean that day only."""

    day: date
    only: bool
    role: Role


_DASH: Final = r"[\-‐‑‒–—―~～〜∼一]+"
_FILLER: Final = r"[\s:：,，.(（\[【]*(?:(?:the|date|day|end|of|on|and|including|日期)[\s:：]+)*"
# Right before a date that is an end.
_ENDS_BEFORE: Final = re.compile(
    rf"(?:{_DASH}|至|到|迄|截止|截至|止于|\b(?:to|until|till|til|through|thru|expires|expiring|expiry|expiration|ends?|ending"
    rf"|not after|(?:no|not) later than|on or before)){_FILLER}$"
)
# Anywhere between the date before, or the label, and a date that is a beginning.
_STARTS_BEFORE: Final = re.compile(
    r"自|从|由|起|签发|发证|颁发|颁证|核发|批准|注册|登记|生效|取得|之后|以后"
    r"|\b(?:from|since|after|starts?|starting|begins?|beginning|commenc\w+|effective|issued?|issuance|granted|dated|as of"
    r"|with effect|w\.?e\.?f|renewed|registered|awarded|completed)\b"
)
_STARTS_AFTER: Final = re.compile(
    rf"^[\s日号]*(?:\(含[^)]*\))?(?:之?日?(?:起|开始)|生效|签发|发证|颁发|(?:之日)?(?:后|以后|之后)|至|到(?!期)|迄|{_DASH}"
    r"|(?:to|until|till|til|through|thru|and\s+after|(?:and\s+)?onwards?)\b"
    r"|[(\[【]\s*(?:issued?|start|from|effective|签发|发证|颁发|生效|起)[^)\]】]{0,12}[)\]】])"
)
_ENDS_AFTER: Final = re.compile(r"^[\s日号]*(?:为?止|截止|到期|期满|届满|失效)")
_WITHOUT_END: Final = re.compile(
    r"长期|永久|终身|终生|长久|无固定期限|无限期|不限期|无期限|至今"
    r"|\b(?:long[\s\-]*term|permanent(?:ly)?|indefinite(?:ly)?|life[\s\-]*(?:time|long)|for life|perpetual|unlimited"
    r"|no expir\w+|no end|non[\s\-]*expiring|(?:never|not) expires?|until (?:further notice|revoked|withdrawn|cancelled|surrendered))\b"
)
_COUNT: Final = r"(?:(?<!\d)\d{1,3}|[零〇一二两三四五六七八九十半]+|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve))"
_LENGTH: Final = re.compile(
    rf"{_COUNT}\s*(?:\(\s*\d+\s*\))?[\s\-]*(?:周?年|个月|个?星期|周|天|日内|(?:calendar |full )?(?:years?|yrs?|months?|weeks?|days?)\b)"
    r"|\b(?:valid for|for a (?:period|term)|(?:years?|months?|days?) (?:from|after|of|since))\b|有效期为"
)


def find_period_dates(text: str) -> list[PeriodDate]:
    """The dates of a plain() text in its order, each with its role."""
    text = dates.written_in_digits(text)
    placed = dates.find_placed_dates(text)
    return [PeriodDate(one.day, one.only, _role(text, placed, number)) for number, one in enumerate(placed)]


def find_end(text: str, *, is_until: bool) -> tuple[date, bool] | None:
    """The last day of a period and whether it is certain; None where the text gives none. `text` is plain().

    `is_until`: the label in front of it says that an end follows, as "valid until" does and "validity" does not.
    """
    if _WITHOUT_END.search(text.lower()):
        return None
    found = find_period_dates(text)
    begins = [one.day for one in found if one.role is Role.START]
    ends = [one for one in found if one.role is Role.END]
    unsaid = [one for one in found if one.role is Role.OPEN]
    if not ends and has_length(text):
        return None  # the date is the one from which the time is counted
    if not (chosen := ends or unsaid):
        return None
    last = chosen[-1]
    said = (len(ends) == 1 and not unsaid) or (is_until and len(found) == 1)
    return last.day, said and last.only and all(day < last.day for day in begins)


def find_start(text: str) -> tuple[date, bool] | None:
    """The day on which something was issued and whether it is certain; None where the text gives none. `text` is plain()."""
    found = find_period_dates(text)
    chosen = [one for one in found if one.role is not Role.END]
    if not chosen:
        return None
    return chosen[0].day, chosen[0].only and len(found) == 1 and not has_length(text)


def has_length(text: str) -> bool:
    """Whether a plain() text names a length of time, such as three years."""
    text = dates.written_in_digits(text)
    for one in reversed(dates.find_placed_dates(text)):
        text = f"{text[: one.start]} ; {text[one.end :]}"
    return _LENGTH.search(text) is not None


def _role(text: str, placed: Sequence[PlacedDate], number: int) -> Role:
    """By the text between the date before and this one, and between this one and the next."""
    here = placed[number]
    before = text[placed[number - 1].end if number else 0 : here.start]
    after = text[here.end : placed[number + 1].start if number + 1 < len(placed) else len(text)]
    if _STARTS_AFTER.search(after):
        return Role.START
    is_end = _ENDS_AFTER.search(after) is not None
    if _ENDS_BEFORE.search(before):
        return Role.END
    if _STARTS_BEFORE.search(before):
        return Role.OPEN if is_end else Role.START
    return Role.END if is_end else Role.OPEN
