"""The pages of whoever is complained of: by the link of the platform's message, without an account, or signed in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints import events, notices
from complaints.models import Complaint, new_link_nonce
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import factories as make
from complaints.views.state_texts import side_state_label
from portal.audit.models import AuditEvent
from portal.people.models import User
from portal.testing import sample_documents
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter
from portal.web.bodies import SMALL_BODY_BYTES

pytestmark = pytest.mark.django_db
STORY = "I filmed this myself, a year before."


def link(made: Complaint) -> str:
    """The path of the signed link."""
    return "/" + notices.case_file_link(made, Side.RESPONDENT).split("/", 3)[3]


@pytest.fixture
def made(author: User) -> Complaint:
    """A complaint that an account has just been told of."""
    return make.complaint(State.NOTIFIED, by=author)


@pytest.fixture
def guest(client: Client, made: Complaint) -> Client:
    """A browser that came by the link."""
    client.get(link(made))
    return client


def test_a_signed_link_lets_long_bodies_in_for_its_own_complaint_only(guest: Client, made: Complaint) -> None:
    other = make.complaint(State.NOTIFIED)
    long = bytes(SMALL_BODY_BYTES + 1)
    codes = [
        client.post(f"{row.answer_url}answer/", long, content_type="application/octet-stream").status_code
        for client, row in ((Client(), made), (guest, other), (guest, made))
    ]
    assert codes[:2] == [413, 413]
    assert codes[2] != 413


def test_the_link_opens_the_file_without_itself(client: Client, made: Complaint) -> None:
    answer = client.get(link(made))
    assert answer["Location"] == made.answer_url
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    page = client.get(made.answer_url)
    assert page.status_code == 200
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    assert link(made) not in page.content.decode()
    assert AuditEvent.objects.filter(event=events.CASE_FILE_OPENED).count() == 1


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "%00", "x" * 900])
def test_a_wrong_link_is_told_kindly(client: Client, token: str) -> None:
    answer = client.get(f"/complaints/answers/open/{token}/")
    assert answer.status_code == 404
    assert "This link has expired" in page_text(answer)


def test_a_new_nonce_closes_what_the_old_link_opened(guest: Client, made: Complaint) -> None:
    assert guest.get(made.answer_url).status_code == 200
    old = link(made)
    Complaint.objects.filter(pk=made.pk).update(nonce=new_link_nonce())
    assert guest.get(made.answer_url).status_code == 403
    assert guest.get(old).status_code == 404


def test_without_link_nobody_learns_whether_there_is_a_complaint(client: Client, made: Complaint) -> None:
    there, not_there = client.get(made.answer_url), client.get("/complaints/answers/OC-999999/")
    assert there.status_code == not_there.status_code == 403
    assert page_text(there) == page_text(not_there).replace("OC-999999", made.number)


def test_other_complaints_stay_closed(guest: Client, enter: Enter, made: Complaint, stranger: User) -> None:
    other = make.complaint(State.NOTIFIED)
    for step in ("", "answer/", "appeal/", "reply/", "video/copy/"):
        assert guest.get(other.answer_url + step).status_code == 403
        assert guest.post(other.answer_url + step, {"text": STORY}).status_code == 403
        assert enter(stranger).get(made.answer_url + step).status_code == 404
        assert enter(stranger).post(made.answer_url + step, {"text": STORY}).status_code == 404


def test_the_complainant_does_not_answer_themselves(enter: Enter, author: User, made: Complaint) -> None:
    assert enter(author).get(made.answer_url).status_code == 404
    assert enter(author).post(f"{made.answer_url}answer/", {"text": STORY}).status_code == 404


def test_respondents_read_what_is_said_and_what_they_can_do(guest: Client, made: Complaint) -> None:
    text = page_text(guest.get(made.answer_url))
    for sentence in (
        "They uploaded my film again.",
        "You can answer until",
        "Possible consequences",
        "Your rights",
        "People decide.",
    ):
        assert sentence in text


@pytest.mark.parametrize(("region", "named"), [("us", True), ("eu", False), ("", False)])
def test_the_name_is_told_under_united_states_law_only(client: Client, author: User, region: str, named: bool) -> None:
    made = make.complaint(State.NOTIFIED, by=author, against=make.account(region=region))
    client.get(link(made))
    page = client.get(made.answer_url).content.decode()
    assert ("Demo Author" in page) is named
    for private in ("demo.author@example.org", "1 Demo Street", "555 0100", author.email, author.display_name):
        assert private not in page


def test_both_videos_play(guest: Client, made: Complaint) -> None:
    for side in ("original", "copy"):
        answer = guest.get(f"{made.answer_url}video/{side}/", headers={"Range": "bytes=0-3"})
        assert answer.status_code == 206


def test_an_answer_with_evidence_goes_to_a_person_once(guest: Client, made: Complaint) -> None:
    page = guest.get(f"{made.answer_url}answer/")
    photo = SimpleUploadedFile("licence.jpg", sample_documents.make_photo(size=(40, 30)))
    piece = {
        "exhibit-0-level": "2",
        "exhibit-0-defence": "licence",
        "exhibit-0-note": "Licence",
        "exhibit-0-file": photo,
    }
    sent = filled_form(page) | piece | {"text": STORY, "tick-true": "on"}
    waiting = guest.post(f"{made.answer_url}answer/", sent)
    assert "processing" in page_text(waiting)
    assert make.fresh(made).state == State.NOTIFIED
    make.open_papers()
    again = filled_form(waiting) | {name: piece[name] for name in ("exhibit-0-level", "exhibit-0-defence")}
    for _ in range(2):
        assert guest.post(f"{made.answer_url}answer/", again)["Location"] == made.answer_url
    after = make.fresh(made)
    assert after.state == State.IN_REVIEW
    assert after.statements.filter(kind="answer").count() == 1
    exhibit = after.exhibits.get()
    assert (exhibit.side, exhibit.defence, exhibit.file is not None) == ("respondent", "licence", True)
    text = page_text(guest.get(made.answer_url))
    assert STORY in text
    assert "licence.jpg" in text


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_lost(guest: Client, made: Complaint) -> None:
    good, bad = (
        SimpleUploadedFile("good.jpg", sample_documents.make_photo(size=(40, 30))),
        SimpleUploadedFile("bad.pdf", b"x"),
    )
    sent = filled_form(guest.get(f"{made.answer_url}answer/")) | {
        "text": "short",
        "exhibit-0-note": "Only a note",
        "exhibit-0-file": good,
        "exhibit-1-level": "1",
        "exhibit-1-note": "Broken",
        "exhibit-1-file": bad,
    }
    answer = guest.post(f"{made.answer_url}answer/", sent)
    assert answer.status_code == 422
    text = page_text(answer)
    for sentence in (
        "Please write a sentence or two.",
        "The complaint cannot be sent without this statement.",
        "Please choose the type of evidence.",
        "bad.pdf",
        "good.jpg",
    ):
        assert sentence in text
    assert "Only a note" in answer.content.decode()
    assert make.fresh(made).state == State.NOTIFIED
    make.open_papers()
    again = filled_form(answer) | {"text": STORY, "tick-true": "on", "exhibit-0-level": "1", "exhibit-1-note": ""}
    assert guest.post(f"{made.answer_url}answer/", again).status_code == 302
    assert make.fresh(made).exhibits.exclude(file=None).count() == 1


def test_united_states_law_asks_for_contact_and_signature(client: Client, author: User) -> None:
    made = make.complaint(State.NOTIFIED, by=author, against=make.account(region="us"))
    client.get(link(made))
    url = f"{made.answer_url}answer/"
    ticks = {f"tick-{tick.code}": "on" for tick in made.regime.answer_ticks}
    base = filled_form(client.get(url)) | ticks | {"text": STORY, "name": "Demo Answerer", "address": "2 Demo Street"}
    answer = client.post(url, base | {"signature": "Somebody else", "phone": "1"})
    assert answer.status_code == 422
    assert "Please sign by typing your full name" in page_text(answer)
    assert "This is not a phone number." in page_text(answer)
    assert client.post(url, base | {"signature": "Demo Answerer", "phone": "555"}).status_code == 302


def test_after_the_time_nothing_is_taken(guest: Client, made: Complaint) -> None:
    make.let_wait_end(made)
    answer = guest.post(f"{made.answer_url}answer/", {"text": STORY, "tick-true": "on"})
    assert answer["Location"] == made.answer_url
    assert "The time to answer has expired" in page_text(guest.get(made.answer_url))
    assert make.fresh(made).statements.filter(kind="answer").count() == 0


@pytest.mark.parametrize("state", [State.NOTIFIED, State.IN_REVIEW, State.WITHDRAWN])
def test_every_state_explains_itself_to_them(client: Client, author: User, state: State) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    client.get(link(made))
    {State.IN_REVIEW: make.answer, State.WITHDRAWN: make.withdraw}.get(state, lambda _made: None)(made)
    page = client.get(made.answer_url)
    assert page.status_code == 200
    assert str(side_state_label(make.fresh(made), Side.RESPONDENT)) in page_text(page)
    assert ("Read and answer" in page_text(page)) is False
    assert (f"{made.answer_url}answer/" in page.content.decode()) is (state == State.NOTIFIED)


def test_what_was_withdrawn_before_they_were_told_stays_unknown(client: Client, author: User) -> None:
    made = make.complaint(State.WITHDRAWN, by=author)
    assert made.told_at is None
    assert client.get(link(made)).status_code == 404


def test_a_member_answers_signed_in(enter: Enter, author: User) -> None:
    holder = make.author()
    made = make.complaint(State.NOTIFIED, by=author, against=make.account_of(holder))
    client = enter(holder)
    assert made.number in page_text(client.get("/complaints/answers/"))
    assert client.get(made.answer_url).status_code == 200
    sent = filled_form(client.get(f"{made.answer_url}answer/")) | {"text": STORY, "tick-true": "on"}
    assert client.post(f"{made.answer_url}answer/", sent).status_code == 302


def test_the_language_can_be_changed_without_an_account(guest: Client, made: Complaint) -> None:
    guest.post("/language/", {"language": "zh-hans", "next": made.answer_url})
    assert 'lang="zh-hans"' in guest.get(made.answer_url).content.decode()


def test_answer_that_is_being_written_outlives_the_browser(guest: Client, made: Complaint) -> None:
    page = f"/complaints/answers/{made.number}/answer/"
    sent = filled_form(guest.get(page)) | {"text": "I filmed this myself."}
    assert guest.post("/accounts/drafts/", sent, headers={"X-Upload": "1"}).status_code == 200
    client = Client()
    client.get(link(made))
    assert "I filmed this myself." in client.get(page).content.decode()
    assert client.post("/accounts/drafts/", sent, headers={"X-Upload": "1"}).status_code == 200
    del client.cookies["sessionid"]
    lost = client.post("/accounts/drafts/", sent, headers={"X-Upload": "1"})
    assert (lost.status_code, lost["X-Form-Refused"]) == (401, "signed-out")
