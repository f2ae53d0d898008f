"""What both sides share, found after the decision, pauses the return of followers until a senior reviewer has looked at it."""

from dataclasses import replace

import pytest

from complaints.actions import account_signals, controls, restitution_pages, restitutions
from complaints.models import Complaint, Remedy, Restitution
from complaints.policies import screening
from complaints.states import RestitutionState
from complaints.tests import restitutions as make
from portal.audit import trail
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
    assert (row.state, row.remedy.problem) == (RestitutionState.PAUSED, account_signals.NEW_FLAG)
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
    assert Remedy.objects.get(restitution=row).problem == account_signals.NEW_FLAG
    restitutions.begin_due_restitutions()
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved) == (RestitutionState.PAUSED, 0)
