"""How an application stands, taking it back, answering, appealing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certification.models import Application
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.reviews.models import Appeal
from portal.testing import sample_documents
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

OBJECTION = "The second page shows my name, nobody looked at it."


def url(matter: Application, step: str) -> str:
    return f"{matter.get_absolute_url()}{step}/"


@pytest.mark.parametrize("state", list(State))
def test_every_state_explains_itself(desk: Client, creator: User, state: State) -> None:
    area = "cn-medicine" if state == State.SECOND_REVIEW else "cn-law"
    matter = make.application(state, area, applicant=creator)
    answer = desk.get(matter.get_absolute_url(), follow=True)
    assert answer.status_code == 200
    if state != State.DRAFT:
        assert str(state.label) in page_text(answer)
        assert "Received" in page_text(answer)


def test_a_draft_goes_on_where_it_was_left(desk: Client, draft: Application) -> None:
    draft.documents.all().delete()
    assert desk.get(draft.get_absolute_url())["Location"].endswith("/documents/")


def test_the_place_and_the_date_say_on_what_they_rest(desk: Client, creator: User) -> None:
    make.application("in_review", "cn-law")
    matter = make.application("in_review", "cn-law", applicant=creator)
    text = page_text(desk.get(matter.get_absolute_url()))
    assert "2 your place in the queue of this area" in text
    assert "Too few decisions were made in this area lately" in text


def test_checks_are_told_in_words(desk: Client, creator: User) -> None:
    matter = make.application("in_review", "cn-law", applicant=creator)
    text = page_text(desk.get(matter.get_absolute_url()))
    for check in matter.checks.latest_results():
        assert check.sentence in text
    assert "A check alone never decides." in text


def test_a_running_check_asks_for_the_piece_of_the_page_only(desk: Client, creator: User) -> None:
    matter = make.application("submitted", "cn-law", applicant=creator)
    answer = desk.get(matter.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<main" not in answer.content.decode()
    assert 'hx-trigger="every 5s"' in answer.content.decode()


def test_strangers_find_nothing_anywhere(enter: Enter, stranger: User, creator: User) -> None:
    matter = make.application("info_requested", "cn-law", applicant=creator)
    client = enter(stranger)
    for step in ("", "answer/", "withdraw/", "appeal/", "credentials/", "documents/"):
        assert client.get(matter.get_absolute_url() + step).status_code == 404
        assert client.post(matter.get_absolute_url() + step, {}).status_code in {404, 405}
    assert client.get("/certification/applications/A-0000-000000/").status_code == 404


def test_an_agent_follows_without_papers(enter: Enter, agent: User, creator: User) -> None:
    matter = make.application("in_review", "cn-law", applicant=creator)
    page = enter(agent).get(matter.get_absolute_url()).content.decode()
    assert matter.number in page
    assert str(matter.documents.get().file_id) not in page


def test_withdrawing_asks_first(desk: Client, creator: User) -> None:
    matter = make.application("in_review", "cn-law", applicant=creator)
    assert "Withdraw this application?" in page_text(desk.get(url(matter, "withdraw")))
    for _ in range(2):
        assert desk.post(url(matter, "withdraw"))["Location"] == matter.get_absolute_url()
    assert make.fresh(matter).state == State.WITHDRAWN


def test_an_answer_with_a_file_goes_back_to_the_checks(desk: Client, creator: User) -> None:
    matter = make.application("info_requested", "cn-law", applicant=creator)
    page = desk.get(url(matter, "answer"))
    assert "Please say more about it." in page_text(page)
    assert "Please answer by" in page_text(page)
    sent = {
        "text": "Here it is.",
        "cn-lawyer-licence-uploads": SimpleUploadedFile("p.pdf", sample_documents.make_pdf("Page 2")),
    }
    for _ in range(2):
        assert desk.post(url(matter, "answer"), sent | {"send": "1"})["Location"] == matter.get_absolute_url()
    made = make.fresh(matter)
    assert made.state == State.VERIFYING
    assert made.info_requests.get().answer == "Here it is."
    assert made.documents.current().count() == 2


def test_a_bad_file_keeps_the_text_of_the_answer(desk: Client, creator: User) -> None:
    matter = make.application("info_requested", "cn-law", applicant=creator)
    sent = {"text": "A long answer", "cn-lawyer-licence-uploads": SimpleUploadedFile("p.pdf", b"x"), "send": "1"}
    answer = desk.post(url(matter, "answer"), sent)
    assert answer.status_code == 422
    assert "A long answer" in answer.content.decode()
    assert make.fresh(matter).state == State.INFO_REQUESTED
    assert desk.post(url(matter, "answer"), {"text": "x" * 4001, "send": "1"}).status_code == 422


def test_a_number_can_be_corrected_while_more_is_asked_for(desk: Client, creator: User) -> None:
    matter = make.application("info_requested", "cn-law", applicant=creator)
    sent = filled_form(desk.get(url(matter, "credentials"))) | {"cn-lawyer-number": "13301200910123456"}
    assert desk.post(url(matter, "credentials"), sent)["Location"] == url(matter, "answer")
    assert matter.credentials.get().identifier_masked.endswith("456")


def test_an_appeal_takes_text_and_a_file(desk: Client, creator: User) -> None:
    matter = make.application("rejected", "cn-law", applicant=creator)
    assert make.ENOUGH in page_text(desk.get(url(matter, "appeal")))
    sent = {"text": OBJECTION, "documents": SimpleUploadedFile("second.pdf", sample_documents.make_pdf("Second page"))}
    waiting = desk.post(url(matter, "appeal"), sent)
    assert "being opened" in page_text(waiting)
    assert not Appeal.objects.exists()
    make.run_jobs()
    for _ in range(2):
        assert desk.post(url(matter, "appeal"), filled_form(waiting))["Location"] == matter.get_absolute_url()
    assert Appeal.objects.get().files.count() == 1
    text = page_text(desk.get(matter.get_absolute_url()))
    assert OBJECTION in text
    assert "A person who had no part in the decision looks at it." in text


def test_a_bad_file_keeps_the_good_one_and_the_text_of_the_appeal(desk: Client, creator: User) -> None:
    matter = make.application("rejected", "cn-law", applicant=creator)
    good, bad = SimpleUploadedFile("good.pdf", sample_documents.make_pdf("Good")), SimpleUploadedFile("bad.pdf", b"x")
    answer = desk.post(url(matter, "appeal"), {"text": OBJECTION, "documents": [good, bad]})
    assert answer.status_code == 422
    assert OBJECTION in answer.content.decode()
    assert "good.pdf" in page_text(answer)
    make.run_jobs()
    assert desk.post(url(matter, "appeal"), filled_form(answer)).status_code == 302
    assert Appeal.objects.get().files.count() == 1


def test_an_appeal_needs_a_sentence(desk: Client, creator: User) -> None:
    matter = make.application("rejected", "cn-law", applicant=creator)
    for text in ("", "no", " " * 50, "x" * 5000):
        assert desk.post(url(matter, "appeal"), {"text": text}).status_code == 422
    assert not Appeal.objects.exists()


def test_after_six_months_no_appeal_is_offered(enter: Enter, creator: User) -> None:
    matter = make.application("rejected", "cn-law", applicant=creator)
    with clock.freeze_time(clock.now() + timedelta(days=185)):
        desk = enter(creator)
        assert "The six months for an appeal are over." in page_text(desk.get(matter.get_absolute_url()))
        assert desk.post(url(matter, "appeal"), {"text": OBJECTION}).status_code == 302
    assert not Appeal.objects.exists()


def test_an_agent_does_not_appeal(enter: Enter, agent: User, creator: User) -> None:
    matter = make.application("rejected", "cn-law", applicant=creator)
    enter(agent).post(url(matter, "appeal"), {"text": OBJECTION})
    assert not Appeal.objects.exists()


def test_what_was_typed_into_an_ended_session_comes_back(desk: Client, creator: User) -> None:
    matter = make.application("rejected", "cn-law", applicant=creator)
    desk.cookies.clear()
    desk.post(url(matter, "appeal"), {"text": OBJECTION})
    desk.force_login(creator)
    assert OBJECTION in desk.get(url(matter, "appeal")).content.decode()
