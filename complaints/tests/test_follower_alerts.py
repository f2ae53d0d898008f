"""Staff hear of follows that do not go back, and of followers who are not told, in whatever state the restitution is."""

from datetime import timedelta

import pytest

from complaints.actions import follower_alerts, restitution_pages, restitutions, reversals, undo_periods
from complaints.models import Restitution, RestitutionPage
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.findings import overturn, restitute, uphold
from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound.discrepancies import open_discrepancies
from portal.platforms import PlatformError
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)


def alerts(*, after: timedelta) -> int:
    with clock.freeze_time(clock.now() + after):
        return follower_alerts.note_late_followers()


def give_up(kind: str) -> None:
    Job.objects.filter(kind=kind, state=JobState.QUEUED).update(state=JobState.FAILED)


def done(*, pages: int = 1, mode: str = RestitutionMode.MOVE) -> Restitution:
    """All are moved, or found and about to be asked; nobody has been told."""
    stage = make.stage(mode=mode)
    make.follow(stage.source, make.viewers(2 * pages), post=stage.copy)
    row = make.begun(stage, batch=2)
    runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
    return make.fresh(row)


@pytest.mark.parametrize(("mode", "state"), [("move", "done"), ("clear", "done"), ("invite", "inviting")])
def test_followers_who_are_not_told_are_an_alert_until_they_are(mode: str, state: str) -> None:
    row = done(mode=mode)
    assert row.state == state
    give_up(undo_periods.TELL_FOLLOWERS)
    assert [alerts(after=after) for after in (2 * HOUR, 4 * HOUR, 20 * DAY)] == [0, 1, 1]
    assert open_discrepancies().get().subject == row.remedy.complaint.number
    assert restitution_pages.resume_abandoned_jobs() == 1
    runner.run_due_jobs()
    assert alerts(after=20 * DAY) == 0
    assert not open_discrepancies().exists()


def test_telling_that_gets_on_is_no_alert_before_the_time_to_undo_it_ends() -> None:
    row = done(pages=3)
    give_up(undo_periods.TELL_FOLLOWERS)
    assert row.undo_until is not None
    with clock.freeze_time(clock.now() + 4 * HOUR):
        restitution_pages.tell_page(row.pk)
        assert alerts(after=2 * HOUR) == 0
        assert alerts(after=4 * HOUR) == 1
    with clock.freeze_time(row.undo_until - 6 * DAY):
        restitution_pages.tell_page(row.pk)
        assert alerts(after=HOUR) == 1


def test_answers_of_some_hide_nobody_who_was_not_asked() -> None:
    row = done(pages=2, mode=RestitutionMode.INVITE)
    give_up(undo_periods.TELL_FOLLOWERS)
    with clock.freeze_time(clock.now() + 4 * HOUR):
        now = clock.now()
        RestitutionPage.objects.create(restitution=row, number=9, at=now, told_at=now, reminded_at=now)
        assert alerts(after=HOUR) == 1


def test_pages_of_nobody_are_no_alert() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), source_kind="profile")
    row = make.begun(stage)
    runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
    give_up(undo_periods.TELL_FOLLOWERS)
    assert make.fresh(row).passed == 2
    assert alerts(after=DAY) == 0


def test_who_was_not_told_in_time_is_told_later_without_a_button() -> None:
    row = done()
    give_up(undo_periods.TELL_FOLLOWERS)
    assert row.undo_until is not None
    with clock.freeze_time(row.undo_until + DAY):
        assert restitution_pages.resume_abandoned_jobs() == 1
        runner.run_due_jobs()
    texts = {notice.body for notice in delivered_notices()}
    assert len(texts) == 1
    assert "You can still follow and unfollow anyone" in texts.copy().pop()
    assert "press the button by" not in texts.pop()


def test_a_part_that_does_not_go_back_is_an_alert_until_it_does() -> None:
    stage = make.stage()
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    make.follow(stage.source, make.viewers(3), post=stage.other)
    make.follow(stage.source, make.viewers(3), post=stage.copy)
    row = restitute(second)
    runner.run_due_jobs()
    overturn(first)
    row = make.fresh(row)
    assert row.state == "done"
    give_up(restitutions.RESTORE_FOLLOWERS)
    assert [alerts(after=after) for after in (2 * HOUR, 4 * HOUR, 10 * DAY)] == [0, 1, 1]
    assert restitution_pages.resume_abandoned_jobs() == 1
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.restored) == ("done", 3)
    assert alerts(after=10 * DAY) == 0
    assert not open_discrepancies().exists()


def test_a_whole_reversal_that_does_not_get_on_is_an_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    row = done()
    runner.run_due_jobs()
    reversals.reverse_restitution(row, by=None)

    def silent(*_args: object, **_named: object) -> None:
        raise PlatformError("down")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxPlatform, "restore_followers", silent)
        runner.run_due_jobs()
        assert [alerts(after=after) for after in (2 * HOUR, 4 * HOUR)] == [0, 1]
    with clock.freeze_time(clock.now() + 5 * HOUR):
        runner.run_due_jobs()
    assert make.fresh(row).state == "reversed"
    assert alerts(after=10 * HOUR) == 0
