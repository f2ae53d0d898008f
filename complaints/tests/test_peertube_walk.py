"""A whole complaint on a PeerTube over HTTP: compared, decided, the video blocked, the account closed, and all of it reversed.

A small PeerTube runs in a thread, and the jobs of the portal call it. Some of its answers are lost.
"""

from datetime import timedelta

import pytest

from complaints.actions import remedies, remedy_checks
from complaints.models import Complaint
from complaints.policies.terms import RESTRICTION_DELAY
from complaints.remedies import choose_remedies
from complaints.states import RemedyState
from complaints.tests import deciding as do
from complaints.tests import engine, walking
from complaints.tests.walking import remedy_states, run_jobs
from portal import clock
from portal.outbound.discrepancies import open_discrepancies
from portal.people.models import User
from portal.testing import peertube_state
from portal.testing.peertube_server import PeerTubeServer

pytestmark = pytest.mark.django_db
REMEDIES = ("remove", "restrict")


def member(peertube: PeerTubeServer, name: str) -> User:
    """A person who has proven an account there."""
    return walking.member("peertube", peertube.add_user(name).name)


def upload(peertube: PeerTubeServer, name: str, *, days_ago: int, seed: str) -> peertube_state.Video:
    at, content = clock.now() - timedelta(days=days_ago), engine.sample_video("potter", seed)
    return peertube.add_video(peertube.users[name], "A bowl", at, content)


def file_complaint(author: User, original: peertube_state.Video, copy: peertube_state.Video) -> Complaint:
    return walking.file_complaint("peertube", author, original=original.uuid, copy=copy.uuid)


def upload_is_blocked(peertube: PeerTubeServer, video: peertube_state.Video) -> bool:
    return peertube.videos[video.uuid].blocked is not None


@pytest.mark.parametrize("fault", ["", "lost", "cut", "500"])
def test_a_complaint_with_its_remedies_and_reversal(peertube: PeerTubeServer, fault: str) -> None:
    author, copier = member(peertube, "author"), member(peertube, "copier")
    original = upload(peertube, "author", days_ago=9, seed="one")
    copy = upload(peertube, "copier", days_ago=1, seed="two")
    complaint = file_complaint(author, original, copy)
    assert complaint.respondent == copier
    if fault:
        for path in ("/videos/*/blacklist", "/users/*/*block"):
            peertube.inject(fault, path=path, times=4)
    do.decide(complaint, remedies=REMEDIES)
    do.confirm(complaint)
    run_jobs()
    assert copy.blocked is not None
    assert complaint.number in copy.blocked
    assert not peertube.users["copier"].blocked
    with clock.freeze_time(clock.now() + RESTRICTION_DELAY):
        remedies.begin_due_remedies()
        run_jobs()
        assert (peertube.users["copier"].blocked, remedy_states()) == (True, {RemedyState.ACTIVE})
        assert complaint.number in peertube.users["copier"].reason
        do.appeal(complaint)
        do.reverse(complaint)
        run_jobs()
        assert not any([upload_is_blocked(peertube, copy), peertube.users["copier"].blocked])
        assert remedy_states() == {RemedyState.LIFTED}
        remedy_checks.mend_remedies()
        run_jobs()
    assert not open_discrepancies().exists()


def test_what_peertube_does_not_do_is_not_offered(peertube: PeerTubeServer) -> None:
    author, _copier = member(peertube, "author"), member(peertube, "copier")
    original = upload(peertube, "author", days_ago=9, seed="one")
    complaint = file_complaint(author, original, upload(peertube, "copier", days_ago=1, seed="two"))
    chosen = choose_remedies(complaint, {"warn", "restitution", *REMEDIES})
    refused = remedies.refuse_chosen_remedies(complaint, chosen)
    assert sorted(refused) == ["restitution", "warn"]
    assert {str(reason).partition(". ")[2] for reason in refused.values()} == {"The platform has no such function."}
