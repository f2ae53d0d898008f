"""Reports about rights on a PeerTube: taken over once as drafts of their reporters, and answered when decided."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from complaints.actions import drafts, intake, platform_reports
from complaints.models import Complaint, PlatformReport
from complaints.states import ComplaintState
from complaints.tests import deciding as do
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.tests.test_calls import upheld
from portal import clock
from portal.jobs import runner
from portal.outbound import shares
from portal.outbound.models import PlatformTraffic
from portal.people.actions import links
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.people.states import LinkState
from portal.platforms import registry
from portal.testing.fake_platform import FakePlatform
from portal.testing.peertube_server import PeerTubeServer
from portal.testing.peertube_state import Report, Video
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
PENDING, REJECTED, ACCEPTED = 1, 2, 3


@pytest.fixture
def server(peertube: PeerTubeServer) -> PeerTubeServer:
    """With an author and a copier."""
    for name in ("author", "copier"):
        peertube.add_user(name)
    return peertube


@pytest.fixture
def copy(server: PeerTubeServer) -> Video:
    content = engine.sample_video("potter", "two")
    return server.add_video(server.users["copier"], "My bowl", clock.now() - timedelta(days=1), content)


@pytest.fixture
def report(server: PeerTubeServer, copy: Video) -> Report:
    return server.add_report(server.users["author"], copy, "That is my film.", start=62, end=3723)


def member(name: str) -> User:
    """A person who has proven an account there."""
    person = make.person()
    proof = {"state": LinkState.PROVEN, "proven_at": clock.now()}
    LinkedAccount.objects.create(person=person, platform="peertube", external_id=name, handle=name, **proof)
    return person


def run_jobs(*, hours: int = 1) -> None:
    """Ask for reports, and let the jobs work, also those that wait for their next attempt."""
    for minutes in range(0, 60 * hours, 20):
        with clock.freeze_time(clock.now() + timedelta(minutes=minutes)):
            platform_reports.ask_for_reports()
            platform_reports.answer_decided_reports()
            runner.run_due_jobs()
        PlatformTraffic.objects.all().delete()  # Time was held at a later moment.


def test_a_report_becomes_a_draft_of_its_reporter_once(server: PeerTubeServer, copy: Video, report: Report) -> None:
    run_jobs()
    complaint = Complaint.objects.get()
    assert complaint.complainant.is_visitor
    assert (complaint.state, complaint.account_id) == (ComplaintState.DRAFT, "copier")
    assert complaint.text == "That is my film.\n\nPart of the video: 0:01:02 to 1:02:03"
    assert do.copy_of(complaint).external_id == copy.uuid
    (message,) = report.messages
    for told in (complaint.number, "My bowl", f"{settings.BASE_URL}{complaint.get_absolute_url()}", "links/new/", "30"):
        assert told in message
    row = PlatformReport.objects.get()
    assert (row.report, row.complaint, row.answer, report.state) == (str(report.id), complaint, "", PENDING)
    assert row.told_at is not None


def test_the_draft_goes_to_who_proves_the_account(server: PeerTubeServer, report: Report) -> None:
    run_jobs()
    author, copier = make.person(), make.person()
    for person, name in ((copier, "copier"), (author, "author")):
        link = links.claim_account(person=person, by=person, platform="peertube", account=name)
        server.users[name].bio = link.code
        links.prove_account(link=link, by=person)
    complaint = Complaint.objects.get()
    assert (complaint.complainant, complaint.respondent) == (author, None)
    drafts.save_draft(complaint=complaint, by=author, text="They took it.")


def test_a_members_draft_is_theirs_at_once_and_says_where_it_comes_from(
    server: PeerTubeServer, report: Report, enter: Enter
) -> None:
    author = member("author")
    run_jobs()
    complaint = Complaint.objects.get()
    assert complaint.complainant == author
    assert "links/new/" not in report.messages[0]
    shown = page_text(enter(author).get(complaint.get_absolute_url(), follow=True))
    assert "You reported this work on PeerTube." in shown
    other = drafts.start_draft(by=author)
    assert "You reported" not in page_text(enter(author).get(other.get_absolute_url(), follow=True))


@pytest.mark.parametrize("fault", ["lost", "cut", "500", "429"])
@pytest.mark.parametrize("path", ["/abuses", "/abuses/*/messages", "/accounts/*", "/videos/*", "/users/*"])
def test_it_happens_once_whichever_answer_is_lost(
    server: PeerTubeServer, report: Report, fault: str, path: str
) -> None:
    server.inject(fault, path=path, times=4)
    run_jobs(hours=2)
    assert (Complaint.objects.count(), len(report.messages)) == (1, 1)


def test_a_report_that_always_fails_holds_up_no_other(server: PeerTubeServer, report: Report) -> None:
    other = server.add_video(server.users["copier"], "Another bowl", clock.now())
    later = server.add_report(server.users["author"], other, "Mine, too.")
    assert report.video is not None
    server.inject("403", path=f"/videos/{report.video.uuid}", times=1000)
    run_jobs()
    assert [len(one.messages) for one in (report, later)] == [0, 1]


def test_reports_that_always_fail_keep_no_place_before_others(
    server: PeerTubeServer, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_reports, "_MOST_AT_ONCE", 1)
    connector = registry.get_connector("peertube")
    later = server.add_report(server.users["author"], server.add_video(server.users["copier"], "x", clock.now()), "y")
    first = {platform_reports._new_reports(connector)[0].id for _time in range(60)}
    assert first == {str(report.id), str(later.id)}


def test_answers_that_always_fail_hold_up_no_other(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "SHARE", 1)
    complaints = [upheld("warn") for _number in range(3)]
    for code, complaint in zip(("fake", "fake", "other"), complaints, strict=True):
        PlatformReport.objects.create(platform=code, report=str(complaint.pk), complaint=complaint)
    assert platform_reports.answer_decided_reports() == 2
    assert platform_reports.answer_decided_reports() == 1
    assert not PlatformReport.objects.filter(tried_at=None).exists()


def test_a_report_taken_over_by_two_workers_is_one_draft(server: PeerTubeServer, report: Report) -> None:
    connector = registry.get_connector("peertube")
    assert connector.reports is not None
    (found,) = connector.reports.open_reports()
    for _ in range(2):
        platform_reports._take_over(connector, found)
    assert Complaint.objects.count() == 1


def test_what_cannot_be_a_complaint_is_left_to_the_moderators(server: PeerTubeServer, copy: Video) -> None:
    users = server.users
    far = server.add_report(server.add_user("far", host="videos.example"), copy, "Mine.")
    own = server.add_report(users["copier"], copy, "Mine.")
    for other in ((None, ("rights",)), (copy, ("privacy",))):
        server.add_report(users["author"], other[0], "Mine.", kinds=other[1])
    run_jobs()
    assert not Complaint.objects.exists()
    assert dict(PlatformReport.objects.values_list("report", "problem")) == {
        str(far.id): platform_reports.REMOTE,
        str(own.id): platform_reports.REFUSED,
    }
    assert {row.state for row in server.reports} == {PENDING}
    assert not any(row.messages for row in server.reports)


def test_a_discarded_draft_leaves_the_report_to_the_moderators(server: PeerTubeServer, report: Report) -> None:
    author = member("author")
    run_jobs()
    drafts.discard_draft(complaint=Complaint.objects.get(), by=author)
    run_jobs()
    assert not Complaint.objects.exists()
    assert (PlatformReport.objects.get().complaint, report.state) == (None, PENDING)


def submitted(server: PeerTubeServer, author: User) -> Complaint:
    """The draft of the report, completed by its reporter and in review."""
    complaint = Complaint.objects.get()
    content = engine.sample_video("potter", "one")
    original = server.add_video(server.users["author"], "A bowl", clock.now() - timedelta(days=9), content)
    address = registry.get_connector("peertube").works.find_work(original.uuid).url
    drafts.name_original_video(complaint=complaint, by=author, address=address)
    drafts.set_complainant_contact(complaint=complaint, by=author, contact=make.CONTACT)
    for step in make.IN_REVIEW:
        step(complaint)
        complaint = make.fresh(complaint)
    return complaint


@pytest.mark.parametrize(("outcome", "state"), [("upheld", ACCEPTED), ("partly", ACCEPTED), ("dismissed", REJECTED)])
def test_the_decision_answers_the_report(server: PeerTubeServer, report: Report, outcome: str, state: int) -> None:
    author, _copier = member("author"), member("copier")
    run_jobs()
    complaint = submitted(server, author)
    run_jobs()
    assert report.state == PENDING
    do.decide(complaint, outcome, remedies=() if outcome == "dismissed" else ("remove",))
    server.inject("lost", method="PUT", path="/abuses/*")
    run_jobs()
    assert report.state == state
    assert complaint.number in report.comment
    assert PlatformReport.objects.get().answered_at is not None


def test_an_appeal_changes_the_answer(server: PeerTubeServer, report: Report) -> None:
    author, _copier = member("author"), member("copier")
    run_jobs()
    complaint = submitted(server, author)
    do.decide(complaint, remedies=("remove",))
    run_jobs()
    do.appeal(complaint)
    do.reverse(complaint)
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        run_jobs()
    assert (report.state, PlatformReport.objects.get().answer) == (REJECTED, "rejected")


def test_what_a_moderator_has_answered_stays(server: PeerTubeServer, report: Report) -> None:
    author, _copier = member("author"), member("copier")
    run_jobs()
    complaint = submitted(server, author)
    report.state, report.comment = REJECTED, "Not here."
    do.decide(complaint, remedies=("remove",))
    run_jobs()
    assert (report.state, report.comment) == (REJECTED, "Not here.")


def test_a_withdrawn_complaint_answers_nothing(server: PeerTubeServer, report: Report) -> None:
    author, _copier = member("author"), member("copier")
    run_jobs()
    intake.withdraw_complaint(complaint=submitted(server, author), by=author)
    run_jobs()
    assert report.state == PENDING


def test_administrators_see_what_became_of_each_report(enter: Enter, server: PeerTubeServer, report: Report) -> None:
    run_jobs()
    PlatformReport.objects.create(platform="peertube", report="77", problem=platform_reports.REMOTE)
    client = enter(User.objects.create_user("admin@example.org", role=Role.ADMIN))
    listed = reverse("admin:complaints_platformreport_changelist")
    assert f'2 · <a href="{listed}?platform=peertube">' in client.get(reverse("connectors:status")).content.decode()
    both = client.get(listed).content.decode()
    for said in (f">{report.id}<", ">77<", "Draft of the reporter", "Not imported", "Reported on another server"):
        assert said in both
    for state, there, elsewhere in (("draft", str(report.id), "77"), ("failed", "77", str(report.id))):
        text = client.get(f"{listed}?state={state}").content.decode()
        assert (f">{there}<" in text, f">{elsewhere}<" in text) == (True, False), state
