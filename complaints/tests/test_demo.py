"""The demo's complaint is made by the steps that people take, with everything that the platform is asked for."""

import pytest

from complaints import demo
from complaints.models import Complaint
from complaints.policies.screening import NOT_REACHED
from complaints.states import ComplaintState
from complaints.tests import engine
from portal.jobs.models import Job, JobState
from portal.people import demo as people
from portal.sandbox import demo as sandbox_demo
from portal.sandbox import drawing
from portal.sandbox.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> Complaint:
    """The complaint of the demo, with videos of a few bytes."""
    monkeypatch.setattr(drawing, "draw_video", lambda subject, **_: engine.sample_video(subject))
    monkeypatch.setattr(drawing, "edit_video", lambda data, **how: data + b" " + repr(how).encode())
    sandbox_demo._drawn.cache_clear()
    people.seed()
    sandbox_demo.seed()
    demo.seed()
    return Complaint.objects.get()


def test_the_platform_has_told_both_sides(seeded: Complaint) -> None:
    assert NOT_REACHED not in seeded.flags
    messages = Job.objects.filter(kind="complaints.message")
    assert {job.state for job in messages} == {JobState.DONE}
    assert {job.attempts for job in messages} == {1}
    assert Notice.objects.filter(account_id=seeded.account_id).exists()


def test_seeding_again_adds_nothing(seeded: Complaint) -> None:
    demo.seed()
    assert Complaint.objects.get() == seeded
    assert seeded.state in {ComplaintState.NOTIFIED, ComplaintState.IN_REVIEW}
