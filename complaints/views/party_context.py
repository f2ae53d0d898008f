"""Context of one side's page: statements, decisions, remedies, and what it can do next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, SideReasons, Statement
from complaints.policies import appeals, terms
from complaints.states import APPEALABLE_STATES, ComplaintState, Outcome, Side
from complaints.views import state_texts
from portal.people.models import User
from portal.reviews.states import DecisionState

_KIND = Statement.Kind
# Requests of the portal to one side are not shown to the other.
_ON_A_DECISION = (_KIND.APPEAL, _KIND.REPLY)
_BETWEEN_BOTH = (_KIND.ANSWER, *_ON_A_DECISION)
# Outcomes are labelled as the reviewer's choices; parties read what was done.
_OUTCOMES: dict[str, Promise] = {
    Outcome.ADMITTED: _("Admitted"),
    Outcome.REFUSED: _("Not admitted"),
    Outcome.UPHELD: _("Upheld"),
    Outcome.PARTLY: _("Upheld in part"),
    Outcome.DISMISSED: _("Not upheld"),
    Outcome.AFFIRMED: _("The decision stands"),
    Outcome.REVERSED: _("Decision reversed"),
}
_URLS: dict[str, tuple[str, str]] = {
    Side.COMPLAINANT: ("complaints:appeal", "complaints:reply"),
    Side.RESPONDENT: ("complaints:answer_appeal", "complaints:answer_reply"),
}


@dataclass(frozen=True)
class PartyStatement:
    """One statement as a side reads it: whose, what kind, and its files by name."""

    statement: Statement
    own: bool
    files: list[str]


@dataclass(frozen=True)
class PartyDecision:
    """One decision as a side reads it. `findings` are the same for both sides, `text` is for this one."""

    outcome: str
    reasons: list[str]
    findings: str
    text: str
    at: datetime
    two_people: bool


def build_party_context(complaint: Complaint, side: str, party: User) -> dict[str, Any]:
    """Everything of the file for one side. Eight queries, however much there is."""
    follows = list(complaint.remedies.select_related("restitution").order_by("pk"))
    return {
        "side": side,
        "party_statements": party_statements(complaint, side),
        "exhibits": complaint.exhibits.filter(side=side).select_related("file"),
        "decisions": party_decisions(complaint, side),
        "remedies": state_texts.remedy_texts(follows),
        "restitutions": [row.restitution for row in follows if hasattr(row, "restitution")],
        "appeal_url": reverse(_URLS[side][0], args=[complaint.number]),
        "reply_url": reverse(_URLS[side][1], args=[complaint.number]),
        **appeal_options(complaint, side, party),
    }


def party_statements(complaint: Complaint, side: str) -> list[PartyStatement]:
    """Statements after the complaint, oldest first. The respondent sees none from before they were notified."""
    rows = complaint.statements.prefetch_related("files").exclude(kind=_KIND.NOTICE)
    if side == Side.RESPONDENT:
        rows = rows.filter(kind__in=_BETWEEN_BOTH).exclude(kind__in=_ON_A_DECISION, at__lt=complaint.told_at)
    return [PartyStatement(row, row.side == side, [file.name for file in row.files.all()]) for row in rows]


def party_decisions(complaint: Complaint, side: str) -> list[PartyDecision]:
    """The decisions that are in force, newest first; decisions held for a second approval are not shown."""
    rows = SideReasons.objects.filter(complaint=complaint, side=side, decision__state=DecisionState.FINAL)
    return [
        PartyDecision(
            str(_OUTCOMES[Outcome(row.decision.outcome)]),
            [reason["text"] for reason in row.decision.statement],
            row.decision.explanation,
            row.text,
            row.decision.in_force_since,
            row.decision.second_by_id is not None,
        )
        for row in rows.select_related("decision").order_by("-pk")
    ]


def appeal_options(complaint: Complaint, side: str, party: User) -> dict[str, Any]:
    """Whether a side can appeal or reply, until when, or why not."""
    if complaint.state in APPEALABLE_STATES:
        until = terms.appeal_until(complaint.decided_at) if complaint.decided_at else None
        return {
            "appeal_refusal": appeals.refuse_complaint_appeal(complaint, party, side),
            "appeal_until": until,
            "may_appeal": True,
        }
    if complaint.state == ComplaintState.APPEALED:
        return {"reply_refusal": appeals.refuse_appeal_reply(complaint, party, side), "may_reply": True}
    return {}


def disclosed_complainant_name(complaint: Complaint) -> str:
    """The name that the respondent is told: only where the law demands it, and as it was signed."""
    return complaint.signature if complaint.regime.names_complainant else ""
