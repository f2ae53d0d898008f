"""The values that a register gave, kept encrypted with the question, and shown beside what was declared and read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from certification import identifiers
from certification.models import Credential, EntryState, ReadKind, RegisterQuery
from certification.readings import Agreement, declared_value, is_same_value
from certification.registers.answers import Record
from certification.registers.names import is_same_name
from portal import vault

_DATES = (ReadKind.ISSUED_ON, ReadKind.EXPIRES_ON)
_TEXTS = ("number", "name", "given", "middle", "family", "former_name", "issuer", "state")
_DAYS = ("issued_on", "expires_on", "ended_on")


@dataclass(frozen=True)
class RegisterCell:
    """One value of the register's column: as it is shown, and how it compares with the declared one."""

    kind: ReadKind
    value: str
    agreement: Agreement

    @property
    def masked(self) -> str:
        """A number with all but its last characters hidden."""
        return identifiers.mask_identifier(self.value)

    @property
    def day(self) -> date | None:
        """The value as a date."""
        return date.fromisoformat(self.value) if self.value and self.kind in _DATES else None


def seal_values(query: RegisterQuery, record: Record | None) -> str:
    """What the register said, encrypted for the row of its question; "" if it has no entry."""
    if record is None:
        return ""
    values = {name: getattr(record, name) for name in _TEXTS}
    values |= {name: day.isoformat() for name in _DAYS if (day := getattr(record, name))}
    if record.in_force is not None:
        values["in_force"] = EntryState.IN_FORCE if record.in_force else EntryState.ENDED
    return vault.encrypt_text(json.dumps(values, ensure_ascii=False), bound_to=query.bound_to)


def open_record(query: RegisterQuery) -> Record | None:
    """The register's record as it was answered. The caller must have the right to see it."""
    if not query.values_sealed:
        return None
    values = json.loads(vault.decrypt_text(query.values_sealed, bound_to=query.bound_to))
    facts: dict[str, Any] = {name: values.get(name, "") for name in _TEXTS}
    facts |= {name: date.fromisoformat(values[name]) for name in _DAYS if name in values}
    if "in_force" in values:
        facts["in_force"] = values["in_force"] == EntryState.IN_FORCE
    return Record(**facts)


def register_cells(credential: Credential, record: Record) -> Mapping[ReadKind, RegisterCell]:
    """The register's value of each kind that it gives one of."""
    texts = {
        ReadKind.NUMBER: record.number,
        ReadKind.NAME: record.full_name,
        ReadKind.ISSUER: record.issuer,
        ReadKind.ISSUED_ON: record.issued_on.isoformat() if record.issued_on else "",
        ReadKind.EXPIRES_ON: record.expires_on.isoformat() if record.expires_on else "",
    }
    return {
        kind: RegisterCell(kind, text, _agreement(credential, kind, text, record))
        for kind, text in texts.items()
        if text
    }


def _agreement(credential: Credential, kind: ReadKind, text: str, record: Record) -> Agreement:
    declared = declared_value(credential, kind)
    if not declared:
        return Agreement.NOT_DECLARED
    same = is_same_name(declared, record) if kind == ReadKind.NAME else is_same_value(kind, declared, text)
    return Agreement.SAME if same else Agreement.DIFFERS
