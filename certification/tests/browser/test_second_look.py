"""The second person's panel in a real browser: it follows what they open."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from certification.tests import factories as make
from portal.jobs import runner
from portal.people.tests.browser.test_accessibility import enter
from portal.reviews.tests.factories import case_url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_panel_follows_what_is_opened_and_keeps_the_note(page: Page, live_server: LiveServer) -> None:
    make.reference()
    application = make.application("second_review", "cn-medicine")
    enter(page, live_server, make.claim(application)[0])
    address = live_server.url + case_url(make.fresh(application).case, product="certification")
    page.goto(address)  # which orders the copies of its documents that reviewers are shown
    runner.run_due_jobs(["evidence.mark"])
    page.goto(address)
    page.keyboard.press("a")
    panel = page.locator("details#confirm")
    panel.get_by_label("Your note").fill("As the first person says.")
    links = panel.locator(".callout").get_by_role("link")
    expect(links.first).to_be_visible()
    while waiting := links.count():
        links.first.click()
        expect(links).to_have_count(waiting - 1)
    expect(panel.get_by_text("You have not opened all of these yet")).to_have_count(0)
    expect(panel.get_by_label("I have read the marked items")).to_have_count(0)
    expect(panel.get_by_label("Your note")).to_have_value("As the first person says.")
