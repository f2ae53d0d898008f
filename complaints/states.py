"""The state machines of originality: complaints, remedies, restitutions. Every state, and every move there is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.workflow import Move, Workflow


class ComplaintState(models.TextChoices):
    """Where a complaint is, in words for both sides."""

    DRAFT = "draft", _("Draft")
    RECEIVED = "received", _("Received, being compared")
    INCOMPLETE = "incomplete", _("Incomplete, waiting for the complainant")
    SCREENING = "screening", _("With a reviewer, before the other side is notified")
    NOTIFIED = "notified", _("The other side can answer")
    IN_REVIEW = "in_review", _("In review")
    SECOND_REVIEW = "second_review", _("With a second reviewer")
    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly", _("Upheld in part")
    DISMISSED = "dismissed", _("Dismissed")
    APPEALED = "appealed", _("Appeal in review")
    APPEAL_SECOND = "appeal_second", _("Appeal, with a second reviewer")
    AFFIRMED = "affirmed", _("Decision upheld after appeal")
    REVERSED = "reversed", _("Reversed on appeal")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Closed, still incomplete")


class RemedyState(models.TextChoices):
    """Where a remedy is."""

    HELD = "held", _("Scheduled")
    APPLYING = "applying", _("Being carried out")
    ACTIVE = "active", _("In force")
    LIFTING = "lifting", _("Being reversed")
    LIFTED = "lifted", _("Reversed")
    CANCELLED = "cancelled", _("Not carried out")


class RestitutionState(models.TextChoices):
    """Where the return of followers is."""

    RESERVED = "reserved", _("Reserved until the author joins")
    HELD = "held", _("Waiting for the end of the hold period")
    MOVING = "moving", _("Followers are being returned")
    PAUSED = "paused", _("Paused")
    INVITING = "inviting", _("Followers are being asked")
    DONE = "done", _("Followers were returned")
    REVERSING = "reversing", _("Being reversed")
    REVERSED = "reversed", _("Reversed")
    PARTLY_REVERSED = "partly_reversed", _("Partly reversed")
    CANCELLED = "cancelled", _("Not carried out")


_C = ComplaintState
_M = RemedyState
_R = RestitutionState

_BEFORE_DECISION = (_C.RECEIVED, _C.INCOMPLETE, _C.SCREENING, _C.NOTIFIED, _C.IN_REVIEW, _C.SECOND_REVIEW)
_APPEALABLE = (_C.UPHELD, _C.PARTLY, _C.DISMISSED)

COMPLAINT = Workflow(
    name="Complaint",
    states=ComplaintState,
    initial=_C.DRAFT,
    moves=(
        Move("submit", (_C.DRAFT,), _C.RECEIVED, "complainant"),
        Move("return_incomplete", (_C.RECEIVED,), _C.INCOMPLETE, "system: a video cannot be had or opened"),
        Move("complete", (_C.INCOMPLETE,), _C.RECEIVED, "complainant"),
        Move("lapse", (_C.INCOMPLETE,), _C.LAPSED, "system: 10 days without an answer"),
        Move("screen", (_C.RECEIVED,), _C.SCREENING, "system: something stands against it"),
        Move("notify", (_C.RECEIVED,), _C.NOTIFIED, "system: compared, the respondent is told"),
        Move("admit", (_C.SCREENING,), _C.NOTIFIED, "reviewer"),
        Move("refuse", (_C.SCREENING,), _C.DISMISSED, "reviewer"),
        Move("answer", (_C.NOTIFIED,), _C.IN_REVIEW, "respondent"),
        Move("wait_over", (_C.NOTIFIED,), _C.IN_REVIEW, "system: no answer in time"),
        Move("propose", (_C.IN_REVIEW,), _C.SECOND_REVIEW, "reviewer"),
        Move("send_back", (_C.SECOND_REVIEW,), _C.IN_REVIEW, "second reviewer"),
        Move("uphold", (_C.IN_REVIEW, _C.SECOND_REVIEW), _C.UPHELD, "reviewer, or two"),
        Move("uphold_partly", (_C.IN_REVIEW, _C.SECOND_REVIEW), _C.PARTLY, "reviewer, or two"),
        Move("dismiss", (_C.IN_REVIEW,), _C.DISMISSED, "reviewer"),
        Move("appeal", _APPEALABLE, _C.APPEALED, "complainant or respondent"),
        Move("propose_reversal", (_C.APPEALED,), _C.APPEAL_SECOND, "third reviewer"),
        Move("send_reversal_back", (_C.APPEAL_SECOND,), _C.APPEALED, "fourth reviewer"),
        Move("affirm", (_C.APPEALED,), _C.AFFIRMED, "third reviewer"),
        Move("reverse", (_C.APPEALED, _C.APPEAL_SECOND), _C.REVERSED, "third reviewer, or two"),
        Move("admit_on_appeal", (_C.APPEALED,), _C.NOTIFIED, "third reviewer: it should have been admitted"),
        Move("withdraw", _BEFORE_DECISION, _C.WITHDRAWN, "complainant"),
    ),
)

REMEDY = Workflow(
    name="Remedy",
    states=RemedyState,
    initial=_M.HELD,
    moves=(
        Move("begin", (_M.HELD,), _M.APPLYING, "system: its time has come"),
        Move("take_effect", (_M.APPLYING,), _M.ACTIVE, "system: the platform has done it"),
        Move("lift", (_M.APPLYING, _M.ACTIVE), _M.LIFTING, "reversal"),
        Move("lifted", (_M.LIFTING,), _M.LIFTED, "system: the platform has taken it back"),
        Move("lift_rest", (_M.LIFTED,), _M.LIFTING, "reversal of another finding on which the rest of it stood"),
        Move("cancel", (_M.HELD,), _M.CANCELLED, "reversal before it began"),
    ),
)

RESTITUTION = Workflow(
    name="Restitution",
    states=RestitutionState,
    initial=_R.RESERVED,
    moves=(
        Move("release", (_R.RESERVED,), _R.HELD, "system: the author has a proven account"),
        Move("begin", (_R.HELD,), _R.MOVING, "system: the hold is over"),
        Move("pause", (_R.HELD, _R.MOVING), _R.PAUSED, "senior reviewer"),
        Move("resume", (_R.PAUSED,), _R.MOVING, "senior reviewer"),
        Move("resume_hold", (_R.PAUSED,), _R.HELD, "senior reviewer, if it had not begun"),
        Move("ask", (_R.MOVING,), _R.INVITING, "system: every follower was looked at, and is asked"),
        Move("finish", (_R.MOVING, _R.INVITING), _R.DONE, "system: every follower was looked at, or could answer"),
        Move(
            "take_back",
            (_R.MOVING, _R.PAUSED, _R.INVITING, _R.DONE, _R.PARTLY_REVERSED),
            _R.REVERSING,
            "reversal; before it is done also two senior reviewers",
        ),
        Move("restored", (_R.REVERSING,), _R.REVERSED, "system: every follow is as it was"),
        Move(
            "restored_partly",
            (_R.REVERSING,),
            _R.PARTLY_REVERSED,
            "system: some had chosen otherwise, or stay on other findings",
        ),
        Move(
            "cancel",
            (_R.RESERVED, _R.HELD, _R.PAUSED),
            _R.CANCELLED,
            "before it has begun: reversal, two senior reviewers, or the reserve has run out",
        ),
    ),
)

# The state of the remedy whose followers return, by the state of their return; a pause leaves it as it is. Restitution.move() applies it.
REMEDY_OF_RESTITUTION = {
    _R.RESERVED: _M.HELD,
    _R.HELD: _M.HELD,
    _R.MOVING: _M.APPLYING,
    _R.INVITING: _M.APPLYING,
    _R.DONE: _M.ACTIVE,
    _R.REVERSING: _M.LIFTING,
    _R.REVERSED: _M.LIFTED,
    _R.PARTLY_REVERSED: _M.LIFTED,
    _R.CANCELLED: _M.CANCELLED,
}

WORKFLOWS = (COMPLAINT, REMEDY, RESTITUTION)

OPEN_STATES = (*_BEFORE_DECISION, _C.APPEALED, _C.APPEAL_SECOND)
BEFORE_DECISION = _BEFORE_DECISION
APPEALABLE_STATES = _APPEALABLE
# Until when the respondent does not know of the complaint.
UNTOLD_STATES = (_C.DRAFT, _C.RECEIVED, _C.INCOMPLETE, _C.SCREENING)
# States that only a person may bring about; the database asks for that person's decision.
DECIDED_STATES = (_C.UPHELD, _C.PARTLY, _C.DISMISSED, _C.AFFIRMED, _C.REVERSED)


class Outcome(models.TextChoices):
    """What a person can decide on a complaint."""

    ADMITTED = "admitted", _("Admit: notify the other side")
    REFUSED = "refused", _("Do not admit")
    UPHELD = "upheld", _("Uphold")
    PARTLY = "partly", _("Uphold in part")
    DISMISSED = "dismissed", _("Dismiss")
    AFFIRMED = "affirmed", _("Decision upheld")
    REVERSED = "reversed", _("Reverse the decision")


class ControlKind(models.TextChoices):
    """What a senior reviewer does to a restitution."""

    PAUSE = "pause", _("Pause")
    RESUME = "resume", _("Resume")
    STOP = "stop", _("Stop and restore")
    REVIEW = "review", _("Reviewed")


class ControlState(models.TextChoices):
    """Where a control is; only a stop waits for a second person."""

    PROPOSED = "proposed", _("Waiting for a second person")
    MADE = "made", _("Carried out")
    REFUSED = "refused", _("Not agreed")
    OVERTAKEN = "overtaken", _("Overtaken by a reversal")


class Side(models.TextChoices):
    """The sides of a complaint."""

    COMPLAINANT = "complainant", _("Complainant")
    RESPONDENT = "respondent", _("Respondent")


class RestitutionMode(models.TextChoices):
    """How followers return in a jurisdiction."""

    MOVE = "move", _("Move: followers are returned and notified, and can undo it")
    OFF = "off", _("Off: followers are not returned")
    INVITE = "invite", _("Invite: followers are asked, and those who accept are returned")
    CLEAR = "clear", _("Clear: followers leave the copying account and are shown the author")
