"""Restitutions that clear: by the region's mode, and where an author never joins."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from complaints.actions import follower_choices, restitutions, reversals
from complaints.actions.follower_messages import follower_link
from complaints.models import Restitution, RestitutionPage, RestitutionPolicy
from complaints.policies import terms
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from portal import clock
from portal.errors import NotAllowed
from portal.jobs import runner
from portal.notifications.models import Notification
from portal.platforms import registry
from portal.sandbox.actions import follows
from portal.sandbox.models import Follow
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
CLEAR = RestitutionMode.CLEAR


def cleared(stage: make.Stage, **fields: int) -> Restitution:
    row = make.begun(stage, **fields)
    runner.run_due_jobs()
    return make.fresh(row)


def balance(row: Restitution) -> list[str]:
    choices = row.choices.carried_out().values_list("follower_id", flat=True)
    return attribution.ledger_imbalances(row, row.pages.order_by("number"), list(choices))


@pytest.mark.parametrize("linked", [True, False])
def test_follows_end_and_nobody_is_moved(*, linked: bool) -> None:
    stage = make.stage(mode=CLEAR, region="cn", linked=linked)
    fans, others = make.viewers(5), make.viewers(2)
    make.follow(stage.source, fans, post=stage.copy)
    make.follow(stage.source, others, post=stage.other)
    make.follow(stage.target, fans[:1])
    row = cleared(stage, batch=2)
    assert (row.state, row.mode, row.moved, row.already, row.passed) == ("done", "clear", 0, 5, 2)
    assert row.remedy.state == "active"
    assert {edge.follower_id for edge in make.edges() if edge.account_id == stage.source.pk} == {
        one.pk for one in others
    }
    assert {edge.follower_id for edge in make.edges() if edge.account_id == stage.target.pk} == {fans[0].pk}
    assert balance(row) == []
    told = delivered_notices().filter(key=f"{row.key}-cleared")
    assert {one.account_id for one in told} == {one.pk for one in fans}
    text = told[0].body
    assert "has ended" in text
    assert f"@{stage.target.handle}" in text if linked else "The original" in text or "@" in text


def test_a_reversal_restores_exactly_and_keeps_later_choices() -> None:
    stage = make.stage(mode=CLEAR)
    fans = make.viewers(6)
    make.follow(stage.source, fans, post=stage.copy)
    before = make.edges()
    row = cleared(stage, batch=3)
    follows.follow_account(account=stage.source, by=fans[0])
    chosen = make.edges()
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.restored, row.overridden) == ("partly_reversed", 5, 1)
    assert make.edges() == {edge for edge in before if edge.follower_id != fans[0].pk} | chosen
    assert balance(row) == []
    bodies = delivered_notices().filter(key=f"{row.key}-returned").values_list("body", flat=True)
    assert len(bodies) == 5
    assert "ended your follow" in bodies[0]


def test_a_follower_follows_again_from_their_page(client: Client) -> None:
    stage = make.stage(mode=CLEAR)
    fans = make.viewers(2)
    make.follow(stage.source, fans, post=stage.copy)
    before = {edge._replace(confirmed_at=None) for edge in make.edges()}
    row = cleared(stage)
    url = follower_link(row).address_of(fans[0].pk).removeprefix(settings.BASE_URL)
    client.get(f"{url}?now=1")
    runner.run_due_jobs()
    assert "therefore ended" in (page := client.get(f"{url}?now=1").content.decode())
    assert f"Follow @{row.source_handle} again" in page
    client.post(url)
    runner.run_due_jobs([follower_choices.UNDO_FOLLOW])
    row = make.fresh(row)
    assert row.undone == 1
    assert {edge._replace(confirmed_at=None) for edge in make.edges()} == {
        edge for edge in before if edge.follower_id == fans[0].pk
    }
    assert Follow.objects.get(follower=fans[0]).confirmed_at
    assert "You undid it" in client.get(url).content.decode()
    assert balance(row) == []


def test_what_the_platform_does_not_serve_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    connector = registry._connectors["sandbox"]
    for mode, without in (
        (CLEAR, "clearing"),
        (RestitutionMode.INVITE, "previews"),
        (RestitutionMode.INVITE, "invitations"),
    ):
        none: dict[str, Any] = {without: None}
        monkeypatch.setitem(registry._connectors, "sandbox", replace(connector, **none))
        with pytest.raises(NotAllowed, match="does not support that"):
            make.held(make.stage(mode=mode))


def test_the_mode_is_that_of_the_day_of_planning() -> None:
    stage = make.stage(mode=CLEAR)
    make.follow(stage.source, make.viewers(1), post=stage.copy)
    row = make.held(stage)
    make.stage(mode=RestitutionMode.MOVE)
    assert restitutions.begin_due_restitutions() == 1
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.mode, row.already, row.moved) == ("clear", 1, 0)


def test_who_is_reserved_for_nobody_is_cleared_in_the_end() -> None:
    stage = make.stage(linked=False)
    fans = make.viewers(3)
    make.follow(stage.source, fans, post=stage.copy)
    row = make.held(stage)
    before = make.edges()
    for days, letters in ((149, 0), (151, 1), (160, 1), (174, 2), (179, 2)):
        with clock.freeze_time(row.planned_at + timedelta(days=days)):
            for _ in range(2):
                assert restitutions.release_reserved_restitutions() == 0
        assert Notification.objects.filter(kind="complaints.followers_reserved").count() == letters
    assert make.edges() == before
    with clock.freeze_time(row.planned_at + terms.RESERVE_TIME):
        assert restitutions.release_reserved_restitutions() == 1
        assert restitutions.begin_due_restitutions() == 1
        runner.run_due_jobs()
        row = make.fresh(row)
        assert (row.state, row.mode, row.already, row.target) == ("done", "clear", 3, "")
        assert {one.account_id for one in delivered_notices()} == {one.pk for one in fans}
    assert Notification.objects.filter(user=stage.author, kind="complaints.followers_unclaimed").count() == 1
    assert not make.edges()
    assert balance(row) == []
    reversals.reverse_restitution(row, by=None)
    runner.run_due_jobs()
    assert make.edges() == before


def test_an_author_who_joins_in_time_gets_their_followers() -> None:
    stage = make.stage(linked=False)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.held(stage)
    with clock.freeze_time(row.planned_at + timedelta(days=179)):
        make.link(stage)
        assert restitutions.release_reserved_restitutions() == 1
        assert restitutions.begin_due_restitutions() == 1
        runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.mode, row.moved, row.already) == ("move", 2, 0)


def test_who_was_to_be_asked_first_keeps_the_follow_whatever_the_region_says_later() -> None:
    stage = make.stage(linked=False, mode=RestitutionMode.INVITE)
    make.follow(stage.source, make.viewers(1), post=stage.copy)
    row = make.held(stage)
    RestitutionPolicy.objects.update(mode=RestitutionMode.MOVE)
    with clock.freeze_time(row.planned_at + terms.RESERVE_TIME):
        assert restitutions.release_reserved_restitutions() == 1
    assert make.fresh(row).state == "cancelled"
    assert Follow.objects.count() == 1


@pytest.mark.parametrize("why", ["unserved", "asked first"])
def test_where_nobody_may_be_cleared_a_reserve_that_runs_out_is_called_off(
    monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    stage = make.stage(linked=False, mode=RestitutionMode.INVITE if why == "asked first" else RestitutionMode.MOVE)
    fans = make.viewers(1)
    make.follow(stage.source, fans, post=stage.copy)
    row = make.held(stage)
    if why == "unserved":
        monkeypatch.setitem(registry._connectors, "sandbox", replace(registry._connectors["sandbox"], clearing=None))
    with clock.freeze_time(row.planned_at + terms.RESERVE_TIME):
        assert restitutions.release_reserved_restitutions() == 1
    assert make.fresh(row).state == "cancelled"
    assert Follow.objects.count() == 1
    assert not RestitutionPage.objects.exists()


@pytest.mark.parametrize("mode", [RestitutionMode.MOVE, RestitutionMode.CLEAR, RestitutionMode.INVITE])
@pytest.mark.parametrize("linked", [True, False])
def test_a_second_one_for_the_same_author_in_a_year_is_seen_in_every_mode(mode: str, *, linked: bool) -> None:
    stage = make.stage(mode=mode, linked=linked)
    row = make.held(stage)
    again, elsewhere = make.complaint(stage, copy=stage.other), make.complaint(make.stage(mode=mode), by=stage.author)
    now = clock.now()
    assert attribution.had_recent_restitution(again, now)
    assert not attribution.had_recent_restitution(again, now + terms.PAIR_REST + timedelta(days=1))
    assert not attribution.had_recent_restitution(elsewhere, now)
    restitutions.cancel_restitution(row, by=None)
    assert not attribution.had_recent_restitution(again, now)
