"""What is written for an answer or a decision: saved while it is written, kept when the session ends, there in another browser."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from certification.models import Application
from certification.states import ApplicationState
from certification.tests import factories as make
from portal.people.models import User
from portal.testing.pages import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "The licence was renewed last month; the new paper is on its way to me."
Entry = Callable[[BrowserContext, User], None]


@pytest.fixture
def sign_in(live_server: LiveServer) -> Entry:
    """Gives a browser the session of a person."""

    def enter(context: BrowserContext, person: User) -> None:
        client = Client()
        client.force_login(person)
        value = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])

    return enter


def test_answer_is_kept_through_the_end_of_the_session_and_of_the_browser(
    page: Page, browser: Browser, live_server: LiveServer, creator: User, sign_in: Entry
) -> None:
    application: Application = make.application(ApplicationState.INFO_REQUESTED, applicant=creator)
    address = f"{live_server.url}/certification/applications/{application.number}/answer/"
    sign_in(page.context, creator)
    page.goto(address)
    page.context.clear_cookies(name="sessionid")
    page.locator("[name=text]").press_sequentially(TEXT)
    expect(page.locator(".form-notice")).to_contain_text("You were signed out")
    look(page, "signed-out", widths=(390, 1280))
    page.get_by_role("button", name="中文").locator("visible=true").first.click()
    page.wait_for_load_state()
    page.goto(address)
    sign_in(page.context, creator)
    page.goto(address)
    expect(page.locator("[name=text]")).to_have_value(TEXT)
    page.locator("[name=text]").press("End")
    page.locator("[name=text]").press_sequentially(" Soon.")
    expect(page.locator(".form-draft [role=status]")).not_to_have_text("")
    look(page, "draft-zh", widths=(390, 1280))
    other = browser.new_context()
    sign_in(other, creator)
    elsewhere = other.new_page()
    elsewhere.goto(address)
    expect(elsewhere.locator("[name=text]")).to_have_value(f"{TEXT} Soon.")
    elsewhere.locator("main form button[name=send]").click()
    elsewhere.wait_for_url(f"**/applications/{application.number}/")
    page.reload()
    other.close()


def test_reasons_stay_when_a_reviewer_is_signed_out(
    page: Page, browser: Browser, live_server: LiveServer, creator: User, sign_in: Entry
) -> None:
    application: Application = make.application(ApplicationState.IN_REVIEW, "cn-law", applicant=creator)
    reviewer, case = make.claim(application)
    sign_in(page.context, reviewer)
    page.goto(f"{live_server.url}/reviews/{case.number}/work/")
    panel = page.locator("details.panel", has=page.locator('form[action$="/reject/"]'))
    panel.locator("summary").click()
    panel.locator("[name=reasons]").first.check()
    page.context.clear_cookies(name="sessionid")
    panel.locator("[name=explanation]").fill(TEXT)
    panel.locator(".actions [type=submit]").first.click()
    expect(panel.locator(".form-notice")).to_contain_text("You were signed out")
    expect(panel.locator("[name=explanation]")).to_have_value(TEXT)
    look(page, "case-signed-out", widths=(390, 1280))
    sign_in(page.context, reviewer)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(panel.locator(".form-notice")).to_contain_text("signed in again")
    expect(panel.locator(".form-draft [role=status]")).to_contain_text("Draft saved")
    other = browser.new_context()
    sign_in(other, reviewer)
    elsewhere = other.new_page()
    elsewhere.goto(f"{live_server.url}/reviews/{case.number}/work/")
    expect(elsewhere.locator('form[action$="/reject/"] [name=explanation]')).to_have_value(TEXT)
    expect(elsewhere.locator('form[action$="/reject/"] [name=reasons]').first).to_be_checked()
    other.close()


def test_a_case_stays_in_hand_by_few_requests(
    page: Page, live_server: LiveServer, creator: User, sign_in: Entry
) -> None:
    application: Application = make.application(ApplicationState.IN_REVIEW, "cn-law", applicant=creator)
    reviewer, case = make.claim(application)
    sign_in(page.context, reviewer)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.goto(f"{live_server.url}/reviews/{case.number}/work/")
    panel = page.locator("details.panel", has=page.locator('form[action$="/reject/"]'))
    with page.expect_response("**/lease/"):
        panel.locator("summary").click()
    panel.locator("[name=explanation]").press_sequentially(TEXT, delay=10)
    panel.locator("[name=reasons]").first.check()
    expect(panel.locator(".form-draft [role=status]")).to_contain_text("Draft saved")
    assert sum(url.endswith("/lease/") for url in asked) == 1
