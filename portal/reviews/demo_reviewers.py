"""Demo reviewers, who take the cases of the demo in turn."""

from portal import clock
from portal.people.demo import demo_person
from portal.people.models import User
from portal.reviews import policies
from portal.reviews.actions import cases
from portal.reviews.models import ReviewCase

DEMO_REVIEWERS = ("reviewer", "reviewer-b", "reviewer-c", "senior", "senior-b", "senior-c")


def claim_for_demo(case: ReviewCase) -> User:
    """Have the first eligible demo reviewer claim the case. Raises RuntimeError if there is none."""
    # The order turns with the case, so that decisions do not all bear one name.
    turn = case.pk % len(DEMO_REVIEWERS)
    for name in (*DEMO_REVIEWERS[turn:], *DEMO_REVIEWERS[:turn]):
        reviewer = demo_person(name)
        if policies.refuse_taking(case, reviewer, clock.now()) is None:
            cases.take_case(case, by=reviewer)
            return reviewer
    message = f"no demo reviewer could take {case}"
    raise RuntimeError(message)
