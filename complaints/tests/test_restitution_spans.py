"""Pages of one restitution moved side by side."""

from collections.abc import Callable
from threading import Barrier, Event
from typing import Any

import pytest

from complaints.actions import restitution_pages, restitution_spans, reversals
from complaints.models import Restitution, RestitutionSpan
from complaints.restitution import attribution
from complaints.tests import restitutions as make
from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.jobs import runner
from portal.testing.concurrency import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]
WAIT = 20  # seconds


def test_two_workers_move_two_pages_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker is within its move when the other one is: the barrier lets neither on before."""
    stage = make.stage()
    make.follow(stage.source, make.viewers(8), post=stage.copy)
    row = make.begun(stage, batch=4)
    both, move = Barrier(2), SandboxPlatform.move_span

    def meet(*args: Any, **kwargs: Any) -> Any:
        both.wait(WAIT)
        return move(*args, **kwargs)

    monkeypatch.setattr(SandboxPlatform, "move_span", meet)
    at_once(*[lambda: restitution_pages.move_page(row.pk)] * 2)
    assert restitution_pages.move_page(row.pk) is None
    row = make.fresh(row)
    assert (row.state, row.moved, row.pages.count(), row.spans.count()) == ("done", 8, 2, 0)
    assert attribution.ledger_imbalances(row, row.pages.order_by("number"), ()) == []
    assert {edge.account_id for edge in make.edges()} == {stage.target.pk}


def test_a_page_that_a_dead_worker_planned_is_moved_by_the_next() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(8), post=stage.copy)
    row = make.begun(stage, batch=4)
    planned = restitution_spans._plan_span(row.pk, SandboxPlatform())
    assert planned is not None
    assert make.fresh(row).cursor == planned.last
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, RestitutionSpan.objects.count()) == ("done", 8, 0)
    assert row.pages.count() == 2


def while_a_page_moves(monkeypatch: pytest.MonkeyPatch, row: Restitution, act: Callable[[], object]) -> None:
    """Do something after a page was moved and before it is recorded."""
    moved, acted, move = Event(), Event(), SandboxPlatform.move_span

    def wait(*args: Any, **kwargs: Any) -> Any:
        done = move(*args, **kwargs)
        moved.set()
        assert acted.wait(WAIT)
        return done

    def meanwhile() -> None:
        assert moved.wait(WAIT)
        act()
        acted.set()

    monkeypatch.setattr(SandboxPlatform, "move_span", wait)
    at_once(lambda: restitution_pages.move_page(row.pk), meanwhile)


def begun_for_four(*, batch: int = 5000) -> tuple[Restitution, set[make.Edge]]:
    """A restitution of four followers, and their follows before it."""
    stage = make.stage()
    make.follow(stage.source, make.viewers(4), post=stage.copy)
    return make.begun(stage, batch=batch), make.edges()


def test_a_reversal_during_a_move_undoes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    row, before = begun_for_four()
    while_a_page_moves(monkeypatch, row, lambda: reversals.reverse_restitution(make.fresh(row), by=None))
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.pages.count()) == ("reversed", 0, 0)
    assert make.edges() == before


def test_an_end_during_a_move_undoes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    row, before = begun_for_four(batch=2)
    while_a_page_moves(monkeypatch, row, lambda: restitution_pages._end_midway(row.pk, "account_gone_midway"))
    row = make.fresh(row)
    assert (row.state, row.moved, row.pages.count()) == ("done", 0, 0)
    assert make.edges() == before


def test_a_ground_that_falls_during_a_move_undoes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    row, before = begun_for_four()
    while_a_page_moves(monkeypatch, row, lambda: row.grounds.update(fallen_at=clock.now()))
    assert (make.fresh(row).moved, make.edges()) == (0, before)
    assert restitution_pages.move_page(row.pk) is not None  # by the order as it is now
    row = make.fresh(row)
    assert (row.state, row.moved, row.passed, make.edges()) == ("done", 0, 4, before)
