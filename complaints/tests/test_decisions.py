"""People decide on complaints: outcomes, remedies, reasons for each side, two people, who may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from complaints.actions import casework, decisions, intake
from complaints.models import Complaint, Remedy, Restitution, SideReasons
from complaints.policies import reviewers, screening
from complaints.policies.terms import hold_duration
from complaints.states import ComplaintState as State
from complaints.states import Outcome
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people.models import Agency, Mandate
from portal.people.roles import Role
from portal.reviews.actions import queue
from portal.reviews.models import ConflictOfInterest, Decision
from portal.reviews.policies import TWO_PEOPLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]


@pytest.mark.parametrize(
    ("outcome", "remedies", "state", "held"),
    [
        (Outcome.UPHELD, ("warn",), State.UPHELD, False),
        (Outcome.UPHELD, ("warn", "remove"), State.UPHELD, False),
        (Outcome.PARTLY, ("remove",), State.PARTLY, False),
        (Outcome.DISMISSED, (), State.DISMISSED, False),
        (Outcome.UPHELD, ("warn", "remove", "restrict"), State.UPHELD, True),
        (Outcome.UPHELD, ("remove", "restitution"), State.UPHELD, True),
        (Outcome.PARTLY, ("warn", "remove", "restrict", "restitution"), State.PARTLY, True),
    ],
)
def test_every_outcome(outcome: str, remedies: tuple[str, ...], state: str, held: bool) -> None:
    complaint = do.in_review()
    do.decide(complaint, outcome, remedies)
    if held:
        waiting = make.fresh(complaint)
        assert (waiting.state, waiting.result, waiting.decision) == (State.SECOND_REVIEW, "", None)
        assert do.states(complaint) == {}, "nothing follows from what one person proposed"
        assert TWO_PEOPLE in do.case(complaint).reasons
        do.confirm(complaint)
    decided = make.fresh(complaint)
    assert (decided.state, decided.result, decided.proposed) == (state, outcome, [])
    assert set(do.states(complaint)) == set(remedies)
    decision = do.decision(complaint)
    assert decision.adverse
    assert decided.decided_at == decision.in_force_since
    told = dict(SideReasons.objects.filter(decision=decision).values_list("side", "text"))
    assert told == {"complainant": do.TO_COMPLAINANT, "respondent": do.TO_RESPONDENT}
    assert trail.broken_links() == []


def test_remedies_have_their_time() -> None:
    complaint = do.in_review()
    do.decide(complaint, remedies=("warn", "remove", "restrict", "restitution"))
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        now = clock.now()
        do.confirm(complaint)
    times = {row.kind: row.not_before - now for row in Remedy.objects.all()}
    week = hold_duration(7)
    assert times == {"warn": timedelta(), "remove": timedelta(), "restrict": week, "restitution": week}
    assert make.fresh(complaint).hold_until == now + week
    assert Restitution.objects.get().hold_until == now + week


@pytest.mark.parametrize(
    ("outcome", "remedies", "said", "field"),
    [
        (Outcome.UPHELD, (), {}, "remedies"),
        (Outcome.UPHELD, ("restrict",), {}, "remedies"),
        (Outcome.UPHELD, ("warn", "burn"), {}, "remedies"),
        (Outcome.DISMISSED, ("warn",), {}, "remedies"),
        (Outcome.UPHELD, ("warn",), {"to_complainant": "Yes."}, "to_complainant"),
        (Outcome.UPHELD, ("warn",), {"to_respondent": " " * 30}, "to_respondent"),
        (Outcome.UPHELD, ("warn",), {"to_respondent": "x" * 8001}, "to_respondent"),
        (Outcome.UPHELD, ("warn",), {"explanation": "Yes."}, "explanation"),
        (Outcome.UPHELD, ("warn",), {"reasons": []}, "reasons"),
        (Outcome.UPHELD, ("warn",), {"reasons": ["own-earlier"]}, "reasons"),
    ],
)
def test_an_incomplete_decision_is_none(
    outcome: str, remedies: tuple[str, ...], said: dict[str, Any], field: str
) -> None:
    complaint = do.in_review()
    with pytest.raises(Invalid) as wrong:
        do.decide(complaint, outcome, remedies, **said)
    assert list(wrong.value.fields) == [field]
    assert make.fresh(complaint).state == State.IN_REVIEW
    assert not Decision.objects.exists()


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as wrong:
        do.decide(do.in_review(), remedies=(), reasons=[], explanation="", to_complainant="", to_respondent="")
    assert set(wrong.value.fields) == {"remedies", "reasons", "explanation", "to_complainant", "to_respondent"}


def test_an_old_form_and_a_lost_case() -> None:
    user, case, complaint = do.claim(do.in_review())
    said: dict[str, Any] = {"complaint": complaint, "by": user, "outcome": "upheld", "remedies": ["warn"]}
    with pytest.raises(Conflict):
        decisions.decide_complaint(**said, **do.words(case, "copy-whole", version=case.version - 1))
    with clock.freeze_time(clock.now() + timedelta(hours=2)), pytest.raises(NotAllowed, match="has expired"):
        decisions.decide_complaint(**said, **do.words(case, "copy-whole"))
    assert not Decision.objects.exists()


def test_the_first_does_not_second_themselves() -> None:
    complaint = do.in_review()
    first = make.senior()
    do.decide(complaint, remedies=("warn", "restrict"), by=first)
    assert queue.claim_next_case(by=first) is None
    with pytest.raises(NotAllowed):
        decisions.confirm_complaint_decision(
            complaint=make.fresh(complaint), by=first, version=do.case(complaint).version
        )
    do.confirm(complaint)
    assert do.states(complaint)["restrict"] == "held"


def test_what_was_sent_back_is_decided_anew() -> None:
    complaint = do.in_review()
    do.decide(complaint, remedies=("warn", "restitution"))
    do.send_back(complaint)
    back = make.fresh(complaint)
    assert (back.state, back.proposed, do.states(complaint)) == (State.IN_REVIEW, [], {})
    do.decide(complaint, Outcome.DISMISSED, ())
    assert make.fresh(complaint).result == Outcome.DISMISSED


def test_withdrawn_while_a_decision_waits() -> None:
    complaint = do.in_review()
    do.decide(complaint, remedies=("warn", "restitution"))
    complaint = make.fresh(complaint)
    intake.withdraw_complaint(complaint=complaint, by=complaint.complainant)
    assert Decision.objects.get().state == "void"
    assert make.fresh(complaint).proposed == []


def test_nobody_decides_on_a_case_of_their_own() -> None:
    respondent = make.reviewer()
    complaint = do.in_review(against=make.account(respondent))
    bureau = Agency.objects.create(code="bureau", name="Demo Bureau")
    Mandate.objects.create(creator=complaint.complainant, agency=bureau, ends_at=clock.now() + timedelta(days=30))
    tied = make.reviewer()
    ConflictOfInterest.objects.create(reviewer=tied, user=complaint.complainant)
    for person in (respondent, make.reviewer(agency=bureau), tied):
        assert queue.claim_next_case(by=person) is None
        assert reviewers.refuse_case_work(do.case(complaint), person) is not None
    for role in (Role.CREATOR, Role.AUDITOR, Role.ADMIN, Role.AREA_LEAD):
        assert reviewers.refuse_case_work(do.case(complaint), make.person(role)) is not None
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
        decisions.refuse_complaint(complaint=complaint, by=user, **{**said, "to_complainant": "No."})
    assert list(wrong.value.fields) == ["to_complainant"]
    decisions.refuse_complaint(complaint=make.fresh(complaint), by=user, **said)
    refused = make.fresh(complaint)
    assert (refused.state, refused.result, refused.told_at) == (State.DISMISSED, Outcome.REFUSED, None)
    assert list(refused.side_reasons.values_list("side", flat=True)) == ["complainant"]


def test_an_admitted_complaint_is_told_to_the_respondent() -> None:
    complaint = make.complaint(State.SCREENING)
    user, case, complaint = do.claim(complaint)
    decisions.admit_complaint(complaint=complaint, by=user, version=case.version)
    admitted = make.fresh(complaint)
    assert (admitted.state, admitted.decision) == (State.NOTIFIED, None)
    assert admitted.told_at is not None
    with pytest.raises(Conflict):
        decisions.admit_complaint(complaint=admitted, by=user, version=case.version)


@pytest.mark.parametrize("act", ["confirm_complaint_decision", "send_back_complaint_decision"])
def test_there_is_nothing_to_second(act: str) -> None:
    user, case, complaint = do.claim(do.in_review())
    said = {"note": "Please look again at the second half."}
    with pytest.raises(Conflict, match="no decision waiting"):
        getattr(decisions, act)(complaint=complaint, by=user, version=case.version, **said)


def test_what_the_second_must_acknowledge_is_looked_for_under_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = do.in_review()
    do.decide(complaint, remedies=("warn", "restrict"))
    user, case, stale = do.claim(make.fresh(complaint))
    lock = casework.lock_complaint

    def slow_lock(row: Complaint) -> None:
        """Somebody else's transaction ends while this one waits for the row."""
        Complaint.objects.filter(pk=row.pk).update(flags=[screening.SAME_AGENCY])
        lock(row)

    monkeypatch.setattr(casework, "lock_complaint", slow_lock)
    with pytest.raises(Invalid) as wrong:
        decisions.confirm_complaint_decision(complaint=stale, by=user, version=case.version)
    assert "acknowledged" in wrong.value.fields
