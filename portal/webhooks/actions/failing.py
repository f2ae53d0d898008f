"""Endpoints that fail: since when, and when they are disabled and administrators told."""

from datetime import timedelta

from django.urls import reverse

from portal import clock
from portal.audit import trail
from portal.notifications.messages import notify_person
from portal.people.models import User
from portal.webhooks.models import Endpoint
from portal.webhooks.states import DisabledReason, EndpointState

# An endpoint to which nothing was delivered for so long is disabled.
DISABLE_AFTER = timedelta(days=3)


def note_success(endpoint: Endpoint) -> None:
    """The endpoint has taken a message."""
    if endpoint.failing_since is not None:
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)


def note_failure(endpoint: Endpoint, reason: DisabledReason) -> bool:
    """Note that an attempt failed; disable the endpoint if it is gone or has failed for too long, and tell administrators.

    Called in the transaction that records the attempt; returns whether the endpoint is active still.
    """
    row = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    now = clock.now()
    if row.failing_since is None:
        row.failing_since = now
        row.save(update_fields=["failing_since"])
    over = reason == DisabledReason.GONE or row.failing_since <= now - DISABLE_AFTER
    if not over or row.state != EndpointState.ACTIVE:
        return row.state == EndpointState.ACTIVE
    row.move("disable", disabled_reason=reason)
    event = trail.record_event("webhooks.endpoint.disabled", row, by=None, reason=reason.value)
    _tell_administrators(row, event.pk)
    return False


def _tell_administrators(row: Endpoint, occasion: int) -> None:
    url = reverse("admin:webhooks_endpoint_change", args=[row.pk])

    def context() -> dict[str, str]:
        return {"platform": row.platform, "code": row.code, "reason": str(DisabledReason(row.disabled_reason).label)}

    for person in User.objects.active_admins().order_by("pk"):
        key = f"webhooks.disabled:{occasion}:{person.pk}"
        notify_person(person, "webhooks.disabled", key=key, context=context, url=url)
