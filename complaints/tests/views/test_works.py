"""Registering works, and the list of accounts that may use them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.actions import authorisations, works
from complaints.models import Authorisation, Work
from complaints.tests import engine
from complaints.tests import factories as make
from portal.people.models import User
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def film(name: str = "kiln.mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, engine.sample_video("potter", name))


def test_a_work_is_registered_checked_and_played(desk: Client, author: User) -> None:
    url = desk.post("/complaints/works/new/", {"title": "Kiln", "video": film(), "published_source": "My site"})[
        "Location"
    ]
    assert "The file is being checked" in page_text(desk.get(url))
    piece = desk.get(url, headers=HTMX).content.decode()
    assert "every 3s" in piece
    assert "<main" not in piece
    make.run_jobs()
    page = desk.get(url)
    assert "0:08" in page_text(page)
    assert "My site" in page_text(page)
    assert "<video" in page.content.decode()
    assert "every 3s" not in page.content.decode()
    assert "Kiln" in page_text(desk.get("/complaints/works/"))


def test_a_file_that_is_no_video_says_so(desk: Client) -> None:
    sent = {"title": "T", "video": SimpleUploadedFile("f.mp4", b"broken")}
    url = desk.post("/complaints/works/new/", sent)["Location"]
    make.run_jobs()
    assert "This file cannot be used" in page_text(desk.get(url))


def test_the_same_video_twice_is_one_work(desk: Client) -> None:
    for _ in range(2):
        assert desk.post("/complaints/works/new/", {"title": "Kiln", "video": film()}).status_code == 302
    assert Work.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"title": ""}, "Please give it a title."),
        ({"title": "T"}, "Please choose the file."),
        ({"title": "T" * 200}, "160"),
        ({"title": "T", "published_at": "1066-01-01"}, "Please check the year."),
    ],
)
def test_wrong_input_is_told_at_its_field(desk: Client, sent: dict[str, str], sentence: str) -> None:
    answer = desk.post("/complaints/works/new/", sent)
    assert answer.status_code == 422
    assert sentence in page_text(answer)


def test_a_good_video_is_not_asked_for_twice(desk: Client) -> None:
    answer = desk.post("/complaints/works/new/", {"title": "", "video": film(), "url": "https://fake.example/works/no"})
    assert "kiln.mp4" in page_text(answer)
    wrong = desk.post("/complaints/works/new/", filled_form(answer) | {"title": "Kiln"})
    assert "This work was not found" in page_text(wrong)
    assert desk.post("/complaints/works/new/", filled_form(wrong) | {"url": ""}).status_code == 302


def test_somebody_elses_work_is_not_there(enter: Enter, author: User, stranger: User) -> None:
    work = works.register_work(by=author, title="Mine", media=make.video(author))
    assert enter(stranger).get(work.get_absolute_url()).status_code == 404
    assert "Mine" not in page_text(enter(stranger).get("/complaints/works/"))


def test_an_account_is_put_on_the_list_and_taken_off(desk: Client, author: User) -> None:
    make.account(handle="partner")
    for _ in range(2):
        assert (
            desk.post("/complaints/authorisations/", {"account": "@partner", "note": "For a year"}).status_code == 302
        )
    row = Authorisation.objects.get()
    text = page_text(desk.get("/complaints/authorisations/"))
    for sentence in ("@partner", "all my works", "For a year", "End"):
        assert sentence in text
    url = f"/complaints/authorisations/{row.pk}/end/"
    assert "End the permission of @partner?" in page_text(desk.get(url))
    for _ in range(2):
        assert desk.post(url)["Location"] == "/complaints/authorisations/"
    row.refresh_from_db()
    assert row.ended_at is not None


@pytest.mark.parametrize(
    ("account", "sentence"),
    [("", "Please enter the account."), ("@nobody", "This account was not found"), ("x" * 300, "200")],
)
def test_a_wrong_account_is_told_at_its_field(desk: Client, account: str, sentence: str) -> None:
    answer = desk.post("/complaints/authorisations/", {"account": account, "note": "Kept"})
    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert "Kept" in answer.content.decode()


def test_somebody_elses_list_is_not_there(enter: Enter, author: User, stranger: User) -> None:
    row = authorisations.authorise_account(by=author, platform="fake", account=make.account().id)
    client = enter(stranger)
    assert client.get(f"/complaints/authorisations/{row.pk}/end/").status_code == 404
    assert client.post(f"/complaints/authorisations/{row.pk}/end/").status_code == 404
