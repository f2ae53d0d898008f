"""State machines of a recovery after a lost second factor, and of a linked account."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.workflow import Move, Workflow


class RecoveryState(models.TextChoices):
    """Where a recovery is."""

    REQUESTED = "requested", _("asked for")
    PROPOSED = "proposed", _("waiting for a second administrator")
    DONE = "done", _("second factor removed")
    REFUSED = "refused", _("refused")


RECOVERY = Workflow(
    name="recovery",
    states=RecoveryState,
    initial=RecoveryState.REQUESTED,
    moves=(
        Move("propose", (RecoveryState.REQUESTED,), RecoveryState.PROPOSED, by="administrator"),
        Move("confirm", (RecoveryState.PROPOSED,), RecoveryState.DONE, by="another administrator"),
        Move("refuse", (RecoveryState.REQUESTED, RecoveryState.PROPOSED), RecoveryState.REFUSED, by="administrator"),
    ),
)
OPEN_RECOVERY_STATES = (RecoveryState.REQUESTED, RecoveryState.PROPOSED)


class LinkState(models.TextChoices):
    """Where the link between a person and an account of a platform is."""

    CLAIMED = "claimed", _("waiting for the code in the profile")
    PROVEN = "proven", _("proven")
    ENDED = "ended", _("ended")


LINK = Workflow(
    name="linked account",
    states=LinkState,
    initial=LinkState.CLAIMED,
    moves=(
        Move("prove", (LinkState.CLAIMED,), LinkState.PROVEN, by="person, by the code in the profile"),
        Move("end", (LinkState.CLAIMED, LinkState.PROVEN), LinkState.ENDED, by="person"),
        Move("lose", (LinkState.PROVEN,), LinkState.ENDED, by="another person proves the account"),
    ),
)
