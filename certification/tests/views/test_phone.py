"""What makes the form short on a phone: what to have ready, one card open, what is missing with links, the camera, the code."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certification.models import Application
from certification.tests import factories as make
from portal.people.models import User
from portal.testing import sample_documents
from portal.testing.reading import page_text
from portal.testing.shared import Enter


def url(draft: Application, step: str = "evidence") -> str:
    return f"/certification/applications/{draft.number}/{step}/"


@pytest.fixture
def doctor(creator: User) -> Application:
    """A doctor's draft without evidence."""
    made = make.draft("cn-medicine", creator)
    made.documents.all().delete()
    made.credentials.all().delete()
    return made


def open_cards(page: str) -> list[str]:
    found = re.findall(
        r'<section class="card evidence-card[^>]*>\s*<details( open)?>.*?id="kind-([a-z-]+)"', page, re.DOTALL
    )
    return [code for is_open, code in found if is_open]


def test_start_page_says_what_to_have_ready_and_how_long_it_takes(enter: Enter, creator: User) -> None:
    text = page_text(enter(creator).get(reverse("certification:application_start", args=["cn-medicine"])))
    assert "About 8 minutes" in text
    assert "18 digits; the last may be X" in text
    assert "Not older than 183 days" in text


def test_one_card_is_open_until_it_is_complete(desk: Client, doctor: Application) -> None:
    first = desk.get(url(doctor))
    assert open_cards(first.content.decode()) == ["cn-identity"]
    assert "Still missing: Identity number" in page_text(first)
    make.declare(doctor, "cn-identity", make.number("cn-identity", "11010519491231002X"))
    page = desk.get(url(doctor)).content.decode()
    assert open_cards(page) == ["cn-doctor-qualification"]


def test_a_refused_card_is_open(desk: Client, doctor: Application) -> None:
    answer = desk.post(url(doctor), {"cn-employment-number": "1234", "stay": "1"})
    assert answer.status_code == 422
    assert "cn-employment" in open_cards(answer.content.decode())


def test_everything_missing_is_listed_with_a_link_to_its_field(desk: Client, doctor: Application) -> None:
    make.declare(doctor, "cn-doctor-practising", "123456789012345").documents.all().delete()
    page = desk.get(url(doctor, "check")).content.decode()
    links = re.findall(r'<li><a href="([^"]+)">', page)
    wanted = f"{url(doctor)}?open=cn-doctor-practising#id_cn-doctor-practising-licence-uploads"
    assert wanted in links
    assert [link for link in links if "open=cn-employment#kind-cn-employment" in link]
    assert len([link for link in links if link.startswith(url(doctor))]) == 4
    opened = desk.get(wanted).content.decode()
    assert "cn-doctor-practising" in open_cards(opened)
    assert 'id="id_cn-doctor-practising-licence-uploads"' in opened


def test_a_photo_from_the_camera_is_taken_like_a_file(desk: Client, doctor: Application) -> None:
    page = desk.get(url(doctor)).content.decode()
    field = "cn-doctor-qualification-qualification-uploads-camera"
    assert re.search(rf'name="{field}"\s+accept="image/\*"\s+capture="environment"', page)
    photo = SimpleUploadedFile("photo.jpg", sample_documents.photo_with_place())
    assert desk.post(url(doctor), {field: photo, "stay": "1"}).status_code == 302
    assert doctor.documents.get().file.name == "photo.jpg"


def test_only_the_page_that_asks_for_documents_may_use_the_camera(desk: Client, doctor: Application) -> None:
    asking, other = desk.get(url(doctor))["Permissions-Policy"], desk.get(url(doctor, "about"))["Permissions-Policy"]
    assert "camera=(self)" in asking
    assert "microphone=()" in asking
    assert "camera=()" in other


def test_the_code_opens_the_draft_after_signing_in(
    desk: Client, client: Client, stranger: User, enter: Enter, doctor: Application
) -> None:
    page = desk.get(url(doctor)).content.decode()
    assert "QR code with the address of this draft" in page
    asked = client.get(url(doctor))
    assert asked["Location"].endswith(f"?next={url(doctor)}")
    assert enter(stranger).get(url(doctor)).status_code == 404


def test_a_submitted_application_has_no_code(desk: Client, creator: User) -> None:
    sent = make.application("info_requested", "cn-law", applicant=creator)
    assert "QR code with the address of this draft" not in desk.get(url(sent)).content.decode()
