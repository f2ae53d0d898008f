"""Which register a credential type is looked up in."""

from certification.models import CredentialType, RegistryKind
from certification.registers import http_register
from certification.registers.answers import Register, RegisterSilent, Reply
from certification.registers.imported import ImportedRegister


def find_register(kind: CredentialType) -> Register | None:
    """The register of a credential type; None where a person looks it up, or where it has none."""
    if kind.registry == RegistryKind.FILE:
        return ImportedRegister(kind.register_code)
    if kind.registry == RegistryKind.HTTP:
        return http_register.http_registers().get(kind.register_code) or _Unset(kind.register_code)
    return None


class _Unset:
    """A register that REGISTERS does not name any more."""

    is_local = True

    def __init__(self, code: str) -> None:
        self.code = code

    def ask(self, number: str) -> Reply:
        """It cannot be asked."""
        raise RegisterSilent("register.not_set_up")
