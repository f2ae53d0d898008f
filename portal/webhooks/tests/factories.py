"""Endpoints and events of the trail for tests."""

from collections.abc import Iterable
from typing import Any

from portal.audit import trail
from portal.audit.models import AuditEvent
from portal.jobs.runner import run_due_jobs
from portal.people.models import User
from portal.webhooks import registry
from portal.webhooks.actions import delivering
from portal.webhooks.models import Delivery, Endpoint

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT, OTHER = "certification.certificate.issued", "certification.certificate.suspended"


def endpoint(url: str, platform: str = "sandbox", **fields: Any) -> Endpoint:
    """An active endpoint that takes every type."""
    row = Endpoint(platform=platform, url=url, types=registry.webhook_types(), state="active", **fields)
    row.secret_sealed = row.seal(SECRET)
    row.save()
    return row


def record(on: User, chain: str, event: str = EVENT) -> AuditEvent:
    """An event of the trail, on a person for want of a real row."""
    on.chain = chain  # type: ignore[attr-defined]
    return trail.record_event(event, on, by=None)


def notices(event: AuditEvent) -> Iterable[registry.Notice]:
    """What the tests' builder says: for the sandbox, by chain."""
    yield registry.Notice("sandbox", event.chain, {"number": event.number})


def deliveries() -> list[Delivery]:
    """All of them, in order."""
    return list(Delivery.objects.select_related("event", "endpoint").order_by("pk"))


def send() -> None:
    """What is due goes out, in this process."""
    delivering.collect_and_dispatch()
    run_due_jobs([delivering.DELIVER])
    while delivering.dispatch_all():
        run_due_jobs([delivering.DELIVER])
