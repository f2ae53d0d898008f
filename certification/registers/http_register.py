"""Registers that are asked over HTTP, each an entry of the setting REGISTERS (docs/registers.md).

An entry says where the number goes in the address, and where in the JSON that comes back number, name, state and dates are.
Calls go through the client for platforms: public addresses only, bounded in time and size, paced by rows that all workers
share. An answer that is not wholly understood is no answer.
"""

import functools
import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from certification.identifiers import normalise_identifier
from certification.registers.answers import Record, RegisterSilent, Reply
from portal import clock
from portal.outbound.http import Answer, CallError, ClientSettings, PlatformClient, Refused, WrongAnswer, path_segment

_CODE = re.compile(r"[a-z][a-z0-9-]{0,17}")
_PLACE: Final = "{number}"
_PATHS: Final = (
    "name",
    "given",
    "middle",
    "family",
    "former_name",
    "issuer",
    "state",
    "issued_on",
    "expires_on",
    "ended_on",
)
_DATES: Final = ("issued_on", "expires_on", "ended_on")
_OTHERS: Final = ("code", "url", "number", "in_force", "ended", "absent", "absent_statuses", "dates", "headers")
# What of the client's settings an entry may set; a register is slower and rarer than a platform.
_PACE: Final = {"rate": 1.0, "quota": None, "total_seconds": 30.0, "attempts": 2, "largest": 1 << 20}
_OK: Final = 200
_LONGEST: Final = 300


@dataclass(frozen=True)
class Entry:
    """An entry of REGISTERS. Headers may be secret and are not shown."""

    code: str
    url: str
    number: str
    paths: Mapping[str, str]
    in_force: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    # {"path": ..., "values": [...]}: what the answer says where there is no record; and statuses that say it.
    absent: Mapping[str, Any] = field(default_factory=dict)
    absent_statuses: tuple[int, ...] = ()
    dates: str = "%Y-%m-%d"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    pace: Mapping[str, Any] = field(default_factory=dict)


class HttpRegister:
    """One register. Made when the process first needs it; connects at its first call."""

    is_local = False

    def __init__(self, entry: Entry) -> None:
        """Raises ValueError for an address that cannot be called."""
        self._entry, self.code = entry, entry.code
        parts = urlsplit(entry.url)
        self._path, self._query = parts.path, parse_qsl(parts.query, keep_blank_values=True)
        base = f"{parts.scheme}://{parts.netloc}"
        self._client = PlatformClient(f"r:{entry.code}", base, ClientSettings(**{**_PACE, **entry.pace}))

    def ask(self, number: str) -> Reply:
        """What the register says of a number now. No transaction may be open."""
        answer = self._call(number)
        if answer.status in self._entry.absent_statuses:
            return Reply(None, clock.today())
        if answer.status != _OK:
            raise RegisterSilent("register.wrong_answer", may_pass=True)
        try:
            said = answer.json()
        except WrongAnswer:
            raise RegisterSilent("register.wrong_answer", may_pass=True) from None
        return Reply(None if self._is_absent(said) else self._record(said, number), clock.today())

    def _call(self, number: str) -> Answer:
        path = self._path.replace(_PLACE, path_segment(number))
        query = [(name, value.replace(_PLACE, number)) for name, value in self._query]
        try:
            return self._client.call("GET", path, query=query, headers=self._entry.headers)
        except Refused:
            raise RegisterSilent("register.refused") from None
        except WrongAnswer:
            raise RegisterSilent("register.wrong_answer", may_pass=True) from None
        except CallError as error:
            raise RegisterSilent("register.no_answer", may_pass=True, after=error.retry_after) from None

    def _is_absent(self, said: Any) -> bool:
        absent = self._entry.absent
        return bool(absent) and find_value(said, absent["path"]) in [str(value) for value in absent["values"]]

    def _record(self, said: Any, number: str) -> Record:
        found = find_value(said, self._entry.number)
        # A register that answers with another record, or with its first page, has not answered.
        if normalise_identifier(found) != number:
            raise RegisterSilent("register.wrong_answer", may_pass=True)
        values = {name: find_value(said, path) for name, path in self._entry.paths.items()}
        facts: dict[str, Any] = {**values, **{name: self._day(values.get(name, "")) for name in _DATES}}
        return Record(**{**facts, "number": number, "in_force": self._is_in_force(values.get("state", ""))})

    def _is_in_force(self, state: str) -> bool | None:
        if state in self._entry.in_force:
            return True
        return False if state in self._entry.ended else None

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            return datetime.strptime(text, self._entry.dates).date()  # noqa: DTZ007 -- a day without a zone
        except ValueError:
            raise RegisterSilent("register.wrong_answer", may_pass=True) from None


def find_value(said: Any, path: str) -> str:
    """The text, number or truth value at a path such as `results.0.basic.name`; "" where there is none.

    Several paths separated by spaces give their values with a space between them, as for a name in parts.
    """
    return " ".join(text for one in path.split() if (text := _find_one(said, one)))[:_LONGEST]


def _find_one(said: Any, path: str) -> str:
    for step in path.split("."):
        if isinstance(said, Mapping):
            said = said.get(step)
        elif isinstance(said, list) and step.isdecimal() and int(step) < len(said):
            said = said[int(step)]
        else:
            return ""
    if isinstance(said, bool):
        return "true" if said else "false"
    return str(said).strip() if isinstance(said, str | int) else ""


def http_registers() -> Mapping[str, HttpRegister]:
    """The registers of REGISTERS by code; wrong entries are left out, and `manage.py check` names them."""
    return _made(json.dumps(settings.REGISTERS, sort_keys=True))[0]


def check_registers(**_options: Any) -> list[CheckMessage]:
    """An error for each wrong entry of REGISTERS, without any of its headers."""
    wrong = _made(json.dumps(settings.REGISTERS, sort_keys=True))[1]
    return [Error(sentence, id="certification.E001") for sentence in wrong]


@functools.lru_cache(maxsize=4)
def _made(entries: str) -> tuple[dict[str, HttpRegister], tuple[str, ...]]:
    made: dict[str, HttpRegister] = {}
    wrong: list[str] = []
    rows = json.loads(entries)
    if not isinstance(rows, list):
        return {}, ("REGISTERS must be a list.",)
    for number, row in enumerate(rows, start=1):
        try:
            register = HttpRegister(_read_entry(row, taken=made))
        except (ValueError, TypeError) as error:
            wrong.append(f"REGISTERS, entry {number}: {error}.")
        else:
            made[register.code] = register
    return made, tuple(wrong)


def _read_entry(row: Any, *, taken: Container[str]) -> Entry:
    if not isinstance(row, dict):
        raise ValueError("it must be an object with code, url and number")  # noqa: TRY004 -- as every wrong entry
    if unknown := sorted(map(str, set(row) - {*_PATHS, *_OTHERS, *_PACE})):
        raise ValueError(f"unknown: {', '.join(unknown)}")
    _check_address(row, taken)
    paths = {name: str(row[name]) for name in _PATHS if row.get(name)}
    if not {"name", "family"} & set(paths):
        raise ValueError("name, or given and family, must say where the name is")
    return Entry(
        row["code"],
        row["url"],
        row["number"],
        paths,
        in_force=_texts(row.get("in_force")),
        ended=_texts(row.get("ended")),
        absent=_absent(row),
        absent_statuses=tuple(int(status) for status in row.get("absent_statuses") or ()),
        dates=str(row.get("dates") or "%Y-%m-%d"),
        headers={str(name): str(value) for name, value in (row.get("headers") or {}).items()},
        pace={name: row[name] for name in _PACE if row.get(name) is not None},
    )


def _check_address(row: Mapping[str, Any], taken: Container[str]) -> None:
    code, url, number = (row.get(name) for name in ("code", "url", "number"))
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ValueError("code must be at most 18 lower-case letters, digits and hyphens, beginning with a letter")
    if code in taken:
        raise ValueError(f"the code {code} is used twice")
    if not isinstance(url, str) or not isinstance(number, str) or not number:
        raise ValueError("url and number must be texts")
    if _PLACE not in url or _PLACE in urlsplit(url).netloc:
        raise ValueError(f"url must have {_PLACE} in its path or query")


def _absent(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What says that there is no record; also looks whether `state` can be understood."""
    absent = row.get("absent") or {}
    if not isinstance(absent, dict) or (absent and set(absent) != {"path", "values"}):
        raise ValueError("absent must have path and values")
    if row.get("state") and not row.get("in_force"):
        raise ValueError("state needs in_force, the list of states that are in force")
    return absent


def _texts(values: Sequence[Any] | None) -> tuple[str, ...]:
    return tuple(str(value) for value in values or ())
