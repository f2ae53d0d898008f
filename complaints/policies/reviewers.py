"""Why a reviewer may not do something, and which remedies go with which outcome."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, RemedyKind
from complaints.policies.terms import Reason
from complaints.states import ComplaintState, Side
from portal import clock
from portal.people.models import User
from portal.people.roles import Permission
from portal.reviews import policies as reviews
from portal.reviews.models import ReviewCase

# Of these an upheld complaint needs at least one: the others follow from them.
FIRST_REMEDIES = (RemedyKind.WARN, RemedyKind.REMOVE)


def active_case(complaint: Complaint) -> ReviewCase | None:
    """The case that is worked on now: the screening's or the appealed decision's, else the complaint's own."""
    if complaint.state == ComplaintState.SCREENING:
        return complaint.screening
    if complaint.decision is not None and complaint.state in (ComplaintState.APPEALED, ComplaintState.APPEAL_SECOND):
        return complaint.decision.case
    return complaint.case


def informed_sides(complaint: Complaint) -> tuple[Side, ...]:
    """Who reads the reasons of a decision: both sides, or the complainant alone while the other is untold."""
    return (Side.COMPLAINANT, Side.RESPONDENT) if complaint.told_at is not None else (Side.COMPLAINANT,)


def refuse_case_work(case: ReviewCase | None, user: User) -> Reason:
    """Why the user may not work on a case: role, own case, own agency, or not the one who claimed it."""
    if not user.may(Permission.REVIEW):
        return _("Only reviewers can do this.")
    return reviews.refuse_case_work(case, user, clock.now())


def refuse_remedies(kinds: Collection[str], *, upholds: bool, standing: Collection[str] = ()) -> Reason:
    """Why these remedies do not go with a decision that upholds the complaint, or does not.

    `standing` are kinds that an appealed decision has brought already.
    """
    if not upholds:
        return _("There are no remedies when a complaint is not upheld.") if kinds else None
    if not set(kinds) <= set(RemedyKind.values):
        return _("This remedy does not exist.")
    if not {*kinds, *standing} & set(FIRST_REMEDIES):
        return _("Choose at least one of: warn the account, remove the copy.")
    return None
