"""Walking a complaint through its decisions, as reviewers do."""

from collections.abc import Collection
from typing import Any

from complaints.actions import appeals, decisions
from complaints.models import Complaint, Remedy, Work
from complaints.policies import reviewers
from complaints.states import ComplaintState as State
from complaints.states import Outcome
from complaints.tests import factories as make
from portal.people.models import User
from portal.reviews.models import Decision, ReviewCase

FINDINGS = "Both videos show the same bridge, filmed from the same boat."
TO_COMPLAINANT = "You have shown the camera original of the film."
TO_RESPONDENT = "You have shown no permission for the film."
REASON = {Outcome.UPHELD: "copy-whole", Outcome.PARTLY: "copy-some-parts", Outcome.DISMISSED: "own-earlier"}
ClaimedComplaint = tuple[User, ReviewCase, Complaint]


def in_review(**fields: Any) -> Complaint:
    """A complaint that both sides have spoken to."""
    return make.complaint(State.IN_REVIEW, **fields)


def claim(complaint: Complaint, by: User | None = None) -> ClaimedComplaint:
    """A reviewer holds the case of the complaint as it is now."""
    complaint = make.fresh(complaint)
    found = reviewers.active_case(complaint)
    assert found is not None
    user, case = make.claim(found, by)
    return user, case, make.fresh(complaint)


def copy_of(complaint: Complaint) -> Work:
    """What is said to be a copy."""
    assert complaint.copy is not None
    return complaint.copy


def post(complaint: Complaint) -> str:
    """The id of the copy on the platform."""
    return copy_of(complaint).external_id


def case(complaint: Complaint) -> ReviewCase:
    """The complaint's own case."""
    found = make.fresh(complaint).case
    assert found is not None
    return found


def decision(complaint: Complaint) -> Decision:
    """The decision in force."""
    found = make.fresh(complaint).decision
    assert found is not None
    return found


def respondent(complaint: Complaint) -> User:
    """Whoever is complained of."""
    assert complaint.respondent is not None
    return complaint.respondent


def words(case: ReviewCase, reason: str, **said: Any) -> dict[str, Any]:
    """A whole decision, with what a test wants different."""
    whole = {
        "version": case.version,
        "reasons": [reason],
        "explanation": FINDINGS,
        "to_complainant": TO_COMPLAINANT,
        "to_respondent": TO_RESPONDENT,
    }
    return {**whole, **said}


def decide(
    complaint: Complaint, outcome: str = Outcome.UPHELD, remedies: Collection[str] = ("warn", "remove"), **said: Any
) -> tuple[User, Decision]:
    """A reviewer takes the case and decides."""
    by = said.pop("by", None)
    user, case, complaint = claim(complaint, by)
    whole = words(case, REASON[Outcome(outcome)], **said)
    return user, decisions.decide_complaint(complaint=complaint, by=user, outcome=outcome, remedies=remedies, **whole)


def confirm(complaint: Complaint, by: User | None = None) -> User:
    """A second person agrees."""
    user, case, complaint = claim(complaint, by)
    decisions.confirm_complaint_decision(complaint=complaint, by=user, version=case.version, acknowledged=True)
    return user


def send_back(complaint: Complaint) -> User:
    """A second person does not agree."""
    user, case, complaint = claim(complaint)
    decisions.send_back_complaint_decision(
        complaint=complaint, by=user, version=case.version, note="Please look at minute two again."
    )
    return user


def refuse(complaint: Complaint) -> User:
    """A reviewer does not let a complaint through the screening."""
    user, case, complaint = claim(complaint)
    said = words(case, "copy-authorised")
    del said["to_respondent"]
    decisions.refuse_complaint(complaint=complaint, by=user, **said)
    return user


def appeal(complaint: Complaint, side: str = "respondent") -> None:
    """A side objects."""
    complaint = make.fresh(complaint)
    by = complaint.complainant if side == "complainant" else respondent(complaint)
    appeals.appeal_complaint_decision(complaint=complaint, by=by, side=side, text="You have overlooked my licence.")


def reverse(complaint: Complaint, remedies: Collection[str] = (), reason: str = "decision-wrong", **said: Any) -> User:
    """Somebody new finds the appeal right."""
    user, case, complaint = claim(complaint)
    appeals.reverse_decision(complaint=complaint, by=user, remedies=remedies, **words(case, reason, **said))
    return user


def affirm(complaint: Complaint, reason: str = "decision-right", **said: Any) -> User:
    """Somebody new finds the decision right."""
    user, case, complaint = claim(complaint)
    appeals.affirm_decision(complaint=complaint, by=user, **words(case, reason, **said))
    return user


def states(complaint: Complaint) -> dict[str, str]:
    """Kind of remedy to its state."""
    return dict(Remedy.objects.filter(complaint=complaint).values_list("kind", "state"))
