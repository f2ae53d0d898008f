"""How an application stands, taking it back, answering, appealing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certification.actions import certificates
from certification.models import Application, Certificate
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.reviews.models import Appeal
from portal.testing import sample_documents
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

OBJECTION = "The second page shows my name, nobody looked at it."


def url(application: Application, step: str) -> str:
    return f"{application.get_absolute_url()}{step}/"


@pytest.mark.parametrize("state", list(State))
def test_every_state_explains_itself(desk: Client, creator: User, state: State) -> None:
    area = "cn-medicine" if state == State.SECOND_REVIEW else "cn-law"
    application = make.application(state, area, applicant=creator)
    answer = desk.get(application.get_absolute_url(), follow=True)
    assert answer.status_code == 200
    if state != State.DRAFT:
        assert str(state.label) in page_text(answer)
        assert "Received" in page_text(answer)


def test_a_draft_goes_on_where_it_was_left(desk: Client, draft: Application) -> None:
    draft.documents.all().delete()
    assert desk.get(draft.get_absolute_url())["Location"].endswith("/evidence/")


def test_the_place_and_the_date_say_on_what_they_rest(desk: Client, creator: User) -> None:
    make.application("in_review", "cn-law")
    application = make.application("in_review", "cn-law", applicant=creator)
    text = page_text(desk.get(application.get_absolute_url()))
    assert "2 your place in the queue for this area" in text
    assert "There were too few recent decisions in this area" in text


def test_what_was_submitted_stands_there_with_numbers_and_files(desk: Client, creator: User) -> None:
    application = make.application("in_review", "cn-law", applicant=creator)
    lacking = application.credentials.filter(documents=None).order_by("pk")
    page = desk.get(application.get_absolute_url()).content.decode()
    sent = page[page.index('id="sent"') :]
    masked = [row.identifier_masked for row in application.credentials.all() if row.identifier_masked]
    assert masked
    for text in (*masked, *(row.type_name for row in lacking)):
        assert text in sent
    assert f"/{application.documents.earliest('pk').file_id}/" in sent


def test_checks_are_told_in_words(desk: Client, creator: User) -> None:
    application = make.application("in_review", "cn-law", applicant=creator)
    text = page_text(desk.get(application.get_absolute_url()))
    for check in application.checks.latest_results():
        assert check.sentence in text
    assert "A check alone never decides anything." in text


def test_a_running_check_asks_for_the_piece_of_the_page_only(desk: Client, creator: User) -> None:
    application = make.application("submitted", "cn-law", applicant=creator)
    answer = desk.get(application.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<main" not in answer.content.decode()
    assert 'hx-trigger="every 5s"' in answer.content.decode()
    for part in ("state-badge", "timeline"):
        assert f'id="{part}" hx-swap-oob="true"' in answer.content.decode()


def test_when_the_checks_are_over_the_whole_page_is_shown_at_once(desk: Client, creator: User) -> None:
    application = make.application("in_review", "cn-law", applicant=creator)
    answer = desk.get(application.get_absolute_url(), headers={"HX-Request": "true"})
    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("main", "main")
    assert "every 5s" not in answer.content.decode()
    assert "A check alone never decides anything." in page_text(answer)


def test_strangers_find_nothing_anywhere(enter: Enter, stranger: User, creator: User) -> None:
    application = make.application("info_requested", "cn-law", applicant=creator)
    client = enter(stranger)
    for step in ("", "answer/", "withdraw/", "appeal/", "credentials/", "documents/"):
        assert client.get(application.get_absolute_url() + step).status_code == 404
        assert client.post(application.get_absolute_url() + step, {}).status_code == 404
    assert client.get("/certification/applications/A-0000-000000/").status_code == 404


def test_an_agent_follows_without_papers(enter: Enter, agent: User, creator: User) -> None:
    application = make.application("in_review", "cn-law", applicant=creator)
    page = enter(agent).get(application.get_absolute_url()).content.decode()
    assert application.number in page
    assert str(application.documents.get().file_id) not in page


def test_withdrawing_asks_first(desk: Client, creator: User) -> None:
    application = make.application("in_review", "cn-law", applicant=creator)
    assert "Withdraw this application?" in page_text(desk.get(url(application, "withdraw")))
    for _ in range(2):
        assert desk.post(url(application, "withdraw"))["Location"] == application.get_absolute_url()
    assert make.fresh(application).state == State.WITHDRAWN


def test_an_answer_with_a_file_goes_back_to_the_checks(desk: Client, creator: User) -> None:
    application = make.application("info_requested", "cn-law", applicant=creator)
    page = desk.get(url(application, "answer"))
    assert "Please say more about it." in page_text(page)
    assert "Please answer by" in page_text(page)
    sent = {
        "text": "Here it is.",
        "cn-lawyer-licence-uploads": SimpleUploadedFile("p.pdf", sample_documents.make_pdf("Page 2")),
    }
    for _ in range(2):
        assert desk.post(url(application, "answer"), sent | {"send": "1"})["Location"] == application.get_absolute_url()
    made = make.fresh(application)
    assert made.state == State.VERIFYING
    assert made.info_requests.get().answer == "Here it is."
    assert made.documents.current().count() == 2


def test_an_empty_answer_is_refused_at_the_form(desk: Client, creator: User) -> None:
    application = make.application(State.INFO_REQUESTED, applicant=creator)
    goal = f"/certification/applications/{application.number}/answer/"
    answer = desk.post(goal, filled_form(desk.get(goal)) | {"send": "1"})
    assert answer.status_code == 422
    assert "Please write an answer, or add or correct what was requested." in page_text(answer)
    application.refresh_from_db()
    assert application.state == State.INFO_REQUESTED


def test_a_bad_file_keeps_the_text_of_the_answer(desk: Client, creator: User) -> None:
    application = make.application("info_requested", "cn-law", applicant=creator)
    sent = {"text": "A long answer", "cn-lawyer-licence-uploads": SimpleUploadedFile("p.pdf", b"x"), "send": "1"}
    answer = desk.post(url(application, "answer"), sent)
    assert answer.status_code == 422
    assert "A long answer" in answer.content.decode()
    assert make.fresh(application).state == State.INFO_REQUESTED
    assert desk.post(url(application, "answer"), {"text": "x" * 4001, "send": "1"}).status_code == 422


def test_a_number_can_be_corrected_while_more_is_asked_for(desk: Client, creator: User) -> None:
    application = make.application("info_requested", "cn-law", applicant=creator)
    sent = filled_form(desk.get(url(application, "evidence"))) | {"cn-lawyer-number": "13301200910123456"}
    assert desk.post(url(application, "evidence"), sent)["Location"] == url(application, "answer")
    assert application.credentials.get().identifier_masked.endswith("456")


def test_an_appeal_takes_text_and_a_file(desk: Client, creator: User) -> None:
    application = make.application("rejected", "cn-law", applicant=creator)
    assert make.ENOUGH in page_text(desk.get(url(application, "appeal")))
    sent = {"text": OBJECTION, "documents": SimpleUploadedFile("second.pdf", sample_documents.make_pdf("Second page"))}
    waiting = desk.post(url(application, "appeal"), sent)
    assert "processing" in page_text(waiting)
    assert not Appeal.objects.exists()
    make.run_jobs()
    for _ in range(2):
        assert desk.post(url(application, "appeal"), filled_form(waiting))["Location"] == application.get_absolute_url()
    assert Appeal.objects.get().files.count() == 1
    text = page_text(desk.get(application.get_absolute_url()))
    assert OBJECTION in text
    assert "second.pdf" in text
    assert "It is reviewed by someone who was not involved in the decision." in text


def test_a_bad_file_keeps_the_good_one_and_the_text_of_the_appeal(desk: Client, creator: User) -> None:
    application = make.application("rejected", "cn-law", applicant=creator)
    good, bad = SimpleUploadedFile("good.pdf", sample_documents.make_pdf("Good")), SimpleUploadedFile("bad.pdf", b"x")
    answer = desk.post(url(application, "appeal"), {"text": OBJECTION, "documents": [good, bad]})
    assert answer.status_code == 422
    assert OBJECTION in answer.content.decode()
    assert "good.pdf" in page_text(answer)
    make.run_jobs()
    assert desk.post(url(application, "appeal"), filled_form(answer)).status_code == 302
    assert Appeal.objects.get().files.count() == 1


def test_an_appeal_needs_a_sentence(desk: Client, creator: User) -> None:
    application = make.application("rejected", "cn-law", applicant=creator)
    for text in ("", "no", " " * 50, "x" * 5000):
        assert desk.post(url(application, "appeal"), {"text": text}).status_code == 422
    assert not Appeal.objects.exists()


def test_after_six_months_no_appeal_is_offered(enter: Enter, creator: User) -> None:
    application = make.application("rejected", "cn-law", applicant=creator)
    with clock.freeze_time(clock.now() + timedelta(days=185)):
        desk = enter(creator)
        assert "The six-month period for an appeal has ended." in page_text(desk.get(application.get_absolute_url()))
        assert desk.post(url(application, "appeal"), {"text": OBJECTION}).status_code == 302
    assert not Appeal.objects.exists()


def test_an_agent_does_not_appeal(enter: Enter, agent: User, creator: User) -> None:
    application = make.application("rejected", "cn-law", applicant=creator)
    enter(agent).post(url(application, "appeal"), {"text": OBJECTION})
    assert not Appeal.objects.exists()


def test_what_was_typed_into_an_ended_session_comes_back(desk: Client, creator: User) -> None:
    application = make.application("rejected", "cn-law", applicant=creator)
    desk.get(url(application, "appeal"))
    del desk.cookies["sessionid"]
    desk.post(url(application, "appeal"), {"text": OBJECTION})
    desk.force_login(creator)
    assert OBJECTION in desk.get(url(application, "appeal")).content.decode()


def test_what_became_of_the_certificate_is_said_of_its_application(enter: Enter, creator: User) -> None:
    application = make.application("approved", "cn-law", applicant=creator)
    desk = enter(creator)
    for page in (application.get_absolute_url(), "/certification/"):
        assert "Your certificate is in the public register." in page_text(desk.get(page))
    certificates.surrender_certificate(certificate=application.certificate, by=creator)
    for page in (application.get_absolute_url(), "/certification/"):
        text = page_text(desk.get(page))
        assert "Your certificate is in the public register." not in text
        assert "You surrendered the certificate. It is no longer in the register." in text


def test_a_certificate_that_begins_later_is_not_in_the_register_yet(enter: Enter, creator: User) -> None:
    application = make.application("approved", "cn-law", applicant=creator)
    ahead = clock.now() + timedelta(days=3)
    Certificate.objects.filter(application=application).update(valid_from=ahead)
    text = page_text(enter(creator).get(application.get_absolute_url()))
    assert "will be in the public register from then." in text
