"""Beginning an application: the areas, the categories with what each needs, the draft."""

import pytest
from django.test import Client

from certification.models import ApplicantCategory, Application
from certification.tests import factories as make
from portal.people.models import User
from portal.testing.reading import page_text
from portal.testing.shared import Enter

URL = "/certification/new/cn-law/"


def lawyer() -> int:
    return ApplicantCategory.objects.get(code="lawyer").pk


def test_areas_are_told_in_plain_words(desk: Client) -> None:
    text = page_text(desk.get("/certification/new/?country=cn"))
    assert "Country: China" in text
    assert "Legal advice, court cases, contracts" in text


@pytest.mark.parametrize("query", ["", "?country=nowhere"])
def test_country_is_chosen_before_the_area_and_named_from_then_on(desk: Client, query: str) -> None:
    page = desk.get(f"/certification/new/{query}").content.decode()
    for code in ("cn", "us", "uk"):
        assert f'href="?country={code}"' in page
    assert "/certification/new/cn-law/" not in page
    chosen = desk.get("/certification/new/?country=us").content.decode()
    assert "/certification/new/us-law/" in chosen
    assert "/certification/new/cn-law/" not in chosen
    assert "<h1>Law, China</h1>" in desk.get(URL).content.decode()
    number = desk.post(URL, {"category": lawyer()})["Location"].split("/")[-3]
    for step in ("about", "evidence", "check"):
        assert "<h1>Law, China</h1>" in desk.get(f"/certification/applications/{number}/{step}/").content.decode()
    assert "Law, China" in page_text(desk.get("/certification/"))


def test_what_is_needed_is_said_before_anything_is_begun(desk: Client) -> None:
    text = page_text(desk.get(URL))
    assert "Lawyer's practising certificate" in text
    assert not Application.objects.exists()


def test_choosing_opens_the_draft_at_its_first_step(desk: Client, creator: User) -> None:
    answer = desk.post(URL, {"category": lawyer()})
    made = Application.objects.get(applicant=creator)
    assert answer["Location"] == f"/certification/applications/{made.number}/about/"
    assert made.category_id == lawyer()


def test_choosing_nothing_is_said_beside_the_field(desk: Client) -> None:
    answer = desk.post(URL, {})
    assert answer.status_code == 422
    assert "Please choose the applicant category." in page_text(answer)


def test_sending_twice_opens_one_draft(desk: Client) -> None:
    first, second = (desk.post(URL, {"category": lawyer()})["Location"] for _ in range(2))
    assert first == second
    assert Application.objects.count() == 1


def test_a_second_application_in_the_area_is_refused_with_a_way_on(desk: Client, creator: User) -> None:
    made = make.application("in_review", "cn-law", applicant=creator)
    text = page_text(desk.get(URL))
    assert "You already have an open application in this area." in text
    answer = desk.post(URL, {"category": lawyer()})
    assert answer.status_code == 422
    assert made.number
    assert Application.objects.count() == 1


def test_a_category_of_another_area_is_refused(desk: Client) -> None:
    doctor = ApplicantCategory.objects.get(code="doctor").pk
    assert desk.post(URL, {"category": doctor}).status_code == 422
    assert desk.post(URL, {"category": "x" * 10_000}).status_code == 422


def test_an_unknown_or_closed_area_is_not_there(desk: Client) -> None:
    assert desk.get("/certification/new/nowhere/").status_code == 404


def test_an_agent_begins_for_a_creator_of_theirs(enter: Enter, agent: User, creator: User) -> None:
    answer = enter(agent).post(URL, {"category": lawyer(), "applicant": creator.public_id})
    assert answer.status_code == 302
    assert Application.objects.get().applicant == creator


def test_an_agent_cannot_begin_for_others(enter: Enter, agent: User, stranger: User) -> None:
    answer = enter(agent).post(URL, {"category": lawyer(), "applicant": stranger.public_id})
    assert answer.status_code == 422
    assert not Application.objects.exists()


def test_staff_cannot_apply(enter: Enter) -> None:
    assert enter(make.reviewer()).get(URL).status_code == 403
