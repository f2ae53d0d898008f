"""A restitution at work: pages moved and taken back, followers told, jobs that stop and go on, what a page costs."""

from datetime import timedelta
from typing import Any

import pytest

from complaints.actions import follower_alerts, restitution_pages, restitutions, reversals, undo_periods
from complaints.models import Complaint, Remedy, RestitutionPage
from complaints.restitution import attribution
from complaints.templatetags.restitutions import restitution_brief
from complaints.tests import restitutions as make
from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound import guard
from portal.outbound.discrepancies import open_discrepancies
from portal.platforms import PlatformError, registry
from portal.sandbox.actions import follows
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def test_a_reversal_stops_the_move_at_the_end_of_a_page() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(9), post=stage.copy)
    before = make.edges()
    row = make.begun(stage, batch=4)
    restitution_pages.move_page(row.pk)
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.restored, row.pages.count()) == ("reversed", 4, 4, 1)
    assert make.edges() == before
    assert not delivered_notices().exists()  # nobody was told, so nobody is told that it is over


def test_a_decision_is_reversed_while_the_platform_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """The followers go back once it is served again."""
    stage = make.stage()
    make.follow(stage.source, make.viewers(3), post=stage.copy)
    before = make.edges()
    row = make.begun(stage)
    runner.run_due_jobs()
    with monkeypatch.context() as patch:
        patch.delitem(registry._connectors, "sandbox")
        reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs()
    assert make.fresh(row).state == "reversed"
    assert make.edges() == before


def test_the_next_restitution_of_a_pair_waits_for_the_end_of_a_reversal() -> None:
    stage = make.stage()
    first = make.begun(stage)
    runner.run_due_jobs()
    second = make.held(stage, copy=stage.other)
    reversals.reverse_restitution(first, by=None)
    assert restitutions.begin_due_restitutions() == 0
    runner.run_due_jobs()
    assert restitutions.begin_due_restitutions() == 1
    assert make.fresh(second).state == "moving"


def test_a_job_hands_over_when_its_time_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restitution_pages, "RUN_SECONDS", 0)
    stage = make.stage()
    make.follow(stage.source, make.viewers(7), post=stage.copy)
    monkeypatch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
    row = make.begun(stage, batch=2)
    runner.run_due_jobs()
    jobs = Job.objects.filter(kind=restitutions.MOVE_FOLLOWERS)
    assert jobs.count() > 4
    assert not jobs.exclude(state=JobState.DONE).exists()
    assert make.fresh(row).moved == 7


def test_a_platform_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)

    def silent(*args: Any, **kwargs: Any) -> None:
        raise PlatformError("down")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxPlatform, "move_span", silent)
        runner.run_due_jobs()
    jobs = Job.objects.filter(kind=restitutions.MOVE_FOLLOWERS).order_by("pk")
    assert {(job.state, job.attempts) for job in jobs} == {(JobState.QUEUED, 1)}
    assert make.fresh(row).state == "moving"
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        runner.run_due_jobs()
        assert make.fresh(row).moved == 2


def test_work_that_was_given_up_is_taken_up_again_within_the_hour() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)
    assert restitution_pages.resume_abandoned_jobs() == 0  # its job waits
    Job.objects.update(state=JobState.FAILED)
    restitutions.note_failed_restitution_job({"restitution": row.pk})
    assert make.fresh(row).interrupted_at is not None
    assert follower_alerts.note_late_followers() == 0
    with clock.freeze_time(clock.now() + timedelta(hours=4)):
        assert follower_alerts.note_late_followers() == 1
        assert open_discrepancies().get().subject == row.remedy.complaint.number
    assert restitution_pages.resume_abandoned_jobs() == 1
    assert restitution_pages.resume_abandoned_jobs() == 0
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.interrupted_at) == ("done", 2, None)
    with clock.freeze_time(clock.now() + timedelta(hours=5)):
        assert follower_alerts.note_late_followers() == 0
    assert not open_discrepancies().exists()


def test_what_was_interrupted_says_so_until_a_page_gets_on() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
    Remedy.objects.filter(pk=row.remedy_id).update(problem="target_closed_midway")
    restitutions.note_failed_restitution_job({"restitution": row.pk})
    assert "was interrupted" in str(restitution_brief(make.fresh(row))["problem"])
    runner.run_due_jobs([undo_periods.TELL_FOLLOWERS])
    row = make.fresh(row)
    assert row.interrupted_at is None
    assert "closed their account" in str(restitution_brief(row)["problem"])


def test_nobody_is_told_of_a_move_that_is_reversed_while_the_page_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
    claim = RestitutionPage.claim_call

    def meanwhile(page: RestitutionPage, key: str, **conditions: Any) -> None:
        claim(page, key, **conditions)
        row.grounds.update(fallen_at=clock.now())

    monkeypatch.setattr(RestitutionPage, "claim_call", meanwhile)
    restitution_pages.tell_page(row.pk)
    assert not delivered_notices().exists()
    assert row.pages.filter(told_at=None, calling_key="").exists()


def test_nobody_is_told_of_a_move_without_a_ground_that_was_restored() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs([restitutions.MOVE_FOLLOWERS])
    RestitutionPage.objects.create(restitution=row, number=9, moved=[7], restored=1, restored_at=clock.now())
    assert [page.number for page in RestitutionPage.objects.to_tell()] == [0]


def test_every_follower_is_told_once_in_both_languages() -> None:
    stage = make.stage()
    moved, both, staying = make.viewers(2), make.viewers(1), make.viewers(1)
    make.follow(stage.source, [*moved, *both], post=stage.copy)
    make.follow(stage.source, staying, source_kind="profile")
    make.follow(stage.target, both, source_kind="profile")
    row = make.begun(stage)
    runner.run_due_jobs()
    told = {note.account_id: note for note in delivered_notices()}
    assert set(told) == {one.pk for one in (*moved, *both)}
    assert len({note.url for note in told.values()}) == 3
    note = told[moved[0].pk]
    assert stage.source.handle in note.subject
    assert stage.target.handle in note.body
    assert "@{{" not in note.body + note.subject
    assert "press the button" in note.body
    assert f"your follow of @{stage.source.handle} has ended" in told[both[0].pk].body
    assert row.pages.filter(told_at=None).count() == 0


def test_who_was_told_of_the_move_is_told_of_its_reversal() -> None:
    stage = make.stage()
    followers = make.viewers(3)
    make.follow(stage.source, followers, post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs()
    follows.unfollow_account(account=stage.target, by=followers[0])
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.restored, row.overridden) == ("partly_reversed", 2, 1)
    again = delivered_notices().filter(key__endswith="-returned")
    assert {note.account_id for note in again} == {one.pk for one in followers[1:]}


def test_telling_stops_when_it_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
    stage = make.stage()
    make.follow(stage.source, make.viewers(4), post=stage.copy)
    row = make.begun(stage, batch=2)
    while restitution_pages.move_page(row.pk) is not None:
        pass
    restitution_pages.tell_page(row.pk)
    reversals.reverse_restitution(row, by=None)
    assert restitution_pages.tell_page(row.pk) is None
    runner.run_due_jobs()
    assert delivered_notices().filter(key__endswith="-moved").count() == 2
    assert delivered_notices().filter(key__endswith="-returned").count() == 2


def test_a_page_costs_few_queries(django_assert_max_num_queries: Any) -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(40), post=stage.copy)
    row = make.begun(stage, batch=10)
    with django_assert_max_num_queries(30):
        restitution_pages.move_page(row.pk)


def test_complaints_about_other_accounts_are_not_asked_for() -> None:
    stage, other = make.stage(), make.stage()
    make.complaint(other, state="in_review")
    complaint = make.complaint(stage)
    assert attribution.disputed_works(complaint) == set()
    assert attribution.upheld_works(complaint) == {str(stage.copy.pk): [complaint.pk]}
    assert attribution.target_account(complaint) is not None
    assert Complaint.objects.count() == 2


def test_the_platform_is_asked_before_rows_are_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    row, asked = make.held(make.stage()), []

    def without_transaction(call: Any) -> Any:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            guard.refuse_open_transaction()
            asked.append(call.__name__)
            return call(*args, **kwargs)

        return guarded

    for call in ("works_of", "account"):
        monkeypatch.setattr(SandboxPlatform, call, without_transaction(getattr(SandboxPlatform, call)))
    assert restitutions.begin_due_restitutions() == 1
    assert make.fresh(row).state == "moving"
    assert set(asked) == {"works_of", "account"}
