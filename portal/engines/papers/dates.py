"""Dates as papers write them, in Chinese and English."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

_HAN_DIGITS: Final = str.maketrans("〇○零一二三四五六七八九两", "0001234567892")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEARS: Final = (1930, 2100)
_PATTERNS: Final = (
    re.compile(r"(?P<y>(?:19|20)\d\d)\s*[年./\-·]\s*(?P<m>\d{1,2})\s*[月./\-·]\s*(?P<d>\d{1,2})(?!\d)"),
    re.compile(
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-.,]*{_MONTH.replace('(', '(?P<n>', 1)}[\s\-.,]*(?P<y>(?:19|20)\d\d)(?!\d)"
    ),
    re.compile(
        rf"{_MONTH.replace('(', '(?P<n>', 1)}[\s\-.]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-.,]*(?P<y>(?:19|20)\d\d)(?!\d)"
    ),
    re.compile(r"(?<!\d)(?P<a>\d{1,2})[./\-](?P<b>\d{1,2})[./\-](?P<y>(?:19|20)\d\d)(?!\d)"),
)
_HAN_DATE: Final = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)


@dataclass(frozen=True)
class PlacedDate:
    """A date and where it stands in the text; `only` where the text can mean that day only."""

    day: date
    only: bool
    start: int
    end: int


def find_dates(text: str) -> list[tuple[date, bool]]:
    """All dates in the order of the text; True where the text can mean that day only. `text` is plain()."""
    return [(one.day, one.only) for one in find_placed_dates(written_in_digits(text))]


def written_in_digits(text: str) -> str:
    """A plain() text in lower case, with the dates that Chinese numerals write in digits."""
    return _HAN_DATE.sub(_from_han, text).lower()


def find_placed_dates(text: str) -> list[PlacedDate]:
    """All dates of a text that is written_in_digits(), in its order."""
    found: list[PlacedDate] = []
    place = 0
    while (one := _next_date(text, place)) is not None:
        found.append(one)
        place = one.end
    return found


def _next_date(text: str, place: int) -> PlacedDate | None:
    """The first date that begins at a place or behind it: of 12.03.2021-11.03.2024, not the one in the middle."""
    while matches := [match for pattern in _PATTERNS if (match := pattern.search(text, place))]:
        first = min(match.start() for match in matches)
        here = [match for match in matches if match.start() == first]
        for match in here:
            if (read := _read(match)) is not None:
                return PlacedDate(*read, match.start(), match.end())
        place = min(match.end() for match in here)
    return None


def _read(match: re.Match[str]) -> tuple[date, bool] | None:
    parts = match.groupdict()
    year = int(parts["y"])
    if "a" in parts:
        return _either_order(year, int(parts["a"]), int(parts["b"]))
    month = _MONTHS.index(parts["n"]) + 1 if parts.get("n") else int(parts["m"])
    day = _date(year, month, int(parts["d"]))
    return (day, True) if day else None


def _either_order(year: int, first: int, second: int) -> tuple[date, bool] | None:
    """12/05/2019 is a day in May in one country and in December in another: certain only if one of them cannot be."""
    as_british, as_american = _date(year, second, first), _date(year, first, second)
    day = as_british or as_american
    alone = as_british is None or as_american is None or as_british == as_american
    return (day, alone) if day else None


def _date(year: int, month: int, day: int) -> date | None:
    if not _YEARS[0] <= year <= _YEARS[1]:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _from_han(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{year.translate(_HAN_DIGITS)}年{_han_number(month)}月{_han_number(day)}日"


def _han_number(text: str) -> int:
    """1..99 as it is written with tens: 十二 is 12, 二十 is 20."""
    tens, ten, ones = text.rpartition("十")
    tens_value = (int(tens.translate(_HAN_DIGITS)) if tens else 1) if ten else 0
    return 10 * tens_value + (int(ones.translate(_HAN_DIGITS)) if ones else 0)
