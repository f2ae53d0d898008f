"""Many reviewers at once on random queues: no case twice, no rule broken, nobody starved; whoever dies loses nothing."""

import random
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.audit import trail
from portal.bench.queue_rows import count_violations
from portal.errors import Conflict
from portal.people.models import Mandate, User
from portal.people.roles import Role
from portal.reviews import eligibility, policies
from portal.reviews.actions import cases, decisions, queue
from portal.reviews.models import Claim, ConflictOfInterest, Decision, Participation, ReviewCase, ReviewerSkill
from portal.reviews.states import CaseState, Level
from portal.reviews.tests import factories as make
from portal.testing.concurrency import at_once
from portal.testing.transactions import rolled_back

SKILLS = ("farming", "law", "medicine")


def a_random_office(dice: random.Random) -> list[User]:
    """Reviewers with skills, agencies, ties and earlier parts, and cases about creators and about each other."""
    agencies = [make.agency() for _ in range(3)]
    people = [make.person(agency=dice.choice([None, *agencies])) for _ in range(8)]
    staff = []
    for _ in range(8):
        role = dice.choice([Role.REVIEWER, Role.SENIOR_REVIEWER])
        user = make.person(role, agency=dice.choice([None, None, *agencies]))
        for skill in dice.sample(SKILLS, dice.randint(1, 3)):
            over = clock.now() - timedelta(days=1) if dice.random() < 0.2 else None
            ReviewerSkill.objects.create(user=user, skill=skill, level=dice.choice([1, 2]), valid_until=over)
        staff.append(user)
    for user in staff:
        for person in dice.sample([*people, *staff], 3):
            if person != user:
                ConflictOfInterest.objects.create(
                    reviewer=user, user=person, until=dice.choice([None, clock.now() - timedelta(days=1)])
                )
    Mandate.objects.create(creator=people[0], agency=agencies[0], ends_at=clock.now() + timedelta(days=9))
    for _ in range(60):
        about = dice.choice([*people, *people, *staff])
        case = make.case(about, skill=dice.choice(SKILLS), priority=dice.randint(0, 3), level=dice.choice([1, 1, 2]))
        if dice.random() < 0.3:
            Participation.objects.create(case=case, user=dice.choice(staff), role="second")
    return staff


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(4))
def test_claims_at_once_break_no_rule(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    staff = a_random_office(dice)

    def work(user: User) -> None:
        for _ in range(8):
            case = queue.claim_next_case(by=user)
            if case is None:
                return
            assert policies.refuse_holding(case, user, clock.now()) is None
            # As Python sees it, not as the claim's SQL does.
            assert user.pk not in case.parties.values_list("user", flat=True)
            cases.close_case(case, by=None)

    assert at_once(*[partial(work, user) for user in staff]) == [None] * len(staff)
    taken = list(Claim.objects.values_list("case", flat=True))
    assert len(taken) == len(set(taken))
    assert broken_rules() == []
    assert left_over(staff) == []
    assert trail.broken_links() == []


def broken_rules() -> list[str]:
    """Claims that a rule forbids, found anew in Python from the rows."""
    found = []
    for claim in Claim.objects.select_related("case", "reviewer"):
        who, case = claim.reviewer, claim.case
        parties = [party.user for party in case.parties.exclude(user=None).select_related("user")]
        agencies = {p.agency_id for p in parties if p} | {p.agency_id for p in case.parties.exclude(agency=None)}
        ties = ConflictOfInterest.objects.filter(reviewer=who, until=None).values_list("user", flat=True)
        skill = ReviewerSkill.objects.filter(user=who, skill=case.skill, valid_until=None).first()
        found += [
            f"{who} {case} {rule}"
            for rule, broken in {
                "own": who in parties,
                "agency": who.agency_id is not None and who.agency_id in agencies,
                "tie": any(person and person.pk in set(ties) for person in parties),
                "acted": case.participations.filter(user=who, role="second").exists(),
                "skill": skill is None or skill.level < case.level,
                "role": case.level == Level.SENIOR and who.role != Role.SENIOR_REVIEWER,
            }.items()
            if broken
        ]
    return found


def left_over(staff: list[User]) -> list[str]:
    """Waiting cases that somebody, with nothing in hand and not yet at their eight, could have had."""
    full = {user.pk for user in staff if Claim.objects.filter(reviewer=user).count() == 8}
    free = [user for user in staff if user.pk not in full]
    waiting = ReviewCase.objects.waiting()
    return [
        f"{case} {user}" for case in waiting for user in free if policies.refuse_taking(case, user, clock.now()) is None
    ]


@pytest.mark.django_db(transaction=True)
def test_the_same_click_twice_at_once_gives_one_case() -> None:
    reviewer = make.reviewer()
    for _ in range(6):
        make.case()
    got = at_once(*[partial(queue.claim_next_case, by=reviewer)] * 6)
    assert [type(case) for case in got] == [ReviewCase] * 6
    assert len(set(got)) == 1
    assert Claim.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_decision_twice_at_once_is_recorded_once() -> None:
    reviewer = make.reviewer()
    make.case()
    case = queue.claim_next_case(by=reviewer)
    assert case is not None
    pk, version = case.pk, case.version

    def decide() -> None:
        row = ReviewCase.objects.get(pk=pk)
        decisions.record_decision(row, by=reviewer, outcome="approved", explanation="", version=version)

    refused = [answer for answer in at_once(decide, decide, decide) if answer is not None]
    assert [type(error) for error in refused] == [Conflict, Conflict]
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_sweep_and_the_holder_at_once_leave_one_truth() -> None:
    reviewer, start = make.reviewer(), clock.now()
    make.case()
    case = queue.claim_next_case(by=reviewer)
    assert case is not None
    with clock.freeze_time(start + timedelta(minutes=31)):
        at_once(queue.expire_leases, queue.expire_leases, lambda: queue.release_case(case, by=reviewer, why="late"))
        queue.expire_leases()  # each may have found the case locked by another, and left it
    case.refresh_from_db()
    assert case.state == CaseState.WAITING
    assert Claim.objects.get().end in {"expired", "released"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entered=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3)), min_size=2, max_size=12))
def test_nobody_is_overtaken_by_more_than_the_bonus(entered: list[tuple[int, int]]) -> None:
    from portal.reviews.clocks import PRIORITY_BONUS, queue_rank

    start = clock.now()
    ranked = sorted((queue_rank(start + timedelta(hours=hour), priority), hour, priority) for hour, priority in entered)
    for place, (_rank, hour, priority) in enumerate(ranked):
        for _later, other_hour, other_priority in ranked[:place]:
            overtook = timedelta(hours=other_hour - hour)
            assert overtook <= max(other_priority - priority, 0) * PRIORITY_BONUS or overtook <= timedelta()


@pytest.mark.django_db
def test_an_ordinary_case_outwaits_a_stream_of_urgent_ones() -> None:
    reviewer, start = make.reviewer(), clock.now()
    with clock.freeze_time(start):
        ordinary = make.case(priority=0)
    served: list[int] = []
    for hour in range(1, 48):
        with clock.freeze_time(start + timedelta(hours=hour)):
            make.case(priority=3)
            case = queue.claim_next_case(by=reviewer)
            assert case is not None
            served.append(case.pk)
            cases.close_case(case, by=None)
    assert served.index(ordinary.pk) <= 36


@pytest.mark.django_db
def test_a_skill_that_nobody_serves_does_not_hold_up_the_others() -> None:
    with clock.freeze_time(clock.now() - timedelta(days=9)):
        for _ in range(60):
            make.case(skill="unserved")
    case = make.case()
    assert queue.claim_next_case(by=make.reviewer()) == case


@pytest.mark.django_db
def test_a_lane_full_of_conflicts_is_searched_to_its_end() -> None:
    reviewer, creator = make.reviewer(), make.person()
    ConflictOfInterest.objects.create(reviewer=reviewer, user=creator)
    for _ in range(45):
        make.case(creator)
    free = make.case()
    assert queue.claim_next_case(by=reviewer) == free


@pytest.mark.django_db
def test_given_back_it_rests_for_a_day_for_them_and_not_for_others() -> None:
    reviewer, other, case = make.reviewer(), make.reviewer(), make.case()
    held = queue.claim_next_case(by=reviewer)
    assert held is not None
    queue.release_case(held, by=reviewer, why="I need a colleague's eye.")
    assert queue.claim_next_case(by=reviewer) is None
    with clock.freeze_time(clock.now() + timedelta(hours=25)):
        assert queue.claim_next_case(by=reviewer) == case
        queue.release_case(ReviewCase.objects.get(), by=reviewer, why="Again.")
        assert queue.claim_next_case(by=other) == case


@pytest.mark.django_db
def test_an_agency_conflict_and_a_later_mandate_count_too() -> None:
    agency, creator = make.agency(), make.person()
    tied, employed = make.reviewer(), make.reviewer(agency=agency)
    ConflictOfInterest.objects.create(reviewer=tied, agency=agency)
    make.case(creator)
    Mandate.objects.create(creator=creator, agency=agency, ends_at=clock.now() + timedelta(days=1))
    assert queue.claim_next_case(by=tied) is None
    assert queue.claim_next_case(by=employed) is None
    with clock.freeze_time(clock.now() + timedelta(days=2)):
        assert queue.claim_next_case(by=employed) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["by", "second_by"])
def test_the_database_lets_nobody_decide_on_their_own_case(role: str) -> None:
    creator, reviewer, senior = make.reviewer(), make.reviewer(), make.senior()
    case = make.case(creator)
    values = {"case": case, "case_version": 1, "stage": "first", "outcome": "approved", "adverse": False}
    people = {
        "by": reviewer,
        "second_by": senior,
        "second_at": clock.now(),
        "needs_second_approval": True,
        "state": "final",
    }
    with pytest.raises(DatabaseError, match="their own"), transaction.atomic():
        Decision.objects.create(**values, **people | {role: creator})


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["by", "second_by"])
def test_the_database_keeps_the_first_two_from_the_appeal(role: str) -> None:
    reviewer, other, senior = make.reviewer(), make.senior(), make.senior()
    case = make.case()
    values = {
        "case": case,
        "outcome": "approved",
        "adverse": False,
        "needs_second_approval": True,
        "second_at": clock.now(),
    }
    first = {"case_version": 1, "stage": "first", "by": reviewer, "second_by": senior, "state": "final"}
    Decision.objects.create(**values, **first)
    appeal: dict[str, Any] = {"case_version": 2, "stage": "appeal", "by": other, "second_by": make.senior()}
    with pytest.raises(DatabaseError, match="does not decide on it again"), transaction.atomic():
        Decision.objects.create(**values, **appeal | {role: senior}, state="final")


@pytest.mark.django_db
def test_policies_and_the_claim_speak_from_the_same_rules() -> None:
    dice = random.Random(7)  # noqa: S311 -- as above
    staff = a_random_office(dice)
    levels = {user.pk: policies.level_of(user) for user in staff}
    for case in ReviewCase.objects.waiting()[:20]:
        reasons = eligibility.ineligibility_reasons(case, levels, now=clock.now())
        for user in staff:
            explained = reasons[user.pk]
            others = ReviewCase.objects.exclude(pk=case.pk).filter(state="waiting")
            with rolled_back():
                others.update(state="closed", closed_at=clock.now())
                taken = queue.claim_next_case(by=user)
            assert (explained is None) == (taken == case)


@pytest.mark.django_db
def test_the_benchmark_finds_a_broken_rule() -> None:
    creator = make.reviewer()
    case = make.case(creator)
    assert count_violations() == {"double_claims": 0, "conflicts_violated": 0, "claims_unrecorded": 0}
    Claim.objects.create(case=case, reviewer=creator, stage="first")
    assert count_violations()["conflicts_violated"] == 1
    assert count_violations()["claims_unrecorded"] == 1
