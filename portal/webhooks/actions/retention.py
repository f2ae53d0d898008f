"""Events and deliveries are kept for thirty days, and the notes of events that were left out."""

from datetime import timedelta

from portal import clock
from portal.webhooks.models import CollectedEvent, Event

DELIVERIES_KEPT = timedelta(days=30)


def purge_deliveries() -> int:
    """Delete events with their deliveries and attempts thirty days after they were collected; returns how many rows."""
    before = clock.now() - DELIVERIES_KEPT
    CollectedEvent.objects.filter(at__lt=before, left_out=True).delete()
    return Event.objects.filter(created_at__lt=before).delete()[0]
