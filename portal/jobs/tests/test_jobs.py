"""Enqueue once, claim once, fence, retry, give up, sweep."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from portal import clock
from portal.jobs import queue, registry, runner
from portal.jobs.attempts import JobAttempt, LeaseLost
from portal.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds() -> Iterator[list[int]]:
    """A kind that notes its runs, one that fails, one that loses its lease while it works."""
    seen: list[int] = []

    def note(run: JobAttempt) -> None:
        with run.finish():
            seen.append(run.payload["n"])

    def fail(run: JobAttempt) -> None:
        raise ValueError(run.payload.get("said", "broken"))

    def dawdle(run: JobAttempt) -> None:
        Job.objects.filter(pk=run.job_id).update(fence=run.fence + 1)
        with run.finish():
            seen.append(run.payload["n"])

    registry.register_kind("test.note", note)
    registry.register_kind("test.fail", fail, attempts=2, exhausted=lambda payload: seen.append(-payload["n"]))
    registry.register_kind("test.dawdle", dawdle)
    yield seen
    for name in ("test.note", "test.fail", "test.dawdle"):
        del registry.kinds[name]


def test_error_of_a_job_holds_no_personal_data(kinds: list[int]) -> None:
    job = queue.enqueue_job(
        "test.fail", {"n": 5, "said": "no mailbox of ana@example.org or +86 138 1234 5678"}, key="fails"
    )
    for _attempt in range(2):
        Job.objects.filter(pk=job.pk).update(run_after=clock.now())
        runner.run_job(job.pk)
        job.refresh_from_db()
        assert job.error == "ValueError: no mailbox of [address] or [number]"
    assert job.state == JobState.FAILED


def test_a_job_stays_given_up_though_its_kind_fails_to_say_so(kinds: list[int]) -> None:
    def exhausted(payload: dict[str, Any]) -> None:
        raise LookupError("its row is gone")

    registry.kinds["test.fail"] = replace(registry.kinds["test.fail"], exhausted=exhausted)
    job = queue.enqueue_job("test.fail", {"n": 5}, key="fails")
    for _attempt in range(2):
        Job.objects.filter(pk=job.pk).update(run_after=clock.now())
        runner.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_enqueue_twice_is_one_job(kinds: list[int]) -> None:
    first = queue.enqueue_job("test.note", {"n": 1}, key="once")
    second = queue.enqueue_job("test.note", {"n": 2}, key="once")
    assert first.pk == second.pk
    runner.run_due_jobs()
    assert kinds == [1]


def test_enqueue_unknown_kind_is_a_programming_error() -> None:
    with pytest.raises(LookupError):
        queue.enqueue_job("test.unknown", {}, key="x")


def test_enqueue_rolls_back_with_its_transaction(kinds: list[int]) -> None:
    with transaction.atomic():
        queue.enqueue_job("test.note", {"n": 1}, key="once")
        transaction.set_rollback(True)
    assert not Job.objects.filter(key="once").exists()


def test_run_twice_does_the_work_once(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.note", {"n": 1}, key="once")
    assert runner.run_job(job.pk)
    assert not runner.run_job(job.pk)
    assert kinds == [1]


def test_a_later_job_waits_for_its_time(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.note", {"n": 1}, key="later", at=clock.now() + timedelta(minutes=5))
    assert not runner.run_job(job.pk)
    with clock.freeze_time(clock.now() + timedelta(minutes=6)):
        assert runner.run_job(job.pk)


def test_a_held_job_is_taken_over_only_after_its_lease(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.note", {"n": 1}, key="held")
    held = {"state": JobState.RUNNING, "attempts": 1, "lease_until": clock.now() + queue.lease_duration()}
    Job.objects.filter(pk=job.pk).update(**held)
    assert not runner.run_job(job.pk)
    with clock.freeze_time(clock.now() + queue.lease_duration() + timedelta(seconds=1)):
        assert runner.run_job(job.pk)
    assert kinds == [1]


def test_effects_of_a_lost_lease_are_not_written(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.dawdle", {"n": 1}, key="slow")
    runner.run_job(job.pk)
    job.refresh_from_db()
    assert kinds == []
    assert job.state == JobState.RUNNING


def test_finish_raises_when_the_attempt_is_not_ours() -> None:
    with pytest.raises(LeaseLost), JobAttempt(0, "test.note", {}, 1, 1).finish():
        pass


def test_a_lease_is_extended_by_its_holder_only(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.note", {"n": 1}, key="a")
    with clock.freeze_time(clock.now()):
        attempt = runner._claim(job.pk)
        assert attempt is not None
        with clock.freeze_time(clock.now() + queue.lease_duration() / 2):
            attempt.extend()
            job.refresh_from_db()
            assert job.lease_until == clock.now() + queue.lease_duration()
        with clock.freeze_time(clock.now() + queue.lease_duration() * 1.2):
            assert runner.run_job(job.pk) is False
        with clock.freeze_time(clock.now() + queue.lease_duration() * 2):
            assert runner.run_job(job.pk) is True
    with pytest.raises(LeaseLost):
        attempt.extend()


@pytest.mark.django_db(transaction=True)
def test_a_long_call_holds_its_job_and_ends_even_when_it_is_lost(kinds: list[int], settings: Settings) -> None:
    settings.JOBS_LEASE_SECONDS = 0.3
    job = queue.enqueue_job("test.note", {"n": 1}, key="a")
    attempt = runner._claim(job.pk)
    assert attempt is not None
    with attempt.held():
        time.sleep(0.6)
        assert runner.run_job(job.pk) is False
        Job.objects.filter(pk=job.pk).update(fence=2)
        time.sleep(0.3)
    with pytest.raises(LeaseLost), attempt.finish():
        pass


def test_a_failing_job_is_tried_again_then_given_up(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.fail", {"n": 7}, key="bad")
    runner.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert job.run_after > clock.now()
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        runner.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, kinds) == (JobState.FAILED, [-7])
    assert "ValueError" in job.error


def test_a_job_that_kills_its_workers_is_given_up(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.fail", {"n": 7}, key="killer")
    gone = {"state": JobState.RUNNING, "attempts": 2, "lease_until": clock.now()}
    Job.objects.filter(pk=job.pk).update(**gone)
    assert not runner.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, kinds) == (JobState.FAILED, [-7])


def test_retry_gives_a_failed_job_new_attempts(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.note", {"n": 1}, key="again")
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, attempts=5)
    queue.retry_job(job)
    assert runner.run_due_jobs() == 1
    assert kinds == [1]


def test_work_that_fails_every_hour_leaves_one_failed_job_beside_the_first(kinds: list[int]) -> None:
    first = queue.enqueue_job("test.fail", {"n": 7}, key="first")
    other = queue.enqueue_job("test.fail", {"n": 70}, key="test.fail:70@0")
    Job.objects.update(state=JobState.FAILED)
    for hour in range(1, 4):
        with clock.freeze_time(clock.now() + timedelta(hours=hour)):
            assert queue.enqueue_again("test.fail", {"n": 7})
            assert not queue.enqueue_again("test.fail", {"n": 7})
        Job.objects.update(state=JobState.FAILED)
    left = Job.objects.order_by("pk").values_list("pk", flat=True)
    assert len(left) == 3
    assert {first.pk, other.pk} < set(left)


def test_a_stale_attempt_never_ends_a_job_that_was_retried(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.fail", {"n": 7}, key="paused")
    stale = runner._claim(job.pk)
    assert stale is not None
    # Its process is paused; the next worker finds the lease over, and the job is given up and retried by staff.
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
    queue.retry_job(job)
    fresh = runner._claim(job.pk)
    assert fresh is not None
    assert (stale.attempt, fresh.attempt) == (1, 1)
    with pytest.raises(LeaseLost), stale.finish():
        pass
    with pytest.raises(LeaseLost):
        stale.extend()
    runner._put_back(stale, ValueError())
    runner._give_up(stale, "late")
    job.refresh_from_db()
    assert (job.state, kinds) == (JobState.RUNNING, [])
    with fresh.finish():
        pass
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_each_claim_of_a_job_has_a_number_of_its_own(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.fail", {"n": 7}, key="often")
    numbers = []
    for round_ in range(6):
        with clock.freeze_time(clock.now() + timedelta(hours=round_)):
            attempt = runner._claim(job.pk)
            assert attempt is not None
            numbers.append(attempt.fence)
            runner._put_back(attempt, ValueError())
            queue.retry_job(job)
    assert numbers == sorted(set(numbers))


@pytest.fixture
def lasting(settings: Settings) -> Iterator[list[str]]:
    """Periodic work that takes four leases, and what other workers find meanwhile."""
    settings.JOBS_LEASE_SECONDS = 0.3
    found: list[str] = []

    def last() -> None:
        for _time in range(4):
            time.sleep(0.3)
            job = Job.objects.get(kind="test.lasting")
            found.append("taken over" if runner.run_job(job.pk) else job.state)

    registry.register_periodic("test.lasting", 10, last)
    yield found
    del registry.kinds["test.lasting"], registry.periodics["test.lasting"]
    queue._served_slots.clear()


@pytest.mark.django_db(transaction=True)
def test_periodic_work_longer_than_a_lease_is_neither_failed_nor_taken_over(lasting: list[str]) -> None:
    job = queue.enqueue_job("test.lasting", {}, key="test.lasting@1")
    assert runner.run_job(job.pk)
    assert lasting == [JobState.RUNNING] * 4
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_periodic_work_is_not_begun_beside_itself(lasting: list[str]) -> None:
    of_this = Job.objects.filter(kind="test.lasting")
    for later, opened in ((0, 1), (10, 1), (20, 1)):
        with clock.freeze_time(clock.now() + timedelta(seconds=later)):
            queue.run_tick()
        assert of_this.count() == opened
    of_this.update(state=JobState.DONE)
    with clock.freeze_time(clock.now() + timedelta(seconds=20)):
        queue.run_tick()
    assert of_this.count() == 2


def test_a_slot_whose_worker_was_killed_is_served_by_another(lasting: list[str]) -> None:
    job = queue.enqueue_job("test.lasting", {}, key="test.lasting@1")
    assert runner._claim(job.pk)
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        assert runner._claim(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_sweep_sends_what_was_never_sent_once_per_interval(kinds: list[int]) -> None:
    job = queue.enqueue_job("test.note", {"n": 1}, key="lost")
    Job.objects.filter(pk=job.pk).update(sent_at=None)
    assert queue.sweep_jobs() == 1
    assert queue.sweep_jobs() == 0
    with clock.freeze_time(clock.now() + timedelta(seconds=30)):
        assert queue.sweep_jobs() == 1


def test_tick_opens_each_slot_once() -> None:
    registry.register_periodic("test.hourly", 3600, lambda: None)
    try:
        queue.run_tick()
        queue._served_slots.clear()
        queue.run_tick()
        assert Job.objects.filter(kind="test.hourly").count() == 1
        Job.objects.update(state=JobState.DONE)
        with clock.freeze_time(clock.now() + timedelta(hours=1)):
            queue.run_tick()
        assert Job.objects.filter(kind="test.hourly").count() == 2
    finally:
        del registry.kinds["test.hourly"], registry.periodics["test.hourly"]
        queue._served_slots.clear()


def test_purge_done_keeps_failed_and_recent(kinds: list[int]) -> None:
    for key in ("old", "recent", "failed"):
        queue.enqueue_job("test.note", {"n": 1}, key=key)
    long_ago = clock.now() - timedelta(days=15)
    Job.objects.update(state=JobState.DONE, finished_at=clock.now())
    Job.objects.exclude(key="recent").update(finished_at=long_ago)
    Job.objects.filter(key="failed").update(state=JobState.FAILED)
    assert queue.purge_done_jobs() == 1
    assert set(Job.objects.values_list("key", flat=True)) == {"recent", "failed"}


@pytest.mark.parametrize(("asked", "ends"), [(86_400.0, False), (60.0, True)])
def test_a_wait_of_hours_that_the_error_tells_does_not_end_a_job(kinds: list[int], asked: float, ends: bool) -> None:
    def come_tomorrow(run: JobAttempt) -> None:
        error = ValueError("the quota of the day is used up")
        error.retry_after = asked  # type: ignore[attr-defined]
        raise error

    registry.kinds["test.fail"] = replace(registry.kinds["test.fail"], handler=come_tomorrow)
    job = queue.enqueue_job("test.fail", {"n": 5}, key="tomorrow")
    for hours in range(0, 46, 2):
        with clock.freeze_time(clock.now() + timedelta(hours=hours)):
            runner.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == (JobState.FAILED if ends else JobState.QUEUED)


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(None, 0, 2), (0.1, 0, 2), (120.0, 120, 120), (86_400.0, 3600, 3600)]
)
def test_the_next_attempt_is_not_made_before_the_time_that_the_error_tells(
    kinds: list[int], asked: float | None, least: float, most: float
) -> None:
    def come_later(run: JobAttempt) -> None:
        error = ValueError("busy")
        error.retry_after = asked  # type: ignore[attr-defined]
        raise error

    registry.kinds["test.fail"] = replace(registry.kinds["test.fail"], handler=come_later)
    job = queue.enqueue_job("test.fail", {"n": 5}, key="later")
    with clock.freeze_time(clock.now()):
        runner.run_job(job.pk)
        job.refresh_from_db()
        assert least <= (job.run_after - clock.now()).total_seconds() <= most
