"""Many answers of followers are carried out in pages, each exactly once, whatever fails in between."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import hypothesis.strategies as some
import pytest
from django.conf import settings
from django.db.models import Q
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from complaints import events
from complaints.actions import follower_messages, invitation_answers, invitations, reversals
from complaints.models import Restitution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.distant import DistantPlatform, check, die_in, work
from complaints.views.follower_moves import list_moves
from portal import clock
from portal.audit import trail
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound.calls import CALL_LEASE
from portal.platforms import MovedPage, PlatformError, registry
from portal.sandbox.models import Account, Follow

pytestmark = pytest.mark.django_db


class CountingPlatform(DistantPlatform):
    """Keeps whom each call named; takes five at once. Those in `refused` cannot be answered, alone or beside others."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.refused: set[int] = set()

    def answers_at_once(self) -> int:
        return 5

    def answer_invitations(self, order: Any, followers: Sequence[int], *, accepted: bool) -> MovedPage:
        self.calls.append(list(followers))
        if self.refused.intersection(followers):
            raise PlatformError("not these")
        return super().answer_invitations(order, followers, accepted=accepted)


@pytest.fixture(autouse=True)
def distant(platform: object, monkeypatch: pytest.MonkeyPatch) -> CountingPlatform:
    made = CountingPlatform()
    monkeypatch.setattr(registry, "_connectors", {"sandbox": made.connector()})
    return made


def asked(count: int) -> tuple[make.Stage, Restitution, list[Account]]:
    stage, fans = make.stage(mode=RestitutionMode.INVITE), make.viewers(count)
    make.follow(stage.source, fans, post=stage.copy)
    row = make.begun(stage, batch=50)
    return stage, work(row), fans


def accept(row: Restitution, fans: Sequence[Account], *, accepted: bool = True) -> None:
    for fan in fans:
        invitations.answer_invitation(restitution=row, follower_id=fan.pk, accepted=accepted)


def moved_to(stage: make.Stage) -> set[int]:
    return set(Follow.objects.filter(account=stage.target).values_list("follower", flat=True))


def attempts(row: Restitution, *, hours: int) -> Restitution:
    """Let the jobs work for some hours, an attempt whenever one is due."""
    for minutes in range(0, 60 * hours, 11):
        row = work(row, after=timedelta(minutes=minutes))
    return row


def test_many_answers_are_few_calls_and_few_pages(distant: CountingPlatform) -> None:
    stage, row, fans = asked(13)
    pages = row.pages.count()
    accept(row, fans[:11])
    accept(row, fans[11:], accepted=False)
    row = work(row)
    ids = [fan.pk for fan in fans]
    assert sorted(distant.calls) == [ids[:5], ids[5:10], ids[10:11], ids[11:]]
    assert (row.moved, row.declined, row.pages.count() - pages) == (11, 2, 3)
    assert moved_to(stage) == set(ids[:11])
    told = [event for event in trail.events_of(row.chain) if event.event == events.FOLLOWER_ANSWERED]
    assert [(event.data["moved"], event.data["declined"]) for event in told][-1] == (11, 2)
    check(row)


def test_answers_that_come_together_need_one_job(distant: CountingPlatform) -> None:
    _stage, row, fans = asked(8)
    accept(row, fans)
    assert Job.objects.filter(kind=invitation_answers.CARRY_OUT).count() == 1
    work(row)
    assert make.fresh(row).moved == 8


def test_a_lone_answer_has_a_job_of_its_own_at_once(distant: CountingPlatform) -> None:
    """Also where an earlier one waits for another attempt."""
    stage, row, fans = asked(3)
    distant.refused = {fans[0].pk}
    accept(row, fans[:1])
    runner.run_due_jobs()
    assert not moved_to(stage)
    accept(row, fans[1:2])
    runner.run_due_jobs()
    assert moved_to(stage) == {fans[1].pk}


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("reversed_first", [True, False])
def test_a_page_whose_worker_died_counts_once(
    distant: CountingPlatform, monkeypatch: pytest.MonkeyPatch, *, arrives: bool, reversed_first: bool
) -> None:
    stage, row, fans = asked(7)
    before = make.edges()
    accept(row, fans)
    die_in(runner.run_due_jobs, distant, "answer_invitations", monkeypatch, arrives=arrives)
    if not reversed_first:
        row = work(row, after=2 * CALL_LEASE)
        assert (row.moved, row.declined) == (7, 0)
        assert moved_to(stage) == {fan.pk for fan in fans}
        check(row)
    reversals.reverse_restitution(row, by=None)
    row = work(row, after=2 * CALL_LEASE)
    assert (row.state, make.edges()) == ("reversed", before)
    check(row)
    done = 5 if arrives else 0
    assert (row.moved, row.not_moved) == ((7, 0) if not reversed_first else (done, 7 - done))


def test_one_answer_that_the_platform_does_not_take_keeps_no_other_waiting(distant: CountingPlatform) -> None:
    stage, row, fans = asked(12)
    distant.refused = {fans[2].pk}
    accept(row, fans)
    row = attempts(row, hours=2)
    assert moved_to(stage) == {fan.pk for fan in fans} - {fans[2].pk}
    assert row.answers.waiting().get().follower_id == fans[2].pk
    distant.refused = set()
    with clock.freeze_time(clock.now() + timedelta(hours=30)):
        invitations.resume_abandoned_answers()
    row = work(row, after=timedelta(hours=31))
    assert (row.moved, row.answers.waiting().count()) == (12, 0)
    check(row)


def test_what_a_job_left_when_it_was_given_up_is_asked_for_once_a_page(distant: CountingPlatform) -> None:
    _stage, row, fans = asked(9)
    accept(row, fans)
    Job.objects.filter(kind=invitation_answers.CARRY_OUT).update(state=JobState.FAILED)
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert invitations.resume_abandoned_answers() == 1
    assert work(row, after=timedelta(hours=2)).moved == 9


def test_a_page_recorded_by_another_worker_is_not_recorded_again(distant: CountingPlatform) -> None:
    """Two workers have the same page at hand, one of them with more answers than are left."""
    stage, row, fans = asked(5)
    accept(row, fans)
    both = Q(calling_key="") | Q(calling_key__contains=":answers:")
    first = invitation_answers._claim_page(row, both, prefix="")
    second = invitation_answers._claim_page(row, both, prefix="")
    assert first is not None
    assert second is not None
    assert set(second.answers) < set(first.answers)
    for page in (second, first, second):
        invitation_answers._carry_out(page)
        row = make.fresh(row)
        check(row)
    assert row.moved == 5
    assert moved_to(stage) == {fan.pk for fan in fans}


def test_a_closed_target_ends_what_was_not_done_and_keeps_what_was(
    client: Client, distant: CountingPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the first call was lost; then the target closes."""
    stage, row, fans = asked(8)
    accept(row, fans)
    die_in(runner.run_due_jobs, distant, "answer_invitations", monkeypatch)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    row = work(row, after=2 * CALL_LEASE)
    assert (row.moved, row.declined, row.not_moved) == (5, 0, 3)
    outcomes = dict(row.answers.values_list("follower_id", "outcome"))
    assert outcomes == {fan.pk: "moved" if fan in fans[:5] else "not_moved" for fan in fans}
    page = client.get(follower_messages.follower_link(row).address_of(fans[7].pk).removeprefix(settings.BASE_URL))
    assert "You accepted, but the platform did not move your follow" in page.content.decode()
    assert [move.said for move in list_moves(row.platform, fans[7].pk)] == [
        "You accepted, but your follow was not moved"
    ]
    assert moved_to(stage) == {fan.pk for fan in fans[:5]}
    check(row)


STEPS = some.lists(
    some.tuples(some.sampled_from(["accept", "accept", "keep", "die", "lost", "work", "small"]), some.integers(0, 11)),
    max_size=16,
)


@given(STEPS)
@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_dies_everybody_moves_who_accepted_and_nobody_else(
    distant: CountingPlatform, steps: list[tuple[str, int]]
) -> None:
    stage, row, fans = asked(12)
    before = make.edges(of=[fan.pk for fan in fans])
    now = clock.now()
    for place, (what, number) in enumerate(steps):
        now += timedelta(minutes=3)
        with clock.freeze_time(now), pytest.MonkeyPatch.context() as patch:
            if what in {"accept", "keep"} and not row.answers.filter(follower_id=fans[number].pk).exists():
                accept(row, [fans[number]], accepted=what == "accept")
            _fail(what, distant, row, patch, place)
        row = make.fresh(row)
        check(row)
    with clock.freeze_time(now + timedelta(hours=1)):
        invitations.resume_abandoned_answers()
        row = work(row, after=CALL_LEASE)
    accepted = set(row.answers.filter(accepted=True).values_list("follower_id", flat=True))
    assert moved_to(stage) == accepted
    assert (row.moved, row.answers.waiting().count()) == (len(accepted), 0)
    reversals.reverse_restitution(row, by=None)
    with clock.freeze_time(now + timedelta(hours=2)):
        row = work(row)
    check(row)
    kept = {edge._replace(confirmed_at=None) for edge in make.edges(of=[fan.pk for fan in fans])}
    assert kept == {edge._replace(confirmed_at=None) for edge in before}


def _fail(what: str, distant: CountingPlatform, row: Restitution, patch: pytest.MonkeyPatch, place: int) -> None:
    if what == "small":
        patch.setattr(distant, "answers_at_once", lambda: 2)
    if what in {"work", "small"}:
        work(row)
    waiting = Job.objects.filter(kind=invitation_answers.CARRY_OUT, state=JobState.QUEUED, run_after__lte=clock.now())
    if what in {"die", "lost"} and row.answers.waiting().filter(calling_key="").exists() and waiting.exists():
        die_in(runner.run_due_jobs, distant, "answer_invitations", patch, arrives=what == "lost")
