"""The evidence step on a phone: usual values by one tap, errors that go when they are mended, the way back."""

import os

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from certification.models import Application
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.testing.pages import axe_violations, covered_controls, page_overflow
from portal.testing.visitors import sample_uploads

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def draft(creator: User) -> Application:
    """A potter's draft without evidence."""
    made = make.draft("cn-crafts", creator)
    made.documents.all().delete()
    made.credentials.all().delete()
    return made


@pytest.fixture
def step(page: Page, live_server: LiveServer, creator: User, draft: Application) -> Page:
    """The page of the step, as wide as a phone."""
    client = Client()
    client.force_login(creator)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{live_server.url}/certification/applications/{draft.number}/evidence/")
    return page


def look(page: Page, name: str) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert axe_violations(page) == []
        assert page_overflow(page) == 0
        assert covered_controls(page) == []
        for scheme in ("light", "dark") if PICTURES else ():
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)


def test_errors_lead_to_their_fields_and_go_when_these_are_mended(step: Page) -> None:
    step.get_by_role("button", name="Save and continue").click()
    summary = step.locator("#error-summary")
    expect(summary.get_by_role("listitem")).to_have_count(3)
    expect(summary).to_be_focused()
    look(step, "errors")
    step.set_viewport_size({"width": 390, "height": 900})
    summary.get_by_role("link", name="Date of the photo").click()
    date = step.get_by_label("Date of the photo")
    expect(date).to_be_focused()
    expect(date).to_have_attribute("aria-invalid", "true")
    step.get_by_role("button", name="Today").click()
    expect(date).to_have_value(clock.today().isoformat())
    expect(date).not_to_have_attribute("aria-invalid", "true")
    expect(summary.get_by_role("listitem")).to_have_count(2)
    date.fill("")
    expect(summary.get_by_role("listitem")).to_have_count(3)
    step.get_by_role("button", name="Yesterday").click()
    for card, file in zip(("Pictures of your work", "Record of your work"), sample_uploads(), strict=True):
        place = step.locator("section.card", has=step.get_by_role("heading", name=card))
        place.locator("input[type=file]").set_input_files(file)
    expect(summary).to_be_hidden()
    step.get_by_role("button", name="Save and continue").click()
    step.wait_for_url("**/check/")
    look(step, "check")


def test_date_is_asked_for_with_its_file(step: Page) -> None:
    date = step.get_by_label("Date of the photo")
    expect(date).to_be_hidden()
    card = step.locator("section.card", has=step.get_by_role("heading", name="Pictures of your work"))
    card.locator("input[type=file]").set_input_files(sample_uploads()[0])
    expect(date).to_be_visible()
    card.locator("input[type=file]").set_input_files([])
    expect(date).to_be_hidden()


def test_usual_issuer_is_one_tap_and_saved_by_itself(step: Page, draft: Application) -> None:
    step.get_by_role("heading", name="Record of your work").click()  # one card is open at a time
    step.get_by_role("button", name="Cooperative").click()
    expect(step.get_by_label("Issued by").first).to_have_value("Cooperative")
    expect(step.locator("#autosaved")).to_contain_text("Draft saved")
    assert draft.credentials.get().issuer == "Cooperative"


def test_phone_leads_back_by_button_and_by_bar(step: Page, draft: Application) -> None:
    expect(step.get_by_text("Step 2 of 3")).to_be_visible()
    step.get_by_role("heading", name="Record of your work").click()
    step.get_by_label("Issued by").first.fill("Potters' guild")
    step.get_by_role("button", name="Back").click()
    step.wait_for_url("**/about/")
    assert draft.credentials.get().issuer == "Potters' guild"
    look(step, "about")
    step.set_viewport_size({"width": 390, "height": 900})
    bars = step.locator(".steps li")
    assert all((box := bar.bounding_box()) and box["height"] >= 36 for bar in bars.all())
    bars.nth(1).click()
    step.wait_for_url("**/evidence/")
