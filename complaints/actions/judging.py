"""What every decision on a complaint has in common: it is recorded with reasons for each side, then it stands.

The order matters: the database lets a complaint into a decided state only with a final decision of a person.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from complaints import notices
from complaints.actions import casework, measures, papers
from complaints.models import Complaint, SideReasons
from complaints.policies import flags, reviewers
from complaints.policies.terms import FILES_KEPT
from complaints.states import Outcome, Side
from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed, Text
from portal.reviews import policies as reviews
from portal.reviews.actions import decisions as recording
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import DecisionState

FIELDS = {Side.COMPLAINANT: "to_complainant", Side.RESPONDENT: "to_respondent"}
Wrong = dict[str, list[Text]]


@dataclass(frozen=True)
class Said:
    """What a reviewer said with a decision. `explanation` holds the findings that both sides read.

    `version` is the one of the case that she saw; `to` holds what each side is told besides; `measures` are kinds.
    """

    version: int
    reasons: Sequence[str]
    explanation: str
    to: Mapping[Side, str]
    measures: Collection[str] = field(default_factory=tuple)


def begin(complaint: Complaint, state: str) -> None:
    """Lock the complaint; Conflict unless it is in the state that the decision is for."""
    casework.lock(complaint)
    if complaint.state != state:
        raise Conflict(_("This has changed meanwhile. Please look at it as it is now."))


def record(complaint: Complaint, outcome: Outcome, said: Said, *, by: User, upholds: bool = False) -> Decision:
    """Record a decision against one of the sides, with its reasons; held where the measures need a second person.

    `upholds` says that the complaint is right in the end, which brings measures.

    Raises NotAllowed, Conflict for an old form or a lost claim, Invalid with all fields that are wrong.
    """
    case = casework.case_of(complaint)
    require_holder(case, by)
    sides = reviewers.sides_of(complaint)
    wrong = _wrong(complaint, said, sides, upholds=upholds)
    try:
        decision = recording.record(
            case,
            by=by,
            outcome=outcome,
            reasons=said.reasons,
            explanation=said.explanation,
            version=said.version,
            adverse=True,
            needs_second=measures.needs_second(said.measures),
        )
    except Invalid as error:
        raise Invalid(error.message, fields={**wrong, **error.fields}) from error
    if wrong:
        raise Invalid(_("The decision was not recorded. Please look at the marked fields."), fields=wrong)
    rows = [
        SideReasons(decision=decision, complaint=complaint, side=side, text=said.to[side].strip()) for side in sides
    ]
    SideReasons.objects.bulk_create(rows)
    return decision


def require_holder(case: ReviewCase, by: User) -> None:
    """Refuse whoever does not hold the case, or may not judge it."""
    if reason := reviewers.refuse_case(case, by):
        raise NotAllowed(reason)


def is_held(decision: Decision) -> bool:
    """Whether it waits for a second person."""
    return decision.state == DecisionState.HELD


def hold(complaint: Complaint, said: Said, move: str, event: str, *, by: User) -> None:
    """The complaint waits for a second person; the chosen measures are kept beside it and are none yet."""
    kinds = sorted(set(said.measures))
    complaint.move(move, proposed=kinds, touched_at=clock.now())
    case = casework.case_of(complaint)
    if flags.TWO_PEOPLE not in case.reasons:
        ReviewCase.objects.filter(pk=case.pk).update(reasons=sorted([*case.reasons, flags.TWO_PEOPLE]))
    note(event, complaint, by, measures=kinds)


def stand(
    complaint: Complaint,
    decision: Decision,
    move: str,
    event: str,
    *,
    by: User,
    result: str,
    kinds: Collection[str] = (),
) -> None:
    """The decision is in force: the complaint moves, its measures begin or wait for their time, its sides are told."""
    at = decision.in_force_since
    complaint.move(move, decision=decision, result=result, decided_at=at, proposed=[], touched_at=clock.now())
    measures.plan(decision, complaint, kinds, by=by)
    complaint.hold_until = measures.hold_until(complaint)
    Complaint.objects.filter(pk=complaint.pk).update(hold_until=complaint.hold_until)
    papers.keep_until(complaint, at + FILES_KEPT)
    note(event, complaint, by, result=result, reasons=decision.reasons, measures=sorted(set(kinds)))
    notices.about(event, complaint, once=str(decision.pk))


def note(event: str, complaint: Complaint, by: User | None, **data: object) -> None:
    """An event of the complaint."""
    trail.record(event, by=by, on=complaint, chain=complaint.chain, data=data)


def _wrong(complaint: Complaint, said: Said, sides: Collection[Side], *, upholds: bool) -> Wrong:
    """Field to sentences: what is missing for a side, and measures that cannot be taken."""
    wrong: Wrong = {FIELDS[side]: [sentence] for side in sides if (sentence := _refuse_text(said.to.get(side, "")))}
    if reason := reviewers.refuse_measures(
        said.measures, upholds=upholds, standing=complaint.measures.standing_kinds()
    ):
        wrong["measures"] = [reason]
    elif refusals := measures.refuse_chosen(complaint, said.measures):
        wrong["measures"] = list(dict.fromkeys(refusals.values()))
    return wrong


def _refuse_text(text: str) -> str | None:
    if len(text.strip()) < reviews.MIN_EXPLANATION:
        return _("Please write at least %(count)d characters.") % {"count": reviews.MIN_EXPLANATION}
    if len(text) > reviews.MAX_TEXT:
        return _("Please write at most %(count)d characters.") % {"count": reviews.MAX_TEXT}
    return None
