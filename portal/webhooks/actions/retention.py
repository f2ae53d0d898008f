"""Events and deliveries are kept for thirty days."""

from datetime import timedelta

from portal import clock
from portal.webhooks.models import Event

DELIVERIES_KEPT = timedelta(days=30)


def purge_deliveries() -> int:
    """Delete events with their deliveries and attempts thirty days after they were collected; returns how many rows."""
    return Event.objects.filter(created_at__lt=clock.now() - DELIVERIES_KEPT).delete()[0]
