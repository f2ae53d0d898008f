"""Registers that cannot be asked until an operator has acted: one fault for each register, however many certificates rest on it.

/healthz/ names them (official_registers). Nobody is asked to look anything up instead, and the re-checks of their credentials rest (register_rechecks.py).
"""

from datetime import date
from typing import Final

from certification.models import CredentialType, RegisterVersion, RegistryKind, VersionState
from certification.policies import REGISTRY_CHECK_VALIDITY
from certification.registers.http_register import http_registers
from portal import clock

# Findings of the same, where it was noticed only when a register was asked.
FAULT_FINDINGS: Final = frozenset({"register.old", "register.not_imported", "register.not_set_up"})


def register_faults() -> dict[str, str]:
    """What keeps each register that a credential type names from being asked, by its code, in words for operators. Two queries."""
    named = CredentialType.objects.filter(registry__in=(RegistryKind.FILE, RegistryKind.HTTP))
    kinds = dict(named.order_by("register_code").values_list("register_code", "registry"))
    if not kinds:
        return {}
    current = RegisterVersion.objects.filter(state=VersionState.CURRENT, register__in=kinds)
    dates: dict[str, date] = dict(current.values_list("register", "dated_on"))
    found = {code: _fault(code, kind, dates.get(code)) for code, kind in kinds.items()}
    return {code: fault for code, fault in found.items() if fault}


def refuse_faulty_registers() -> str | None:
    """Health check: which registers an operator has to see to; None if there are none."""
    return "; ".join(f"{code}: {fault}" for code, fault in register_faults().items()) or None


def _fault(code: str, kind: str, dated_on: date | None) -> str:
    if kind == RegistryKind.HTTP:
        return "" if code in http_registers() else "REGISTERS has no entry with this code"
    if dated_on is None:
        return "no file was imported"
    return f"the file of {dated_on} is too old" if dated_on < clock.today() - REGISTRY_CHECK_VALIDITY else ""
