"""Which events of the audit trail become webhooks; products fill it from AppConfig.ready().

A builder reads the rows that an event is about and returns one notice for each platform whose accounts it concerns.
Its data hold numbers, codes, ids of accounts and works of that platform, states, times as text, and the address of the API's
resource: no names, addresses of people or free text.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.audit.models import AuditEvent

TEST_TYPE = "webhook.test"


@dataclass(frozen=True)
class Notice:
    """What one platform is told. Notices with the same `ordering_key` reach an endpoint in order."""

    platform: str
    ordering_key: str
    data: Mapping[str, Any]


Builder = Callable[[AuditEvent], Iterable[Notice]]


@dataclass(frozen=True)
class WebhookKind:
    """The type that receivers see (`certificate.issued`), and what builds its notices."""

    type: str
    build: Builder


_kinds: dict[str, WebhookKind] = {}


def register_webhooks(build: Builder, types: Mapping[str, str]) -> None:
    """`types` maps names of audit events to the types of their messages. Naming an event twice is a programming error."""
    for event, message_type in types.items():
        if event in _kinds:
            raise ValueError(f"{event} is registered twice")
        _kinds[event] = WebhookKind(message_type, build)


def kind_of(event: str) -> WebhookKind:
    """How an audit event is told; KeyError if it is not."""
    return _kinds[event]


def told_events() -> list[str]:
    """The names of the audit events that become webhooks."""
    return sorted(_kinds)


def webhook_types() -> list[str]:
    """The types of messages that an endpoint can take, in alphabetical order."""
    return sorted({kind.type for kind in _kinds.values()})
