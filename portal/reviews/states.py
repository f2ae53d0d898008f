"""Where a case and a decision are, and every move between."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.workflow import Move, Workflow


class CaseState(models.TextChoices):
    """Where a case is."""

    WAITING = "waiting", _("waiting for a reviewer")
    CLAIMED = "claimed", _("with a reviewer")
    PAUSED = "paused", _("waiting for an answer")
    CLOSED = "closed", _("closed")


class Stage(models.TextChoices):
    """What a case waits for."""

    FIRST = "first", _("first review")
    SECOND = "second", _("second approval")
    APPEAL = "appeal", _("appeal")
    APPEAL_SECOND = "appeal_second", _("second approval of an appeal")


class Level(models.IntegerChoices):
    """Who may take a case."""

    REVIEWER = 1, _("reviewer")
    SENIOR = 2, _("senior reviewer")


# The second look that follows a decision made at a stage.
SECOND_OF = {Stage.FIRST: Stage.SECOND, Stage.APPEAL: Stage.APPEAL_SECOND}

CASE = Workflow(
    "review case",
    CaseState,
    CaseState.WAITING,
    (
        Move("claim", (CaseState.WAITING,), CaseState.CLAIMED, by="reviewer"),
        Move("release", (CaseState.CLAIMED,), CaseState.WAITING, by="reviewer, or the end of the lease"),
        Move("pause", (CaseState.CLAIMED,), CaseState.PAUSED, by="reviewer asks for more"),
        Move("resume", (CaseState.PAUSED,), CaseState.WAITING, by="the answer"),
        Move("hand_over", (CaseState.CLAIMED,), CaseState.CLAIMED, by="reviewer, to a colleague"),
        Move("pass_on", (CaseState.CLAIMED,), CaseState.WAITING, by="decision that needs a second person"),
        Move("send_back", (CaseState.CLAIMED,), CaseState.WAITING, by="second person"),
        Move("close", (CaseState.WAITING, CaseState.CLAIMED, CaseState.PAUSED), CaseState.CLOSED, by="decision"),
        Move("reopen", (CaseState.CLOSED,), CaseState.WAITING, by="appeal"),
    ),
)


class DecisionState(models.TextChoices):
    """Whether a decision has effect."""

    HELD = "held", _("held for second approval")
    FINAL = "final", _("in force")
    RETURNED = "returned", _("sent back")
    VOID = "void", _("void")


DECISION = Workflow(
    "decision",
    DecisionState,
    DecisionState.HELD,
    (
        Move("confirm", (DecisionState.HELD,), DecisionState.FINAL, by="second person"),
        Move("send_back", (DecisionState.HELD,), DecisionState.RETURNED, by="second person"),
        Move("void", (DecisionState.HELD,), DecisionState.VOID, by="its reviewer, or a withdrawal"),
    ),
)

WORKFLOWS = (CASE, DECISION)
