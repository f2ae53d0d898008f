"""A platform that asks to be called later for days is told to staff, although no attempt counts and no job is given up."""

from datetime import timedelta

import pytest

from complaints.tests import restitutions as make
from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound import platform_jobs
from portal.outbound.discrepancies import open_discrepancies
from portal.outbound.http.errors import Busy
from portal.outbound.models import Effect, Problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
DAY = timedelta(days=1)


def test_a_platform_that_always_says_tomorrow_is_told_after_three_days(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: object, **_named: object) -> None:
        raise Busy("sandbox", retry_after=24 * 3600)

    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)
    started = clock.now()
    with monkeypatch.context() as patch:
        patch.setattr(SandboxPlatform, "move_span", busy)
        patch.setattr(SandboxPlatform, "page_end", busy)
        for hours in range(0, 72, 3):
            with clock.freeze_time(started + timedelta(hours=hours)):
                runner.run_due_jobs(["complaints.move_followers"])
                assert platform_jobs.note_overdue_jobs() == 0
        with clock.freeze_time(started + 3 * DAY + timedelta(hours=1)):
            runner.run_due_jobs(["complaints.move_followers"])
            assert not Job.objects.filter(state=JobState.FAILED).exists()
            assert [platform_jobs.note_overdue_jobs() for _ in "12"] == [1, 1]
            (found,) = open_discrepancies()
            assert (found.platform, found.effect, found.problem) == ("sandbox", Effect.CALLS, Problem.OVERDUE)
    with clock.freeze_time(started + 5 * DAY):
        runner.run_due_jobs(["complaints.move_followers"])
        assert make.fresh(row).moved == 2
        assert platform_jobs.note_overdue_jobs() == 0
    assert not open_discrepancies().exists()


def test_what_is_planned_for_a_later_day_is_not_overdue() -> None:
    row = make.begun(make.stage())
    Job.objects.filter(payload__restitution=row.pk).update(run_after=clock.now() + 9 * DAY)
    with clock.freeze_time(clock.now() + 5 * DAY):
        assert platform_jobs.note_overdue_jobs() == 0
