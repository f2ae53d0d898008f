"""Followers of a platform that divides them into ranges, which are moved side by side by calls."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest

from complaints.actions import controls, restitution_pages, restitutions, reversals
from complaints.models import Restitution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.distant import DistantPlatform, check, die_in, use_distant_platform, work
from portal import clock
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound.calls import CALL_LEASE
from portal.platforms import AccountClosed, PlatformError, Unknown
from portal.reviews.tests import factories as reviews
from portal.testing.concurrency import at_once

WAIT = 20  # seconds
HOUR = timedelta(hours=1)
REASON = "Both accounts use the same device, so somebody looks first."


@pytest.fixture(autouse=True)
def distant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> DistantPlatform:
    """Divides into as many ranges as are asked for."""
    request.getfixturevalue("sandbox" if "transaction" in request.fixturenames else "platform")
    made = use_distant_platform(monkeypatch)
    monkeypatch.setattr(made, "ranges_at_once", lambda: 8)
    return made


def begun_for(number: int, *, batch: int = 2, parts: int = 2) -> tuple[Restitution, set[make.Edge]]:
    """A restitution of so many followers that has begun, and their follows before it."""
    stage = make.stage()
    make.follow(stage.source, make.viewers(number), post=stage.copy)
    return make.begun(stage, batch=batch), make.edges()


def move_until_nothing_is_left(row: Restitution) -> None:
    while restitution_pages.move_page(row.pk) is not None:
        pass


@pytest.mark.django_db
class TestRanges:
    def test_followers_return_by_ranges_and_go_back(self) -> None:
        row, before = begun_for(7)
        assert Job.objects.filter(kind=restitutions.MOVE_FOLLOWERS).count() == 2
        assert restitution_pages.move_page(row.pk) is not None
        assert [span.last is None for span in make.fresh(row).spans.all()] == [False, True]
        row = work(row)
        assert (row.state, row.moved, row.pages.count(), row.spans.count()) == ("done", 7, 4, 0)
        check(row)
        reversals.reverse_restitution(row, by=None)
        row = work(row)
        assert (row.state, row.restored, make.edges()) == ("reversed", 7, before)
        check(row)

    def test_what_has_begun_as_one_chain_ends_as_one(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, _before = begun_for(6)
        with monkeypatch.context() as patch:
            patch.setattr(distant, "ranges_at_once", lambda: 1)
            assert restitution_pages.move_page(row.pk) is not None
        row = work(row)
        assert (row.state, row.moved, row.is_planned) == ("done", 6, False)

    def test_one_process_divides_nothing(self, settings: Any) -> None:
        settings.POOL_PROCESSES = {**settings.POOL_PROCESSES, "restitution": 1}
        row = work(begun_for(6)[0])
        assert (row.state, row.moved, row.is_planned) == ("done", 6, False)

    def test_who_is_asked_first_is_asked_page_after_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        row, _before = begun_for(2)
        row.mode = RestitutionMode.INVITE
        jobs = Job.objects.filter(kind=restitutions.MOVE_FOLLOWERS)
        restitutions.enqueue_page_jobs(restitutions.MOVE_FOLLOWERS, row, "again")
        assert jobs.filter(key__contains="again").count() == 1

    @pytest.mark.parametrize("arrives", [True, False])
    def test_a_page_of_a_dead_worker_is_moved_once(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, *, arrives: bool
    ) -> None:
        row, _before = begun_for(7)
        die_in(runner.run_due_jobs, distant, "move_followers", monkeypatch, arrives=arrives)
        assert make.fresh(row).spans.exclude(calling_key="").count() == 1
        row = work(row, after=HOUR)
        assert (row.state, row.moved, row.pages.count()) == ("done", 7, 4)
        check(row)

    @pytest.mark.parametrize("arrives", [True, False])
    def test_a_reversal_learns_what_the_calls_before_it_moved(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, *, arrives: bool
    ) -> None:
        row, before = begun_for(8)
        for _ in range(2):
            die_in(lambda: restitution_pages.move_page(row.pk), distant, "move_followers", monkeypatch, arrives=arrives)
        assert make.fresh(row).spans.exclude(calling_key="").count() == 2
        reversals.reverse_restitution(row, by=None)
        row = work(row, after=HOUR)
        assert (row.state, row.moved, row.restored, make.edges()) == ("reversed", *[4 if arrives else 0] * 2, before)
        check(row)

    def test_a_call_that_is_made_again_has_the_size_that_it_had(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, _before = begun_for(8)
        die_in(lambda: restitution_pages.move_page(row.pk), distant, "move_followers", monkeypatch)
        Restitution.objects.filter(pk=row.pk).update(batch=1)  # another range was slow in the meantime
        sizes: dict[int, int] = {}
        move = distant.move_followers

        def noted(*args: Any, **kwargs: Any) -> Any:
            sizes[kwargs["cursor"]] = kwargs["limit"]
            return move(*args, **kwargs)

        monkeypatch.setattr(distant, "move_followers", noted)
        row = work(row, after=HOUR)
        assert (row.state, row.moved, sizes[0]) == ("done", 8, 2)
        check(row)

    def test_a_call_that_fails_leaves_its_range_to_whoever_comes_next(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, _before = begun_for(4, batch=4)
        assert restitution_pages.move_page(row.pk) is not None  # the first range
        die_in(lambda: restitution_pages.move_page(row.pk), distant, "move_followers", monkeypatch, arrives=False)
        assert make.fresh(row).spans.free().count() == 0

        def fail(*_args: Any, **_kwargs: Any) -> None:
            raise PlatformError("busy")

        with clock.freeze_time(clock.now() + HOUR):
            with monkeypatch.context() as patch:
                patch.setattr(distant, "move_followers", fail)
                with pytest.raises(PlatformError):
                    restitution_pages.move_page(row.pk)
            span = make.fresh(row).spans.free().get()
            assert span.calling_key
            assert restitution_pages.move_page(row.pk) == span.after
        row = make.fresh(row)
        assert (row.state, row.moved) == ("done", 4)
        check(row)

    def test_the_first_job_looks_again_for_ranges_that_others_have(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, _before = begun_for(4)
        for _ in range(2):
            die_in(lambda: restitution_pages.move_page(row.pk), distant, "move_followers", monkeypatch)
        runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
        jobs = Job.objects.filter(kind=restitutions.MOVE_FOLLOWERS)
        waiting = jobs.exclude(state=JobState.DONE).get()
        assert "helper" not in waiting.payload
        assert waiting.run_after > clock.now()
        row = work(row, after=CALL_LEASE + timedelta(seconds=10))
        assert (row.state, row.moved) == ("done", 4)
        check(row)

    @pytest.mark.parametrize(
        ("error", "problem"), [(AccountClosed, "target_closed_midway"), (Unknown, "account_gone_midway")]
    )
    def test_an_account_that_closes_midway_ends_every_range(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, error: type[Exception], problem: str
    ) -> None:
        row, _before = begun_for(8)
        die_in(lambda: restitution_pages.move_page(row.pk), distant, "move_followers", monkeypatch)

        def closed(*_args: Any, **_kwargs: Any) -> None:
            raise error("closed")

        with monkeypatch.context() as patch:
            patch.setattr(distant, "move_followers", closed)
            assert restitution_pages.move_page(row.pk) is not None
        row = make.fresh(row)
        assert (row.state, row.spans.open().count()) == ("moving", 1)
        with clock.freeze_time(clock.now() + HOUR):
            move_until_nothing_is_left(row)
        row = make.fresh(row)
        assert (row.state, row.remedy.problem, row.moved, row.spans.count()) == ("done", problem, 4, 0)
        check(row)

    def test_a_pause_records_what_is_under_way_and_no_range_goes_on(
        self, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, _before = begun_for(8)
        senior, move = reviews.senior(), distant.move_followers

        def pause_meanwhile(*args: Any, **kwargs: Any) -> Any:
            done = move(*args, **kwargs)
            controls.pause_restitution(restitution=make.fresh(row), by=senior, reason=REASON)
            return done

        with monkeypatch.context() as patch:
            patch.setattr(distant, "move_followers", pause_meanwhile)
            runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
        row = make.fresh(row)
        assert (row.state, row.moved) == ("paused", 2)
        controls.resume_restitution(restitution=row, by=senior, reason=REASON)
        row = work(row)
        assert (row.state, row.moved) == ("done", 8)
        check(row)


def while_a_page_moves(
    distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, row: Restitution, act: Callable[[], object]
) -> None:
    """Do something after the first page was moved and before it is recorded."""
    moved, acted, move = Event(), Event(), distant.move_followers

    def wait(*args: Any, **kwargs: Any) -> Any:
        done = move(*args, **kwargs)
        if not moved.is_set():
            moved.set()
            assert acted.wait(WAIT)
        return done

    def meanwhile() -> None:
        assert moved.wait(WAIT)
        act()
        acted.set()

    with monkeypatch.context() as patch:
        patch.setattr(distant, "move_followers", wait)
        at_once(lambda: restitution_pages.move_page(row.pk), meanwhile)


@pytest.mark.django_db(transaction=True)
class TestSideBySide:
    def test_two_workers_call_at_the_same_time(
        self, transaction: object, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each worker is within its call when the other one is: the barrier lets neither on before."""
        row, _before = begun_for(4)
        both, move = Barrier(2), distant.move_followers

        def meet(*args: Any, **kwargs: Any) -> Any:
            both.wait(WAIT)
            return move(*args, **kwargs)

        monkeypatch.setattr(distant, "move_followers", meet)
        at_once(*[lambda: restitution_pages.move_page(row.pk)] * 2)
        assert restitution_pages.move_page(row.pk) is None
        row = make.fresh(row)
        assert (row.state, row.moved, row.pages.count(), row.spans.count()) == ("done", 4, 2, 0)
        check(row)

    def test_a_reversal_during_a_call_gives_back_what_it_moved(
        self, transaction: object, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, before = begun_for(4)
        while_a_page_moves(distant, monkeypatch, row, lambda: reversals.reverse_restitution(make.fresh(row), by=None))
        row = work(row, after=HOUR)
        assert (row.state, row.moved, row.restored, make.edges()) == ("reversed", 2, 2, before)
        check(row)

    def test_a_worker_that_was_overtaken_records_nothing(
        self, transaction: object, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, _before = begun_for(4, batch=1)

        def overtake() -> None:
            with clock.freeze_time(clock.now() + HOUR):
                assert restitution_pages.move_page(row.pk) is not None

        while_a_page_moves(distant, monkeypatch, row, overtake)
        assert make.fresh(row).moved == 1
        move_until_nothing_is_left(row)
        row = make.fresh(row)
        assert (row.state, row.moved, row.pages.count()) == ("done", 4, 4)
        check(row)


@pytest.fixture
def transaction() -> None:
    """Marks a test whose threads have transactions of their own."""
