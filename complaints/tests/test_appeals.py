"""Appeals: who, once, how long, what the other side may say, and what comes of them."""

from datetime import timedelta
from typing import Any

import pytest

from complaints.actions import appeals
from complaints.models import Complaint, SideReasons, Statement
from complaints.policies import parties
from complaints.states import ComplaintState as State
from complaints.states import Outcome
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.errors import Conflict, Invalid, NotAllowed
from portal.reviews.actions import queue
from portal.reviews.clocks import APPEAL_WINDOW
from portal.reviews.states import Level, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]
WHY = "My licence of March covers exactly this film."


def decided(outcome: str = Outcome.UPHELD, **fields: Any) -> Complaint:
    complaint = do.in_review(**fields)
    do.decide(complaint, outcome, () if outcome == Outcome.DISMISSED else ("warn", "remove"))
    return make.fresh(complaint)


@pytest.mark.parametrize("side", ["complainant", "respondent"])
def test_either_side_appeals_to_somebody_new(side: str) -> None:
    complaint = do.in_review()
    first = make.senior()
    do.decide(complaint, Outcome.PARTLY, by=first)
    do.appeal(complaint, side)
    appealed = make.fresh(complaint)
    assert appealed.state == State.APPEALED
    assert (do.case(complaint).stage, do.case(complaint).level) == (Stage.APPEAL, Level.SENIOR)
    assert Statement.objects.filter(kind="appeal", side=side).count() == 1
    assert queue.claim_next_case(by=first) is None
    assert queue.claim_next_case(by=make.reviewer()) is None
    assert queue.claim_next_case(by=make.senior()) is not None


def test_who_may_not_appeal() -> None:
    complaint = decided()
    for person, side in (
        (make.person(), "complainant"),
        (complaint.complainant, "respondent"),
        (do.respondent(complaint), "complainant"),
    ):
        with pytest.raises(NotAllowed):
            appeals.appeal_complaint_decision(complaint=complaint, by=person, side=side, text=WHY)


@pytest.mark.parametrize(("outcome", "side"), [(Outcome.UPHELD, "complainant"), (Outcome.DISMISSED, "respondent")])
def test_whom_a_decision_favours_does_not_appeal(outcome: str, side: str) -> None:
    complaint = decided(outcome)
    with pytest.raises(NotAllowed, match="in your favour"):
        do.appeal(complaint, side)
    assert make.fresh(complaint).state == outcome


def test_an_appeal_is_filed_once_and_in_time() -> None:
    complaint = decided()
    with (
        clock.freeze_time(do.decision(complaint).at + APPEAL_WINDOW + timedelta(seconds=1)),
        pytest.raises(NotAllowed, match="has ended"),
    ):
        do.appeal(complaint)
    with pytest.raises(Invalid):
        appeals.appeal_complaint_decision(
            complaint=complaint, by=do.respondent(complaint), side="respondent", text="No."
        )
    do.appeal(complaint)
    with pytest.raises(NotAllowed):
        do.appeal(complaint)


def reply(complaint: Complaint, side: str = "complainant", text: str = "The licence ended in February.") -> None:
    complaint = make.fresh(complaint)
    by = complaint.complainant if side == "complainant" else do.respondent(complaint)
    appeals.reply_to_appeal(complaint=complaint, by=by, side=side, text=text)


def test_the_other_side_replies_three_times_until_it_is_decided() -> None:
    complaint = decided()
    with pytest.raises(NotAllowed, match="no open appeal"):
        reply(complaint)
    do.appeal(complaint)
    with pytest.raises(NotAllowed, match="is yours"):
        reply(complaint, "respondent")
    with pytest.raises(Invalid):
        reply(complaint, text="Well.")
    for _number in range(3):
        reply(complaint)
    with pytest.raises(NotAllowed, match="three times"):
        reply(complaint)
    do.affirm(complaint)
    with pytest.raises(NotAllowed, match="no open appeal"):
        reply(complaint)


def test_a_reply_makes_open_forms_old() -> None:
    complaint = decided()
    do.appeal(complaint)
    user, case, complaint = do.claim(complaint)
    reply(complaint)
    with pytest.raises(Conflict):
        appeals.affirm_decision(complaint=make.fresh(complaint), by=user, **do.words(case, "decision-right"))


def test_an_affirmed_decision_keeps_its_remedies() -> None:
    complaint = decided()
    do.appeal(complaint)
    do.affirm(complaint)
    affirmed = make.fresh(complaint)
    assert (affirmed.state, affirmed.result) == (State.AFFIRMED, Outcome.UPHELD)
    assert do.states(complaint) == {"warn": "applying", "remove": "applying"}
    assert SideReasons.objects.filter(decision=affirmed.decision).count() == 2
    with pytest.raises(NotAllowed):
        do.appeal(complaint)


def test_reversing_an_upheld_complaint_dismisses_it() -> None:
    complaint = decided()
    do.appeal(complaint)
    with pytest.raises(Invalid):
        do.reverse(complaint, remedies=("warn",))
    holder = do.case(complaint).claimed_by
    user, case, complaint = do.claim(complaint, holder)
    appeals.reverse_decision(complaint=complaint, by=user, **do.words(case, "decision-wrong"))
    reversed_ = make.fresh(complaint)
    assert (reversed_.state, reversed_.result) == (State.REVERSED, Outcome.DISMISSED)
    assert do.states(complaint) == {"warn": "lifting", "remove": "lifting"}


@pytest.mark.parametrize("remedies", [("warn", "remove"), ("remove", "restitution", "restrict")])
def test_reversing_a_dismissal_upholds_with_remedies(remedies: tuple[str, ...]) -> None:
    complaint = decided(Outcome.DISMISSED)
    do.appeal(complaint, "complainant")
    do.reverse(complaint, remedies, "new-evidence")
    if "restitution" in remedies:
        assert make.fresh(complaint).state == State.APPEAL_SECOND
        assert do.states(complaint) == {}
        do.send_back(complaint)
        assert (make.fresh(complaint).state, make.fresh(complaint).proposed) == (State.APPEALED, [])
        do.reverse(complaint, remedies)
        do.confirm(complaint)
    upheld = make.fresh(complaint)
    assert (upheld.state, upheld.result) == (State.REVERSED, Outcome.UPHELD)
    assert set(do.states(complaint)) == set(remedies)


def test_the_complainant_wins_the_rest_of_what_was_upheld_in_part() -> None:
    complaint = decided(Outcome.PARTLY)
    do.appeal(complaint, "complainant")
    with pytest.raises(Invalid, match="not recorded") as wrong:
        do.reverse(complaint, ("remove",))
    assert list(wrong.value.fields) == ["remedies"], "what stands is not chosen again"
    user, case, complaint = do.claim(complaint, do.case(complaint).claimed_by)
    appeals.reverse_decision(complaint=complaint, by=user, remedies=("restitution",), **do.words(case, "new-evidence"))
    assert make.fresh(complaint).state == State.APPEAL_SECOND
    do.confirm(complaint)
    upheld = make.fresh(complaint)
    assert (upheld.state, upheld.result) == (State.REVERSED, Outcome.UPHELD)
    assert do.states(complaint) == {"warn": "applying", "remove": "applying", "restitution": "held"}


def test_the_respondent_frees_themselves_of_what_was_upheld_in_part() -> None:
    complaint = decided(Outcome.PARTLY)
    do.appeal(complaint)
    do.reverse(complaint)
    assert make.fresh(complaint).result == Outcome.DISMISSED
    assert do.states(complaint) == {"warn": "lifting", "remove": "lifting"}


def test_a_reversal_to_upheld_needs_remedies() -> None:
    complaint = decided(Outcome.DISMISSED)
    do.appeal(complaint, "complainant")
    with pytest.raises(Invalid) as wrong:
        do.reverse(complaint)
    assert list(wrong.value.fields) == ["remedies"]


def refused() -> Complaint:
    complaint = make.complaint(State.SCREENING)
    do.refuse(complaint)
    return make.fresh(complaint)


def test_a_refusal_is_appealed_by_the_complainant_alone() -> None:
    complaint = refused()
    assert parties.user_side(complaint, do.respondent(complaint)) is None
    with pytest.raises(NotAllowed):
        do.appeal(complaint, "respondent")
    do.appeal(complaint, "complainant")
    with pytest.raises(NotAllowed):
        reply(complaint, "respondent")
    do.affirm(complaint, "refusal-right", to_respondent="")
    assert list(SideReasons.objects.values_list("side", flat=True)) == ["complainant", "complainant"]


def test_a_refusal_that_is_reversed_lets_the_complaint_go_on() -> None:
    complaint = refused()
    refuser = do.decision(complaint).by
    do.appeal(complaint, "complainant")
    do.reverse(complaint, reason="refusal-wrong", to_respondent="")
    admitted = make.fresh(complaint)
    assert (admitted.state, admitted.decision, admitted.result) == (State.NOTIFIED, None, "")
    assert admitted.told_at is not None
    make.answer(admitted)
    assert queue.claim_next_case(by=refuser) is None, "who refused it does not decide on it"
    do.decide(complaint)
    do.appeal(complaint)
    assert make.fresh(complaint).state == State.APPEALED
