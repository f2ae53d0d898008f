"""A follower sees every restitution that concerns them, and opts out of those to come."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from complaints.actions import follower_alerts, follower_choices, follower_ledger, invitations, opt_outs
from complaints.actions.follower_messages import follower_link
from complaints.models import FollowerOptOut, Restitution, RestitutionPage
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.findings import overturn, restitute, uphold
from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.jobs import runner
from portal.outbound.discrepancies import open_discrepancies
from portal.platforms import PlatformError, registry
from portal.sandbox.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def returned(mode: str, fans: list[Account]) -> Restitution:
    stage = make.stage(mode=mode)
    make.follow(stage.source, fans, post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs()
    return make.fresh(row)


def concerning(platform: str, follower: Account) -> list[Restitution]:
    return list(follower_ledger.restitutions_of(follower_ledger.pages_concerning(platform, follower.pk)))


def url_of(row: Restitution, follower: Account) -> str:
    return follower_link(row).address_of(follower.pk).removeprefix(settings.BASE_URL) + "all/"


def seen(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_lists_what_concerns_the_follower_and_nothing_else(client: Client) -> None:
    fan, other = make.viewers(2)
    moved, cleared = returned(RestitutionMode.MOVE, [fan, other]), returned(RestitutionMode.CLEAR, [fan])
    invited, undone = returned(RestitutionMode.INVITE, [fan]), returned(RestitutionMode.MOVE, [fan])
    theirs = returned(RestitutionMode.MOVE, [other])
    follower_choices.undo_follower_return(restitution=undone, follower_id=fan.pk)
    text = seen(client, url_of(moved, fan))
    for row in (moved, cleared, invited, undone):
        assert f"@{row.source_handle}" in text
        assert follower_link(row).address_of(fan.pk) in text
    for said in (
        "Your follow was moved to the author",
        "Your follow was ended",
        "Waiting for your answer",
        "You undid it",
    ):
        assert text.count(said) == 1
    assert f"@{theirs.source_handle}" not in text
    assert [row.pk for row in concerning("sandbox", other)] == [theirs.pk, moved.pk]
    invitations.answer_invitation(restitution=invited, follower_id=fan.pk, accepted=True)
    runner.run_due_jobs()
    assert "You accepted" in seen(client, url_of(moved, fan))
    assert not concerning("elsewhere", fan)


def test_a_follower_reads_what_became_of_their_own_follow_where_a_part_was_reversed(client: Client) -> None:
    stage = make.stage()
    early, own = make.viewers(1), make.viewers(1)
    make.follow(stage.source, early, post=stage.other)
    make.follow(stage.source, own, post=stage.copy)
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    row = restitute(second)
    runner.run_due_jobs()
    restored, moved = "what it changed is restored", "Your follow was moved to the author"
    assert all(moved in seen(client, url_of(row, fan)) for fan in (*early, *own))
    overturn(first)
    runner.run_due_jobs()
    assert make.fresh(row).state == "done"
    assert restored in seen(client, url_of(row, early[0]))
    assert moved in seen(client, url_of(row, own[0]))
    uphold(stage, stage.copy)
    overturn(second)
    runner.run_due_jobs()
    assert make.fresh(row).state == "partly_reversed"
    assert moved in seen(client, url_of(row, own[0]))


@pytest.mark.parametrize("mode", [RestitutionMode.MOVE, RestitutionMode.CLEAR, RestitutionMode.INVITE])
def test_who_has_opted_out_is_spared_in_every_mode(client: Client, mode: str) -> None:
    fan, other = make.viewers(2)
    url = url_of(returned(RestitutionMode.MOVE, [fan]), fan)
    assert client.post(url, {"opt_out": "on"}).headers["Location"] == url
    assert "is being sent to the platform" in seen(client, url)
    runner.run_due_jobs()
    assert "will not change your follows" in (text := seen(client, url))
    assert "is being sent" not in text
    row = returned(mode, [fan, other])
    assert row.excluded == {"opted_out": 1}
    assert row.moved + row.already + row.unanswered == 1
    client.post(url, {"opt_out": "off"})
    runner.run_due_jobs()
    assert returned(mode, [fan]).excluded == {}


def test_asking_twice_is_once_and_the_last_wish_stands(client: Client) -> None:
    (fan,) = make.viewers(1)
    url = url_of(returned(RestitutionMode.MOVE, [fan]), fan)
    for wish in ("on", "on", "off", "on", "off"):
        client.post(url, {"opt_out": wish})
    runner.run_due_jobs()
    row = FollowerOptOut.objects.get()
    assert (row.opted_out, row.applied_at is not None) == (False, True)
    fan.refresh_from_db()
    assert not fan.is_opted_out
    with clock.freeze_time(clock.now() + timedelta(days=29)):
        assert opt_outs.purge_ended_opt_outs() == 0
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        assert opt_outs.purge_ended_opt_outs() == 1


def test_a_platform_that_does_not_answer_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    (fan,) = make.viewers(1)

    def silent(*_args: Any, **_named: Any) -> None:
        raise PlatformError("down")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxPlatform, "set_opt_out", silent)
        opt_outs.ask_opt_out(platform="sandbox", follower_id=fan.pk, opted_out=True)
        runner.run_due_jobs()
    assert FollowerOptOut.objects.get().applied_at is None
    assert follower_alerts.note_late_followers() == 0
    with clock.freeze_time(clock.now() + timedelta(hours=4)):
        assert follower_alerts.note_late_followers() == 1
        assert [(row.effect, row.platform, row.subject) for row in open_discrepancies()] == [
            ("followers", "sandbox", "")
        ]
        opt_outs.resume_abandoned_opt_outs()
        runner.run_due_jobs()
        assert follower_alerts.note_late_followers() == 0
    assert not open_discrepancies().exists()
    assert FollowerOptOut.objects.get().applied_at is not None
    fan.refresh_from_db()
    assert fan.is_opted_out


def test_it_is_not_offered_where_the_platform_cannot(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    (fan,) = make.viewers(1)
    url = url_of(returned(RestitutionMode.MOVE, [fan]), fan)
    monkeypatch.setitem(registry._connectors, "sandbox", replace(registry._connectors["sandbox"], opt_outs=None))
    assert "does not support opting out" in seen(client, url)
    client.post(url, {"opt_out": "on"})
    assert not FollowerOptOut.objects.exists()


def test_a_link_that_was_not_issued_opens_nothing(client: Client) -> None:
    (fan,) = make.viewers(1)
    url = url_of(returned(RestitutionMode.MOVE, [fan]), fan)
    broken = url.replace("/all/", "A/all/")
    assert client.get(broken).status_code == 404
    assert client.post(broken, {"opt_out": "on"}).status_code == 404
    assert not FollowerOptOut.objects.exists()


def test_pages_of_the_ledger_are_found_by_their_span_of_ids() -> None:
    row = returned(RestitutionMode.MOVE, make.viewers(1))
    page, pages = row.pages.get(), []
    for number in range(3_000):
        beyond = {"number": page.number + 1 + number, "moved": [10_000_000 + number]}
        pages.append(RestitutionPage(restitution=row, ground=page.ground, **beyond))
    RestitutionPage.objects.bulk_create(pages)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE complaints_restitution, complaints_restitutionpage")
        cursor.execute("EXPLAIN " + follower_ledger._CONCERNS, {"platform": "sandbox", "follower": 7})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "restitution_page_of_follower" in plan


def test_a_page_of_many_moves_asks_few_questions(client: Client, django_assert_max_num_queries: Any) -> None:
    (fan,) = make.viewers(1)
    rows = [returned(RestitutionMode.CLEAR, [fan]) for _ in range(4)]
    with django_assert_max_num_queries(9):
        seen(client, url_of(rows[0], fan))
