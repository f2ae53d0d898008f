"""Turn events of the audit trail into events and deliveries of webhooks, each exactly once.

Nothing is added to the transaction of the action. Events of the trail commit out of the order of their ids and times, so
each pass looks back for as long as a transaction may last (`heads.OVERLAP`) beyond the point up to which everything was looked
at, and leaves out what it knows. Within one chain events commit in the order of their numbers; a pass goes chain
by chain, so that a delivery's id follows the order of what happened. An event whose message cannot be made is left out,
noted and told to administrators, so that the others are told.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from portal import clock
from portal.audit.heads import OVERLAP
from portal.audit.models import AuditEvent
from portal.notifications.messages import notify_person
from portal.people.models import User
from portal.webhooks import registry
from portal.webhooks.models import CollectedEvent, CollectionMark, Delivery, Endpoint, Event, body_of
from portal.webhooks.states import OPEN_ENDPOINT_STATES
from portal.workflow import lock_names

BATCH = 500
_LOCK = "webhooks.collect"
# These say nothing about the event: the whole batch is looked at again.
_OF_THE_PASS = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
logger = logging.getLogger(__name__)


def collect_events() -> int:
    """Look at every event of the trail that was not looked at; returns how many there were. Safe to run twice at once."""
    begun, count = clock.now(), 0
    while found := _collect_batch(begun):
        count += found
    _move_mark(begun)
    return count


@transaction.atomic
def _collect_batch(begun: datetime) -> int:
    lock_names(_LOCK)
    mark = CollectionMark.objects.order_by("pk").first()
    since = (mark.at if mark else begun) - OVERLAP
    rows = list(_new_events(since)[:BATCH])
    endpoints = list(Endpoint.objects.filter(state__in=OPEN_ENDPOINT_STATES).order_by("pk"))
    CollectedEvent.objects.bulk_create(CollectedEvent(audit_event=row.pk, at=row.at) for row in rows)
    left_out = [row for row in rows if not _tell(row, endpoints)]
    if left_out:
        CollectedEvent.objects.filter(audit_event__in=[row.pk for row in left_out]).update(left_out=True)
        _tell_administrators(left_out[0])
    return len(rows)


def _new_events(since: datetime) -> QuerySet[AuditEvent]:
    known = CollectedEvent.objects.filter(audit_event=OuterRef("pk"))
    rows = AuditEvent.objects.filter(event__in=registry.told_events(), at__gte=since)
    return rows.exclude(Exists(known)).order_by("chain", "number")


def _tell(row: AuditEvent, endpoints: Sequence[Endpoint]) -> bool:
    """Make the deliveries of one event; False if they could not be made."""
    kind = registry.kind_of(row.event)
    takers = [one for one in endpoints if kind.type in one.types and one.created_at <= row.at]
    if not takers:
        return True
    platforms = {one.platform for one in takers}
    try:
        with transaction.atomic():
            for notice in kind.build(row):
                if notice.platform in platforms:
                    _add_event(row, kind.type, notice, [one for one in takers if one.platform == notice.platform])
    except _OF_THE_PASS:
        raise
    except Exception:
        logger.exception("webhook_event_left_out", extra={"event_name": row.event, "audit_event": row.pk})
        return False
    return True


def _add_event(row: AuditEvent, message_type: str, notice: registry.Notice, takers: list[Endpoint]) -> None:
    event = Event.objects.create(
        type=message_type,
        platform=notice.platform,
        ordering_key=notice.ordering_key,
        audit_event=row.pk,
        occurred_at=row.at,
        body=body_of(message_type, row.at, notice.data),
    )
    Delivery.objects.bulk_create(
        Delivery(event=event, endpoint=endpoint, ordering_key=event.ordering_key) for endpoint in takers
    )


def _tell_administrators(row: AuditEvent) -> None:
    """Once a day: the page that lists them has the others."""
    day, url = clock.now().date().isoformat(), reverse("admin:webhooks_delivery_changelist")

    def context() -> dict[str, str]:
        return {"event": row.event, "chain": row.chain}

    for person in User.objects.active_admins().order_by("pk"):
        notify_person(person, "webhooks.left_out", key=f"webhooks.left_out:{day}:{person.pk}", context=context, url=url)


@transaction.atomic
def _move_mark(begun: datetime) -> None:
    """Everything that was committed before `begun` has been looked at; what is older need not be known any more."""
    lock_names(_LOCK)
    mark = CollectionMark.objects.order_by("pk").first() or CollectionMark(at=begun)
    mark.at = max(mark.at, begun)
    mark.save()
    CollectedEvent.objects.filter(at__lt=mark.at - OVERLAP, left_out=False).delete()
