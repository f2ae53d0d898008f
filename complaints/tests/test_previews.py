"""What returning followers would come to is counted once, changes nothing, and is what the restitution then does."""

from datetime import timedelta
from typing import Any

import pytest

from complaints.actions import previews
from complaints.models import Complaint, RestitutionPreview
from complaints.tests import restitutions as make
from complaints.tests.distant import DistantPlatform, use_distant_platform, work
from portal import clock
from portal.errors import NotAllowed
from portal.jobs import runner
from portal.jobs.models import Job
from portal.platforms import PlatformError
from portal.sandbox.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def distant(platform: object, monkeypatch: pytest.MonkeyPatch) -> DistantPlatform:
    monkeypatch.setattr(RestitutionPreview._meta.get_field("batch"), "default", 2)
    return use_distant_platform(monkeypatch)


@pytest.fixture
def stage() -> make.Stage:
    """Five whom the copy attracted, one of them a bot and one who follows both; three of the other video."""
    made = make.stage()
    came, bot, passed = make.viewers(4), make.viewers(1, is_bot=True), make.viewers(3)
    make.follow(made.source, [*came, *bot], post=made.copy)
    make.follow(made.source, passed, post=made.other)
    make.follow(made.target, came[:1])
    return made


def count(complaint: Complaint) -> RestitutionPreview:
    previews.ask_preview(complaint)
    runner.run_due_jobs()
    return RestitutionPreview.objects.get(complaint=complaint)


def figures(row: Any) -> tuple[int, int, dict[str, int], int]:
    return row.moved, row.already, row.excluded, row.passed


def test_it_foresees_what_the_restitution_does_and_changes_nothing(stage: make.Stage) -> None:
    before, complaint = make.edges(), make.complaint(stage, state="in_review")
    row = count(complaint)
    assert (figures(row), row.is_complete, row.expected) == ((3, 1, {"bot": 1}, 3), True, 8)
    assert make.edges() == before
    Complaint.objects.filter(pk=complaint.pk).update(state="withdrawn")  # it would dispute the same copy
    assert figures(work(make.begun(stage))) == figures(row)


def test_it_can_be_counted_again(stage: make.Stage) -> None:
    complaint = make.complaint(stage, state="in_review")
    first = count(complaint)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    again = count(complaint)
    assert (first.moved, again.moved, again.run) == (3, 5, 2)


def test_asking_twice_counts_once(stage: make.Stage) -> None:
    complaint = make.complaint(stage, state="in_review")
    previews.ask_preview(complaint)
    previews.ask_preview(complaint)
    assert Job.objects.filter(kind=previews.PREVIEW_FOLLOWERS).count() == 1


def test_a_worker_that_dies_counts_no_page_twice(
    stage: make.Stage, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = make.complaint(stage, state="in_review")
    previews.ask_preview(complaint)
    preview, calls = distant.preview_followers, []

    def die_at_the_third(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return preview(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(distant, "preview_followers", die_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            runner.run_due_jobs()
    half = RestitutionPreview.objects.get()
    assert (half.looked_at, half.runs) == (4, True)
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        runner.run_job(Job.objects.get(kind=previews.PREVIEW_FOLLOWERS).pk)
    assert figures(RestitutionPreview.objects.get()) == (3, 1, {"bot": 1}, 3)


def test_jobs_take_turns_and_a_page_that_another_has_counted_is_not_added(
    stage: make.Stage, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "RUN_SECONDS", 0)
    complaint = make.complaint(stage, state="in_review")
    previews.ask_preview(complaint)
    preview = distant.preview_followers

    def counted_by_another(*args: Any, **kwargs: Any) -> Any:
        RestitutionPreview.objects.filter(complaint=complaint, cursor=kwargs["cursor"]).update(cursor=2**40, moved=9)
        return preview(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(distant, "preview_followers", counted_by_another)
        runner.run_job(Job.objects.get(kind=previews.PREVIEW_FOLLOWERS).pk)
    assert RestitutionPreview.objects.get().moved == 9
    runner.run_due_jobs()
    assert not RestitutionPreview.objects.get().runs


def test_of_very_many_followers_the_first_are_counted(stage: make.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_LOOKED_AT", 4)
    row = count(make.complaint(stage, state="in_review"))
    assert (row.looked_at, row.is_complete, row.runs) == (4, False, False)


def test_what_cannot_be_counted_says_why(
    stage: make.Stage, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = make.complaint(stage, state="in_review")
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    assert count(complaint).problem == previews.ACCOUNT_GONE
    alone = make.stage(linked=False)
    assert count(make.complaint(alone, state="in_review")).problem == previews.NO_TARGET

    def silent(*args: Any, **kwargs: Any) -> Any:
        raise PlatformError("no answer")

    monkeypatch.setattr(distant, "preview_followers", silent)
    other = make.complaint(make.stage(), state="in_review")
    previews.ask_preview(other)
    previews.note_failed_preview({"complaint": other.pk, "run": 1})
    assert RestitutionPreview.objects.get(complaint=other).problem == previews.FAILED


def test_nothing_is_counted_where_followers_do_not_return(stage: make.Stage) -> None:
    complaint = make.complaint(make.stage(region="eu", mode="off"), state="in_review")
    with pytest.raises(NotAllowed):
        previews.ask_preview(complaint)
    assert not RestitutionPreview.objects.exists()
