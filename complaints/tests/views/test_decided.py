"""What each side reads of a decision and what follows from it; appeals and replies, from both sides."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints import notices
from complaints.models import Complaint
from complaints.states import ComplaintState as State
from complaints.states import Outcome, Side
from complaints.tests import deciding as judge
from complaints.tests import factories as make
from portal import clock
from portal.languages import language_codes
from portal.people.models import User
from portal.reviews.models import ReasonCode
from portal.testing import sample_documents
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
OBJECTION = "Nobody looked at the licence that I sent with my answer."


@pytest.fixture
def made(author: User) -> Complaint:
    """A complaint that both sides have spoken to; the other side was told an hour ago."""
    found = judge.in_review(by=author)
    Complaint.objects.filter(pk=found.pk).update(told_at=clock.now() - timedelta(hours=1))
    return make.fresh(found)


@pytest.fixture
def other(client: Client, made: Complaint) -> Client:
    """The respondent's browser, by their link."""
    client.get("/" + notices.case_file_link(made, Side.RESPONDENT).split("/", 3)[3])
    return client


def test_each_side_reads_what_is_said_to_them(desk: Client, other: Client, made: Complaint) -> None:
    judge.decide(made)
    for client, url, own, theirs, objecting in (
        (desk, made.get_absolute_url(), judge.TO_COMPLAINANT, judge.TO_RESPONDENT, "The decision is in your favour."),
        (other, made.answer_url, judge.TO_RESPONDENT, judge.TO_COMPLAINANT, "You can appeal until"),
    ):
        text = page_text(client.get(url))
        for sentence in (
            own,
            judge.FINDINGS,
            "Upheld",
            objecting,
            "Remove the copy",
            "decided by one person",
        ):
            assert sentence in text
        assert theirs not in text


def test_a_reason_that_is_edited_later_changes_nothing_that_was_told(
    desk: Client, other: Client, made: Complaint
) -> None:
    judge.decide(made)
    pages = ((desk, made.get_absolute_url()), (other, made.answer_url))
    with clock.freeze_time(clock.now()):
        before = [page_text(client.get(url)) for client, url in pages]
        edited = dict.fromkeys(language_codes(), "Edited afterwards")
        assert ReasonCode.objects.update(labels=edited, texts=edited)
        assert [page_text(client.get(url)) for client, url in pages] == before


def test_what_waits_for_a_second_person_is_told_to_nobody(desk: Client, other: Client, made: Complaint) -> None:
    judge.decide(made, remedies=("remove", "restrict"))
    assert make.fresh(made).state == State.SECOND_REVIEW
    for client, url in ((desk, made.get_absolute_url()), (other, made.answer_url)):
        text = page_text(client.get(url))
        assert "A second person reviews it before the decision." in text
        for secret in (judge.FINDINGS, judge.TO_COMPLAINANT, judge.TO_RESPONDENT, "Close the account"):
            assert secret not in text
    judge.confirm(made)
    assert "decided by two people" in page_text(other.get(made.answer_url))


def test_a_refusal_at_the_screening_is_the_complainants_alone(desk: Client, client: Client, author: User) -> None:
    made = make.complaint(State.SCREENING, by=author)
    judge.refuse(made)
    text = page_text(desk.get(made.get_absolute_url()))
    for sentence in (judge.TO_COMPLAINANT, "Not admitted", "You can appeal until"):
        assert sentence in text
    assert client.get(made.answer_url).status_code == 403


def test_who_was_told_late_reads_nothing_of_what_came_before(desk: Client, client: Client, author: User) -> None:
    made = make.complaint(State.SCREENING, by=author)
    judge.refuse(made)
    judge.appeal(made, "complainant")
    judge.reverse(made, reason="refusal-wrong", to_respondent="")
    made = make.fresh(made)
    client.get("/" + notices.case_file_link(made, Side.RESPONDENT).split("/", 3)[3])
    before = ("Appeal received", "reversed on appeal")
    theirs = page_text(client.get(made.answer_url))
    assert "You were notified of the complaint" in theirs
    assert not any(sentence in theirs for sentence in before)
    assert all(sentence in page_text(desk.get(made.get_absolute_url())) for sentence in before)


@pytest.mark.parametrize("outcome", [Outcome.UPHELD, Outcome.PARTLY, Outcome.DISMISSED])
def test_every_outcome_explains_itself_to_both(desk: Client, other: Client, made: Complaint, outcome: Outcome) -> None:
    judge.decide(made, outcome, () if outcome == Outcome.DISMISSED else ("warn",))
    for client, url in ((desk, made.get_absolute_url()), (other, made.answer_url)):
        text = page_text(client.get(url))
        assert make.fresh(made).state_label in text
        assert "Why" not in text or "Decision and reasons" in text


def test_the_respondent_appeals_with_files_and_the_author_replies(desk: Client, other: Client, made: Complaint) -> None:
    judge.decide(made)
    url = f"{made.answer_url}appeal/"
    assert judge.TO_RESPONDENT in page_text(other.get(url))
    sent = {"text": OBJECTION, "files": SimpleUploadedFile("licence.jpg", sample_documents.make_photo(size=(40, 30)))}
    waiting = other.post(url, sent)
    assert "processing" in page_text(waiting)
    make.open_papers()
    for _ in range(2):
        assert other.post(url, filled_form(waiting))["Location"] == made.answer_url
    assert make.fresh(made).state == State.APPEALED
    text = page_text(desk.get(made.get_absolute_url()))
    for sentence in (OBJECTION, "Appeal of the other side", "licence.jpg"):
        assert sentence in text
    reply = f"{made.get_absolute_url()}reply/"
    assert OBJECTION in page_text(desk.get(reply))
    assert desk.post(reply, {"text": "That licence was for another film."})["Location"] == made.get_absolute_url()
    assert "That licence was for another film." in page_text(other.get(made.answer_url))
    assert other.post(f"{made.answer_url}reply/", {"text": OBJECTION})["Location"] == made.answer_url


def test_the_author_appeals_against_a_dismissal(desk: Client, other: Client, made: Complaint) -> None:
    judge.decide(made, Outcome.DISMISSED, ())
    assert desk.post(f"{made.get_absolute_url()}appeal/", {"text": OBJECTION})["Location"] == made.get_absolute_url()
    assert "Reply to the appeal" in page_text(other.get(made.answer_url))
    judge.reverse(made, ("warn",))
    text = page_text(desk.get(made.get_absolute_url()))
    for sentence in ("Reversed on appeal", "Previous decision", "This decision is final here."):
        assert sentence in text


def test_what_is_wrong_with_an_appeal_is_told_and_nothing_is_lost(desk: Client, made: Complaint) -> None:
    judge.decide(made, Outcome.DISMISSED, ())
    url = f"{made.get_absolute_url()}appeal/"
    for text in ("", "no", " " * 50, "x" * 5000):
        assert desk.post(url, {"text": text}).status_code == 422
    good, bad = (
        SimpleUploadedFile("good.jpg", sample_documents.make_photo(size=(40, 30))),
        SimpleUploadedFile("bad.pdf", b"x"),
    )
    answer = desk.post(url, {"text": OBJECTION, "files": [good, bad]})
    assert answer.status_code == 422
    assert OBJECTION in answer.content.decode()
    assert "good.jpg" in page_text(answer)
    make.open_papers()
    assert desk.post(url, filled_form(answer)).status_code == 302
    assert make.fresh(made).statements.get(kind="appeal").files.count() == 1


def test_after_six_months_no_appeal_is_offered(enter: Enter, author: User, made: Complaint) -> None:
    judge.decide(made, Outcome.DISMISSED, ())
    with clock.freeze_time(clock.now() + timedelta(days=185)):
        late = enter(author)
        assert "appeal/" not in late.get(made.get_absolute_url()).content.decode()
        assert late.post(f"{made.get_absolute_url()}appeal/", {"text": OBJECTION}).status_code == 302
    assert make.fresh(made).state == State.DISMISSED


def test_affirmed_and_taken_back_remedies_are_told(desk: Client, other: Client, made: Complaint) -> None:
    judge.decide(made)
    make.run_jobs()
    assert "In force" in page_text(desk.get(made.get_absolute_url()))
    judge.appeal(made)
    judge.reverse(made)
    make.run_jobs()
    for client, url in ((desk, made.get_absolute_url()), (other, made.answer_url)):
        text = page_text(client.get(url))
        assert "Reversed" in text
        assert "The decision was reversed on appeal" in text
