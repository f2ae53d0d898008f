"""Participation counts for every case of a topic, and for the account until a case is overdue."""

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.people.models import User
from portal.reviews import policies
from portal.reviews.actions import decisions, queue
from portal.reviews.actions.participation import record_participation
from portal.reviews.models import Participation, ReviewCase
from portal.reviews.tests import factories as make
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
TOPIC, ACCOUNT = "test.thing:1", "test.account:7"


def decide(reviewer: User, **about: Any) -> ReviewCase:
    made = make.case(**about)
    case = queue.claim_next_case(by=reviewer)
    assert case == made
    decisions.record_decision(case, by=reviewer, outcome="approved", version=case.version)
    return case


def test_who_decided_gets_no_other_case_of_the_topic() -> None:
    reviewer, other = make.reviewer(), make.reviewer()
    decide(reviewer, topics=[TOPIC, "test.thing:2"])
    again = make.case(topics=["test.thing:3", TOPIC], due_at=clock.now() - timedelta(days=1))
    assert "raised a concern about this before" in str(policies.refuse_taking(again, reviewer, clock.now()))
    assert queue.claim_next_case(by=reviewer) is None
    assert queue.claim_next_case(by=other) == again


def test_another_thing_of_the_account_goes_to_somebody_else_until_it_is_overdue() -> None:
    reviewer = make.reviewer()
    decide(reviewer, topics=[TOPIC], account=ACCOUNT)
    case = make.case(topics=["test.thing:2"], account=ACCOUNT)
    assert "this account before" in str(policies.refuse_taking(case, reviewer, clock.now()))
    assert queue.claim_next_case(by=reviewer) is None
    with clock.freeze_time(case.due_at + timedelta(seconds=1)):
        assert queue.claim_next_case(by=reviewer) == case
        decisions.record_decision(ReviewCase.objects.get(pk=case.pk), by=reviewer, outcome="approved", version=2)


def test_cases_without_a_topic_have_nothing_in_common() -> None:
    reviewer = make.reviewer()
    decide(reviewer)
    case = make.case()
    assert queue.claim_next_case(by=reviewer) == case


def test_stepping_back_says_nothing_about_the_account() -> None:
    reviewer, case = make.reviewer(), make.case(topics=[TOPIC], account=ACCOUNT)
    for _ in range(2):
        record_participation(case, reviewer, Participation.CONFLICT)
    assert [row.topic for row in Participation.objects.all()] == [TOPIC]


def test_a_case_that_nobody_may_take_says_so(enter: Enter) -> None:
    reviewer = make.reviewer()
    decide(reviewer, topics=[TOPIC])
    case = make.case(topics=[TOPIC])
    page = f"/reviews/{case.number}/"
    assert "No one can take this case at present" in page_text(enter(reviewer).get(page))
    other = make.reviewer()
    assert "No one can take this case at present" not in page_text(enter(other).get(page))
