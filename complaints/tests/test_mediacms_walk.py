"""A whole complaint on a MediaCMS over HTTP: compared, decided, the video taken from view, and all of it reversed.

A small MediaCMS runs in a thread, and the jobs of the portal call it. Some of its answers are lost.
"""

import json
from datetime import timedelta

import pytest
from django.test import Client

from complaints import evidence_file, notices
from complaints.actions import comparison_evidence, remedies, remedy_checks
from complaints.models import Complaint, Remedy
from complaints.remedies import choose_remedies
from complaints.states import RemedyState, Side
from complaints.tests import deciding as do
from complaints.tests import engine, walking
from complaints.tests import factories as make
from complaints.tests.walking import remedy_states, run_jobs, run_jobs_at
from portal import clock
from portal.connectors import upkeep
from portal.connectors.mediacms.custody import FILE_LAG
from portal.outbound.discrepancies import open_discrepancies
from portal.outbound.models import Problem
from portal.people.models import User
from portal.platforms import registry
from portal.reviews.tests.factories import case_url
from portal.testing.mediacms_server import MediaCmsServer
from portal.testing.mediacms_state import EDITOR, Medium
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db


def upload(server: MediaCmsServer, name: str, *, days_ago: int, seed: str) -> Medium:
    at, content = clock.now() - timedelta(days=days_ago), engine.sample_video("potter", seed)
    return server.add_medium(name, "A bowl", at, content)


@pytest.fixture
def author(mediacms: MediaCmsServer) -> User:
    return walking.member("mediacms", mediacms.add_user("author").name)


@pytest.fixture
def copy(mediacms: MediaCmsServer) -> Medium:
    mediacms.add_user("copier")
    return upload(mediacms, "copier", days_ago=1, seed="two")


@pytest.fixture
def complaint(mediacms: MediaCmsServer, author: User, copy: Medium) -> Complaint:
    original = upload(mediacms, "author", days_ago=9, seed="one")
    return walking.file_complaint("mediacms", author, original=original.token, copy=copy.token)


def read_capabilities() -> None:
    """As the periodic job does."""
    upkeep.ask_platforms()
    run_jobs_at(clock.now())


def standing(copy: Medium) -> tuple[str, str]:
    return copy.owner, copy.state


@pytest.mark.parametrize("fault", ["", "lost", "cut", "500", "html"])
def test_a_complaint_with_its_remedies_and_reversal(
    mediacms: MediaCmsServer, complaint: Complaint, copy: Medium, fault: str
) -> None:
    if fault:
        for method, path in (("PUT", "/media/*"), ("POST", "/media/user/*"), ("POST", "/users/*")):
            mediacms.inject(fault, method=method, path=path, times=2)
    do.decide(complaint, remedies=("warn", "remove"))
    run_jobs()
    assert standing(copy) == (EDITOR, "private")
    assert remedy_states() == {RemedyState.ACTIVE}
    assert any(name == "copier" and complaint.number in text for name, text in mediacms.mails)
    do.appeal(complaint)
    do.reverse(complaint)
    run_jobs()
    assert standing(copy) == ("copier", "public")
    assert remedy_states() == {RemedyState.LIFTED}
    remedy_checks.mend_remedies()
    run_jobs()
    assert not open_discrepancies().exists()


def test_what_mediacms_does_not_do_is_not_offered(mediacms: MediaCmsServer, complaint: Complaint) -> None:
    chosen = choose_remedies(complaint, {"warn", "remove", "restrict", "restitution"})
    refused = remedies.refuse_chosen_remedies(complaint, chosen)
    assert {kind: str(reason).partition(". ")[2] for kind, reason in refused.items()} == {
        "restrict": "The platform cannot keep an account from uploading through its API.",
        "restitution": "The platform has no such function.",
    }


def test_removal_is_refused_with_the_reason(mediacms: MediaCmsServer, complaint: Complaint) -> None:
    mediacms.add_medium(EDITOR, "A strange video", clock.now())
    read_capabilities()
    refused = remedies.refuse_chosen_remedies(complaint, choose_remedies(complaint, {"remove"}))
    assert str(refused["remove"]).endswith("owns videos that the portal did not remove.")


def test_what_was_removed_is_restored_also_where_nothing_new_is_removed(
    mediacms: MediaCmsServer, complaint: Complaint, copy: Medium
) -> None:
    do.decide(complaint, remedies=("remove",))
    run_jobs()
    strange = mediacms.add_medium(EDITOR, "A strange video", clock.now())
    read_capabilities()
    assert registry.get_connector("mediacms").removals is None
    do.appeal(complaint)
    do.reverse(complaint)
    run_jobs()
    assert standing(copy) == ("copier", "public")
    assert strange.owner == EDITOR


@pytest.mark.parametrize("checks_files", [True, False])
def test_the_file_is_looked_at_when_it_should_be_out_of_reach(
    mediacms: MediaCmsServer, complaint: Complaint, copy: Medium, checks_files: bool
) -> None:
    mediacms.checks_files = checks_files
    do.decide(complaint, remedies=("remove",))
    at = clock.now()
    run_jobs_at(at)
    remedy = Remedy.objects.get()
    assert remedy.complete_at == at + FILE_LAG
    run_jobs_at(remedy.complete_at - timedelta(seconds=1))
    assert Remedy.objects.get().checked_at is None
    mediacms.later = FILE_LAG.total_seconds() + 1
    run_jobs_at(remedy.complete_at + timedelta(seconds=1))
    assert (Remedy.objects.get().checked_at is not None) == checks_files
    assert [row.problem for row in open_discrepancies()] == ([] if checks_files else [Problem.IGNORED])


def test_both_sides_read_until_when_the_file_may_be_reached(
    mediacms: MediaCmsServer, complaint: Complaint, author: User, enter: Enter, client: Client
) -> None:
    desk, told = enter(author), "Removed from view; the file may stay reachable until"
    do.decide(complaint, remedies=("warn", "remove"))
    client.get("/" + notices.case_file_link(make.fresh(complaint), Side.RESPONDENT).split("/", 3)[3])
    run_jobs_at(clock.now())
    complete_at = Remedy.objects.get(kind="remove").complete_at or clock.now()
    for reader, url in ((desk, complaint.get_absolute_url()), (client, complaint.answer_url)):
        for moment, is_told in ((clock.now(), True), (complete_at, False)):
            with clock.freeze_time(moment):
                text = page_text(reader.get(url))
            assert (told in text) == is_told
            assert "Sent, not confirmed" in text


def test_a_reviewer_reads_what_is_not_confirmed_and_whose_word_a_date_is(
    mediacms: MediaCmsServer, complaint: Complaint, enter: Enter
) -> None:
    reviewer, _case, _complaint = do.claim(complaint)
    text = page_text(enter(reviewer).get(case_url(do.case(complaint), "", product="complaints")))
    assert "Messages to the respondent's account are sent, not confirmed" in text
    assert text.count("(as stated by the uploader)") == 2
    for said in ("File of the original last modified", "File of the alleged copy last modified"):
        assert f"1 Jun 2026 {said} as stated by the server" in text


def test_what_the_server_states_of_a_file_is_kept_beside_what_the_uploader_does(complaint: Complaint) -> None:
    plain = comparison_evidence.read_evidence(complaint.comparisons.get().evidence)
    told = json.loads(evidence_file.read_entry(plain, "evidence.json"))["copy"]
    assert told["published_as_stated_by_uploader"]
    assert told["file_modified_at_as_stated_by_server"] == "2026-06-01T08:00:00+00:00"


def test_a_reviewer_of_an_appeal_reads_what_was_carried_out(
    mediacms: MediaCmsServer, complaint: Complaint, enter: Enter
) -> None:
    do.decide(complaint, remedies=("warn", "remove"))
    run_jobs_at(clock.now())
    do.appeal(complaint)
    reviewer, case, _complaint = do.claim(complaint)
    text = page_text(enter(reviewer).get(case_url(case, "", product="complaints")))
    assert "Removed from view; the file may stay reachable until" in text
    assert "Sent, not confirmed" in text
