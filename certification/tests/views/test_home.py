"""The first page of creators, agents and staff."""

from django.test import Client

from certification.tests import factories as make
from portal.people.models import User
from portal.testing.reading import page_text
from portal.testing.shared import Enter


def test_a_newcomer_is_told_how_to_begin(desk: Client) -> None:
    text = page_text(desk.get("/certification/"))
    assert "You have not applied yet" in text
    assert "Apply for certification" in text


def test_each_application_says_what_happens_next(desk: Client, creator: User) -> None:
    make.application("info_requested", "cn-law", applicant=creator)
    text = page_text(desk.get("/certification/"))
    assert "Your action required" in text
    assert "The decision deadline is paused until you answer" in text


def test_nobody_signed_in_is_led_to_the_sign_in_and_back(client: Client) -> None:
    answer = client.get("/certification/")
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/certification/")


def test_an_agent_sees_their_clients_only(enter: Enter, agent: User, creator: User, stranger: User) -> None:
    make.draft("cn-law", creator)
    make.draft("cn-crafts", stranger)
    text = page_text(enter(agent).get("/certification/"))
    assert "Li Ming" in text
    assert "Stranger" not in text


def test_staff_are_sent_to_what_they_may_see(enter: Enter) -> None:
    answer = enter(make.reviewer()).get("/certification/")
    assert answer.status_code == 302
