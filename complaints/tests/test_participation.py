"""Who had a part in a complaint has none in its further cases; the account waits for somebody new."""

import pytest

from complaints.actions import decisions
from complaints.models import Complaint
from complaints.states import ComplaintState as State
from complaints.tests import deciding
from complaints.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.reviews import policies as reviews
from portal.reviews.models import Participation

pytestmark = pytest.mark.django_db


def admit(complaint: Complaint) -> User:
    user, case, complaint = deciding.claim(complaint)
    decisions.admit_complaint(complaint=complaint, by=user, version=case.version)
    return user


def test_who_admitted_a_complaint_does_not_decide_it() -> None:
    complaint = make.complaint(State.SCREENING)
    screener = admit(complaint)
    make.answer(make.fresh(complaint))
    case = make.fresh(complaint).case
    assert case is not None
    assert "raised a concern about this before" in str(reviews.refuse_taking(case, screener, clock.now()))
    decider, _decision = deciding.decide(complaint)
    assert decider != screener


def test_another_complaint_about_the_account_goes_to_somebody_else_first() -> None:
    complaint = deciding.in_review()
    decider, _decision = deciding.decide(complaint)
    topics = set(Participation.objects.filter(user=decider).values_list("topic", flat=True))
    assert topics == {
        f"complaints.complaint:{complaint.pk}",
        f"complaints.account:{complaint.platform}:{complaint.account_id}",
    }
