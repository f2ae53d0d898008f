"""A pause tells those who were moved and lets them undo it; it can begin while the hold runs."""

from datetime import timedelta

import pytest

from complaints import events
from complaints.actions import controls, follower_choices, restitution_pages, restitutions, reversals
from complaints.models import Restitution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.distant import check, work
from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.notifications.models import Notification
from portal.people.models import User
from portal.reviews.tests import factories as reviews
from portal.sandbox.models import Account
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
REASON = "The platform reports that the copy was published by mistake."


@pytest.fixture
def senior() -> User:
    return reviews.senior()


@pytest.fixture
def paused(stage: make.Stage, followers: list[Account], senior: User) -> Restitution:
    """Two of five followers have moved."""
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    controls.pause_restitution(restitution=row, by=senior, reason=REASON)
    return work(row)


def resume(row: Restitution, by: User) -> Restitution:
    controls.resume_restitution(restitution=row, by=by, reason=REASON)
    return make.fresh(row)


def undo(row: Restitution, follower: Account) -> None:
    follower_choices.undo_follower_return(restitution=row, follower_id=follower.pk)


def test_those_moved_are_told_and_can_undo_it_while_it_is_paused(
    paused: Restitution, stage: make.Stage, followers: list[Account]
) -> None:
    told = set(delivered_notices().values_list("account", flat=True))
    assert told == {one.pk for one in followers[:2]}
    undo(paused, followers[0])
    assert {edge.account_id for edge in make.edges(of=[followers[0].pk])} == {stage.source.pk}
    paused = make.fresh(paused)
    assert (paused.state, paused.undone) == ("paused", 1)


def test_an_undo_of_a_pause_stays_possible_and_counts_when_it_goes_on(
    paused: Restitution, followers: list[Account], senior: User
) -> None:
    moving = resume(paused, senior)
    undo(moving, followers[0])
    with clock.freeze_time(clock.now() + timedelta(days=10)):
        done = work(moving)
    assert (done.state, done.moved, done.undone) == ("done", 5, 1)
    assert done.undo_until is not None
    assert paused.undo_until is not None
    assert done.undo_until > paused.undo_until  # Who is told at the end has the whole time, too.
    assert delivered_notices().count() == 5
    assert not hasattr(done, "reconciliation") or done.reconciliation.differing == 0
    check(done)


def test_a_stop_leaves_alone_who_undid_it_in_the_pause(
    paused: Restitution, followers: list[Account], senior: User
) -> None:
    undo(paused, followers[0])
    proposed = controls.propose_stop(restitution=make.fresh(paused), by=senior, reason=REASON)
    controls.confirm_stop(control=proposed, by=reviews.senior())
    row = work(paused)
    assert (row.state, row.restored, row.overridden) == ("partly_reversed", 1, 1)
    check(row)


def test_a_pause_while_followers_are_to_be_asked_tells_nobody(senior: User) -> None:
    stage = make.stage(mode=RestitutionMode.INVITE)
    make.follow(stage.source, make.viewers(5), post=stage.copy)
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    controls.pause_restitution(restitution=row, by=senior, reason=REASON)
    row = work(row)
    assert (row.undo_until, follower_choices.is_under_way(row)) == (None, True)
    assert not delivered_notices().exists()


@pytest.fixture
def held(stage: make.Stage, followers: list[Account]) -> Restitution:
    return make.held(stage)


def test_a_hold_is_paused_and_goes_on(held: Restitution, senior: User) -> None:
    controls.pause_restitution(restitution=held, by=senior, reason=REASON)
    assert restitutions.begin_due_restitutions() == 0
    held = work(held)
    assert (held.state, held.remedy.state, held.undo_until) == ("paused", "held", None)
    held = resume(held, senior)
    assert (held.state, held.remedy.state, held.paused_at) == ("held", "held", None)
    assert restitutions.begin_due_restitutions() == 1
    assert work(held).state == "done"


def test_two_people_stop_what_has_not_begun(held: Restitution, stage: make.Stage, senior: User) -> None:
    before = make.edges()
    proposed = controls.propose_stop(restitution=held, by=senior, reason=REASON)
    assert restitutions.begin_due_restitutions() == 0
    controls.confirm_stop(control=proposed, by=reviews.senior())
    row = work(held)
    assert (row.state, row.remedy.state, row.moved, make.edges()) == ("cancelled", "cancelled", 0, before)
    assert row.stopped_at is not None
    assert list(trail.events_of(row.chain))[-1].event == events.RESTITUTION_STOPPED
    (told,) = Notification.objects.filter(user=stage.author, kind="complaints.followers_stopped")
    assert "No followers have been moved" in told.body


def test_a_refused_stop_of_a_hold_leaves_it_paused(held: Restitution, senior: User) -> None:
    proposed = controls.propose_stop(restitution=held, by=senior, reason=REASON)
    controls.refuse_stop(control=proposed, by=reviews.senior())
    assert resume(make.fresh(held), senior).state == "held"


def test_a_reversal_cancels_a_paused_hold(held: Restitution, senior: User) -> None:
    controls.pause_restitution(restitution=held, by=senior, reason=REASON)
    reversals.reverse_restitution(held, by=None)
    assert work(held).state == "cancelled"


def test_what_has_begun_is_not_cancelled(paused: Restitution) -> None:
    with pytest.raises(Conflict):
        restitutions.cancel_restitution(paused, by=None)
    reversals.reverse_restitution(paused, by=None)
    assert work(paused).state == "reversed"
