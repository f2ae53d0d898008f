"""What a reviewer has typed outlives the end of their session, of their hold on the case, and of the form."""

import pytest
from django.test import Client

from certification.models import Application
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.reviews.actions.queue import expire_leases
from portal.reviews.clocks import LEASE
from portal.reviews.models import ReviewCase
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

WHY = "The licence on page 1 belongs to somebody else."


@pytest.fixture
def application(creator: User) -> Application:
    return make.application("in_review", "cn-law", applicant=creator)


@pytest.fixture
def reviewer(application: Application) -> User:
    return make.claim(application)[0]


@pytest.fixture
def reviewer_client(enter: Enter, reviewer: User) -> Client:
    return enter(reviewer)


def case_of(application: Application) -> ReviewCase:
    case = make.fresh(application).case
    assert case is not None
    return case


def url(application: Application, verb: str = "") -> str:
    return case_url(case_of(application), verb, product="certification")


def send_signed_out(reviewer_client: Client, address: str, sent: dict[str, object]) -> str:
    """The form is sent after the session has ended; where signing in leads back to."""
    reviewer_client.get("/reviews/")
    del reviewer_client.cookies["sessionid"]
    answer = reviewer_client.post(address, sent)
    assert "/accounts/login/" in answer["Location"]
    return address


def texts_and_forms(application: Application) -> list[tuple[str, dict[str, object]]]:
    credential = application.credentials.get()
    document = application.documents.get()
    return [
        ("reject/", {"reasons": ["not-shown"], "explanation": WHY}),
        ("approve/", {"explanation": WHY}),
        ("ask/", {"text": WHY}),
        (f"look-up/{credential.pk}/", {f"look-{credential.pk}-seen": WHY}),
        (f"paper/{document.pk}/", {f"paper-{document.pk}-seen": WHY}),
    ]


def test_a_form_sent_after_the_session_ended_is_there_again(
    reviewer_client: Client, application: Application, reviewer: User
) -> None:
    for verb, typed in texts_and_forms(application):
        sent = filled_form(reviewer_client.get(url(application)), verb) | typed
        address = send_signed_out(reviewer_client, url(application, verb), sent)
        reviewer_client.force_login(reviewer)
        page = reviewer_client.get(address)
        assert page.status_code == 200, verb
        assert f"{WHY}</textarea>" in page.content.decode(), verb
        assert "not saved yet" in page.content.decode(), verb
    assert reviewer_client.get(url(application, "reject/")).status_code == 302  # shown once


def test_it_is_shown_although_the_case_is_not_in_hand_any_more(
    reviewer_client: Client, application: Application, reviewer: User
) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {"explanation": WHY}
    address = send_signed_out(reviewer_client, url(application, "reject/"), sent)
    with clock.freeze_time(clock.now() + LEASE * 2):
        reviewer_client.force_login(reviewer)
        page = reviewer_client.get(address)
    assert WHY in page_text(page)
    assert "What you wrote was not saved" in page_text(page)


def test_reasons_are_kept_and_the_cause_is_said_when_the_claim_has_expired(
    reviewer_client: Client, application: Application, reviewer: User
) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/")
    sent |= {"reasons": ["not-shown"], "explanation": WHY}
    with clock.freeze_time(clock.now() + LEASE * 2):
        expire_leases()
        page = reviewer_client.post(url(application, "reject/"), sent)
    assert page.status_code == 409
    assert "has expired, and the case is back in the queue" in page_text(page)
    assert WHY in page_text(page)
    make.claim(application, reviewer)
    again = reviewer_client.get(url(application)).content.decode()
    assert f'["explanation", "{WHY}"]' in again
    assert '["reasons", "not-shown"]' in again


def test_the_second_person_s_note_comes_back(enter: Enter, creator: User) -> None:
    application = make.application("second_review", "cn-medicine", applicant=creator)
    senior = make.claim(application)[0]
    reviewer_client = enter(senior)
    for verb in ("confirm/", "send-back/"):
        sent = filled_form(reviewer_client.get(url(application)), verb) | {"note": WHY}
        address = send_signed_out(reviewer_client, url(application, verb), sent)
        reviewer_client.force_login(senior)
        assert f"{WHY}</textarea>" in reviewer_client.get(address).content.decode()


def test_what_was_written_for_a_ruling_that_is_not_there_any_more_is_shown(
    reviewer_client: Client, application: Application
) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {
        "reasons": ["not-shown"],
        "explanation": WHY,
    }
    answer = reviewer_client.post(url(application, "decide/burn/"), sent)
    assert answer.status_code == 409
    assert WHY in page_text(answer)
    assert "csrf" not in page_text(answer)


def test_why_a_case_is_given_back_comes_back(reviewer_client: Client, application: Application, reviewer: User) -> None:
    address = send_signed_out(reviewer_client, f"/reviews/{case_of(application).number}/release/", {"why": WHY})
    reviewer_client.force_login(reviewer)
    assert WHY in reviewer_client.get(address).content.decode()
    assert reviewer_client.get(address)["Location"].endswith("/leave/")


def test_a_preview_says_what_is_missing(reviewer_client: Client, application: Application) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {"explanation": "No.", "preview": "1"}
    page = reviewer_client.post(url(application, "reject/"), sent)
    assert "Choose at least one reason." in page_text(page)
    piece = reviewer_client.post(url(application, "reject/"), sent, headers={"HX-Request": "true"}).content.decode()
    assert "Choose at least one reason." in piece
    assert "at least 20 characters" in piece
    assert "Preview notice" in piece


def test_a_preview_without_reasons_does_not_read_like_an_approval(
    reviewer_client: Client, application: Application
) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {"explanation": "", "preview": "1"}
    piece = reviewer_client.post(url(application, "reject/"), sent, headers={"HX-Request": "true"}).content.decode()
    assert "Not complete yet" in piece
    assert "meet the requirement" not in piece
