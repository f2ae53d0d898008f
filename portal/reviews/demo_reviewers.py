"""Demo reviewers, who take the cases of the demo in turn."""

from portal import clock
from portal.people.demo import demo_person
from portal.people.models import User
from portal.reviews import policies
from portal.reviews.actions import cases
from portal.reviews.models import ReviewCase

_REVIEWERS = ("reviewer", "reviewer-b", "reviewer-c")
_SENIORS = ("senior", "senior-b", "senior-c")
DEMO_REVIEWERS = (*_REVIEWERS, *_SENIORS)


def claim_for_demo(case: ReviewCase) -> User:
    """Have the first eligible demo reviewer claim the case. Raises RuntimeError if there is none."""
    # Seniors come last, because nobody decides twice about one person and later steps may need a senior.
    for name in (*_turned(_REVIEWERS, case.pk), *_turned(_SENIORS, case.pk)):
        reviewer = demo_person(name)
        if policies.refuse_taking(case, reviewer, clock.now()) is None:
            cases.take_case(case, by=reviewer)
            return reviewer
    message = f"no demo reviewer could take {case}"
    raise RuntimeError(message)


def _turned(names: tuple[str, ...], turn: int) -> tuple[str, ...]:
    """The names in an order that turns with the case, so that decisions do not all bear one name."""
    start = turn % len(names)
    return (*names[start:], *names[:start])
