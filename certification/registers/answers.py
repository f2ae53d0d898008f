"""What an adapter answers."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Record:
    """What a register says of one number, or a person has noted of it. Texts are as the register writes them, "" or None where it says nothing.

    A name is whole (`name`), or in parts where the register has parts. `in_force` is None where the register does not say it;
    `state` is its own word for it.
    """

    number: str = ""
    name: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    former_name: str = ""
    issuer: str = ""
    state: str = ""
    in_force: bool | None = None
    issued_on: date | None = None
    expires_on: date | None = None
    ended_on: date | None = None

    @property
    def full_name(self) -> str:
        """The name in one text."""
        return self.name or " ".join(part for part in (self.given, self.middle, self.family) if part)


@dataclass(frozen=True)
class Reply:
    """A register's answer: the record, or None where it has none under this number; `as_of` is the day it speaks for."""

    record: Record | None
    as_of: date


class RegisterSilent(Exception):
    """The register could not be asked, or its answer cannot be used. `code` is that of the finding.

    `may_pass`: another attempt may succeed. `after`: in how many seconds, as far as that is known.
    """

    def __init__(self, code: str, *, may_pass: bool = False, after: float | None = None) -> None:
        super().__init__(code)
        self.code, self.may_pass, self.after = code, may_pass, after


class Register(Protocol):
    """One register that is asked without a person."""

    @property
    def code(self) -> str:
        """As credential types name it."""

    @property
    def is_local(self) -> bool:
        """Whether it is asked in our own database, so that no call is made."""

    def ask(self, number: str) -> Reply:
        """What it says of a normalised number; raises RegisterSilent."""
