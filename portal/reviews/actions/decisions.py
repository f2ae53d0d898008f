"""Recording what people decide, and the second person's word. Products carry decisions out."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.reviews import events, policies
from portal.reviews.actions.cases import end_claim, enter_stage, shut
from portal.reviews.models import Claim, Decision, Participation, ReasonCode, ReviewCase
from portal.reviews.states import FIRST_OF, SECOND_OF, DecisionState, Level, Stage


@transaction.atomic
def record(
    case: ReviewCase,
    *,
    by: User,
    outcome: str,
    explanation: str,
    version: int,
    reasons: Sequence[str] = (),
    adverse: bool = False,
    needs_second: bool = False,
) -> Decision:
    """Write down a decision. With `needs_second` it is held, and the case goes on to another senior person.

    Raises Conflict for an old form or a lost claim, Invalid for missing reasons or words.
    """
    _must_be_current(case, by, version)
    _must_be_reasoned(case, outcome, reasons, explanation, adverse=adverse)
    decision = Decision.objects.create(
        case=case,
        stage=case.stage,
        outcome=outcome,
        adverse=adverse,
        reasons=sorted(set(reasons)),
        explanation=explanation.strip(),
        by=by,
        at=clock.now(),
        state=DecisionState.HELD if needs_second else DecisionState.FINAL,
    )
    _leave(case, by, case.stage)
    if needs_second:
        enter_stage(case, "pass_on", SECOND_OF[Stage(case.stage)], Level.SENIOR)
    else:
        shut(case, by=by)
    data = {"outcome": outcome, "reasons": decision.reasons, "stage": decision.stage, "held": needs_second}
    trail.record(events.DECISION_RECORDED, by=by, on=decision, chain=case.chain, data=data)
    return decision


@transaction.atomic
def confirm(decision: Decision, *, by: User, version: int, note: str = "") -> Decision:
    """The second person agrees: the decision is in force, the case closes."""
    case = _second_word(decision, by, version)
    decision.move("confirm", second_by=by, second_at=clock.now(), second_note=note.strip())
    _leave(case, by, case.stage)
    shut(case, by=by)
    trail.record(events.DECISION_CONFIRMED, by=by, on=decision, chain=case.chain)
    return decision


@transaction.atomic
def send_back(decision: Decision, *, by: User, version: int, note: str) -> Decision:
    """The second person does not agree: a third looks at the matter anew, with the note."""
    case = _second_word(decision, by, version)
    if len(note.strip()) < policies.MIN_EXPLANATION:
        raise Invalid(_("Please say what is missing or wrong."), fields={"note": [_too_short()]})
    decision.move("send_back", second_by=by, second_at=clock.now(), second_note=note.strip())
    _leave(case, by, case.stage)
    first = FIRST_OF[Stage(case.stage)]
    enter_stage(case, "pass_on", first, Level.SENIOR if first == Stage.APPEAL else Level.REVIEWER)
    trail.record(events.DECISION_SENT_BACK, by=by, on=decision, chain=case.chain)
    return decision


def held_decision(case: ReviewCase) -> Decision | None:
    """The decision that waits for a second person, if any."""
    return Decision.objects.filter(case=case, state=DecisionState.HELD).select_related("by").first()


def _second_word(decision: Decision, by: User, version: int) -> ReviewCase:
    case = decision.case
    refusal = policies.refuse_second_word(decision, by, clock.now())
    if refusal:
        raise NotAllowed(refusal)
    _must_be_current(case, by, version)
    return case


def _must_be_current(case: ReviewCase, by: User, version: int) -> None:
    case.refresh_from_db()
    refusal = policies.refuse_holding(case, by, clock.now())
    if refusal:
        raise Conflict(refusal)
    if case.version != version:
        raise Conflict(_("The case has changed since you opened this page. Please look at it as it is now."))


def _must_be_reasoned(
    case: ReviewCase, outcome: str, reasons: Sequence[str], explanation: str, *, adverse: bool
) -> None:
    fields: dict[str, list[str]] = {}
    known = ReasonCode.objects.filter(kind=case.kind, outcome=outcome, active=True, code__in=reasons).count()
    if known != len(set(reasons)):
        fields["reasons"] = [_("One of these reasons is not in use for this outcome.")]
    if adverse and not reasons:
        fields["reasons"] = [_("Choose at least one reason.")]
    if adverse and len(explanation.strip()) < policies.MIN_EXPLANATION:
        fields["explanation"] = [_too_short()]
    if fields:
        raise Invalid(_("A decision against somebody needs reasons that she can understand."), fields=fields)


def _too_short() -> str:
    return _("Please write at least %(count)d characters.") % {"count": policies.MIN_EXPLANATION}


def _leave(case: ReviewCase, by: User, role: str) -> None:
    """Whoever has decided gets this case at no later stage."""
    Participation.objects.get_or_create(case=case, user=by, defaults={"role": role})
    end_claim(case, Claim.End.DECIDED)
