"""A follower undoes their own move."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints import events
from complaints.actions.restitutions import lock_restitution
from complaints.models import FollowerChoice, Restitution
from complaints.policies.terms import Reason
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.platforms import registry, served

_OVER = _(
    "The time in which you could take this back here is over. You can still change whom you follow on the platform."
)
_TAKEN_BACK = _("The decision was reversed after an appeal, so all of this is being taken back without you.")
_CHANGED = _("You have changed whom you follow since. It stays as you want it.")


def refuse_follower_undo(restitution: Restitution, now: datetime) -> Reason:
    """Why nobody can take their move back any more, if that is so."""
    if restitution.state != RestitutionState.DONE:
        return _TAKEN_BACK
    return _OVER if restitution.undo_until is None or now >= restitution.undo_until else None


@transaction.atomic
def undo_follower_return(*, restitution: Restitution, follower_id: int) -> None:
    """Let a follower follow the source again, at their own request; idempotent.

    Raises Conflict when that is over, or when they have chosen otherwise themselves; PlatformError if the platform does not answer.
    """
    row = lock_restitution(restitution.pk)
    if row.choices.filter(follower_id=follower_id).exists():
        return
    if reason := refuse_follower_undo(row, clock.now()):
        raise Conflict(reason)
    if not served(registry.get_connector(row.platform).followers).return_follower(
        attribution.move_order(row), follower_id
    ):
        raise Conflict(_CHANGED)
    FollowerChoice.objects.create(restitution=row, follower_id=follower_id)
    row.undone += 1
    row.save(update_fields=["undone"])
    # The follower is stored in the choice, not in the trail.
    trail.record_event(events.FOLLOWER_UNDID, row, by=None, undone=row.undone)
