"""State machines of a recovery after a lost second factor, of a linked account, and of a change that needs two people."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.workflow import Move, Workflow


class RecoveryState(models.TextChoices):
    """Where a recovery is."""

    REQUESTED = "requested", _("requested")
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
    PROVEN = "proven", _("verified")
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


class ChangeState(models.TextChoices):
    """Where a change request is."""

    WAITING = "waiting", _("waiting for a second administrator")
    DELAYED = "delayed", _("takes effect later")
    DONE = "done", _("in effect")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    OVERTAKEN = "overtaken", _("replaced by another change")
    EXPIRED = "expired", _("expired without approval")


OPEN_CHANGE_STATES = (ChangeState.WAITING, ChangeState.DELAYED)
CHANGE = Workflow(
    name="change request",
    states=ChangeState,
    initial=ChangeState.WAITING,
    moves=(
        Move("delay", (ChangeState.WAITING,), ChangeState.DELAYED, by="system, where nobody could be the second"),
        Move("approve", OPEN_CHANGE_STATES, ChangeState.DONE, by="another administrator"),
        Move("fall_due", (ChangeState.DELAYED,), ChangeState.DONE, by="system, after the delay"),
        Move("refuse", OPEN_CHANGE_STATES, ChangeState.REFUSED, by="another administrator"),
        Move("object", (ChangeState.DELAYED,), ChangeState.REFUSED, by="administrator whom it is about"),
        Move("withdraw", OPEN_CHANGE_STATES, ChangeState.WITHDRAWN, by="whoever asked"),
        Move("overtake", OPEN_CHANGE_STATES, ChangeState.OVERTAKEN, by="system"),
        Move("expire", (ChangeState.WAITING,), ChangeState.EXPIRED, by="system"),
    ),
)
