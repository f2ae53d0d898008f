"""What platforms are told of certificates: those of people who had proven an account there when it happened."""

from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from certification import events
from certification.models import Certificate
from portal.audit.models import AuditEvent
from portal.people import links
from portal.webhooks.registry import Notice, register_webhooks

_TYPES = {
    events.CERTIFICATE_ISSUED: "certificate.issued",
    events.CERTIFICATE_SUSPENDED: "certificate.suspended",
    events.CERTIFICATE_CLEARED: "certificate.cleared",
    events.CERTIFICATE_REVOKED: "certificate.revoked",
    events.CERTIFICATE_RESTORED: "certificate.restored",
    events.CERTIFICATE_EXPIRED: "certificate.expired",
    events.CERTIFICATE_SURRENDERED: "certificate.surrendered",
    events.LAPSE_ANNOUNCED: "certificate.lapse_announced",
    events.LAPSE_CALLED_OFF: "certificate.lapse_called_off",
    events.CERTIFICATE_LAPSED: "certificate.lapsed",
}


def register_certification_webhooks() -> None:
    """Called once, when the app is ready."""
    register_webhooks(_certificate_notices, _TYPES)


def _certificate_notices(event: AuditEvent) -> Iterable[Notice]:
    row = Certificate.objects.select_related("area").get(pk=event.subject.partition(":")[2])
    accounts: dict[str, list[str]] = defaultdict(list)
    for link in links.links_proven_at(event.at).filter(person=row.holder_id).order_by("proven_at", "pk"):
        accounts[link.platform].append(link.external_id)
    for platform, ids in accounts.items():
        yield Notice(platform, f"certificate:{row.serial}", _data(row) | {"accounts": ids})


def _data(row: Certificate) -> dict[str, object]:
    return {
        "certificate": row.serial,
        "area": row.area.code,
        "state": row.state,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat(),
        "url": settings.BASE_URL + reverse("certification_api:certificate", args=[row.serial]),
    }
