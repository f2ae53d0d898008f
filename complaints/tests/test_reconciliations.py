"""The ledger is compared with what followers follow: what nobody has chosen and the ledger does not say is found."""

from datetime import timedelta
from typing import Any

import pytest

from complaints.actions import follower_choices, reconciliations, reversals
from complaints.models import Reconciliation, Restitution, RestitutionPage
from complaints.tests import restitutions as make
from complaints.tests.distant import DistantPlatform, use_distant_platform, work
from portal import clock
from portal.jobs import runner
from portal.outbound.discrepancies import open_discrepancies
from portal.outbound.models import Effect
from portal.platforms import Connector, registry
from portal.sandbox.models import Account, Follow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def distant(platform: object, monkeypatch: pytest.MonkeyPatch) -> DistantPlatform:
    return use_distant_platform(monkeypatch)


@pytest.fixture
def stage() -> make.Stage:
    return make.stage()


@pytest.fixture
def followers(stage: make.Stage) -> list[Account]:
    """Four who moved and one who followed both, a page of two each."""
    rows = make.viewers(5)
    make.follow(stage.source, rows, post=stage.copy)
    make.follow(stage.target, rows[4:])
    return rows


@pytest.fixture
def done(stage: make.Stage, followers: list[Account]) -> Restitution:
    return work(make.begun(stage, batch=2))


def compare(row: Restitution) -> Reconciliation:
    reconciliations.ask_reconciliation(row)
    runner.run_due_jobs()
    return Reconciliation.objects.get(restitution=row)


def figures(row: Reconciliation) -> tuple[int, int, int]:
    return row.agreed, row.changed, row.differing


def test_it_is_compared_when_it_has_ended_and_when_it_was_given_back(done: Restitution) -> None:
    first = Reconciliation.objects.get(restitution=done)
    assert (figures(first), first.runs, first.problem) == ((5, 0, 0), False, "")
    reversals.reverse_restitution(done, by=None)
    work(done)
    again = Reconciliation.objects.get(restitution=done)
    assert (figures(again), again.run) == ((5, 0, 0), 2)
    assert not open_discrepancies().exists()


def test_a_move_that_the_platform_has_lost_is_noted_for_staff_until_it_is_there(
    done: Restitution, stage: make.Stage, followers: list[Account]
) -> None:
    lost = Follow.objects.filter(account=stage.target, follower=followers[0])
    lost.update(account=stage.source, order_key="")
    assert figures(compare(done)) == (4, 0, 1)
    found = open_discrepancies().get()
    assert (found.effect, found.subject, found.platform) == (
        Effect.FOLLOWERS,
        done.remedy.complaint.number,
        done.platform,
    )
    Follow.objects.filter(account=stage.source, follower=followers[0]).update(account=stage.target, order_key=done.key)
    assert figures(compare(done)) == (5, 0, 0)
    assert not open_discrepancies().exists()


def test_a_follow_of_both_that_never_ended_differs(
    done: Restitution, stage: make.Stage, followers: list[Account]
) -> None:
    make.follow(stage.source, followers[4:])
    assert figures(compare(done)) == (4, 0, 1)


def test_one_that_was_not_given_back_differs(done: Restitution, stage: make.Stage, followers: list[Account]) -> None:
    reversals.reverse_restitution(done, by=None)
    row = work(done)
    Follow.objects.filter(account=stage.source, follower=followers[1]).update(account=stage.target, order_key=row.key)
    assert figures(compare(row)) == (4, 0, 1)


def test_choices_of_followers_are_no_differences(
    done: Restitution, stage: make.Stage, followers: list[Account]
) -> None:
    undoes, leaves, again, gone, _both = followers
    follower_choices.undo_follower_return(restitution=done, follower_id=undoes.pk)
    Follow.objects.filter(account=stage.target, follower__in=[leaves, again]).delete()
    make.follow(stage.source, [again], created_at=clock.now() + timedelta(seconds=1))
    Account.objects.filter(pk=gone.pk).update(closed_at=clock.now())
    assert figures(compare(done)) == (2, 3, 0)


def test_who_takes_it_back_while_the_platform_is_asked_has_changed(
    done: Restitution, followers: list[Account], distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = distant.follow_states

    def undo_meanwhile(order: Any, some: Any) -> Any:
        states = ask(order, some)
        if followers[0].pk in some:
            follower_choices.undo_follower_return(restitution=done, follower_id=followers[0].pk)
        return states

    monkeypatch.setattr(distant, "follow_states", undo_meanwhile)
    assert figures(compare(done)) == (4, 1, 0)


def test_a_page_that_two_workers_compare_counts_once(
    done: Restitution, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = distant.follow_states, []

    def compared_by_another(order: Any, some: Any) -> Any:
        asked.append(some)
        if len(asked) == 1:
            reconciliations.reconcile_followers(_Run({"restitution": done.pk, "run": 2}))  # type: ignore[arg-type]
        return ask(order, some)

    monkeypatch.setattr(distant, "follow_states", compared_by_another)
    assert figures(compare(done)) == (5, 0, 0)


class _Run:
    """What another worker's job is known by."""

    kind = reconciliations.RECONCILE_FOLLOWERS

    def __init__(self, payload: dict[str, int]) -> None:
        self.payload = payload


def test_of_very_many_a_sample_of_pages_is_compared(done: Restitution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliations, "MOST_COMPARED", 2)
    row = compare(done)
    pages = [page for page in RestitutionPage.objects.filter(restitution=done) if page.number % 3 == 0]
    assert (row.step, row.compared) == (3, sum(len(page.moved) + len(page.already) for page in pages))


def test_what_cannot_be_compared_says_why(
    done: Restitution, distant: DistantPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Connector = distant.connector()
    monkeypatch.setattr(registry, "_connectors", {"sandbox": plain.__class__(**{**vars(plain), "states": None})})
    assert compare(done).problem == reconciliations.UNSERVED
    reconciliations.ask_reconciliation(done)
    reconciliations.note_failed_reconciliation({"restitution": done.pk, "run": 3})
    assert Reconciliation.objects.get().problem == reconciliations.FAILED


def test_nothing_is_compared_while_followers_move(stage: make.Stage, followers: list[Account]) -> None:
    reconciliations.ask_reconciliation(make.begun(stage))
    assert not Reconciliation.objects.exists()
