"""What both sides share, found after the decision, pauses the return of followers until a senior reviewer has looked at it."""

from dataclasses import replace

import pytest

from complaints import events
from complaints.actions import account_signals, controls, invitations, restitution_pages, restitutions
from complaints.models import Complaint, Restitution
from complaints.policies import screening
from complaints.policies.controls import refuse_untimely
from complaints.states import ControlKind, RestitutionMode, RestitutionState
from complaints.tests import restitutions as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, NotAllowed
from portal.jobs import runner
from portal.people.models import LinkedAccount
from portal.platforms import AccountSignals, PlatformError, registry
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
    assert (row.state, flagged(row)) == (RestitutionState.PAUSED, True)
    assert screening.SAME_DEVICE in row.remedy.complaint.flags
    moved = row.moved
    runner.run_due_jobs()
    assert make.fresh(row).moved == moved
    controls.resume_restitution(restitution=row, by=reviews.senior(), reason="The device belongs to a library.")
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, flagged(row)) == (RestitutionState.DONE, 5, False)
    assert not trail.broken_links()


def test_what_a_reviewer_has_seen_pauses_nothing_again(stage: make.Stage) -> None:
    row = make.begun(stage, batch=2)
    Complaint.objects.filter(remedies__restitution=row).update(flags=[screening.SAME_DEVICE])
    assert compare(row).state == RestitutionState.MOVING


def test_what_has_not_begun_begins_paused(stage: make.Stage) -> None:
    row = compare(make.held(stage))
    assert row.state == RestitutionState.HELD
    assert flagged(row)
    restitutions.begin_due_restitutions()
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved) == (RestitutionState.PAUSED, 0)


@pytest.fixture
def unshared_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SameDevice, "account_signals", lambda *_args: AccountSignals(frozenset(), frozenset()))


def share_agency(row: Restitution) -> None:
    """The respondent's account is with the agency of the author's, since the decision."""
    Complaint.objects.filter(remedies__restitution=row).update(account_agency="Same Agency")
    LinkedAccount.objects.filter(external_id=row.target).update(agency="same agency")


def flagged(row: Restitution) -> bool:
    return make.fresh(row).flagged_at is not None


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


def test_a_job_that_is_given_up_takes_no_flag_away(stage: make.Stage) -> None:
    row = compare(done(stage))
    restitutions.note_failed_restitution_job({"restitution": row.pk})
    row = make.fresh(row)
    assert row.interrupted_at is not None
    assert refuse_untimely(row, ControlKind.STOP) is None
    controls.review_flag(restitution=row, by=reviews.senior(), reason="They share the device of a library.")
    assert not flagged(row)


def test_asking_does_not_end_before_the_flag_is_answered_though_a_job_is_given_up() -> None:
    stage = make.stage(mode=RestitutionMode.INVITE)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs()
    row = compare(make.fresh(row))
    restitutions.note_failed_restitution_job({"restitution": row.pk})
    assert row.invite_until is not None
    with clock.freeze_time(row.invite_until):
        assert invitations.end_due_invitations() == 0


def test_what_was_flagged_while_it_was_reserved_begins_paused() -> None:
    stage = make.stage(linked=False)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.held(stage)
    link = make.link(stage)
    row = compare(row)
    assert (row.state, flagged(row)) == (RestitutionState.RESERVED, True)
    assert restitutions.release_reserved_restitutions() == 1
    assert restitutions.begin_due_restitutions() == 1
    row = make.fresh(row)
    assert (row.state, row.target, row.moved) == (RestitutionState.PAUSED, link.external_id, 0)


@pytest.mark.usefixtures("unshared_device")
def test_an_agency_that_stands_behind_both_since_then_pauses_it_too(stage: make.Stage) -> None:
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    share_agency(row)
    row = compare(row)
    assert (row.state, row.moved, flagged(row)) == (RestitutionState.PAUSED, 2, True)
    assert row.remedy.complaint.flags == [screening.SAME_AGENCY]


@pytest.mark.usefixtures("unshared_device")
def test_a_shared_agency_is_seen_before_anybody_is_moved(stage: make.Stage) -> None:
    row = make.held(stage)
    share_agency(row)
    assert restitutions.begin_due_restitutions() == 1
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, flagged(row)) == (RestitutionState.PAUSED, 0, True)
    controls.resume_restitution(restitution=row, by=reviews.senior(), reason="The agency has two departments.")
    runner.run_due_jobs()
    assert make.fresh(row).moved == 5


def test_a_shared_agency_is_flagged_though_the_platform_is_silent(
    stage: make.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_args: object) -> AccountSignals:
        raise PlatformError("down")

    monkeypatch.setattr(SameDevice, "account_signals", silent)
    row = make.begun(stage)
    share_agency(row)
    assert compare(row).state == RestitutionState.PAUSED


def test_a_shared_agency_that_a_reviewer_has_seen_pauses_nothing(stage: make.Stage, unshared_device: None) -> None:
    row = make.held(stage)
    share_agency(row)
    Complaint.objects.filter(remedies__restitution=row).update(flags=[screening.SAME_AGENCY])
    restitutions.begin_due_restitutions()
    assert compare(row).state == RestitutionState.MOVING


def test_nothing_is_reviewed_that_nobody_has_flagged(stage: make.Stage) -> None:
    row = done(stage)
    with pytest.raises(Conflict):
        controls.review_flag(restitution=row, by=reviews.senior(), reason="There is nothing here to look at.")
    with pytest.raises(NotAllowed):
        controls.review_flag(restitution=compare(row), by=reviews.person("reviewer"), reason="I want to have it away.")
