"""What a reviewer has typed outlives the end of their session, of their hold on the case, and of the form."""

import pytest
from django.test import Client

from certification.models import Application
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.reviews.clocks import LEASE
from portal.reviews.models import ReviewCase
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

WHY = "The licence on page 1 belongs to somebody else."


@pytest.fixture
def matter(creator: User) -> Application:
    return make.application("in_review", "cn-law", applicant=creator)


@pytest.fixture
def reviewer(matter: Application) -> User:
    return make.claim(matter)[0]


@pytest.fixture
def bench(enter: Enter, reviewer: User) -> Client:
    return enter(reviewer)


def case_of(matter: Application) -> ReviewCase:
    case = make.fresh(matter).case
    assert case is not None
    return case


def url(matter: Application, verb: str = "") -> str:
    return case_url(case_of(matter), verb, product="certification")


def send_signed_out(bench: Client, address: str, sent: dict[str, object]) -> str:
    """The form is sent after the session has ended; where signing in leads back to."""
    bench.logout()
    answer = bench.post(address, sent)
    assert "/accounts/login/" in answer["Location"]
    return address


def texts_and_forms(matter: Application) -> list[tuple[str, dict[str, object]]]:
    credential = matter.credentials.get()
    document = matter.documents.get()
    return [
        ("reject/", {"reasons": ["not-shown"], "explanation": WHY}),
        ("approve/", {"explanation": WHY}),
        ("ask/", {"text": WHY}),
        (f"look-up/{credential.pk}/", {f"look-{credential.pk}-seen": WHY}),
        (f"paper/{document.pk}/", {f"paper-{document.pk}-seen": WHY}),
    ]


def test_a_form_sent_after_the_session_ended_is_there_again(bench: Client, matter: Application, reviewer: User) -> None:
    for verb, typed in texts_and_forms(matter):
        sent = filled_form(bench.get(url(matter)), verb) | typed
        address = send_signed_out(bench, url(matter, verb), sent)
        bench.force_login(reviewer)
        page = bench.get(address)
        assert page.status_code == 200, verb
        assert f"{WHY}</textarea>" in page.content.decode(), verb
        assert "not saved yet" in page.content.decode(), verb
    assert bench.get(url(matter, "reject/")).status_code == 302  # shown once


def test_it_is_shown_although_the_case_is_not_in_hand_any_more(
    bench: Client, matter: Application, reviewer: User
) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"explanation": WHY}
    address = send_signed_out(bench, url(matter, "reject/"), sent)
    with clock.freeze_time(clock.now() + LEASE * 2):
        bench.force_login(reviewer)
        page = bench.get(address)
    assert WHY in page_text(page)
    assert "What you wrote was not saved" in page_text(page)


def test_the_second_person_s_note_comes_back(enter: Enter, creator: User) -> None:
    matter = make.application("second_review", "cn-medicine", applicant=creator)
    senior = make.claim(matter)[0]
    bench = enter(senior)
    for verb in ("confirm/", "send-back/"):
        sent = filled_form(bench.get(url(matter)), verb) | {"note": WHY}
        address = send_signed_out(bench, url(matter, verb), sent)
        bench.force_login(senior)
        assert f"{WHY}</textarea>" in bench.get(address).content.decode()


def test_what_was_written_for_a_ruling_that_is_not_there_any_more_is_shown(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"reasons": ["not-shown"], "explanation": WHY}
    answer = bench.post(url(matter, "decide/burn/"), sent)
    assert answer.status_code == 409
    assert WHY in page_text(answer)
    assert "csrf" not in page_text(answer)


def test_why_a_case_is_given_back_comes_back(bench: Client, matter: Application, reviewer: User) -> None:
    address = send_signed_out(bench, f"/reviews/{case_of(matter).number}/release/", {"why": WHY})
    bench.force_login(reviewer)
    assert WHY in bench.get(address).content.decode()
    assert bench.get(address)["Location"].endswith("/leave/")


def test_a_preview_says_what_is_missing(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"explanation": "No.", "preview": "1"}
    page = bench.post(url(matter, "reject/"), sent)
    assert "Choose at least one reason." in page_text(page)
    piece = bench.post(url(matter, "reject/"), sent, headers={"HX-Request": "true"}).content.decode()
    assert "Choose at least one reason." in piece
    assert "at least 20 characters" in piece
    assert "What they will read" in piece


def test_a_preview_without_reasons_does_not_read_like_an_approval(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"explanation": "", "preview": "1"}
    piece = bench.post(url(matter, "reject/"), sent, headers={"HX-Request": "true"}).content.decode()
    assert "Not complete yet" in piece
    assert "show what the requirement asks for" not in piece
