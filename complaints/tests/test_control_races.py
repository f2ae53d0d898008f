"""Two senior reviewers at the same moment: one of them is told that it was done already."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from complaints.actions import controls, restitution_pages, reversals
from complaints.models import Restitution, RestitutionControl
from complaints.reference import loading
from complaints.states import ControlState
from complaints.tests import restitutions as make
from complaints.tests.distant import check, use_distant_platform, work
from portal.errors import Conflict
from portal.outbound.calls import CallInProgress
from portal.reviews.tests import factories as reviews
from portal.testing.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "The platform reports that the copy was published by mistake."


@pytest.fixture
def row(platform: object, monkeypatch: pytest.MonkeyPatch) -> Restitution:
    use_distant_platform(monkeypatch)
    loading.load_complaint_reference()
    stage = make.stage()
    make.follow(stage.source, make.viewers(5), post=stage.copy)
    begun = make.begun(stage, batch=2)
    restitution_pages.move_page(begun.pk)
    return make.fresh(begun)


def refused(answers: list[object]) -> int:
    return sum(isinstance(answer, Conflict) for answer in answers)


def everywhere(act: Callable[..., object], row: Restitution) -> list[object]:
    people = (reviews.senior(), reviews.senior())
    return at_once(*(partial(act, restitution=make.fresh(row), by=one, reason=REASON) for one in people))


def test_two_pause_and_two_resume_it(row: Restitution) -> None:
    assert refused(everywhere(controls.pause_restitution, row)) == 1
    assert refused(everywhere(controls.resume_restitution, row)) == 1
    assert row.controls.count() == 2
    done = work(row)
    assert (done.state, done.moved, done.pages.count()) == ("done", 5, 3)
    check(done)


def test_two_propose_a_stop(row: Restitution) -> None:
    assert refused(everywhere(controls.propose_stop, row)) == 1
    assert row.controls.proposed().count() == 1


def test_two_answer_a_proposal(row: Restitution) -> None:
    proposed = controls.propose_stop(restitution=row, by=reviews.senior(), reason=REASON)

    def read() -> RestitutionControl:
        return RestitutionControl.objects.select_related("restitution__remedy__decision__case").get(pk=proposed.pk)

    acts = (controls.confirm_stop, controls.confirm_stop, controls.refuse_stop)
    answers = at_once(*(partial(act, control=read(), by=reviews.senior()) for act in acts))
    assert refused(answers) == 2
    stopped = read().state == ControlState.MADE
    assert make.fresh(row).state == ("reversing" if stopped else "paused")


def test_a_pause_while_a_page_moves(row: Restitution) -> None:
    pause = partial(controls.pause_restitution, restitution=row, by=reviews.senior(), reason=REASON)

    def move() -> None:
        with suppress(CallInProgress):  # its job comes again, and finds it paused
            restitution_pages.move_page(row.pk)

    at_once(pause, move)
    paused = work(row)
    assert (paused.state, paused.calling_key) == ("paused", "")
    assert paused.moved in {2, 4}
    check(paused)


def test_a_stop_and_a_reversal(row: Restitution) -> None:
    proposed = controls.propose_stop(restitution=row, by=reviews.senior(), reason=REASON)
    at_once(
        partial(controls.confirm_stop, control=proposed, by=reviews.senior()),
        partial(reversals.reverse_restitution, make.fresh(row), by=None),
    )
    back = work(row)
    assert (back.state, back.restored) == ("reversed", 2)
    check(back)
