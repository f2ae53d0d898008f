"""Context of one side's page: statements, decisions, remedies, and what it can do next."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions import drafts
from complaints.models import Complaint, Exhibit, SideReasons, Statement
from complaints.policies import appeals, disclosure, terms
from complaints.remedies import delivers_unconfirmed
from complaints.states import APPEALABLE_STATES, ComplaintState, Outcome, Side
from complaints.views import state_texts
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews.states import DecisionState

# Outcomes are labelled as the reviewer's choices; parties read what was done.
_OUTCOMES: dict[str, Promise] = {
    Outcome.ADMITTED: _("Admitted"),
    Outcome.REFUSED: _("Not admitted"),
    Outcome.UPHELD: _("Upheld"),
    Outcome.PARTLY: _("Upheld in part"),
    Outcome.DISMISSED: _("Not upheld"),
    Outcome.AFFIRMED: _("Decision upheld"),
    Outcome.REVERSED: _("Decision reversed"),
}
# The pages of a document, and one page as a picture.
FILE_URLS: dict[str, tuple[str, str]] = {
    Side.COMPLAINANT: ("complaints:file", "complaints:file_page"),
    Side.RESPONDENT: ("complaints:answer_document", "complaints:answer_document_page"),
}
_URLS: dict[str, tuple[str, str]] = {
    Side.COMPLAINANT: ("complaints:appeal", "complaints:reply"),
    Side.RESPONDENT: ("complaints:answer_appeal", "complaints:answer_reply"),
}


@dataclass(frozen=True)
class PartyFile:
    """A document as a side sees it: under the name that it may read, with the address of its pages."""

    file: EvidenceFile
    name: str
    url: str


@dataclass(frozen=True)
class PartyExhibit:
    """One piece of evidence as a side sees it."""

    exhibit: Exhibit
    note: str
    web_address: str
    file: PartyFile | None
    reviewers_only: str  # why the other side does not see the file; "" if it does
    own: bool


@dataclass(frozen=True)
class PartyStatement:
    """One statement as a side reads it: whose, what kind, and its files."""

    statement: Statement
    own: bool
    text: str
    files: list["PartyFile"]


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
    """Everything of the file for one side. A dozen queries, however much there is."""
    exhibits = list(disclosure.shown_exhibits(complaint, side))
    reader = PartyReader(complaint, side)
    follows = list(complaint.remedies.select_related("restitution").order_by("pk"))
    return {
        "side": side,
        "party_statements": party_statements(complaint, side, reader),
        "exhibits": [reader.exhibit(row) for row in exhibits if row.side == side],
        "other_exhibits": [reader.exhibit(row) for row in exhibits if row.side != side],
        "complaint_text": reader.text(complaint.text, Side.COMPLAINANT),
        "decisions": party_decisions(complaint, side),
        "remedies": state_texts.remedy_texts(follows, unconfirmed=delivers_unconfirmed(complaint.platform)),
        "restitutions": [row.restitution for row in follows if hasattr(row, "restitution")],
        "appeal_url": reverse(_URLS[side][0], args=[complaint.number]),
        "reply_url": reverse(_URLS[side][1], args=[complaint.number]),
        **appeal_options(complaint, side, party),
    }


class PartyReader:
    """What one side reads of either side: its own as it is, the other's without contact data."""

    def __init__(self, complaint: Complaint, side: str) -> None:
        self.complaint, self.side = complaint, side

    def text(self, text: str, by: str) -> str:
        """A text of one of the sides."""
        return text if by == self.side else disclosure.redact_contact(text, self._contact_of_other)

    def file(self, file: EvidenceFile, by: str) -> PartyFile:
        """A document of one of the sides."""
        url = reverse(FILE_URLS[self.side][0], args=[self.complaint.number, file.pk])
        return PartyFile(file, self.text(file.name, by), url)

    def exhibit(self, row: Exhibit) -> PartyExhibit:
        """A piece of evidence of one of the sides."""
        own, why = row.side == self.side, self.text(row.reviewers_only, row.side)
        file = self.file(row.file, row.side) if row.file and (own or not why) else None
        return PartyExhibit(row, self.text(row.note, row.side), self.text(row.url, row.side), file, why, own)

    @cached_property
    def _contact_of_other(self) -> dict[str, str]:
        """What the other side gave: with the complaint, or with its answer."""
        if self.side == Side.RESPONDENT:
            sealed, bound_to = self.complaint.contact_sealed, self.complaint.contact_bound_to
        else:
            answer = self.complaint.statements.filter(kind=Statement.Kind.ANSWER).first()
            sealed, bound_to = (answer.contact_sealed, answer.contact_bound_to) if answer else ("", "")
        return drafts.open_sealed_contact(sealed, bound_to) if sealed else {}


def party_statements(complaint: Complaint, side: str, reader: PartyReader | None = None) -> list[PartyStatement]:
    """The statements that a side may read, oldest first."""
    reader = reader or PartyReader(complaint, side)
    rows = disclosure.shown_statements(complaint, side).prefetch_related("files")
    return [
        PartyStatement(
            row,
            row.side == side,
            reader.text(row.text, row.side),
            [reader.file(one, row.side) for one in row.files.all()],
        )
        for row in rows
    ]


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
