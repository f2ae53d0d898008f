"""The undo period of a restitution: followers are told what became of their follow, and can undo it for some days from then."""

from datetime import datetime, timedelta

from complaints.models import Restitution
from complaints.restitution import attribution
from portal import clock

TELL_FOLLOWERS = "complaints.tell_followers"


def undo_end(row: Restitution) -> datetime:
    """Until when followers who are told now can undo it."""
    return clock.now() + timedelta(days=attribution.restitution_policy(row.remedy.complaint).undo_days)
