"""The state machine of a copy of one's own data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.workflow import Move, Workflow


class ExportState(models.TextChoices):
    """Where a copy is."""

    WAITING = "waiting", _("in preparation")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    DELETED = "deleted", _("deleted")


EXPORT = Workflow(
    name="copy of personal data",
    states=ExportState,
    initial=ExportState.WAITING,
    moves=(
        Move("finish", (ExportState.WAITING,), ExportState.READY, by="system: everything is in it"),
        Move("give_up", (ExportState.WAITING,), ExportState.FAILED, by="system: no attempt came to its end"),
        Move("delete", (ExportState.READY, ExportState.FAILED), ExportState.DELETED, by="system: a week is over"),
    ),
)
