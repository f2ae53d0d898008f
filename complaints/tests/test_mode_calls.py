"""Clearing and asking on a platform whose calls do not join: nothing is lost and nothing done twice, whoever dies."""

from typing import Any

import pytest

from complaints.actions import invitations, opt_outs, restitution_pages, reversals
from complaints.models import FollowerOptOut, Restitution
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.distant import DistantPlatform, check, die_in, work
from complaints.tests.test_restitution_calls import HOUR
from portal.jobs import runner
from portal.outbound.calls import CALL_LEASE
from portal.outbound.guard import refuse_open_transaction
from portal.platforms import registry
from portal.sandbox.models import Account, Follow
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def distant(platform: object, monkeypatch: pytest.MonkeyPatch) -> DistantPlatform:
    made = DistantPlatform()
    monkeypatch.setattr(registry, "_connectors", {"sandbox": made.connector()})
    monkeypatch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
    return made


def begun(mode: str, fans: list[Account]) -> tuple[make.Stage, Restitution]:
    stage = make.stage(mode=mode)
    make.follow(stage.source, fans, post=stage.copy)
    return stage, make.begun(stage, batch=2)


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("mode", [RestitutionMode.CLEAR, RestitutionMode.INVITE])
def test_a_page_whose_worker_died_is_there_once(
    distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, mode: str, *, arrives: bool
) -> None:
    fans = make.viewers(5)
    _stage, row = begun(mode, fans)
    before = make.edges()
    call = "preview_followers" if mode == RestitutionMode.INVITE else "move_followers"
    restitution_pages.move_page(row.pk)
    die_in(lambda: restitution_pages.move_page(row.pk), distant, call, monkeypatch, arrives=arrives)
    row = work(row, after=CALL_LEASE)
    assert row.already + row.invited == 5
    assert {one.account_id for one in delivered_notices()} == {fan.pk for fan in fans}
    check(row)
    reversals.reverse_restitution(row, by=None)
    row = work(row)
    assert (row.state, make.edges()) == ("reversed", before)
    check(row)


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("reversed_first", [True, False])
def test_an_answer_whose_worker_died_counts_once(
    distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch, *, arrives: bool, reversed_first: bool
) -> None:
    fans = make.viewers(3)
    stage, row = begun(RestitutionMode.INVITE, fans)
    row = work(row)
    before = make.edges()
    invitations.answer_invitation(restitution=row, follower_id=fans[0].pk, accepted=True)
    die_in(runner.run_due_jobs, distant, "answer_invitations", monkeypatch, arrives=arrives)
    if not reversed_first:
        row = work(row, after=2 * CALL_LEASE)
        assert (row.moved, row.declined, row.unanswered) == (1, 0, 2)
        assert Follow.objects.filter(account=stage.target).count() == 1
        check(row)
    reversals.reverse_restitution(row, by=None)
    row = work(row, after=2 * CALL_LEASE)
    assert (row.state, make.edges()) == ("reversed", before)
    assert (row.moved, row.not_moved) == ((1, 0) if arrives or not reversed_first else (0, 1))
    check(row)


def test_an_opt_out_whose_worker_died_is_told_again(distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    (fan,) = make.viewers(1)
    row = opt_outs.ask_opt_out(platform="sandbox", follower_id=fan.pk, opted_out=True)
    _stage, other = begun(RestitutionMode.MOVE, make.viewers(1))
    die_in(lambda: work(other), distant, "set_opt_out", monkeypatch)
    work(other, after=HOUR)
    assert FollowerOptOut.objects.get(pk=row.pk).applied_at is not None


def test_no_call_of_these_is_made_within_a_transaction(
    distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()
    for call in ("preview_followers", "answer_invitations", "set_opt_out"):
        method = getattr(distant, call)

        def watched(*args: Any, _method: Any = method, _call: str = call, **named: Any) -> Any:
            refuse_open_transaction()
            seen.add(_call)
            return _method(*args, **named)

        monkeypatch.setattr(distant, call, watched)
    fans = make.viewers(1)
    _stage, row = begun(RestitutionMode.INVITE, fans)
    row = work(row)
    invitations.answer_invitation(restitution=row, follower_id=fans[0].pk, accepted=False)
    opt_outs.ask_opt_out(platform="sandbox", follower_id=fans[0].pk, opted_out=True)
    work(row)
    assert seen == {"preview_followers", "answer_invitations", "set_opt_out"}
