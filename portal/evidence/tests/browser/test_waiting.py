"""A form that hands documents in: it waits until they have been opened, and is sent again by itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.engines.documents import LIMITS
from portal.evidence.uploads import FORM_BYTES
from portal.jobs import runner
from portal.people.models import User
from portal.testing import sample_documents
from portal.testing.pages import axe_violations, page_overflow
from portal.web import bodies

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("portal.evidence.tests.browser.site"),
]
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def form(page: Page, live_server: LiveServer, creator: User) -> Iterator[Page]:
    """The page with the form, as somebody signed in sees it; scripts must not have failed on it."""
    client = Client()
    client.force_login(creator)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{live_server.url}/appeal/")
    page.get_by_label("Text").fill("It was mine.")
    yield page
    assert wrong == []


def _send(form: Page, folder: Path, data: bytes) -> None:
    place = folder / ("licence.pdf" if data.startswith(b"%PDF") else "photo.png")
    place.write_bytes(data)
    form.locator('input[type="file"]').set_input_files(place)
    form.get_by_role("button", name="Send").click()


def _look(form: Page, name: str) -> None:
    assert axe_violations(form) == []
    for width in (390, 1280):
        form.set_viewport_size({"width": width, "height": 900})
        assert page_overflow(form) == 0
        if PICTURES:
            form.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def test_it_is_sent_by_itself_once_its_files_are_open(form: Page, tmp_path: Path) -> None:
    _send(form, tmp_path, sample_documents.make_pdf("Licence", pages=2))
    expect(form.get_by_role("heading", name="Almost done: your files are being processed.")).to_be_visible()
    expect(form.get_by_text("processing, a few seconds")).to_be_visible()
    _look(form, "waiting")
    runner.run_due_jobs(["evidence.render"])
    expect(form.locator(".sent")).to_have_text("Sent: It was mine., 1")


def test_a_file_that_cannot_be_opened_stops_it_and_is_told_in_its_place(form: Page, tmp_path: Path) -> None:
    _send(form, tmp_path, sample_documents.make_pdf("x", encryption=pikepdf.Encryption(owner="o", user="u")))
    expect(form.get_by_text("processing, a few seconds")).to_be_visible()
    runner.run_due_jobs(["evidence.render"])
    expect(form.locator(".field-error")).to_contain_text("locked with a password")
    _look(form, "refused")
    assert form.get_by_label("Text").input_value() == "It was mine."
    expect(form.locator(".sent")).to_have_count(0)


def test_whoever_goes_on_typing_sends_it_themselves(form: Page, tmp_path: Path) -> None:
    _send(form, tmp_path, sample_documents.make_pdf("Licence"))
    expect(form.get_by_text("processing, a few seconds")).to_be_visible()
    form.get_by_label("Text").fill("It was mine all along.")
    runner.run_due_jobs(["evidence.render"])
    expect(form.get_by_text("1 page")).to_be_visible()
    expect(form.locator(".sent")).to_have_count(0)
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".sent")).to_have_text("Sent: It was mine all along., 1")


def test_a_file_that_is_too_large_is_told_before_it_is_sent(form: Page, tmp_path: Path) -> None:
    sent: list[str] = []
    form.on("request", lambda request: sent.append(request.method))
    _send(form, tmp_path, bytes(LIMITS.file_bytes + 1))
    said = form.locator('input[type="file"]').evaluate("field => field.validationMessage")
    assert said.startswith("This file is larger than 20 MB.")
    assert "POST" not in sent
    expect(form.get_by_role("alert")).to_have_text(f"photo.png: {said}")
    _look(form, "large")
    form.locator('input[type="file"]').set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"small"})
    expect(form.get_by_role("alert")).to_have_count(0)
    assert form.get_by_label("Text").input_value() == "It was mine."


def test_whoever_was_signed_out_meanwhile_keeps_what_they_typed(form: Page, tmp_path: Path) -> None:
    bodies.allow_large_bodies("appeal", most=FORM_BYTES, senders=bodies.is_signed_in)
    [session] = [cookie["value"] for cookie in form.context.cookies() if cookie["name"] == "sessionid"]
    form.context.clear_cookies(name="sessionid")
    _send(form, tmp_path, sample_documents.make_photo("PNG", size=(400, 300)) + bytes(100_000))
    expect(form.get_by_role("alert")).to_contain_text("You were signed out")
    assert form.get_by_label("Text").input_value() == "It was mine."
    form.context.add_cookies([{"name": "sessionid", "value": session, "url": form.url}])
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_text("processing, a few seconds")).to_be_visible()


@pytest.mark.parametrize("status", [429, 503])
def test_whoever_came_while_too_many_files_were_sent_keeps_what_they_typed(
    form: Page, tmp_path: Path, status: int
) -> None:
    form.route(
        "**/appeal/", lambda route: route.fulfill(status=status, headers={"Retry-After": "15"}, body="<main></main>")
    )
    _send(form, tmp_path, sample_documents.make_photo("PNG", size=(400, 300)))
    expect(form.get_by_role("alert")).to_contain_text("Too many files are being uploaded at the moment")
    _look(form, f"busy-{status}")
    assert form.get_by_label("Text").input_value() == "It was mine."
    form.unroute("**/appeal/")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_text("processing, a few seconds")).to_be_visible()
