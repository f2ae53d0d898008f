"""The state machines of a copy of one's own data, and of their erasure."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Move, Workflow


class ExportState(models.TextChoices):
    """Where a copy is."""

    WAITING = "waiting", _("in preparation")
    READY = "ready", _("ready")
    FAILED = "failed", pgettext_lazy("job", "failed")
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


class ErasureState(models.TextChoices):
    """How far the erasure of a person's data is."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("being carried out")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


ERASURE = Workflow(
    name="erasure of personal data",
    states=ErasureState,
    initial=ErasureState.WAITING,
    moves=(
        Move("cancel", (ErasureState.WAITING,), ErasureState.CANCELLED, by="the person"),
        Move(
            "begin",
            (ErasureState.WAITING,),
            ErasureState.RUNNING,
            by="system: the time is over, and nothing holds the data",
        ),
        Move("finish", (ErasureState.RUNNING,), ErasureState.DONE, by="system: nothing is left"),
    ),
)
