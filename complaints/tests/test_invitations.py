"""Followers are asked: who accepts moves, who declines is asked no more, and silence is no move."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import hypothesis.strategies as some
import pytest
from django.conf import settings
from django.db.models import Q
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from complaints import events
from complaints.actions import (
    follower_alerts,
    follower_choices,
    invitation_answers,
    invitations,
    restitution_pages,
    restitutions,
    reversals,
)
from complaints.actions.follower_messages import follower_link
from complaints.models import InvitationAnswer, Restitution
from complaints.policies import terms
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from portal import clock
from portal.audit import trail
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.errors import Conflict
from portal.jobs import runner
from portal.notifications.models import Notification
from portal.outbound.discrepancies import open_discrepancies
from portal.platforms import Connector, PlatformError, registry
from portal.sandbox.actions import follows
from portal.sandbox.models import Account, Follow
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
INVITE = RestitutionMode.INVITE


def asked(stage: make.Stage, fans: list[Account], **fields: int) -> Restitution:
    """One whose followers are all noted and told."""
    make.follow(stage.source, fans, post=stage.copy)
    row = make.begun(stage, **fields)
    runner.run_due_jobs()
    return make.fresh(row)


def answer(row: Restitution, follower: Account, *, accepted: bool) -> None:
    invitations.answer_invitation(restitution=row, follower_id=follower.pk, accepted=accepted)
    runner.run_due_jobs()


def carry_out_next(row: Restitution) -> None:
    page = invitation_answers._claim_page(row, Q(calling_key=""), prefix="")
    assert page is not None
    invitation_answers._carry_out(page)


def end(row: Restitution) -> Restitution:
    assert row.invite_until is not None
    with clock.freeze_time(row.invite_until):
        assert invitations.end_due_invitations() == 1
        runner.run_due_jobs()
    return make.fresh(row)


def balance(row: Restitution) -> list[str]:
    choices = row.choices.carried_out().values_list("follower_id", flat=True)
    found = attribution.ledger_imbalances(row, row.pages.order_by("number"), list(choices))
    stay = sum(row.excluded.values())
    if row.moved + row.already + stay + row.declined + row.not_moved + row.unanswered != row.attributable:
        found.append("the parts are not the attributable ones")
    return found


@pytest.fixture
def stage() -> make.Stage:
    return make.stage(mode=INVITE)


def test_everybody_is_asked_and_nobody_moved(stage: make.Stage) -> None:
    fans, others = make.viewers(5), make.viewers(2)
    bots = make.viewers(1, is_bot=True)
    make.follow(stage.source, others, post=stage.other)
    make.follow(stage.source, bots, post=stage.copy)
    make.follow(stage.target, fans[:1])
    row = asked(stage, fans, batch=2)
    before = make.edges()
    assert (row.state, row.invited, row.moved, row.passed, row.excluded) == ("inviting", 5, 0, 2, {"bot": 1})
    assert (row.attributable, row.unanswered, row.remedy.state) == (6, 5, "applying")
    assert {one.account_id for one in delivered_notices()} == {one.pk for one in fans}
    assert balance(row) == []
    row = end(row)
    assert (row.state, row.moved, row.declined, row.unanswered) == ("done", 0, 0, 5)
    assert row.remedy.state == "active"
    assert make.edges() == before
    assert balance(row) == []


def test_who_accepts_moves_and_who_declines_is_asked_no_more(stage: make.Stage) -> None:
    accepts, both, declines, silent = fans = make.viewers(4)
    make.follow(stage.target, [both])
    row = asked(stage, fans)
    for _ in range(2):
        answer(row, accepts, accepted=True)
        answer(row, both, accepted=True)
        answer(row, declines, accepted=False)
    row = make.fresh(row)
    assert (row.moved, row.already, row.declined, row.unanswered) == (1, 1, 1, 1)
    assert balance(row) == []
    assert set(Follow.objects.filter(account=stage.target).values_list("follower", flat=True)) == {accepts.pk, both.pk}
    for follower, accepted in ((accepts, False), (declines, True)):
        with pytest.raises(Conflict, match="already answered"):
            invitations.answer_invitation(restitution=row, follower_id=follower.pk, accepted=accepted)
    row = end(row)
    assert (row.state, row.moved, row.already, row.declined, row.unanswered) == ("done", 1, 1, 1, 1)
    kinds = Notification.objects.filter(user=stage.author).values_list("kind", flat=True)
    assert {"complaints.followers_invited", "complaints.followers_answered"} <= set(kinds)
    with pytest.raises(Conflict, match="has ended"):
        invitations.answer_invitation(restitution=row, follower_id=silent.pk, accepted=True)
    later = make.held(stage, copy=stage.copy)
    restitutions.begin_due_restitutions()
    runner.run_due_jobs()
    later = make.fresh(later)
    assert (later.invited, later.excluded) == (1, {"confirmed": 1})


def test_nobody_answers_who_was_not_asked(stage: make.Stage) -> None:
    (stranger,) = make.viewers(1)
    row = asked(stage, make.viewers(1))
    with pytest.raises(Conflict):
        invitations.answer_invitation(restitution=row, follower_id=stranger.pk, accepted=True)
    assert not InvitationAnswer.objects.exists()


def test_who_has_accepted_and_left_meanwhile_is_not_moved_and_has_not_declined(stage: make.Stage) -> None:
    fans = make.viewers(2)
    row = asked(stage, fans)
    follows.unfollow_account(account=stage.source, by=fans[0])
    answer(row, fans[0], accepted=True)
    row = make.fresh(row)
    assert (row.moved, row.declined, row.not_moved, row.unanswered) == (0, 0, 1, 1)
    assert balance(row) == []


def test_a_reversal_gives_back_who_accepted_and_ends_the_question(stage: make.Stage) -> None:
    fans = make.viewers(4)
    row = asked(stage, fans)
    before = make.edges()
    answer(row, fans[0], accepted=True)
    answer(row, fans[1], accepted=True)
    reversals.reverse_restitution(row, by=None)
    with pytest.raises(Conflict):
        invitations.answer_invitation(restitution=row, follower_id=fans[2].pk, accepted=True)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.restored, row.remedy.state) == ("reversed", 2, "lifted")
    assert make.edges() == before
    assert balance(row) == []
    told = delivered_notices().filter(key=f"{row.key}-returned").values_list("account", flat=True)
    assert set(told) == {fans[0].pk, fans[1].pk}


def test_an_answer_that_waits_during_a_reversal_moves_nobody(stage: make.Stage) -> None:
    fans = make.viewers(2)
    row = asked(stage, fans)
    before = make.edges()
    invitations.answer_invitation(restitution=row, follower_id=fans[0].pk, accepted=True)
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs([restitutions.RESTORE_FOLLOWERS])
    row = make.fresh(row)
    assert (row.state, row.declined, row.not_moved) == ("reversed", 0, 1)
    runner.run_due_jobs()
    assert make.edges() == before
    assert balance(make.fresh(row)) == []


def test_an_answer_whose_worker_died_is_known_again(stage: make.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fans = make.viewers(1)
    row = asked(stage, fans)
    before = make.edges()
    record = invitation_answers._record
    monkeypatch.setattr(invitation_answers, "_record", _die)
    invitations.answer_invitation(restitution=row, follower_id=fans[0].pk, accepted=True)
    with pytest.raises(RuntimeError):
        carry_out_next(row)
    monkeypatch.setattr(invitation_answers, "_record", record)
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.restored) == ("reversed", 1, 1)
    assert make.edges() == before
    assert balance(row) == []


def _die(*_args: object) -> None:
    raise RuntimeError


def test_answers_wait_for_a_platform_that_does_not_answer(
    stage: make.Stage, sandbox: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    fans = make.viewers(1)
    row = asked(stage, fans)

    def silent(*_args: object, **_named: object) -> None:
        raise PlatformError("down")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxPlatform, "answer_invitations", silent)
        answer(row, fans[0], accepted=True)
        assert row.invite_until is not None
        with clock.freeze_time(row.invite_until):
            assert invitations.end_due_invitations() == 0, "an answer given in time counts"
    with clock.freeze_time(row.invite_until + timedelta(hours=2)):
        assert follower_alerts.note_late_followers() == 1
        assert open_discrepancies().get().subject == row.remedy.complaint.number
        invitations.resume_abandoned_answers()
        runner.run_due_jobs()
        assert invitations.end_due_invitations() == 1
        assert follower_alerts.note_late_followers() == 0
    assert not open_discrepancies().exists()
    assert make.fresh(row).moved == 1


def test_who_has_not_answered_is_reminded_once(stage: make.Stage) -> None:
    answered, silent = fans = make.viewers(2)
    row = asked(stage, fans)
    answer(row, answered, accepted=False)
    assert row.invite_until is not None
    with clock.freeze_time(row.invite_until - terms.INVITE_REMINDER - timedelta(minutes=1)):
        assert invitations.remind_due_followers() == 0
    for hours in (0, 1, 30):
        with clock.freeze_time(row.invite_until - terms.INVITE_REMINDER + timedelta(hours=hours)):
            invitations.remind_due_followers()
            runner.run_due_jobs()
    reminders = delivered_notices().filter(key=f"{row.key}-reminded")
    assert [one.account_id for one in reminders] == [silent.pk]


def test_who_accepted_can_undo_it(stage: make.Stage) -> None:
    fans = make.viewers(2)
    row = asked(stage, fans)
    before = {edge._replace(confirmed_at=None) for edge in make.edges()}
    answer(row, fans[0], accepted=True)
    follower_choices.undo_follower_return(restitution=make.fresh(row), follower_id=fans[0].pk)
    row = make.fresh(row)
    assert row.undone == 1
    assert {edge._replace(confirmed_at=None) for edge in make.edges()} == before
    assert balance(row) == []


def test_two_workers_note_a_page_once(stage: make.Stage) -> None:
    fans = make.viewers(4)
    make.follow(stage.source, fans, post=stage.copy)
    row = make.begun(stage, batch=2)
    followers = registry._connectors["sandbox"].followers
    assert followers is not None
    old = make.fresh(row)
    assert invitations.note_next_page(old, followers) == fans[1].pk
    assert invitations.note_next_page(old, followers) == fans[1].pk
    assert restitution_pages.move_page(row.pk) is None
    row = make.fresh(row)
    assert (row.invited, row.pages.count()) == (4, 2)
    assert balance(row) == []


def url_of(row: Restitution, follower: Account) -> str:
    return follower_link(row).address_of(follower.pk).removeprefix(settings.BASE_URL)


@pytest.mark.parametrize(("button", "said"), [("accept", "You follow"), ("keep", "You will not be asked")])
def test_the_page_asks_and_carries_the_answer_out(client: Client, stage: make.Stage, button: str, said: str) -> None:
    fans = make.viewers(1)
    row = asked(stage, fans)
    url = url_of(row, fans[0])
    page = client.get(url).content.decode()
    assert "You can answer until" in page
    assert f"Keep following @{row.source_handle}" in page
    assert client.post(url, {"answer": button}).headers["Location"] == url
    assert "is being carried out" in client.get(url).content.decode()
    runner.run_due_jobs()
    client.get(f"{url}?now=1")
    runner.run_due_jobs()
    page = client.get(f"{url}?now=1").content.decode()
    assert said in page
    assert "You can answer until" not in page
    moved = Follow.objects.get(follower=fans[0]).account_id == stage.target.pk
    assert moved == (button == "accept")
    assert ("again instead" in page) == moved


def test_the_page_says_when_it_is_over(client: Client, stage: make.Stage) -> None:
    fans = make.viewers(1)
    row = end(asked(stage, fans))
    page = client.get(url_of(row, fans[0])).content.decode()
    assert "period for answering has ended" in page


def test_the_trail_names_nobody(stage: make.Stage) -> None:
    fans = make.viewers(2)
    row = asked(stage, fans)
    answer(row, fans[0], accepted=True)
    told = [event for event in trail.events_of(row.chain) if event.event == events.FOLLOWER_ANSWERED]
    assert [event.data["moved"] for event in told] == [1]
    assert all(str(fans[0].pk) not in str(event.data.values()) for event in told)


STEPS = some.lists(
    some.tuples(
        some.sampled_from(["accept", "accept", "keep", "unfollow", "undo", "end", "reverse", "remind"]),
        some.integers(0, 5),
    ),
    max_size=14,
)


@given(STEPS)
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_the_invariants_hold_whatever_happens(steps: list[tuple[str, int]]) -> None:
    """Counts balance after every step; who has not accepted is never moved; a reversal restores all but choices."""
    stage = make.stage(mode=INVITE)
    fans = make.viewers(6)
    everybody = [fan.pk for fan in fans]
    make.follow(stage.target, fans[:1])
    row = asked(stage, fans, batch=4)
    before, chose = make.edges(of=everybody), set[int]()
    for what, number in steps:
        if _step(what, make.fresh(row), stage, fans[number]):
            chose.add(fans[number].pk)
        row = make.fresh(row)
        assert balance(row) == []
        accepted = set(row.answers.filter(accepted=True).values_list("follower_id", flat=True))
        assert {one for page in row.pages.all() for one in (*page.moved, *page.already)} <= accepted
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert row.state in {"reversed", "partly_reversed"}
    assert balance(row) == []
    quiet = [pk for pk in everybody if pk not in chose]
    assert make.edges(of=quiet) == {edge for edge in before if edge.follower_id in quiet}


def _step(what: str, row: Restitution, stage: make.Stage, fan: Account) -> bool:
    """Do one thing; whether the follower has chosen something that stands."""
    acts: dict[str, Callable[[], Any]] = {
        "accept": lambda: invitations.answer_invitation(restitution=row, follower_id=fan.pk, accepted=True),
        "keep": lambda: invitations.answer_invitation(restitution=row, follower_id=fan.pk, accepted=False),
        "unfollow": lambda: follows.unfollow_account(account=stage.source, by=fan),
        "undo": lambda: follower_choices.undo_follower_return(restitution=row, follower_id=fan.pk),
        "reverse": lambda: reversals.reverse_restitution(row, by=None),
        "remind": invitations.remind_due_followers,
        "end": lambda: row.state == "inviting" and end(row),
    }
    try:
        acts[what]()
    except Conflict:
        return False
    if what != "reverse":
        runner.run_due_jobs()
    return what in {"keep", "unfollow", "undo"}
