"""Senior reviewers pause, resume and stop a restitution; nobody is lost or moved twice, whatever happens meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from complaints import events
from complaints.actions import controls, restitution_pages, reversals
from complaints.models import Restitution, RestitutionControl
from complaints.states import ControlState
from complaints.tests import restitutions as make
from complaints.tests.distant import DistantPlatform, check, die_in, use_distant_platform, work
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.jobs import runner
from portal.notifications.models import Notification
from portal.people.models import User
from portal.reviews.models import ConflictOfInterest
from portal.reviews.tests import factories as reviews
from portal.sandbox.models import Account

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
REASON = "The platform reports that the copy was published by mistake."


@pytest.fixture
def distant(platform: object, monkeypatch: pytest.MonkeyPatch) -> DistantPlatform:
    return use_distant_platform(monkeypatch)


@pytest.fixture(params=["joins", "distant", "ranges"], autouse=True)
def connector(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> DistantPlatform:
    made: DistantPlatform = request.getfixturevalue("distant")
    if request.param == "joins":
        monkeypatch.setattr(made, "joins", True, raising=False)
    if request.param == "ranges":
        monkeypatch.setattr(made, "ranges_at_once", lambda: 8)
    return made


@pytest.fixture
def senior() -> User:
    return reviews.senior()


@pytest.fixture
def row(stage: make.Stage, followers: list[Account]) -> Restitution:
    """It moves; two of five followers have moved."""
    begun = make.begun(stage, batch=2)
    restitution_pages.move_page(begun.pk)
    return make.fresh(begun)


def pause(row: Restitution, by: User, reason: str = REASON) -> Restitution:
    controls.pause_restitution(restitution=row, by=by, reason=reason)
    return make.fresh(row)


def resume(row: Restitution, by: User) -> None:
    controls.resume_restitution(restitution=row, by=by, reason=REASON)


def propose(row: Restitution, by: User) -> RestitutionControl:
    return controls.propose_stop(restitution=row, by=by, reason=REASON)


def test_nobody_moves_while_it_is_paused_and_everybody_once_it_goes_on(row: Restitution, senior: User) -> None:
    row = work(pause(row, senior))
    assert (row.state, row.moved, row.remedy.state, row.control_reason) == ("paused", 2, "applying", REASON)
    assert restitution_pages.resume_abandoned_jobs() == 0
    with clock.freeze_time(clock.now() + HOUR):
        resume(row, senior)
        row = work(row)
    assert (row.state, row.moved, row.pages.count(), row.control_reason) == ("done", 5, 3, "")
    assert timedelta(minutes=59) < row.paused_for < timedelta(minutes=61)
    check(row)


def test_it_can_be_paused_again_at_the_same_place(row: Restitution, senior: User) -> None:
    for _again in range(3):
        row = pause(row, senior)
        resume(row, senior)
    assert work(row).state == "done"


def test_a_page_whose_call_is_under_way_is_recorded_and_the_next_one_waits(
    stage: make.Stage, followers: list[Account], senior: User, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distant, "joins", False)
    row, move = make.begun(stage, batch=2), distant.move_followers

    def pause_meanwhile(*args: Any, **kwargs: Any) -> Any:
        done = move(*args, **kwargs)
        pause(row, senior)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(distant, "move_followers", pause_meanwhile)
        paused = work(row)
    assert (paused.state, paused.moved, paused.calling_key) == ("paused", 2, "")
    resume(paused, senior)
    done = work(paused)
    assert (done.state, done.moved, done.pages.count()) == ("done", 5, 3)
    check(done)


def test_the_last_page_that_comes_while_it_is_paused_is_recorded_once(
    stage: make.Stage, followers: list[Account], senior: User, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distant, "joins", False)
    row, move = make.begun(stage), distant.move_followers
    if distant.ranges_at_once() > 1:
        # The last page is that of the second range.
        restitution_pages.move_page(row.pk)

    def pause_meanwhile(*args: Any, **kwargs: Any) -> Any:
        done = move(*args, **kwargs)
        pause(row, senior)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(distant, "move_followers", pause_meanwhile)
        paused = work(row)
    assert (paused.state, paused.moved) == ("paused", 5)
    assert paused.undo_until is not None  # Those moved are told in the pause.
    resume(paused, senior)
    done = work(paused)
    assert (done.state, done.moved, done.pages.count()) == ("done", 5, min(distant.ranges_at_once(), 2))
    assert done.undo_until is not None
    check(done)


@pytest.mark.parametrize("arrives", [True, False])
def test_a_call_whose_worker_died_is_answered_when_it_goes_on(
    stage: make.Stage,
    followers: list[Account],
    senior: User,
    distant: DistantPlatform,
    monkeypatch: pytest.MonkeyPatch,
    *,
    arrives: bool,
) -> None:
    monkeypatch.setattr(distant, "joins", False)
    row = make.begun(stage, batch=2)
    die_in(runner.run_due_jobs, distant, "move_followers", monkeypatch, arrives=arrives)
    paused = work(pause(row, senior), after=HOUR)
    assert (paused.state, paused.moved) == ("paused", 0)
    resume(paused, senior)
    done = work(paused, after=HOUR)
    assert (done.state, done.moved, done.pages.count()) == ("done", 5, 3)
    check(done)


def test_an_account_that_closes_meanwhile_ends_it_once_it_goes_on(
    stage: make.Stage, followers: list[Account], senior: User, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distant, "joins", False)
    row, move = make.begun(stage, batch=2), distant.move_followers

    def close_and_pause(*args: Any, **kwargs: Any) -> Any:
        Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
        pause(row, senior)
        return move(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(distant, "move_followers", close_and_pause)
        paused = work(row)
    assert (paused.state, paused.calling_key) == ("paused", "")
    resume(paused, senior)
    done = work(paused)
    assert (done.state, done.moved, done.remedy.problem) == ("done", 0, "target_closed_midway")


def test_only_what_moves_is_paused_and_only_what_is_paused_goes_on(row: Restitution, senior: User) -> None:
    with pytest.raises(Conflict):
        resume(row, senior)
    row = pause(row, senior)
    with pytest.raises(Conflict):
        pause(row, senior)
    resume(row, senior)
    with pytest.raises(Conflict):
        resume(row, reviews.senior())
    row = work(row)
    for act in (pause, propose):
        with pytest.raises(Conflict):
            act(row, senior)
    assert row.controls.count() == 2


def test_both_sides_are_told_why(row: Restitution, senior: User) -> None:
    complaint = row.remedy.complaint
    type(complaint).objects.filter(pk=complaint.pk).update(told_at=clock.now())
    resume(pause(row, senior), senior)
    told = Notification.objects.filter(user=complaint.complainant, kind__startswith="complaints.followers_")
    texts = {note.kind: note.body for note in told}
    assert set(texts) == {"complaints.followers_paused", "complaints.followers_resumed"}
    assert all(REASON in text and "/contact/" in text for text in texts.values())
    assert [event.event for event in trail.events_of(row.chain)][-2:] == [
        events.RESTITUTION_PAUSED,
        events.RESTITUTION_RESUMED,
    ]
    assert REASON not in str([event.data for event in trail.events_of(row.chain)])


@pytest.mark.parametrize("reason", ["", "Too short.", "x" * 2001])
def test_a_reason_is_needed(row: Restitution, senior: User, reason: str) -> None:
    with pytest.raises(Invalid):
        pause(row, senior, reason)
    assert make.fresh(row).state == "moving"


def test_it_takes_a_senior_reviewer_without_a_conflict(row: Restitution, stage: make.Stage) -> None:
    conflicted = reviews.senior()
    ConflictOfInterest.objects.create(reviewer=conflicted, user=stage.author)
    for person in (reviews.reviewer(), conflicted, stage.author):
        with pytest.raises(NotAllowed):
            pause(row, person)
        with pytest.raises(NotAllowed):
            propose(row, person)


def test_two_people_stop_it_and_everybody_is_back(stage: make.Stage, followers: list[Account], senior: User) -> None:
    before = make.edges()
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    proposed = propose(row, senior)
    assert make.fresh(row).state == "paused"
    with pytest.raises(NotAllowed, match="someone else"):
        controls.confirm_stop(control=proposed, by=senior)
    with pytest.raises(Conflict):
        resume(make.fresh(row), senior)
    controls.confirm_stop(control=proposed, by=reviews.senior())
    row = work(row)
    assert (row.state, row.moved, row.restored, make.edges()) == ("reversed", 2, 2, before)
    assert (row.remedy.state, row.remedy.complaint.state) == ("lifted", "upheld")
    assert not row.grounds.standing().exists()
    check(row)
    kinds = set(Notification.objects.filter(user=stage.author).values_list("kind", flat=True))
    assert {"complaints.followers_stopped", "complaints.followers_stop_settled"} <= kinds
    assert "complaints.followers_restored" not in kinds


def test_a_stop_gives_back_what_a_lost_call_had_moved(
    stage: make.Stage, followers: list[Account], senior: User, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distant, "joins", False)
    before = make.edges()
    row = make.begun(stage, batch=2)
    die_in(runner.run_due_jobs, distant, "move_followers", monkeypatch)
    controls.confirm_stop(control=propose(row, senior), by=reviews.senior())
    row = work(row, after=HOUR)
    assert (row.state, row.moved, row.restored, make.edges()) == ("reversed", 2, 2, before)
    check(row)


def test_a_stop_is_decided_once(row: Restitution, senior: User) -> None:
    proposed, second = propose(row, senior), reviews.senior()
    with pytest.raises(Conflict):
        propose(row, second)
    controls.confirm_stop(control=proposed, by=second)
    for act in (controls.confirm_stop, controls.refuse_stop):
        with pytest.raises(Conflict):
            act(control=make_stale(proposed), by=reviews.senior())


def make_stale(proposed: RestitutionControl) -> RestitutionControl:
    """As another person's page has it."""
    stale = RestitutionControl.objects.select_related("restitution__remedy__decision__case").get(pk=proposed.pk)
    stale.state = ControlState.PROPOSED
    return stale


def test_a_refused_stop_leaves_it_paused_and_it_can_go_on(row: Restitution, senior: User) -> None:
    proposed = propose(row, senior)
    controls.refuse_stop(control=proposed, by=senior)
    row = make.fresh(row)
    assert (row.state, row.grounds.standing().exists()) == ("paused", True)
    resume(row, reviews.senior())
    assert work(row).state == "done"


def test_a_reversal_overtakes_a_proposal_and_ends_a_pause(
    stage: make.Stage, followers: list[Account], senior: User
) -> None:
    before = make.edges()
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    proposed = propose(row, senior)
    reversals.reverse_restitution(row, by=None)
    row = work(row)
    assert (row.state, row.restored, make.edges()) == ("reversed", 2, before)
    proposed.refresh_from_db()
    assert proposed.state == ControlState.OVERTAKEN
    with pytest.raises(Conflict):
        controls.confirm_stop(control=make_stale(proposed), by=reviews.senior())
    check(row)
