"""Decisions have reasons, second people are other people, appeals go to yet others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal import clock
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people.models import User
from portal.reviews.actions import appeals, cases, decisions, queue
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.second_look import SecondLook
from portal.reviews.states import CaseState, DecisionState, Level, Stage
from portal.reviews.tests import factories as make

pytestmark = pytest.mark.django_db
WHY = "The certificate cannot be read at all."


def claimed(by: User, **fields: Any) -> ReviewCase:
    make.case(**fields)
    case = queue.claim_next_case(by=by)
    assert case is not None
    return case


def rejected(by: User, case: ReviewCase, **fields: Any) -> Decision:
    reason = make.reason()
    given: dict[str, Any] = {"reasons": [reason.code], "explanation": WHY, "version": case.version, "adverse": True}
    return decisions.record_decision(case, by=by, outcome="rejected", **(given | fields))


def test_record_closes_the_case() -> None:
    reviewer = make.reviewer()
    case = claimed(reviewer)
    decision = decisions.record_decision(case, by=reviewer, outcome="approved", explanation="", version=case.version)
    assert (decision.state, case.state) == (DecisionState.FINAL, CaseState.CLOSED)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"reasons": []}, "reasons"), ({"explanation": "no"}, "explanation"), ({"reasons": ["unknown"]}, "reasons")],
)
def test_an_adverse_decision_needs_reasons_and_words(change: dict[str, Any], field: str) -> None:
    reviewer = make.reviewer()
    case = claimed(reviewer)
    with pytest.raises(Invalid) as refused:
        rejected(reviewer, case, **change)
    assert field in refused.value.fields
    case.refresh_from_db()
    assert case.state == CaseState.CLAIMED


def test_a_stale_form_never_overwrites() -> None:
    reviewer = make.reviewer()
    case = claimed(reviewer)
    with pytest.raises(Conflict):
        rejected(reviewer, case, version=case.version - 1)


def test_a_decision_sent_twice_counts_once() -> None:
    reviewer = make.reviewer()
    case = claimed(reviewer)
    version = case.version
    rejected(reviewer, case)
    with pytest.raises(Conflict):
        rejected(reviewer, case, version=version)
    assert Decision.objects.count() == 1


def test_only_the_holder_decides() -> None:
    case = claimed(make.reviewer())
    with pytest.raises(Conflict):
        rejected(make.reviewer(), case)


def test_a_second_person_confirms() -> None:
    reviewer, senior = make.reviewer(), make.senior()
    case = claimed(reviewer)
    decision = rejected(reviewer, case, second_approval_for=["area"])
    assert (decision.state, case.stage, case.state) == (DecisionState.HELD, Stage.SECOND, CaseState.WAITING)
    assert queue.claim_next_case(by=reviewer) is None
    case = queue.claim_next_case(by=senior) or case
    decision = decisions.confirm_decision(Decision.objects.get(), SecondLook(), by=senior, version=case.version)
    assert (decision.state, decision.second_by) == (DecisionState.FINAL, senior)


def test_a_senior_who_decided_first_cannot_confirm_themselves() -> None:
    senior = make.senior()
    case = claimed(senior)
    decision = rejected(senior, case, second_approval_for=["area"])
    assert queue.claim_next_case(by=senior) is None
    with pytest.raises(NotAllowed):
        decisions.confirm_decision(decision, SecondLook(), by=senior, version=case.version)


def test_sent_back_is_decided_anew_by_other_people() -> None:
    reviewer, senior, third, fourth = make.reviewer(), make.senior(), make.reviewer(), make.senior()
    decision = rejected(reviewer, claimed(reviewer), second_approval_for=["area"])
    case = queue.claim_next_case(by=senior)
    assert case is not None
    with pytest.raises(Invalid):
        decisions.send_back_decision(decision, by=senior, version=case.version, note="no")
    decisions.send_back_decision(
        Decision.objects.get(), by=senior, version=case.version, note="Look at page two again."
    )
    decision.refresh_from_db()
    assert decision.state == DecisionState.RETURNED
    assert queue.claim_next_case(by=senior) is None
    assert queue.claim_next_case(by=reviewer) is None
    again = queue.claim_next_case(by=third)
    assert again is not None
    assert (again.stage, again.level) == (Stage.FIRST, Level.REVIEWER)
    anew = rejected(third, again, second_approval_for=["area"])
    assert queue.claim_next_case(by=senior) is None
    case = queue.claim_next_case(by=fourth)
    assert case is not None
    decisions.confirm_decision(anew, SecondLook(), by=fourth, version=case.version)
    assert sorted(Decision.objects.values_list("state", flat=True)) == ["final", "returned"]


def test_an_appeal_goes_to_somebody_else_and_is_decided_once() -> None:
    reviewer, senior, creator = make.reviewer(), make.senior(), make.person()
    case = claimed(reviewer, about=creator)
    decision = rejected(reviewer, case)
    due = clock.now() + timedelta(days=10)
    appeal = appeals.file_appeal(decision, by=creator, text="The second page shows the number.", due_at=due)
    with pytest.raises(NotAllowed):
        appeals.file_appeal(Decision.objects.get(), by=creator, text="Again, the second page.", due_at=due)
    taken = queue.claim_next_case(by=senior)
    assert taken is not None
    assert taken.stage == Stage.APPEAL
    answer = decisions.record_decision(taken, by=senior, outcome="approved", explanation="", version=taken.version)
    appeals.record_appeal_answer(appeal, answer)
    assert appeals.pending_appeal(case.pk) is None


def test_an_appeal_has_six_months_and_needs_words() -> None:
    reviewer, creator = make.reviewer(), make.person()
    decision = rejected(reviewer, claimed(reviewer, about=creator))
    due = clock.now() + timedelta(days=10)
    with pytest.raises(Invalid):
        appeals.file_appeal(decision, by=creator, text="no", due_at=due)
    with clock.freeze_time(clock.now() + timedelta(days=185)), pytest.raises(NotAllowed):
        appeals.file_appeal(decision, by=creator, text="The second page shows the number.", due_at=due)


def test_pause_stops_the_clock_by_working_time() -> None:
    friday = datetime(2026, 5, 29, 12, tzinfo=UTC)
    reviewer, case = make.reviewer(), None
    with clock.freeze_time(friday):
        case = claimed(reviewer, due_at=friday + timedelta(days=5))  # Wednesday noon: three days of work
        cases.pause_case(case, by=reviewer)
    with clock.freeze_time(friday + timedelta(days=4)):  # Tuesday noon: two of them have passed
        cases.resume_case(case, by=None)
        assert case.due_at == datetime(2026, 6, 5, 12, tzinfo=UTC)
        assert case.paused_for == timedelta(days=4)
        assert case.net_time(clock.now()) == timedelta()
        assert case.gross_time(clock.now()) == timedelta(days=4)
    assert case.state == CaseState.WAITING


def test_closing_voids_a_held_decision() -> None:
    reviewer = make.reviewer()
    case = claimed(reviewer)
    decision = rejected(reviewer, case, second_approval_for=["area"])
    cases.close_case(case, by=None)
    decision.refresh_from_db()
    assert (decision.state, case.state) == (DecisionState.VOID, CaseState.CLOSED)


@pytest.mark.parametrize("fields", [{"by": None}, {"explanation": ""}])
def test_the_database_refuses_an_adverse_decision_without_a_person_or_words(fields: dict[str, Any]) -> None:
    case, reviewer = make.case(), make.reviewer()
    given = {"case": case, "stage": "first", "outcome": "rejected", "adverse": True, "by": reviewer, "explanation": WHY}
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(**(given | fields))


def test_the_database_refuses_the_same_person_twice() -> None:
    reviewer = make.reviewer()
    decision = rejected(reviewer, claimed(reviewer), second_approval_for=["area"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(second_by=reviewer)


@pytest.mark.parametrize("change", [{"outcome": "approved"}, {"state": "held"}, {"explanation": "other"}])
def test_the_database_keeps_decisions_as_they_were(change: dict[str, str]) -> None:
    reviewer = make.reviewer()
    decision = rejected(reviewer, claimed(reviewer))
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).delete()
