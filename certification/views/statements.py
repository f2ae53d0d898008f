"""The statement of reasons: what was decided, on which facts, why, by whom in kind, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.reviews.models import Decision, ReasonCode


@dataclass(frozen=True)
class StatementOfReasons:
    """What a person is told of a decision about them."""

    outcome: str
    adverse: bool
    texts: Sequence[str]
    explanation: str
    at: datetime | None
    two_people: bool


def statement_of_decision(decision: Decision | None) -> StatementOfReasons | None:
    """The statement of a recorded decision, in the words that the decision keeps."""
    if decision is None:
        return None
    return StatementOfReasons(
        decision.outcome,
        decision.adverse,
        [reason["text"] for reason in decision.statement],
        decision.explanation,
        decision.in_force_since,
        decision.second_by_id is not None,
    )


def preview_statement(outcome: str, codes: Sequence[str], explanation: str, *, adverse: bool) -> StatementOfReasons:
    """The statement as it would be, for the reviewer who is writing it."""
    texts = [reason.text for reason in ReasonCode.objects.filter(code__in=codes).order_by("code")]
    return StatementOfReasons(outcome, adverse, texts, explanation, None, two_people=False)
