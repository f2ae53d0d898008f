"""The layouts in which registers publish their files: which columns there must be, and what a row says. Pure Python.

A layout that does not fit is refused with the column named: a file of which half is understood is worse than none.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, TextIO

from certification.identifiers import normalise_identifier

LONGEST_NUMBER: Final = 60


class Entry(NamedTuple):
    """A row of a register, in the order of the columns that are loaded."""

    number: str
    name: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    former_name: str = ""
    issuer: str = ""
    in_force: bool = True
    issued_on: date | None = None
    expires_on: date | None = None
    ended_on: date | None = None


class WrongFile(Exception):
    """The file is not in the layout. The sentence names column and line, and no value."""


Row = Sequence[str]
Reader = Callable[[Row, dict[str, int]], Entry]


@dataclass(frozen=True)
class Layout:
    """A published layout: the columns that are read, those that may be missing, and the function that reads a row."""

    code: str
    columns: tuple[str, ...]
    read: Reader
    # Where the name of the file tells its date: a pattern with the groups y, m and d.
    dated: str = ""
    # The file within an archive.
    member: str = r".*\.csv"

    def is_member(self, name: str) -> bool:
        """Whether a file of an archive is the register, by its name without folders."""
        return re.fullmatch(self.member, name.rpartition("/")[2]) is not None

    def date_in_name(self, name: str) -> date | None:
        """The date of a file as its name tells it, None where it does not."""
        found = re.search(self.dated, name) if self.dated else None
        try:
            return date(int(found["y"]), int(found["m"]), int(found["d"])) if found else None
        except ValueError:
            return None


# Characters; the longest line of the register of US providers has some ten thousand.
_LONGEST_LINE = 1 << 20


def read_entries(layout: Layout, text: TextIO) -> Iterator[Entry]:
    """The entries of a file, row by row; raises WrongFile."""
    rows = csv.reader(_lines(text), strict=True)
    try:
        header = next(rows, None)
        places = _places(layout, header)
        width = len(header or ())
        for row in rows:
            if len(row) != width:
                raise WrongFile(f"Line {rows.line_num} has {len(row)} columns, and the first line {width}.")
            try:
                yield layout.read(row, places)
            except ValueError as error:
                raise WrongFile(f"Line {rows.line_num}: {error}.") from None
    except csv.Error as error:
        raise WrongFile(f"Line {rows.line_num} is no CSV: {error}.") from None
    except UnicodeDecodeError:
        raise WrongFile("The file is not in UTF-8.") from None


def _lines(text: TextIO) -> Iterator[str]:
    """The lines of a file; raises WrongFile for one that is too long to be a line of a register."""
    while line := text.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise WrongFile(f"A line has more than {_LONGEST_LINE} characters.")
        yield line


def _places(layout: Layout, header: Row | None) -> dict[str, int]:
    if header is None:
        raise WrongFile("The file is empty.")
    places = {name.strip(): number for number, name in enumerate(header)}
    if missing := [name for name in layout.columns if name not in places]:
        raise WrongFile(f"The layout {layout.code} needs columns that the file does not have: {', '.join(missing)}.")
    return places


def _number(text: str, column: str) -> str:
    plain = text.upper() if text.isascii() and text.isalnum() else normalise_identifier(text)
    if not plain or len(plain) > LONGEST_NUMBER:
        raise ValueError(f"the column {column} has no number of at most {LONGEST_NUMBER} characters")
    return plain


def _day(text: str, column: str, *, american: bool = False) -> date | None:
    if not text:
        return None
    try:
        return date(int(text[6:]), int(text[:2]), int(text[3:5])) if american else date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"the column {column} holds no date") from None


# --- the US register of health care providers: the columns of npidata_pfile, V.2 ------------------

_NPPES_DATES = ("Provider Enumeration Date", "NPI Deactivation Date", "NPI Reactivation Date")
_NPPES_NAME = ("Provider First Name", "Provider Middle Name", "Provider Last Name (Legal Name)")
_NPPES_OTHER = ("Provider Other First Name", "Provider Other Middle Name", "Provider Other Last Name")
_NPPES_COMPANY = "Provider Organization Name (Legal Business Name)"
_NPPES_OTHER_COMPANY = "Provider Other Organization Name"


def _read_nppes(row: Row, places: dict[str, int]) -> Entry:
    """An NPI that was deactivated and not reactivated since is not in force; its row has neither name nor other dates."""
    begun, ended, again = (_day(row[places[name]], name, american=True) for name in _NPPES_DATES)
    given, middle, family = (row[places[name]][:120] for name in _NPPES_NAME)
    former = " ".join(row[places[name]] for name in _NPPES_OTHER if row[places[name]])
    runs = ended is None or (again is not None and again >= ended)
    return Entry(
        _number(row[places["NPI"]], "NPI"),
        row[places[_NPPES_COMPANY]][:300],
        given,
        middle,
        family,
        (former or row[places[_NPPES_OTHER_COMPANY]])[:300],
        in_force=runs,
        issued_on=begun,
        ended_on=None if runs else ended,
    )


# --- a plain table, for registers that are brought into it -----------------------------------------

_IN_FORCE, _ENDED = "in force", "ended"


def _read_plain(row: Row, places: dict[str, int]) -> Entry:
    state = row[places["state"]].strip().lower()
    if state not in (_IN_FORCE, _ENDED):
        raise ValueError(f"the column state holds neither “{_IN_FORCE}” nor “{_ENDED}”")
    dates = [_day(row[places[name]], name) for name in ("issued_on", "expires_on", "ended_on")]
    return Entry(
        _number(row[places["number"]], "number"),
        row[places["name"]][:300],
        former_name=row[places["other_name"]][:300],
        issuer=row[places["issuer"]][:300],
        in_force=state == _IN_FORCE,
        issued_on=dates[0],
        expires_on=dates[1],
        ended_on=dates[2],
    )


LAYOUTS: Final = {
    layout.code: layout
    for layout in (
        Layout(
            "nppes",
            ("NPI", _NPPES_COMPANY, *_NPPES_NAME, *_NPPES_OTHER, _NPPES_OTHER_COMPANY, *_NPPES_DATES),
            _read_nppes,
            dated=r"npidata_pfile_\d{8}-(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)",
            member=r"npidata_pfile_\d{8}-\d{8}\.csv",
        ),
        Layout(
            "plain",
            ("number", "name", "other_name", "issuer", "state", "issued_on", "expires_on", "ended_on"),
            _read_plain,
        ),
    )
}
