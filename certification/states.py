"""The two state machines of certification: every state, and every move there is."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Move, Workflow


class ApplicationState(models.TextChoices):
    """Where an application is, in the applicant's words."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Received")
    VERIFYING = "verifying", _("Checks in progress")
    IN_REVIEW = "in_review", _("In review")
    INFO_REQUESTED = "info_requested", _("Your action required")
    SECOND_REVIEW = "second_review", _("With a second reviewer")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Not approved")
    APPEALED = "appealed", _("Appeal in review")
    REJECTED_FINAL = "rejected_final", _("Not approved after appeal")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Closed without an answer")


class CertificateState(models.TextChoices):
    """Where a certificate is. Whether it counts at a moment also depends on its dates."""

    ACTIVE = "active", _("Valid")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")
    SURRENDERED = "surrendered", _("Surrendered by its holder")
    LAPSED = "lapsed", _("Lapsed because the rules changed")


_A = ApplicationState
_C = CertificateState

APPLICATION_WORKFLOW = Workflow(
    name="Application",
    states=ApplicationState,
    initial=_A.DRAFT,
    moves=(
        Move("submit", (_A.DRAFT,), _A.SUBMITTED, "applicant"),
        Move(
            "withdraw",
            (_A.DRAFT, _A.SUBMITTED, _A.VERIFYING, _A.IN_REVIEW, _A.INFO_REQUESTED, _A.SECOND_REVIEW),
            _A.WITHDRAWN,
            "applicant",
        ),
        Move("begin_checks", (_A.SUBMITTED,), _A.VERIFYING, "system"),
        Move("finish_checks", (_A.VERIFYING,), _A.IN_REVIEW, "system: every check ended"),
        Move("return_unreadable", (_A.VERIFYING,), _A.INFO_REQUESTED, "system: a file cannot be read"),
        Move("ask", (_A.IN_REVIEW,), _A.INFO_REQUESTED, "reviewer"),
        Move("answer", (_A.INFO_REQUESTED,), _A.VERIFYING, "applicant"),
        Move("lapse", (_A.INFO_REQUESTED,), _A.LAPSED, "system: 14 days without an answer"),
        Move("propose_approval", (_A.IN_REVIEW,), _A.SECOND_REVIEW, "reviewer"),
        Move("send_back", (_A.SECOND_REVIEW,), _A.IN_REVIEW, "second reviewer"),
        Move("confirm", (_A.SECOND_REVIEW,), _A.APPROVED, "second reviewer"),
        Move("approve", (_A.IN_REVIEW,), _A.APPROVED, "reviewer"),
        Move("reject", (_A.IN_REVIEW,), _A.REJECTED, "reviewer"),
        Move("appeal", (_A.REJECTED,), _A.APPEALED, "applicant"),
        Move("grant_appeal", (_A.APPEALED,), _A.APPROVED, "senior reviewers"),
        Move("dismiss_appeal", (_A.APPEALED,), _A.REJECTED_FINAL, "senior reviewer"),
    ),
)

CERTIFICATE_WORKFLOW = Workflow(
    name="Certificate",
    states=CertificateState,
    initial=_C.ACTIVE,
    moves=(
        Move("expire", (_C.ACTIVE,), _C.EXPIRED, "system: its time is over"),
        Move("lapse", (_C.ACTIVE,), _C.LAPSED, "system: what it certifies was abolished"),
        Move("suspend", (_C.ACTIVE,), _C.SUSPENDED, "reviewer"),
        Move("clear", (_C.SUSPENDED,), _C.ACTIVE, "two reviewers"),
        Move(
            "revoke",
            (_C.ACTIVE, _C.SUSPENDED),
            _C.REVOKED,
            "two reviewers; from active only for forged documents or a licence that was struck off",
        ),
        Move("restore", (_C.REVOKED,), _C.ACTIVE, "senior reviewers, on appeal"),
        Move("surrender", (_C.ACTIVE,), _C.SURRENDERED, "holder"),
    ),
)


class RuleDraftState(models.TextChoices):
    """Where a draft of a rule is. Whether it waits for a second person is told by its change request."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", pgettext_lazy("state of a draft", "published")
    DISCARDED = "discarded", _("discarded")


RULE_DRAFT_WORKFLOW = Workflow(
    name="Draft of a rule",
    states=RuleDraftState,
    initial=RuleDraftState.DRAFT,
    moves=(
        Move("publish", (RuleDraftState.DRAFT,), RuleDraftState.PUBLISHED, "two area leads or administrators"),
        Move("discard", (RuleDraftState.DRAFT,), RuleDraftState.DISCARDED, "area lead"),
    ),
)

# States in which an application still occupies its area for the applicant.
OPEN_STATES = (
    _A.DRAFT,
    _A.SUBMITTED,
    _A.VERIFYING,
    _A.IN_REVIEW,
    _A.INFO_REQUESTED,
    _A.SECOND_REVIEW,
    _A.APPEALED,
)
EDITABLE_STATES = (_A.DRAFT, _A.INFO_REQUESTED)
# States that only a person may bring about; the database asks for that person's decision.
ADVERSE_APPLICATION_STATES = (_A.REJECTED, _A.REJECTED_FINAL)
ADVERSE_CERTIFICATE_STATES = (_C.SUSPENDED, _C.REVOKED)
# A certificate in these states holds its area and its licence numbers.
STANDING_STATES = (_C.ACTIVE, _C.SUSPENDED)


class Outcome(models.TextChoices):
    """What a person can decide on an application or a certificate."""

    APPROVED = "approved", _("Approve")
    REJECTED = "rejected", _("Reject")
    NO_DOUBT = "no_doubt", _("No action")
    CHANGE_CONFIRMED = "change_confirmed", _("Confirm the change")
    SUSPENDED = "suspended", _("Suspend")
    CLEARED = "cleared", _("Lift the suspension")
    REVOKED = "revoked", _("Revoke")
    APPEAL_GRANTED = "appeal_granted", _("Uphold the appeal")
    APPEAL_DISMISSED = "appeal_dismissed", _("Dismiss the appeal")
