"""What every decision on a complaint has in common: it is recorded with reasons for each side, then it stands.

The order matters: the database lets a complaint into a decided state only with a final decision of a person.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from complaints import notices
from complaints.actions import casework, file_retention, grounds, previews, remedies
from complaints.models import Complaint, RemedyKind, SideReasons
from complaints.policies import reviewers, screening
from complaints.policies.terms import FILES_KEPT
from complaints.remedies import NO_REMEDIES, ChosenRemedies
from complaints.restitution import attribution
from complaints.states import Outcome, Side
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, Text, require_allowed
from portal.people.models import User
from portal.reviews import policies as reviews
from portal.reviews.actions import decisions as review_decisions
from portal.reviews.actions.decisions import DecisionGrounds
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import DecisionState

SIDE_FIELDS = {Side.COMPLAINANT: "to_complainant", Side.RESPONDENT: "to_respondent"}
FieldErrors = dict[str, list[Text]]


class ComplaintGrounds(DecisionGrounds, total=False):
    """What a reviewer says: `explanation` holds the findings that both sides read, the rest what one is told besides."""

    to_complainant: str
    to_respondent: str


@dataclass(frozen=True)
class DecisionInput:
    """What a reviewer said with a decision, and the remedies that they chose."""

    version: int
    reasons: Sequence[str] = ()
    explanation: str = ""
    to_complainant: str = ""
    to_respondent: str = ""
    chosen: ChosenRemedies = NO_REMEDIES

    @property
    def to(self) -> dict[Side, str]:
        """What each side is told besides."""
        return {Side.COMPLAINANT: self.to_complainant, Side.RESPONDENT: self.to_respondent}


def lock_for_decision(complaint: Complaint, state: str) -> None:
    """Lock the complaint; Conflict unless it is in the state that the decision is for."""
    casework.lock_for_ruling(complaint)
    if complaint.state != state:
        raise Conflict(_("This has changed in the meantime. Please review the current version."))


def record_complaint_decision(
    complaint: Complaint, outcome: Outcome, said: DecisionInput, *, by: User, upholds: bool = False
) -> Decision:
    """Record a decision against one of the sides, with its reasons; held where the remedies need a second person.

    `upholds` says that the complaint is right in the end, which brings remedies.

    Raises NotAllowed, Conflict for an old form or a lost claim, Invalid with all fields that are wrong.
    """
    case = casework.require_active_case(complaint)
    require_case_holder(case, by)
    sides = reviewers.informed_sides(complaint)
    wrong = _decision_errors(complaint, said, sides, upholds=upholds)
    try:
        decision = review_decisions.record_decision(
            case,
            by=by,
            outcome=outcome,
            reasons=said.reasons,
            explanation=said.explanation,
            version=said.version,
            adverse=True,
            second_approval_for=remedies.second_approval_reasons(said.chosen.kinds),
        )
    except Invalid as error:
        raise Invalid(error.message, fields={**wrong, **error.fields}) from error
    if wrong:
        raise Invalid(_("The decision was not recorded. Please check the marked fields."), fields=wrong)
    rows = [
        SideReasons(decision=decision, complaint=complaint, side=side, text=said.to[side].strip()) for side in sides
    ]
    SideReasons.objects.bulk_create(rows)
    return decision


def require_case_holder(case: ReviewCase, by: User) -> None:
    """Refuse whoever does not hold the case, or may not decide on it."""
    require_allowed(reviewers.refuse_case_work(case, by))


def is_decision_held(decision: Decision) -> bool:
    """Whether it waits for a second person."""
    return decision.state == DecisionState.HELD


def hold_for_second_approval(complaint: Complaint, said: DecisionInput, move: str, event: str, *, by: User) -> None:
    """The complaint waits for a second person; the chosen remedies are kept beside it and are none yet."""
    kinds = sorted(said.chosen.kinds)
    now, flags = clock.now(), set(complaint.flags)
    if RemedyKind.RESTITUTION in kinds and attribution.had_recent_restitution(complaint, now):
        flags.add(screening.RECENT_RETURN)  # The second person has to say that they agree nevertheless.
    complaint.move(move, proposed=kinds, flags=sorted(flags), touched_at=now)
    trail.record_event(event, complaint, by=by, remedies=kinds)
    if RemedyKind.RESTITUTION in kinds and attribution.refuse_restitution(complaint) is None:
        previews.ask_preview(complaint)  # The second person reads what it would come to.


def put_in_force(
    complaint: Complaint,
    decision: Decision,
    move: str,
    event: str,
    *,
    by: User,
    result: str,
    chosen: ChosenRemedies = NO_REMEDIES,
) -> None:
    """The decision is in force: the complaint moves, its remedies begin or wait for their time, its sides are told."""
    at = decision.in_force_since
    complaint.move(move, decision=decision, result=result, decided_at=at, proposed=[], touched_at=clock.now())
    remedies.plan_remedies(decision, complaint, chosen, by=by)
    if result in attribution.UPHELD_OUTCOMES:
        grounds.link_finding(complaint)
    complaint.write(hold_until=remedies.last_remedy_begins_at(complaint))
    file_retention.schedule_file_deletion(complaint, at + FILES_KEPT)
    trail.record_event(event, complaint, by=by, result=result, reasons=decision.reasons, remedies=sorted(chosen.kinds))
    notices.notify_sides(event, complaint, once=str(decision.pk))


def _decision_errors(
    complaint: Complaint, said: DecisionInput, sides: Collection[Side], *, upholds: bool
) -> FieldErrors:
    """Field to sentences: what is missing for a side, and remedies that cannot be taken."""
    wrong: FieldErrors = {
        SIDE_FIELDS[side]: [sentence]
        for side in sides
        if (sentence := reviews.refuse_explanation(said.to.get(side, "")))
    }
    if reason := reviewers.refuse_remedies(
        said.chosen.kinds, upholds=upholds, standing=complaint.remedies.standing_kinds()
    ):
        wrong["remedies"] = [reason]
    elif refusals := remedies.refuse_chosen_remedies(complaint, said.chosen):
        wrong["remedies"] = list(dict.fromkeys(refusals.values()))
    return wrong
