"""Recording what people decide, and the second approval. Products carry decisions out."""

from collections.abc import Collection, Sequence
from typing import Required, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.people.models import User
from portal.reviews import events, policies
from portal.reviews.actions import appeals
from portal.reviews.actions.cases import NO_CLAIM, end_claim, enter_stage, lock_case, lock_held_case, set_case_closed
from portal.reviews.actions.participation import record_participation
from portal.reviews.models import Claim, Decision, ReasonCode, ReviewCase
from portal.reviews.second_look import SecondLook
from portal.reviews.states import SECOND_OF, DecisionState, Level, Stage


class DecisionGrounds(TypedDict, total=False):
    """What a reviewer says with a decision: the version of the case that they saw, codes of reasons, an explanation."""

    version: Required[int]
    reasons: Sequence[str]
    explanation: str


class SecondApproval(TypedDict, total=False):
    """What the second person says: the version of the case that they saw, a note, and that they agree nevertheless.

    `acknowledged` is needed where a check failed or something is unopened.
    """

    version: Required[int]
    note: str
    acknowledged: bool


@transaction.atomic
def record_decision(
    case: ReviewCase,
    *,
    by: User,
    outcome: str,
    version: int,
    explanation: str = "",
    reasons: Sequence[str] = (),
    adverse: bool = False,
    second_approval_for: Collection[str] = (),
) -> Decision:
    """Write down a decision. It is held, and the case goes on to another senior person, if a product has reasons for it.

    `second_approval_for` are these reasons, as codes. Without one the decision is in force at once.

    Raises Conflict for an old form or a lost claim, NotAllowed if the person may not decide this
    case, Invalid for missing reasons or explanation.
    """
    lock_held_case(case, by, version=version)
    require_allowed(policies.refuse_decision(case, by, clock.now()))
    held = bool(second_approval_for)
    told = _checked_reasons(case, outcome, reasons, explanation, adverse=adverse)
    decision = Decision.objects.create(
        case=case,
        case_version=case.version,
        stage=case.stage,
        outcome=outcome,
        adverse=adverse,
        reasons=[reason.code for reason in told],
        told=[reason.as_told() for reason in told],
        needs_second_approval=held,
        explanation=explanation.strip(),
        by=by,
        at=clock.now(),
        state=DecisionState.HELD if held else DecisionState.FINAL,
    )
    _end_participation(case, by)
    if held:
        why = sorted({*case.reasons, *second_approval_for, policies.TWO_PEOPLE})
        enter_stage(case, "pass_on", SECOND_OF[Stage(case.stage)], Level.SENIOR, reasons=why)
    else:
        _put_in_force(decision, case)
    _record_decision_event(
        events.DECISION_RECORDED,
        decision,
        case,
        by,
        outcome=outcome,
        reasons=decision.reasons,
        held=held,
        second_approval_for=sorted(second_approval_for),
    )
    return decision


@transaction.atomic
def confirm_decision(
    decision: Decision, look: SecondLook, *, by: User, version: int, note: str = "", acknowledged: bool = False
) -> Decision:
    """The second person agrees: the decision is in force, the case closes.

    Raises Invalid at `acknowledged` where the product's `look` has something that they must acknowledge first.
    """
    case = _lock_for_second_approval(decision, by, version)
    if look.needs_acknowledgement and not acknowledged:
        raise Invalid.at("acknowledged", policies.NOT_ACKNOWLEDGED)
    decision.move("confirm", second_by=by, second_at=clock.now(), second_note=note.strip())
    _end_participation(case, by)
    _put_in_force(decision, case)
    _record_decision_event(events.DECISION_CONFIRMED, decision, case, by, **look.audit_data)
    return decision


@transaction.atomic
def send_back_decision(decision: Decision, *, by: User, version: int, note: str) -> Decision:
    """The second person does not agree: a third person decides the case anew, with the note."""
    if refusal := policies.refuse_explanation(note):
        raise Invalid(_("Please say what is missing or wrong."), fields={"note": [refusal]})
    case = _lock_for_second_approval(decision, by, version)
    decision.move("send_back", second_by=by, second_at=clock.now(), second_note=note.strip())
    _end_participation(case, by)
    _return_to_stage(decision, case, "send_back")
    _record_decision_event(events.DECISION_SENT_BACK, decision, case, by)
    return decision


def held_decision(case: ReviewCase) -> Decision | None:
    """The decision that waits for a second person, if any."""
    return Decision.objects.filter(case=case, state=DecisionState.HELD).select_related("by").first()


def require_held_decision(case: ReviewCase | None) -> Decision:
    """The decision that waits for a second person; Conflict if there is none."""
    held = held_decision(case) if case is not None else None
    if held is None:
        raise Conflict(_("There is no decision waiting for a second person here."))
    return held


def _lock_for_second_approval(decision: Decision, by: User, version: int) -> ReviewCase:
    case = decision.case
    lock_case(case, version=version)
    decision.refresh_from_db(fields=["state"])
    require_allowed(policies.refuse_second_approval(decision, by, clock.now()))
    return case


def _checked_reasons(
    case: ReviewCase, outcome: str, reasons: Sequence[str], explanation: str, *, adverse: bool
) -> list[ReasonCode]:
    """The reasons as rows; Invalid where a rule on reasons or the explanation is not met."""
    known = _offered_reasons(case, outcome, reasons)
    if fields := decision_errors(case, outcome, reasons, explanation, adverse=adverse):
        raise Invalid(
            _("An adverse decision requires reasons that the person concerned can understand."), fields=fields
        )
    return known


def decision_errors(
    case: ReviewCase, outcome: str, reasons: Sequence[str], explanation: str, *, adverse: bool
) -> dict[str, list[str]]:
    """What is wrong with the reasons and the explanation of a decision, by field. One query."""
    fields: dict[str, list[str]] = {}
    if len(_offered_reasons(case, outcome, reasons)) != len(set(reasons)):
        fields["reasons"] = [_("One of these reasons is not available for this outcome.")]
    if adverse and not reasons:
        fields["reasons"] = [_("Choose at least one reason.")]
    if refusal := policies.refuse_explanation(explanation, least=policies.MIN_EXPLANATION if adverse else 0):
        fields["explanation"] = [refusal]
    return fields


def _offered_reasons(case: ReviewCase, outcome: str, reasons: Sequence[str]) -> list[ReasonCode]:
    return list(ReasonCode.objects.offered(case.kind).filter(outcome=outcome, code__in=reasons))


def _end_participation(case: ReviewCase, by: User) -> None:
    """The person has done their part: they get no other case about the same, and this one is out of their hands."""
    record_participation(case, by, case.stage)
    end_claim(case, Claim.End.DECIDED)


def _put_in_force(decision: Decision, case: ReviewCase) -> None:
    """The decision is in force: the case closes, and an appeal has its answer."""
    set_case_closed(case)
    if decision.stage == Stage.APPEAL and (appeal := appeals.pending_appeal(case.pk)):
        appeals.record_appeal_answer(appeal, decision)


def _return_to_stage(decision: Decision, case: ReviewCase, move: str) -> None:
    """Back to the stage that decided, in the rank it has: the case has waited once already."""
    stage = Stage(decision.stage)
    level = case.entry_level if stage == Stage.FIRST else Level.SENIOR
    case.move(move, stage=stage, level=level, entered_at=clock.now(), **NO_CLAIM)


def _record_decision_event(event: str, decision: Decision, case: ReviewCase, by: User, **data: object) -> None:
    data = {"version": case.version, "stage": decision.stage, **data}
    trail.record_event(event, decision, by=by, **data)
