"""What a case waits for is said from one place, and what was decided is counted wholly."""

import pytest
from django.urls import reverse

from portal.reviews import figures
from portal.reviews.actions import cases, decisions, queue
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.second_look import SecondLook
from portal.reviews.tests import factories as make
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db


def decided_by_two() -> ReviewCase:
    first, second = make.reviewer(), make.senior()
    make.case()
    case = queue.claim_next_case(by=first)
    assert case is not None
    decisions.record_decision(
        case, by=first, outcome="approved", version=case.version, second_approval_for=["two_people"]
    )
    held = queue.claim_next_case(by=second)
    assert held is not None
    decision = Decision.objects.select_related("case").get()
    decisions.confirm_decision(decision, SecondLook(), by=second, version=held.version)
    return ReviewCase.objects.get()


def test_a_closed_case_waits_for_nothing(enter: Enter) -> None:
    case = decided_by_two()
    assert case.waits_for == ""
    page = enter(make.reviewer()).get(reverse("reviews:case", args=[case.number]))
    assert "Stage" not in page_text(page)
    assert "Closed" in page_text(page)


def test_a_paused_case_waits_for_an_answer(enter: Enter) -> None:
    reviewer = make.reviewer()
    make.case()
    case = queue.claim_next_case(by=reviewer)
    assert case is not None
    assert case.waits_for == "first review"
    cases.pause_case(case, by=reviewer)
    page = enter(make.reviewer()).get(reverse("reviews:queue"), {"tab": "paused"})
    assert "External answer" in page_text(page)


def test_confirmations_count_among_what_was_decided() -> None:
    decided_by_two()
    assert figures.decisions_by_day()[-1][1] == 2
