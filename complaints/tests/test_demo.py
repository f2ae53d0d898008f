"""The demo's complaints are made by the steps that people take, with everything that the platform is asked for."""

import pytest

from complaints import demo
from complaints.actions import restitutions
from complaints.models import Complaint, Remedy, Restitution
from complaints.policies.screening import NOT_REACHED
from complaints.states import ComplaintState, RemedyState, RestitutionState
from complaints.tests import engine
from portal import clock
from portal.jobs.models import Job, JobState
from portal.people import demo as people
from portal.sandbox import demo as sandbox_demo
from portal.sandbox import drawing
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> Complaint:
    """The complaints of the demo, with videos of a few bytes; the one that was answered."""
    monkeypatch.setattr(drawing, "draw_video", lambda subject, **_: engine.sample_video(subject))
    monkeypatch.setattr(drawing, "edit_video", lambda data, **how: data + b" " + repr(how).encode())
    sandbox_demo._drawn.cache_clear()
    sandbox_demo.draw_small_copy.cache_clear()
    people.seed()
    sandbox_demo.seed()
    demo.seed()
    return Complaint.objects.get(account_handle="demo-reposter", complainant=people.demo_person("creator-b"))


def test_the_platform_has_told_both_sides(seeded: Complaint) -> None:
    assert NOT_REACHED not in seeded.flags
    messages = Job.objects.filter(kind="complaints.message")
    assert {job.state for job in messages} == {JobState.DONE}
    assert {job.attempts for job in messages} == {1}
    assert delivered_notices().filter(account_id=seeded.account_id).exists()


def test_complaints_stand_in_every_stage_in_which_one_can_rest(seeded: Complaint) -> None:
    states = set(Complaint.objects.values_list("state", flat=True))
    # While its videos are compared a complaint is `received`: for seconds.
    assert states == set(ComplaintState) - {ComplaintState.RECEIVED}
    now = clock.now()
    assert {row.submitted_at < now for row in Complaint.objects.exclude(submitted_at=None) if row.submitted_at} == {
        True
    }
    assert (now - min(row.started_at for row in Complaint.objects.all())).days > 90


def test_remedies_and_returns_stand_in_every_state_in_which_one_can_rest(seeded: Complaint) -> None:
    # A job that takes seconds ends `lifting` and `reversing`.
    remedies = set(Remedy.objects.values_list("state", flat=True))
    assert remedies == set(RemedyState) - {RemedyState.LIFTING}
    returns = set(Restitution.objects.values_list("state", flat=True))
    # No region is asked: reference data ship no policy of the mode `invite`.
    assert returns == set(RestitutionState) - {RestitutionState.REVERSING, RestitutionState.INVITING}


def test_what_waits_for_a_decision_is_not_begun_by_the_next_minute(seeded: Complaint) -> None:
    rows = Restitution.objects.filter(state__in=[RestitutionState.HELD, RestitutionState.RESERVED])
    before = dict(rows.values_list("pk", "state"))
    restitutions.begin_due_restitutions()
    restitutions.release_reserved_restitutions()
    assert dict(rows.values_list("pk", "state")) == before
    assert set(before.values()) == {RestitutionState.HELD, RestitutionState.RESERVED}


def test_two_returns_of_followers_are_done_and_one_runs(seeded: Complaint) -> None:
    rows = Restitution.objects.filter(state__in=[RestitutionState.DONE, RestitutionState.MOVING]).order_by("state")
    assert [row.state for row in rows] == [RestitutionState.DONE, RestitutionState.DONE, RestitutionState.MOVING]
    assert all(row.moved and row.already and row.passed for row in rows)
    running = rows.last()
    assert running is not None
    waiting = Job.objects.filter(kind="complaints.move_followers", payload__restitution=running.pk)
    assert {(job.state, job.run_after > clock.now()) for job in waiting} == {(JobState.QUEUED, True)}


def test_seeding_again_adds_nothing(seeded: Complaint) -> None:
    states = dict(Complaint.objects.values_list("number", "state"))
    demo.seed()
    assert dict(Complaint.objects.values_list("number", "state")) == states
    seeded.refresh_from_db()
    assert seeded.state == ComplaintState.IN_REVIEW
