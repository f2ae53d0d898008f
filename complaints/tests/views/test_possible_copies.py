"""A possible copy on the author's pages: seen by its author alone, dismissed for good, made a draft by one button."""

import pytest
from django.test import Client
from django.urls import reverse

from complaints.models import Complaint, PossibleCopy
from complaints.policies import library as policy
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.tests.test_library import complained_copy, copied, registered
from portal.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def found() -> PossibleCopy:
    return copied(registered())


def signed_in(person: User | None) -> Client:
    client = Client()
    assert person is not None
    client.force_login(person)
    return client


def address(found: PossibleCopy, name: str = "possible_copy") -> str:
    return reverse(f"complaints:{name}", args=[found.pk])


def test_its_author_sees_grade_and_segments(found: PossibleCopy) -> None:
    client = signed_in(found.work.owner)
    for listing in (reverse("complaints:works"), found.work.get_absolute_url()):
        assert address(found) in client.get(listing).content.decode()
    shown = client.get(address(found)).content.decode()
    for text in (found.post.title, found.post.url, "Same imagery and same movement", "0:01–0:09", "cropped"):
        assert text in shown


@pytest.mark.parametrize("who", ["uploader", "stranger", "reviewer"])
@pytest.mark.parametrize("name", ["possible_copy", "possible_copy_dismiss"])
def test_nobody_else_sees_or_changes_it(found: PossibleCopy, who: str, name: str) -> None:
    people = {"uploader": make.author, "stranger": make.author, "reviewer": make.reviewer}
    person = people[who]()
    if who == "uploader":
        make.link(person, make.fake().accounts[found.post.account_id])
    client = signed_in(person)
    assert client.get(address(found, name)).status_code in {403, 404}
    assert client.post(address(found, name)).status_code in {403, 404}
    assert not client.get(reverse("complaints:works")).content.decode().count(address(found))
    found.refresh_from_db()
    assert (found.dismissed_at, found.complaint) == (None, None)


def test_dismissed_it_is_gone(found: PossibleCopy) -> None:
    client = signed_in(found.work.owner)
    assert client.get(address(found, "possible_copy_dismiss")).status_code == 200
    assert client.post(address(found, "possible_copy_dismiss")).status_code == 302
    assert client.get(address(found)).status_code == 404
    assert address(found) not in client.get(found.work.get_absolute_url()).content.decode()


def test_one_button_drafts_a_complaint(found: PossibleCopy) -> None:
    client = signed_in(found.work.owner)
    before = Complaint.objects.count()
    answers = [client.post(address(found)) for _click in range(2)]
    assert Complaint.objects.count() == before + 1
    made = Complaint.objects.latest("pk")
    assert {answer["Location"] for answer in answers} == {reverse("complaints:original", args=[made.number])}
    assert (made.original, made.copy, made.state) == (found.work, found.post, "draft")


def test_a_post_that_is_gone_is_said_on_the_page(found: PossibleCopy) -> None:
    del make.fake().works[found.post.external_id]
    answer = signed_in(found.work.owner).post(address(found))
    assert answer.status_code == 422
    assert "not found" in answer.content.decode()
    assert policy.possible_copies_of(found.work.owner).exists()  # type: ignore[arg-type]


def test_the_page_of_an_older_post_says_that_it_may_be_the_original() -> None:
    complained_copy(engine.sample_video("kiln", "first"))
    work = registered()
    older = PossibleCopy.objects.get(work=work)
    shown = signed_in(work.owner).get(address(older)).content.decode()
    assert "may be the original" in shown
    assert shown.index("The other work stored by the portal") < shown.index("Your work stored by the portal")


def test_the_page_of_a_newer_post_does_not_say_so(found: PossibleCopy) -> None:
    shown = signed_in(found.work.owner).get(address(found)).content.decode()
    assert "may be the original" not in shown
    assert shown.index("Your work stored by the portal") < shown.index("The other work stored by the portal")
