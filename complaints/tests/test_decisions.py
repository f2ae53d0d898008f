"""People decide on complaints: outcomes, measures, reasons for each side, two people, who may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from complaints.actions import decisions, intake
from complaints.models import Measure, Restitution, SideReasons
from complaints.policies import flags, reviewers
from complaints.policies.terms import hold
from complaints.states import ComplaintState as State
from complaints.states import Outcome
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.accounts.models import Agency, Mandate
from portal.accounts.roles import Role
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.reviews.actions import queue
from portal.reviews.models import Decision, Tie

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]


@pytest.mark.parametrize(
    ("outcome", "measures", "state", "held"),
    [
        (Outcome.UPHELD, ("warn",), State.UPHELD, False),
        (Outcome.UPHELD, ("warn", "remove"), State.UPHELD, False),
        (Outcome.PARTLY, ("remove",), State.PARTLY, False),
        (Outcome.DISMISSED, (), State.DISMISSED, False),
        (Outcome.UPHELD, ("warn", "remove", "restrict"), State.UPHELD, True),
        (Outcome.UPHELD, ("remove", "transfer"), State.UPHELD, True),
        (Outcome.PARTLY, ("warn", "remove", "restrict", "transfer"), State.PARTLY, True),
    ],
)
def test_every_outcome(outcome: str, measures: tuple[str, ...], state: str, held: bool) -> None:
    complaint = do.in_review()
    do.decide(complaint, outcome, measures)
    if held:
        waiting = make.fresh(complaint)
        assert (waiting.state, waiting.result, waiting.decision) == (State.SECOND_REVIEW, "", None)
        assert do.states(complaint) == {}, "nothing follows from what one person proposed"
        assert flags.TWO_PEOPLE in do.case(complaint).reasons
        do.confirm(complaint)
    decided = make.fresh(complaint)
    assert (decided.state, decided.result, decided.proposed) == (state, outcome, [])
    assert set(do.states(complaint)) == set(measures)
    decision = do.decision(complaint)
    assert decision.adverse
    assert decided.decided_at == decision.in_force_since
    told = dict(SideReasons.objects.filter(decision=decision).values_list("side", "text"))
    assert told == {"complainant": do.TO_COMPLAINANT, "respondent": do.TO_RESPONDENT}
    assert trail.broken_links() == []


def test_measures_have_their_time() -> None:
    complaint = do.in_review()
    do.decide(complaint, measures=("warn", "remove", "restrict", "transfer"))
    with clock.at(clock.now() + timedelta(hours=1)):
        now = clock.now()
        do.confirm(complaint)
    times = {row.kind: row.not_before - now for row in Measure.objects.all()}
    week = hold(7)
    assert times == {"warn": timedelta(), "remove": timedelta(), "restrict": week, "transfer": week}
    assert make.fresh(complaint).hold_until == now + week
    assert Restitution.objects.get().hold_until == now + week


@pytest.mark.parametrize(
    ("outcome", "measures", "said", "field"),
    [
        (Outcome.UPHELD, (), {}, "measures"),
        (Outcome.UPHELD, ("restrict",), {}, "measures"),
        (Outcome.UPHELD, ("warn", "burn"), {}, "measures"),
        (Outcome.DISMISSED, ("warn",), {}, "measures"),
        (Outcome.UPHELD, ("warn",), {"to_complainant": "Yes."}, "to_complainant"),
        (Outcome.UPHELD, ("warn",), {"to_respondent": " " * 30}, "to_respondent"),
        (Outcome.UPHELD, ("warn",), {"to_respondent": "x" * 8001}, "to_respondent"),
        (Outcome.UPHELD, ("warn",), {"explanation": "Yes."}, "explanation"),
        (Outcome.UPHELD, ("warn",), {"reasons": []}, "reasons"),
        (Outcome.UPHELD, ("warn",), {"reasons": ["own-earlier"]}, "reasons"),
    ],
)
def test_an_incomplete_decision_is_none(
    outcome: str, measures: tuple[str, ...], said: dict[str, Any], field: str
) -> None:
    complaint = do.in_review()
    with pytest.raises(Invalid) as wrong:
        do.decide(complaint, outcome, measures, **said)
    assert list(wrong.value.fields) == [field]
    assert make.fresh(complaint).state == State.IN_REVIEW
    assert not Decision.objects.exists()


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as wrong:
        do.decide(do.in_review(), measures=(), reasons=[], explanation="", to_complainant="", to_respondent="")
    assert set(wrong.value.fields) == {"measures", "reasons", "explanation", "to_complainant", "to_respondent"}


def test_an_old_form_and_a_lost_case() -> None:
    user, case, complaint = do.claim(do.in_review())
    said: dict[str, Any] = {"complaint": complaint, "by": user, "outcome": "upheld", "measures": ["warn"]}
    with pytest.raises(Conflict):
        decisions.decide(**said, **do.words(case, "copy-whole", version=case.version - 1))
    with clock.at(clock.now() + timedelta(hours=2)), pytest.raises(NotAllowed, match="run out"):
        decisions.decide(**said, **do.words(case, "copy-whole"))
    assert not Decision.objects.exists()


def test_the_first_does_not_second_herself() -> None:
    complaint = do.in_review()
    first = make.senior()
    do.decide(complaint, measures=("warn", "restrict"), by=first)
    assert queue.claim_next(by=first) is None
    with pytest.raises(NotAllowed):
        decisions.confirm(complaint=make.fresh(complaint), by=first, version=do.case(complaint).version)
    do.confirm(complaint)
    assert do.states(complaint)["restrict"] == "held"


def test_what_was_sent_back_is_decided_anew() -> None:
    complaint = do.in_review()
    do.decide(complaint, measures=("warn", "transfer"))
    do.send_back(complaint)
    back = make.fresh(complaint)
    assert (back.state, back.proposed, do.states(complaint)) == (State.IN_REVIEW, [], {})
    do.decide(complaint, Outcome.DISMISSED, ())
    assert make.fresh(complaint).result == Outcome.DISMISSED


def test_withdrawn_while_a_decision_waits() -> None:
    complaint = do.in_review()
    do.decide(complaint, measures=("warn", "transfer"))
    complaint = make.fresh(complaint)
    intake.withdraw(complaint=complaint, by=complaint.complainant)
    assert Decision.objects.get().state == "void"
    assert make.fresh(complaint).proposed == []


def test_nobody_judges_a_matter_of_her_own() -> None:
    respondent = make.reviewer()
    complaint = do.in_review(against=make.account(respondent))
    bureau = Agency.objects.create(code="bureau", name="Demo Bureau")
    Mandate.objects.create(creator=complaint.complainant, agency=bureau, ends_at=clock.now() + timedelta(days=30))
    tied = make.reviewer()
    Tie.objects.create(reviewer=tied, user=complaint.complainant)
    for person in (respondent, make.reviewer(agency=bureau), tied):
        assert queue.claim_next(by=person) is None
        assert reviewers.refuse_case(do.case(complaint), person) is not None
    for role in (Role.CREATOR, Role.AUDITOR, Role.ADMIN, Role.AREA_LEAD):
        assert reviewers.refuse_case(do.case(complaint), make.person(role)) is not None
    do.decide(complaint)


def test_the_database_asks_for_a_person() -> None:
    complaint = do.in_review()
    with pytest.raises(IntegrityError, match="needs the decision of a person"):
        complaint.move("uphold")


def test_a_refused_complaint_is_told_to_the_complainant_alone() -> None:
    complaint = make.complaint(State.SCREENING)
    user, case, complaint = do.claim(complaint)
    said = do.words(case, "copy-authorised")
    del said["to_respondent"]
    with pytest.raises(Invalid) as wrong:
        decisions.refuse(complaint=complaint, by=user, **{**said, "to_complainant": "No."})
    assert list(wrong.value.fields) == ["to_complainant"]
    decisions.refuse(complaint=make.fresh(complaint), by=user, **said)
    refused = make.fresh(complaint)
    assert (refused.state, refused.result, refused.told_at) == (State.DISMISSED, Outcome.REFUSED, None)
    assert list(refused.side_reasons.values_list("side", flat=True)) == ["complainant"]


def test_an_admitted_complaint_is_told_to_the_respondent() -> None:
    complaint = make.complaint(State.SCREENING)
    user, case, complaint = do.claim(complaint)
    decisions.admit(complaint=complaint, by=user, version=case.version)
    admitted = make.fresh(complaint)
    assert (admitted.state, admitted.decision) == (State.NOTIFIED, None)
    assert admitted.told_at is not None
    with pytest.raises(Conflict):
        decisions.admit(complaint=admitted, by=user, version=case.version)


@pytest.mark.parametrize("act", ["confirm", "send_back"])
def test_there_is_nothing_to_second(act: str) -> None:
    user, case, complaint = do.claim(do.in_review())
    said = {"note": "Please look again at the second half."}
    with pytest.raises(Conflict, match="Nothing waits"):
        getattr(decisions, act)(complaint=complaint, by=user, version=case.version, **said)
