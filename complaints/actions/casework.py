"""The line to the review queue: how a complaint becomes a case, and closes with it."""

from complaints.models import Complaint
from complaints.policies import terms
from portal import clock
from portal.accounts.models import User
from portal.clock import WorkCalendar
from portal.reviews.actions import cases
from portal.reviews.actions.cases import Party
from portal.reviews.models import ReviewCase
from portal.reviews.states import CaseState

COMPLAINT, SCREENING = "complaints.complaint", "complaints.screening"


def open_screening(complaint: Complaint, flags: list[str]) -> ReviewCase:
    """A short look by a person before the other side is told."""
    return _open(SCREENING, complaint, flags, terms.SCREENING_DAYS)


def open_case(complaint: Complaint) -> ReviewCase:
    """The case in which the complaint is decided."""
    return _open(COMPLAINT, complaint, complaint.flags, terms.DECISION_DAYS)


def close(complaint: Complaint, *, by: User | None) -> None:
    """Close the cases of a complaint that ended without a decision."""
    for case in (complaint.screening, complaint.case):
        if case is not None and case.state != CaseState.CLOSED:
            cases.close(case, by=by)


def _open(kind: str, complaint: Complaint, flags: list[str], days: int) -> ReviewCase:
    return cases.open(
        kind,
        skill=terms.SKILL,
        title=complaint.number,
        parties=parties_of(complaint),
        due_at=WorkCalendar().add_working_days(clock.now(), days),
        by=None,
        reasons=flags,
    )


def parties_of(complaint: Complaint) -> list[Party]:
    """Both sides, who never review it."""
    parties = [Party(complaint.complainant, "complainant")]
    return [*parties, Party(complaint.respondent, "respondent")] if complaint.respondent else parties
