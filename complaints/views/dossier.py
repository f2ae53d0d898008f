"""What one side reads in the file of a complaint: what was said, what was decided, what follows, what it can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, SideReasons, Statement
from complaints.policies import appeals, parties, terms
from complaints.states import DECIDED_STATES, ComplaintState, Outcome, Side
from complaints.views import words
from portal.accounts.models import User
from portal.reviews.states import DecisionState

_KIND = Statement.Kind
# What was asked of one side for the portal's sake is not said to the other.
_ON_A_DECISION = (_KIND.APPEAL, _KIND.REPLY)
_BETWEEN_BOTH = (_KIND.ANSWER, *_ON_A_DECISION)
# The outcomes are the reviewer's words for what she can do; whoever reads a decision is told what was done.
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
class Said:
    """One statement as a side reads it: whose, what kind, and its files by name."""

    statement: Statement
    own: bool
    files: list[str]


@dataclass(frozen=True)
class Verdict:
    """One decision as a side reads it. `findings` are the same for both sides, `text` is for this one."""

    outcome: str
    reasons: list[str]
    findings: str
    text: str
    at: datetime
    two_people: bool


def of_side(complaint: Complaint, side: str, party: User) -> dict[str, Any]:
    """Everything of the file for one side. Eight queries, however much there is."""
    follows = list(complaint.measures.select_related("restitution").order_by("pk"))
    return {
        "side": side,
        "said": statements(complaint, side),
        "exhibits": complaint.exhibits.filter(side=side).select_related("file"),
        "verdicts": verdicts(complaint, side),
        "measures": words.measures(follows),
        "restitutions": [row.restitution for row in follows if hasattr(row, "restitution")],
        "appeal_url": reverse(_URLS[side][0], args=[complaint.number]),
        "reply_url": reverse(_URLS[side][1], args=[complaint.number]),
        **objections(complaint, side, party),
    }


def statements(complaint: Complaint, side: str) -> list[Said]:
    """What was said after the complaint itself, oldest first. The respondent reads nothing from before she was told."""
    rows = complaint.statements.prefetch_related("files").exclude(kind=_KIND.NOTICE)
    if side == Side.RESPONDENT:
        rows = rows.filter(kind__in=_BETWEEN_BOTH).exclude(kind__in=_ON_A_DECISION, at__lt=complaint.told_at)
    return [Said(row, row.side == side, [file.name for file in row.files.all()]) for row in rows]


def verdicts(complaint: Complaint, side: str) -> list[Verdict]:
    """The decisions that are in force, newest first; what waits for a second person is nobody's business yet."""
    rows = SideReasons.objects.filter(complaint=complaint, side=side, decision__state=DecisionState.FINAL)
    return [
        Verdict(
            str(_OUTCOMES[Outcome(row.decision.outcome)]),
            [reason["text"] for reason in row.decision.statement],
            row.decision.explanation,
            row.text,
            row.decision.in_force_since,
            row.decision.second_by_id is not None,
        )
        for row in rows.select_related("decision").order_by("-pk")
    ]


def objections(complaint: Complaint, side: str, party: User) -> dict[str, Any]:
    """Whether a side can appeal or reply, until when, or why not."""
    if complaint.state in DECIDED_STATES:
        until = terms.appeal_until(complaint.decided_at) if complaint.decided_at else None
        return {
            "appeal_refusal": appeals.refuse_appeal(complaint, party, side),
            "appeal_until": until,
            "may_appeal": True,
        }
    if complaint.state == ComplaintState.APPEALED:
        return {"reply_refusal": appeals.refuse_reply(complaint, party, side), "may_reply": True}
    return {}


def complainants_name(complaint: Complaint) -> str:
    """The name that the respondent is told: only where the law demands it, and as it was signed."""
    return complaint.signature if parties.names_complainant(complaint.regime) else ""
