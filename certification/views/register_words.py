"""How the official registers of credential types are asked, in sentences for applicants and readers."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.models import Credential, CredentialType, RegistryKind

_SENTENCES: Final[Mapping[str, Promise]] = {
    RegistryKind.MANUAL: _("Looked up in the official register by a person: %(types)s."),
    RegistryKind.FILE: _("Looked up automatically in a copy of the official register: %(types)s."),
    RegistryKind.HTTP: _("Looked up automatically in the official register over the network: %(types)s."),
    RegistryKind.NONE: _("In no public register, so a person decides by the documents: %(types)s."),
}


def register_sentences(types: Iterable[CredentialType]) -> list[str]:
    """A sentence for each way in which a register is asked, with the names of the types; without registers there is none."""
    names: dict[str, dict[str, None]] = {}
    for kind in types:
        names.setdefault(kind.registry, {})[kind.name] = None
    if names.keys() <= {RegistryKind.NONE.value}:
        return []
    return [
        str(sentence) % {"types": _now(", ").join(names[registry])}
        for registry, sentence in _SENTENCES.items()
        if registry in names
    ]


def consent_facts(credentials: Iterable[Credential]) -> dict[str, Any]:
    """What the consent text says of these credentials: how registers are asked, and for how many days documents are kept."""
    types = (credential.type for credential in credentials)
    return {"looked_up": register_sentences(types), "documents_kept": policies.DOCUMENT_RETENTION.days}
