"""The life of a recovery: how somebody who lost her second factor gets in again."""

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
OPEN_RECOVERY = (RecoveryState.REQUESTED, RecoveryState.PROPOSED)
