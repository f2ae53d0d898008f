"""Claiming: fair, one at a time, and never a case that is not theirs to judge."""

from datetime import timedelta
from functools import partial

import pytest

from portal import clock
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people.models import Mandate
from portal.people.roles import Role
from portal.reviews.actions import cases, queue
from portal.reviews.models import Claim, ConflictOfInterest, Participation, ReviewCase, ReviewerSkill
from portal.reviews.states import CaseState, Level
from portal.reviews.tests import factories as make
from portal.testing.concurrency import at_once

pytestmark = pytest.mark.django_db


def test_claim_next_gives_the_oldest_and_notes_it() -> None:
    reviewer, first, _second = make.reviewer(), make.case(), make.case()
    case = queue.claim_next_case(by=reviewer)
    assert case == first
    assert (case.state, case.claimed_by, case.version) == (CaseState.CLAIMED, reviewer, 2)
    assert Claim.objects.get(case=first).reviewer == reviewer


def test_claim_next_twice_is_the_same_case() -> None:
    reviewer = make.reviewer()
    make.case()
    make.case()
    assert queue.claim_next_case(by=reviewer) == queue.claim_next_case(by=reviewer)
    assert ReviewCase.objects.claimed_by(reviewer).count() == 1


def test_claim_next_when_nothing_waits() -> None:
    assert queue.claim_next_case(by=make.reviewer()) is None


@pytest.mark.parametrize("role", [Role.CREATOR, Role.AREA_LEAD, Role.AUDITOR, Role.ADMIN])
def test_claim_next_is_for_reviewers(role: str) -> None:
    with pytest.raises(NotAllowed):
        queue.claim_next_case(by=make.person(role))


def test_claim_next_skips_their_own_case() -> None:
    reviewer = make.reviewer()
    make.case(reviewer)
    assert queue.claim_next_case(by=reviewer) is None


def test_claim_next_skips_their_agencys_cases() -> None:
    agency = make.agency()
    reviewer = make.reviewer(agency=agency)
    make.case(make.person(agency=agency))
    mandated = make.person()
    Mandate.objects.create(creator=mandated, agency=agency, ends_at=clock.now() + timedelta(days=1))
    make.case(mandated)
    assert queue.claim_next_case(by=reviewer) is None


def test_claim_next_skips_a_case_while_the_conflict_lasts() -> None:
    reviewer, creator = make.reviewer(), make.person()
    tie = ConflictOfInterest.objects.create(reviewer=reviewer, user=creator, until=clock.now() + timedelta(hours=1))
    case = make.case(creator)
    assert queue.claim_next_case(by=reviewer) is None
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert queue.claim_next_case(by=reviewer) == case
    tie.refresh_from_db()


def test_claim_next_skips_what_they_acted_on() -> None:
    reviewer, case = make.reviewer(), make.case()
    Participation.objects.create(case=case, user=reviewer, role="second")
    assert queue.claim_next_case(by=reviewer) is None


def test_claim_next_needs_a_valid_skill_and_level() -> None:
    reviewer = make.reviewer(skill="law")
    make.case()
    make.case(skill="law", level=Level.SENIOR)
    assert queue.claim_next_case(by=reviewer) is None
    senior = make.senior("law")
    ReviewerSkill.objects.filter(user=senior).update(valid_until=clock.now() - timedelta(seconds=1))
    assert queue.claim_next_case(by=senior) is None
    ReviewerSkill.objects.filter(user=senior).update(valid_until=None)
    assert queue.claim_next_case(by=senior) is not None


def test_claim_next_can_be_narrowed_by_skill() -> None:
    reviewer = make.reviewer()
    make.case()
    assert queue.claim_next_case(by=reviewer, skills=["law"]) is None
    assert queue.claim_next_case(by=reviewer, skills=[make.SKILL]) is not None


def test_urgent_cases_overtake_only_within_their_bonus() -> None:
    start = clock.now()
    with clock.freeze_time(start):
        old = make.case()
    with clock.freeze_time(start + timedelta(hours=11)):
        urgent = make.case(priority=1)
    with clock.freeze_time(start + timedelta(hours=13)):
        late = make.case(priority=1)
    order = list(ReviewCase.objects.waiting())
    assert order == [urgent, old, late]


def test_a_lease_runs_out_and_the_case_waits_again() -> None:
    reviewer, other = make.reviewer(), make.reviewer()
    make.case()
    case = queue.claim_next_case(by=reviewer)
    assert case is not None
    with clock.freeze_time(clock.now() + timedelta(minutes=31)):
        assert queue.expire_leases() == 1
        assert queue.expire_leases() == 0
        assert queue.claim_next_case(by=other) == case
        with pytest.raises(Conflict):
            queue.renew_lease(case, by=reviewer)
    assert Claim.objects.filter(case=case, end=Claim.End.EXPIRED).count() == 1


def test_renew_extends_the_lease() -> None:
    reviewer = make.reviewer()
    make.case()
    case = queue.claim_next_case(by=reviewer)
    assert case is not None
    with clock.freeze_time(clock.now() + timedelta(minutes=20)):
        assert queue.renew_lease(case, by=reviewer) == clock.now() + timedelta(minutes=30)


def test_release_needs_a_reason_and_keeps_the_place() -> None:
    reviewer, case, _later = make.reviewer(), make.case(), make.case()
    queue.claim_next_case(by=reviewer)
    case.refresh_from_db()
    with pytest.raises(Invalid):
        queue.release_case(case, by=reviewer, why=" ")
    queue.release_case(case, by=reviewer, why="I cannot read Chinese.")
    assert queue.claim_next_case(by=make.reviewer()) == case


def test_hand_over_keeps_the_rules() -> None:
    reviewer, colleague = make.reviewer(), make.reviewer()
    creator = make.reviewer()
    case = make.case(creator)
    queue.claim_next_case(by=reviewer)
    case.refresh_from_db()
    with pytest.raises(NotAllowed):
        queue.hand_over_case(case, by=reviewer, to=creator)
    queue.hand_over_case(case, by=reviewer, to=colleague)
    case.refresh_from_db()
    assert case.claimed_by == colleague
    with pytest.raises(Conflict):
        queue.release_case(case, by=reviewer, why="too late")


def test_declare_conflict_keeps_every_case_of_that_person_away() -> None:
    reviewer, creator = make.reviewer(), make.person()
    case = make.case(creator)
    queue.claim_next_case(by=reviewer)
    case.refresh_from_db()
    queue.declare_case_conflict(case, by=reviewer)
    make.case(creator)
    assert queue.claim_next_case(by=reviewer) is None


@pytest.mark.django_db(transaction=True)
def test_many_reviewers_at_once_never_get_the_same_case() -> None:
    reviewers = [make.reviewer() for _ in range(8)]
    for _ in range(40):
        make.case()
    got: list[int] = []

    def work(n: int) -> None:
        for _ in range(5):
            case = queue.claim_next_case(by=reviewers[n])
            assert case is not None
            got.append(case.pk)
            cases.close_case(case, by=None)

    at_once(*[partial(work, n) for n in range(8)])
    assert len(got) == len(set(got)) == 40
