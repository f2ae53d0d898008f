"""Pausing, stopping, previews and comparisons where followers are asked first, or only cleared."""

from datetime import timedelta
from typing import Any

import pytest

from complaints import events
from complaints.actions import controls, invitations, previews, restitution_pages, years
from complaints.models import (
    InvitationAnswer,
    Reconciliation,
    Restitution,
    RestitutionControl,
    RestitutionPreview,
    YearlyReturn,
)
from complaints.states import ControlState, RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.distant import work
from complaints.views.restitutions import _steps
from complaints.webhooks import _RESTITUTION_TYPES, _restitution_notices
from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict
from portal.jobs import runner
from portal.people.models import User
from portal.reviews.tests import factories as reviews
from portal.sandbox.models import Account, Follow

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
REASON = "The platform reports that the copy was published by mistake."


@pytest.fixture
def senior() -> User:
    return reviews.senior()


def fans_of(made: make.Stage, count: int, **fields: Any) -> list[Account]:
    rows = make.viewers(count, **fields)
    make.follow(made.source, rows, post=made.copy)
    return rows


def asked(fans: int = 4) -> tuple[Restitution, list[Account]]:
    """Followers are being asked."""
    made = make.stage(mode=RestitutionMode.INVITE)
    rows = fans_of(made, fans)
    row = make.begun(made, batch=2)
    runner.run_due_jobs()
    return make.fresh(row), rows


def propose(row: Restitution, by: User) -> RestitutionControl:
    return controls.propose_stop(restitution=row, by=by, reason=REASON)


def test_a_stop_while_followers_are_asked_restores_who_has_accepted(senior: User) -> None:
    row, fans = asked()
    edges = make.edges()
    invitations.answer_invitation(restitution=row, follower_id=fans[0].pk, accepted=True)
    runner.run_due_jobs()
    stop = propose(row, senior)
    assert make.fresh(row).state == "inviting"
    # One more answers while the second person has not decided; its job has not run when they do.
    invitations.answer_invitation(restitution=row, follower_id=fans[1].pk, accepted=True)
    controls.confirm_stop(control=stop, by=reviews.senior())
    row = work(row)
    assert row.state == "reversed"
    assert not InvitationAnswer.objects.waiting().exists()
    assert make.edges() == edges
    with pytest.raises(Conflict):
        invitations.answer_invitation(restitution=row, follower_id=fans[2].pk, accepted=True)


def test_asking_does_not_end_while_a_stop_waits_for_a_second_person(senior: User) -> None:
    row, _fans = asked()
    stop = propose(row, senior)
    assert row.invite_until is not None
    with clock.freeze_time(row.invite_until + timedelta(minutes=1)):
        assert invitations.end_due_invitations() == 0
        assert not invitations._end_invitation(row.pk)  # proposed after the list was read
        assert make.fresh(row).state == "inviting"
        controls.refuse_stop(control=stop, by=reviews.senior())
        assert invitations.end_due_invitations() == 1
    row = make.fresh(row)
    assert (row.state, row.paused_for) == ("done", timedelta())
    stop.refresh_from_db()
    assert stop.state == ControlState.REFUSED


def test_a_page_of_who_is_to_be_asked_waits_for_the_end_of_a_pause(senior: User) -> None:
    made = make.stage(mode=RestitutionMode.INVITE)
    fans_of(made, 5)
    row = make.begun(made, batch=2)
    restitution_pages.move_page(row.pk)
    controls.pause_restitution(restitution=row, by=senior, reason=REASON)
    assert restitution_pages.move_page(row.pk) is None
    row = work(row)
    assert (row.state, row.invited) == ("paused", 2)
    controls.resume_restitution(restitution=row, by=senior, reason=REASON)
    row = work(row)
    assert (row.state, row.invited) == ("inviting", 5)


@pytest.mark.parametrize(("state", "kinds"), [("moving", ["pause", "stop"]), ("inviting", ["stop"])])
def test_what_can_be_done_by_its_state(senior: User, state: str, kinds: list[str]) -> None:
    made = make.stage(mode=RestitutionMode.INVITE)
    fans_of(made, 3)
    row = make.begun(made, batch=2)
    if state == "inviting":
        runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, [step["kind"] for step in _steps(row)]) == (state, kinds)


def test_a_stop_while_follows_are_cleared_restores_them(senior: User) -> None:
    made = make.stage(mode=RestitutionMode.CLEAR)
    fans_of(made, 5)
    edges = make.edges()
    row = make.begun(made, batch=2)
    restitution_pages.move_page(row.pk)
    assert Follow.objects.filter(account=made.source).count() == 3
    controls.confirm_stop(control=propose(row, senior), by=reviews.senior())
    row = work(row)
    assert (row.state, row.restored) == ("reversed", 2)
    assert make.edges() == edges


@pytest.mark.parametrize("mode", [RestitutionMode.INVITE, RestitutionMode.CLEAR])
def test_a_preview_follows_the_mode_of_the_region(mode: RestitutionMode) -> None:
    made = make.stage(mode=mode)
    fans = fans_of(made, 4)
    fans_of(made, 1, is_bot=True)
    make.follow(made.target, fans[:1])
    edges, complaint = make.edges(), make.complaint(made, state="in_review")
    previews.ask_preview(complaint)
    runner.run_due_jobs()
    row = RestitutionPreview.objects.get(complaint=complaint)
    counts = (3, 1) if mode == RestitutionMode.INVITE else (0, 4)
    assert (row.mode, row.moved, row.already, row.excluded) == (mode, *counts, {"bot": 1})
    assert make.edges() == edges


def test_clearing_is_counted_beforehand_though_the_author_has_no_account() -> None:
    made = make.stage(mode=RestitutionMode.CLEAR, linked=False)
    fans_of(made, 2)
    complaint = make.complaint(made, state="in_review")
    previews.ask_preview(complaint)
    runner.run_due_jobs()
    row = RestitutionPreview.objects.get(complaint=complaint)
    assert (row.problem, row.already, row.is_complete) == ("", 2, True)


@pytest.mark.parametrize("mode", [RestitutionMode.INVITE, RestitutionMode.CLEAR])
def test_the_ledger_of_each_mode_agrees_with_the_platform(mode: RestitutionMode) -> None:
    made = make.stage(mode=mode)
    fans = fans_of(made, 3)
    row = work(make.begun(made, batch=2))
    if mode == RestitutionMode.INVITE:
        invitations.answer_invitation(restitution=row, follower_id=fans[0].pk, accepted=True)
        runner.run_due_jobs()
        assert row.invite_until is not None
        with clock.freeze_time(row.invite_until):
            invitations.end_due_invitations()
            runner.run_due_jobs()
    found = Reconciliation.objects.get(restitution=row)
    expected = 1 if mode == RestitutionMode.INVITE else 3
    assert (found.agreed, found.changed, found.differing, found.problem) == (expected, 0, 0, "")


def test_years_count_who_was_asked_and_who_was_only_cleared() -> None:
    row, fans = asked()
    invitations.answer_invitation(restitution=row, follower_id=fans[0].pk, accepted=True)
    cleared = make.stage(mode=RestitutionMode.CLEAR, region="cn")
    fans_of(cleared, 3)
    work(make.begun(cleared))
    years.count_years()
    year = YearlyReturn.objects.get()
    assert (year.moved, year.already, year.cleared, year.invited) == (0, 0, 3, 0)  # The asking has not ended.
    row = make.fresh(row)
    assert row.invite_until is not None
    with clock.freeze_time(row.invite_until):
        assert invitations.end_due_invitations() == 1
        years.count_years()
    year.refresh_from_db()
    assert (year.moved, year.already, year.cleared, year.invited) == (1, 0, 3, 4)


def test_a_platform_is_told_that_followers_are_asked_and_in_which_mode() -> None:
    row, _fans = asked()
    assert _RESTITUTION_TYPES[events.FOLLOWERS_INVITED] == "restitution.asked"
    told = AuditEvent.objects.filter(event=events.FOLLOWERS_INVITED).latest("pk")
    notice = next(iter(_restitution_notices(told)))
    data = notice.data["restitution"]
    assert (data["mode"], data["state"], data["invited"]) == ("invite", "inviting", 4)
    assert row.invite_until is not None
    assert data["invite_until"] == row.invite_until.isoformat()
