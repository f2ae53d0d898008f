"""The first page: for the public, for members and guests, for staff."""

import pytest
from django.test import Client
from django.urls import reverse

from complaints.states import ComplaintState as State
from complaints.tests import factories as make
from portal.people.models import User
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
HOME = "/complaints/"


def test_the_public_reads_what_it_is_and_finds_two_ways_in(client: Client) -> None:
    page = client.get(HOME)
    text = page_text(page)
    for sentence in ("What you need", "can answer within 7 days", "within 10 working days", "You are a member"):
        assert sentence in text
    assert "?next=/complaints/new/" in page.content.decode()
    assert "/accounts/guest/?next=/complaints/new/" in page.content.decode()


def test_a_newcomer_is_told_how_to_begin(desk: Client) -> None:
    text = page_text(desk.get(HOME))
    assert "You have not submitted a complaint yet" in text
    assert "Register a work" in text


def test_each_complaint_says_what_happens_next(desk: Client, author: User) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    text = page_text(desk.get(HOME))
    assert made.number in text
    assert "The other side can answer until" in text


def test_a_respondent_who_is_a_member_finds_what_is_said_about_them(enter: Enter) -> None:
    holder = make.author()
    made = make.complaint(State.NOTIFIED, against=make.account_of(holder))
    text = page_text(enter(holder).get(HOME))
    assert made.number in text
    assert "Complaints about your works" in text
    assert "Read and answer" in text


def test_people_do_not_know_of_what_they_were_not_told(enter: Enter) -> None:
    holder = make.author()
    made = make.complaint(State.RECEIVED, against=make.account_of(holder))
    for url in (HOME, "/complaints/answers/"):
        assert made.number not in page_text(enter(holder).get(url))


def test_staff_read_the_public_page(enter: Enter) -> None:
    text = page_text(enter(make.reviewer()).get(HOME))
    assert "With your role you can read here how the process works." in text


def test_a_guest_begins_here(enter: Enter) -> None:
    guest = enter(make.guest())
    assert guest.get(reverse("web:home"))["Location"] == HOME
    assert "Complain about a copy" in page_text(guest.get(HOME))
