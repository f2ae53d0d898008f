"""A platform whose followers do not join the portal's transaction: every call is claimed, made and recorded.

A process that dies between call and record loses nothing and does nothing twice.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from complaints.actions import follower_choices, restitution_pages, restitutions, reversals
from complaints.models import FollowerChoice
from complaints.tests import restitutions as make
from complaints.tests.distant import DistantPlatform, check, die_in, use_distant_platform, work
from portal import clock
from portal.errors import Conflict
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound.calls import CALL_LEASE, CallInProgress
from portal.outbound.guard import refuse_open_transaction
from portal.outbound.http import Busy
from portal.platforms import PlatformError, Unknown
from portal.sandbox.models import Account
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def distant(platform: object, monkeypatch: pytest.MonkeyPatch) -> DistantPlatform:
    return use_distant_platform(monkeypatch)


def test_followers_return_and_go_back(stage: make.Stage, followers: list[Account]) -> None:
    before = make.edges()
    row = work(make.begun(stage, batch=2))
    assert (row.state, row.moved, row.pages.count()) == ("done", 5, 3)
    assert {edge.account_id for edge in make.edges()} == {stage.target.pk}
    assert delivered_notices().count() == 5
    check(row)
    reversals.reverse_restitution(row, by=None)
    row = work(row)
    assert (row.state, row.restored, make.edges()) == ("reversed", 5, before)
    assert delivered_notices().count() == 10
    check(row)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long a job waited before it made a call again; nobody waits in these tests."""
    naps: list[float] = []
    monkeypatch.setattr("time.sleep", naps.append)
    return naps


def fail_at(distant: DistantPlatform, patch: pytest.MonkeyPatch, call: str, error: Exception, *numbers: int) -> None:
    """Let the calls of these numbers fail, the first being 1."""
    method, calls = getattr(distant, call), count(1)

    def made(*args: Any, **kwargs: Any) -> Any:
        if next(calls) in numbers:
            raise error
        return method(*args, **kwargs)

    patch.setattr(distant, call, made)


def test_a_job_makes_a_call_again_that_failed_once(
    stage: make.Stage,
    followers: list[Account],
    distant: DistantPlatform,
    monkeypatch: pytest.MonkeyPatch,
    naps: list[float],
) -> None:
    before = make.edges()
    row = make.begun(stage, batch=1)
    fail_at(distant, monkeypatch, "move_followers", PlatformError("busy"), 2, 4, 5)
    fail_at(distant, monkeypatch, "restore_followers", PlatformError("busy"), 1)
    runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
    assert (make.fresh(row).state, make.fresh(row).moved) == ("done", 5)
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs([restitutions.RESTORE_FOLLOWERS])
    assert (make.fresh(row).state, make.edges()) == ("reversed", before)
    kinds = (restitutions.MOVE_FOLLOWERS, restitutions.RESTORE_FOLLOWERS)
    assert set(Job.objects.filter(kind__in=kinds).values_list("attempts", flat=True)) == {1}
    assert len(naps) == 4
    assert max(naps) <= 1


def test_a_platform_that_asks_for_a_long_pause_is_left_to_the_next_attempt(
    stage: make.Stage,
    followers: list[Account],
    distant: DistantPlatform,
    monkeypatch: pytest.MonkeyPatch,
    naps: list[float],
) -> None:
    row = make.begun(stage)
    fail_at(distant, monkeypatch, "move_followers", Busy("videos", retry_after=60), 1)
    runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
    job = Job.objects.get(kind=restitutions.MOVE_FOLLOWERS)
    assert (make.fresh(row).moved, job.state, naps) == (0, JobState.QUEUED, [])
    assert job.run_after > clock.now() + timedelta(seconds=50)


def test_a_job_that_gets_on_is_not_given_up_however_often_its_worker_dies(
    stage: make.Stage, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths = restitution_pages.PAGE_ATTEMPTS + 5
    make.follow(stage.source, make.viewers(deaths + 2), post=stage.copy)
    row = make.begun(stage, batch=1)
    step = restitution_pages.move_page

    def move_one_and_die(pk: int) -> int | None:
        if make.fresh(row).cursor != started_at:
            raise KeyboardInterrupt
        return step(pk)

    job = Job.objects.get(kind=restitutions.MOVE_FOLLOWERS)
    for death in range(deaths):
        started_at = make.fresh(row).cursor
        with monkeypatch.context() as patch, clock.freeze_time(clock.now() + death * timedelta(minutes=5)):
            patch.setattr(restitution_pages, "move_page", move_one_and_die)
            with pytest.raises(KeyboardInterrupt):
                runner.run_job(job.pk)
    row = work(row, after=deaths * timedelta(minutes=5))
    assert (row.state, row.moved) == ("done", deaths + 2)
    check(row)


def test_no_call_is_made_within_a_transaction(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for call in ("move_followers", "restore_followers", "send_messages", "return_follower"):
        method = getattr(distant, call)

        def noted(*args: Any, call: str = call, method: Callable[..., Any] = method, **kwargs: Any) -> Any:
            refuse_open_transaction()
            seen.append(call)
            return method(*args, **kwargs)

        monkeypatch.setattr(distant, call, noted)
    row = work(make.begun(stage))
    follower_choices.undo_follower_return(restitution=row, follower_id=followers[0].pk)
    reversals.reverse_restitution(row, by=None)
    work(row)
    assert set(seen) == {"move_followers", "restore_followers", "send_messages", "return_follower"}


@pytest.mark.parametrize("call", ["account", "works_of"])
def test_a_process_that_dies_while_it_begins(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    row = make.held(stage)
    die_in(restitutions.begin_due_restitutions, distant, call, monkeypatch)
    assert make.fresh(row).state == "held"
    assert restitutions.begin_due_restitutions() == 1
    row = work(row)
    assert (row.state, row.moved) == ("done", 5)
    check(row)


def test_a_process_that_dies_while_a_page_moves(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make.begun(stage, batch=2)
    die_in(runner.run_due_jobs, distant, "move_followers", monkeypatch)
    assert (make.fresh(row).moved, len({edge.account_id for edge in make.edges()})) == (0, 2)
    row = work(row, after=HOUR)
    assert (row.state, row.moved, row.pages.count(), delivered_notices().count()) == ("done", 5, 3, 5)
    check(row)


def test_a_process_that_dies_while_followers_are_told(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make.begun(stage)
    die_in(runner.run_due_jobs, distant, "send_messages", monkeypatch)
    assert (delivered_notices().count(), make.fresh(row).pages.get().told_at) == (5, None)
    row = work(row, after=HOUR)
    assert delivered_notices().count() == 5
    assert row.pages.get().told_at is not None


@pytest.mark.parametrize("call", ["restore_followers", "send_messages"])
def test_a_process_that_dies_while_a_page_is_taken_back(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = make.edges()
    row = work(make.begun(stage, batch=2))
    reversals.reverse_restitution(row, by=None)
    die_in(runner.run_due_jobs, distant, call, monkeypatch)
    assert make.fresh(row).restored == 0
    row = work(row, after=HOUR)
    assert (row.state, row.restored, make.edges(), delivered_notices().count()) == ("reversed", 5, before, 10)
    check(row)


def test_a_process_that_dies_while_a_follower_takes_it_back(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, follower = work(make.begun(stage)), followers[0].pk

    def undo() -> None:
        follower_choices.undo_follower_return(restitution=make.fresh(row), follower_id=follower)

    die_in(undo, distant, "return_follower", monkeypatch)
    assert (make.fresh(row).undone, FollowerChoice.objects.carried_out().count()) == (0, 0)
    with clock.freeze_time(clock.now() + HOUR):
        assert follower_choices.finish_abandoned_choices() == 1
    undo()
    row = make.fresh(row)
    assert (row.undone, FollowerChoice.objects.carried_out().count()) == (1, 1)
    assert {edge.account_id for edge in make.edges(of=[follower])} == {stage.source.pk}
    check(row)


def test_a_reversal_learns_what_the_call_before_it_moved(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make.edges()
    row = make.begun(stage, batch=2)
    die_in(runner.run_due_jobs, distant, "move_followers", monkeypatch)
    reversals.reverse_restitution(row, by=None)
    row = work(row, after=HOUR)
    assert (row.state, row.moved, row.restored, make.edges()) == ("reversed", 2, 2, before)
    check(row)


def test_a_reversal_tells_those_who_were_told_perhaps(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make.begun(stage)
    die_in(runner.run_due_jobs, distant, "send_messages", monkeypatch)
    reversals.reverse_restitution(row, by=None)
    with pytest.raises(CallInProgress):
        restitution_pages.restore_page(row.pk)
    row = work(row, after=CALL_LEASE + HOUR)
    assert (row.state, delivered_notices().count()) == ("reversed", 10)


def test_a_reversal_during_the_call_takes_its_page_back_too(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make.edges()
    row = make.begun(stage, batch=2)
    move = distant.move_followers

    def reverse_meanwhile(*args: Any, **kwargs: Any) -> Any:
        done = move(*args, **kwargs)
        if make.fresh(row).state == "moving":
            reversals.reverse_restitution(make.fresh(row), by=None)
        return done

    monkeypatch.setattr(distant, "move_followers", reverse_meanwhile)
    row = work(row)
    assert (row.state, row.moved, row.restored, make.edges()) == ("reversed", 2, 2, before)
    check(row)


def test_a_closed_account_ends_the_move_where_it_stands(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform
) -> None:
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    assert restitution_pages.move_page(row.pk) is None
    row = make.fresh(row)
    assert (row.state, row.moved, row.remedy.problem, row.calling_key) == ("done", 2, "target_closed_midway", "")


def test_a_page_that_was_moved_before_the_account_closed_is_recorded(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make.begun(stage, batch=2)
    die_in(runner.run_due_jobs, distant, "move_followers", monkeypatch)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    row = work(row, after=HOUR)
    assert (row.state, row.moved, row.remedy.problem) == ("done", 2, "target_closed_midway")
    check(row)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_reversal_ends_though_the_account_closed_during_the_call(
    stage: make.Stage,
    followers: list[Account],
    distant: DistantPlatform,
    monkeypatch: pytest.MonkeyPatch,
    *,
    arrived: bool,
) -> None:
    row = make.begun(stage, batch=2)
    die_in(runner.run_due_jobs, distant, "move_followers", monkeypatch, arrives=arrived)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    reversals.reverse_restitution(row, by=None)
    row = work(row, after=HOUR)
    assert (row.state, row.moved, row.restored) == ("reversed", 2 if arrived else 0, 2 if arrived else 0)
    check(row)


def test_a_follower_who_is_gone_is_not_asked_for_again(
    stage: make.Stage, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = work(make.begun(stage))

    def gone(*args: Any) -> bool:
        raise Unknown(followers[0].pk)

    monkeypatch.setattr(distant, "return_follower", gone)
    with pytest.raises(Conflict):
        follower_choices.undo_follower_return(restitution=row, follower_id=followers[0].pk)
    assert FollowerChoice.objects.get().account_gone
    assert not FollowerChoice.objects.carried_out().exists()


@pytest.mark.parametrize(("asked", "tries"), [(None, 3), (0.9, 3), (1.5, 1), (7200.0, 1)])
def test_a_page_that_fails_holds_its_worker_for_a_second_at_most(
    monkeypatch: pytest.MonkeyPatch, asked: float | None, tries: int
) -> None:
    slept: list[float] = []
    made: list[int] = []
    monkeypatch.setattr("complaints.actions.restitution_pages.time.sleep", slept.append)

    def fail(pk: int) -> int | None:
        made.append(pk)
        raise Busy("videos", retry_after=asked)

    with pytest.raises(Busy):
        restitution_pages._step_repeatedly(fail, 1)
    assert len(made) == tries
    assert len(slept) == tries - 1
    assert all(seconds <= 1 for seconds in slept)
