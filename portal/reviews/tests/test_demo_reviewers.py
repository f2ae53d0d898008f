"""Who takes the cases of the demo."""

import pytest

from portal.people import demo
from portal.people.roles import Role
from portal.reviews.demo_reviewers import DEMO_REVIEWERS, claim_for_demo
from portal.reviews.models import ReviewerSkill

from . import factories

pytestmark = pytest.mark.django_db


def test_seniors_are_kept_for_the_cases_that_need_one() -> None:
    demo.seed()
    for name in DEMO_REVIEWERS:
        ReviewerSkill.objects.create(user=demo.demo_person(name), skill=factories.SKILL)
    takers = [claim_for_demo(factories.case()) for _turn in DEMO_REVIEWERS]
    assert {taker.role for taker in takers} == {Role.REVIEWER}
    assert len(set(takers)) > 1
