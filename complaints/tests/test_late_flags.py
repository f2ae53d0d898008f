"""What both sides share, found after the decision, pauses the return of followers until a senior reviewer has looked at it."""

from dataclasses import replace

import pytest

from complaints import events
from complaints.actions import account_signals, controls, invitations, restitution_pages, restitutions
from complaints.models import Complaint, Remedy, Restitution
from complaints.policies import screening
from complaints.policies.controls import NEW_FLAG
from complaints.states import RestitutionMode, RestitutionState
from complaints.tests import restitutions as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, NotAllowed
from portal.jobs import runner
from portal.platforms import AccountSignals, registry
from portal.reviews.tests import factories as reviews

pytestmark = pytest.mark.django_db


class SameDevice:
    """Says of every account that it is used on the same device."""

    def account_signals(self, account_id: str) -> AccountSignals:
        return AccountSignals(frozenset({"a"}), frozenset())


@pytest.fixture(autouse=True)
def _shared_device(sandbox: object, monkeypatch: pytest.MonkeyPatch) -> None:
    served = replace(registry._connectors["sandbox"], signals=SameDevice())
    monkeypatch.setitem(registry._connectors, "sandbox", served)


@pytest.fixture
def stage() -> make.Stage:
    made = make.stage()
    make.follow(made.source, make.viewers(5), post=made.copy)
    return made


def compare(row: Restitution) -> Restitution:
    complaint = Complaint.objects.get(remedies__restitution=row)
    account_signals.enqueue_late_comparison(complaint, row.target)
    runner.run_due_jobs([account_signals.COMPARE_ACCOUNTS])
    return make.fresh(row)


def test_what_moves_is_paused_and_goes_on_when_a_senior_reviewer_says_so(stage: make.Stage) -> None:
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    row = compare(row)
    assert (row.state, row.remedy.problem) == (RestitutionState.PAUSED, NEW_FLAG)
    assert screening.SAME_DEVICE in row.remedy.complaint.flags
    moved = row.moved
    runner.run_due_jobs()
    assert make.fresh(row).moved == moved
    controls.resume_restitution(restitution=row, by=reviews.senior(), reason="The device belongs to a library.")
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.remedy.problem) == (RestitutionState.DONE, 5, "")
    assert not trail.broken_links()


def test_what_a_reviewer_has_seen_pauses_nothing_again(stage: make.Stage) -> None:
    row = make.begun(stage, batch=2)
    Complaint.objects.filter(remedies__restitution=row).update(flags=[screening.SAME_DEVICE])
    assert compare(row).state == RestitutionState.MOVING


def test_what_has_not_begun_begins_paused(stage: make.Stage) -> None:
    row = compare(make.held(stage))
    assert row.state == RestitutionState.HELD
    assert Remedy.objects.get(restitution=row).problem == NEW_FLAG
    restitutions.begin_due_restitutions()
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved) == (RestitutionState.PAUSED, 0)


def flagged(row: Restitution) -> bool:
    return Remedy.objects.get(restitution=row).problem == NEW_FLAG


def done(stage: make.Stage) -> Restitution:
    row = make.begun(stage, batch=10)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert row.state == RestitutionState.DONE
    return row


def test_what_is_over_is_flagged_until_a_senior_reviewer_leaves_it(stage: make.Stage) -> None:
    row = compare(done(stage))
    assert (row.state, flagged(row)) == (RestitutionState.DONE, True)
    controls.review_flag(restitution=row, by=reviews.senior(), reason="They share the device of a library.")
    assert not flagged(row)
    assert events.FLAG_REVIEWED in [event.event for event in trail.events_of(row.chain)]
    with pytest.raises(Conflict):
        controls.review_flag(restitution=row, by=reviews.senior(), reason="They share the device of a library.")
    assert not trail.broken_links()


def test_what_is_over_is_stopped_by_two_only_if_it_is_flagged(stage: make.Stage) -> None:
    row = done(stage)
    before = set(make.edges())
    first, second = reviews.senior(), reviews.senior()
    with pytest.raises(Conflict):
        controls.propose_stop(restitution=row, by=first, reason="They share a device and a payee.")
    row = compare(row)
    made = controls.propose_stop(restitution=row, by=first, reason="They share a device and a payee.")
    assert flagged(row)
    with pytest.raises(Conflict):
        controls.review_flag(restitution=row, by=second, reason="They share the device of a library.")
    controls.confirm_stop(control=made, by=second)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.restored, flagged(row)) == (RestitutionState.REVERSED, 5, False)
    assert make.edges() != before


def test_asking_does_not_end_before_the_flag_is_answered() -> None:
    stage = make.stage(mode=RestitutionMode.INVITE)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs()
    row = compare(make.fresh(row))
    assert (row.state, flagged(row)) == (RestitutionState.INVITING, True)
    assert row.invite_until is not None
    with clock.freeze_time(row.invite_until):
        assert invitations.end_due_invitations() == 0
        assert not invitations._end_invitation(row.pk)
        controls.review_flag(restitution=row, by=reviews.senior(), reason="They share the device of a library.")
        assert invitations.end_due_invitations() == 1
    assert make.fresh(row).state == RestitutionState.DONE


def test_nothing_is_reviewed_that_nobody_has_flagged(stage: make.Stage) -> None:
    row = done(stage)
    with pytest.raises(Conflict):
        controls.review_flag(restitution=row, by=reviews.senior(), reason="There is nothing here to look at.")
    with pytest.raises(NotAllowed):
        controls.review_flag(restitution=compare(row), by=reviews.person("reviewer"), reason="I want to have it away.")
