"""Open and close the review cases of a complaint."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, CopyKind
from complaints.policies import reviewers
from complaints.policies.terms import DECISION_DAYS, SCREENING_DAYS, SKILL
from complaints.states import ComplaintState
from portal import clock
from portal.clock import WorkCalendar
from portal.languages import Texts, in_each_language
from portal.people.models import User
from portal.reviews.actions import cases
from portal.reviews.actions import decisions as review_decisions
from portal.reviews.actions.cases import Party
from portal.reviews.models import Calendar, Decision, ReviewCase
from portal.workflow import lock_names

COMPLAINT_KIND, SCREENING_KIND = "complaints.complaint", "complaints.screening"
# While a screening waits, the respondent has not been notified.
_SCREENING_PRIORITY = 1
_VIDEO_COPY = _("Copy of a work")
_KINDS = {
    CopyKind.WHOLE: _("the whole work"),
    CopyKind.CLIP: _("a part"),
    CopyKind.MIX: _("mixed with other material"),
}


def open_screening_case(complaint: Complaint, flags: list[str]) -> ReviewCase:
    """A case before the respondent is told; `flags` are the screening flags."""
    case = _open_review_case(SCREENING_KIND, complaint, flags, days=SCREENING_DAYS, priority=_SCREENING_PRIORITY)
    complaint.write(screening=case)
    return case


def open_decision_case(complaint: Complaint) -> ReviewCase:
    """The case of the decision, once both sides have answered or the time for answering is over."""
    case = _open_review_case(COMPLAINT_KIND, complaint, complaint.flags, days=DECISION_DAYS)
    complaint.write(case=case)
    return case


def close_complaint_cases(complaint: Complaint, *, by: User | None) -> None:
    """Close the open cases of a complaint that ended without a decision; a held decision is void."""
    for case in (complaint.screening, complaint.case):
        cases.close_open_case(case, by=by)
    complaint.write(proposed=[])


def lock_account(complaint: Complaint) -> None:
    """Take turns with whatever else may change several complaints about the same account, to the end of the transaction.

    To be taken before any complaint is locked.
    """
    lock_names(f"complaints.account:{complaint.platform}:{complaint.account_id}")


def lock_for_ruling(complaint: Complaint) -> None:
    """Lock the complaint for a decision, and the others of its account, which may rest on it, in the order of their keys."""
    lock_complaints_of_account(complaint)
    lock_complaint(complaint)


def lock_complaints_of_account(complaint: Complaint) -> None:
    """Lock all complaints about its account that were handed in, in the order of their keys."""
    lock_account(complaint)
    same = Complaint.objects.filter(platform=complaint.platform, account_id=complaint.account_id)
    others = same.exclude(state=ComplaintState.DRAFT).order_by("pk")
    list(others.select_for_update(of=("self",), no_key=True).values_list("pk"))


def lock_complaint(complaint: Complaint) -> None:
    """Reload the complaint and lock it until the end of the transaction."""
    complaint.refresh_from_db(from_queryset=Complaint.objects.locked())


def require_active_case(complaint: Complaint) -> ReviewCase:
    """The open case; raises Conflict if there is none."""
    return cases.require_case(reviewers.active_case(complaint))


def require_held_decision(complaint: Complaint) -> Decision:
    """The decision that waits for a second person; Conflict if there is none."""
    return review_decisions.require_held_decision(reviewers.active_case(complaint))


def case_titles(complaint: Complaint) -> Texts:
    """How the queue names the case: what was copied and under which rules, nobody's name."""
    kind = _KINDS[CopyKind(complaint.kind)]
    return in_each_language(lambda: f"{_VIDEO_COPY} · {kind} · {complaint.regime.code}")


def due_in_working_days(case: ReviewCase | None, days: int) -> datetime:
    """The moment so many working days from now, by the calendar of the case."""
    calendar = cases.work_calendar(case) if case else WorkCalendar()
    return calendar.add_working_days(clock.now(), days)


def _open_review_case(kind: str, complaint: Complaint, flags: list[str], *, days: int, priority: int = 0) -> ReviewCase:
    calendar = Calendar.objects.filter(code=complaint.regime.calendar).first()
    working = calendar.working_days() if calendar else WorkCalendar()
    return cases.open_case(
        kind,
        skill=SKILL,
        titles=case_titles(complaint),
        parties=_parties(complaint),
        due_at=working.add_working_days(clock.now(), days),
        by=None,
        priority=priority,
        reasons=sorted(flags),
        calendar=calendar,
        topics=[f"complaints.complaint:{complaint.pk}"],
        account=f"complaints.account:{complaint.platform}:{complaint.account_id}",
    )


def _parties(complaint: Complaint) -> list[Party]:
    """Both sides, as far as their persons are known."""
    rows = [Party(complaint.complainant, "complainant")]
    if complaint.respondent is not None:
        rows.append(Party(complaint.respondent, "respondent"))
    return rows
