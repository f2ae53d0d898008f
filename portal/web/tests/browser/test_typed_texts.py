"""Nothing that somebody typed is lost: session over, language switched, the way back, no connection."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "A long statement that took twenty minutes to write."


def sign_in(page: Page, server: LiveServer, name: str) -> None:
    page.goto(f"{server.url}/accounts/login/")
    page.get_by_role("button", name=re.compile(f"Demo {name}")).click()
    page.wait_for_url(lambda url: "/login" not in url)


def end_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


@pytest.fixture
def draft(demo: None, page: Page, live_server: LiveServer) -> Page:
    """Step 1 of a demo creator's draft."""
    sign_in(page, live_server, "creator A")
    page.get_by_role("link", name="Continue the draft").click()
    page.get_by_role("link", name="About you").click()
    expect(page.locator("[name=statement]")).to_be_visible()
    return page


def notice(page: Page) -> Locator:
    return page.locator(".form-notice")


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def test_draft_stays_and_is_saved_after_signing_in_elsewhere(draft: Page, live_server: LiveServer) -> None:
    end_session(draft)
    draft.fill("[name=statement]", TEXT)
    expect(notice(draft)).to_contain_text("You were signed out")
    expect(draft.locator("main form")).not_to_contain_text("Welcome")
    expect(draft.locator("#autosaved")).to_have_text("")
    expect(draft.locator("[name=statement]")).to_have_value(TEXT)
    other = draft.context.new_page()
    sign_in(other, live_server, "creator A")
    draft.bring_to_front()
    expect(draft.locator("#autosaved")).to_contain_text("Draft saved")
    draft.reload()
    expect(draft.locator("[name=statement]")).to_have_value(TEXT)


def test_form_that_is_sent_without_a_session_stays_with_its_reason(draft: Page, live_server: LiveServer) -> None:
    end_session(draft)
    address = draft.url
    draft.fill("[name=statement]", TEXT)
    press(draft, "Save")
    expect(notice(draft)).to_contain_text("You were signed out")
    expect(draft).to_have_url(address)
    other = draft.context.new_page()
    sign_in(other, live_server, "creator A")
    draft.bring_to_front()
    expect(notice(draft)).to_contain_text("You are signed in again")
    press(draft, "Save")
    draft.wait_for_load_state()
    draft.reload()
    expect(draft.locator("[name=statement]")).to_have_value(TEXT)


def test_form_from_before_a_new_sign_in_is_taken(draft: Page, live_server: LiveServer) -> None:
    end_session(draft)
    other = draft.context.new_page()
    sign_in(other, live_server, "creator A")
    draft.fill("[name=statement]", TEXT)
    press(draft, "Save")
    draft.wait_for_load_state()
    draft.goto(draft.url)
    expect(draft.locator("[name=statement]")).to_have_value(TEXT)


def test_form_of_another_account_is_not_sent(draft: Page, live_server: LiveServer) -> None:
    end_session(draft)
    other = draft.context.new_page()
    sign_in(other, live_server, "creator B")
    draft.fill("[name=statement]", TEXT)
    press(draft, "Save")
    expect(notice(draft)).to_contain_text("Another account")
    expect(draft.locator("[name=statement]")).to_have_value(TEXT)
    end_session(draft)
    sign_in(other, live_server, "creator A")
    draft.bring_to_front()
    expect(draft.locator("#autosaved")).to_contain_text("Draft saved")


def test_autosave_that_fails_is_said_and_tried_again(draft: Page) -> None:
    context: BrowserContext = draft.context
    context.set_offline(True)
    draft.fill("[name=statement]", TEXT)
    expect(notice(draft)).to_contain_text("could not be saved")
    press(draft, "Save")
    expect(notice(draft)).to_contain_text("no connection")
    context.set_offline(False)
    expect(draft.locator("#autosaved")).to_contain_text("Draft saved")
    expect(notice(draft)).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/signup/", ("email", "display_name")),
        ("/accounts/guest/", ("email", "display_name")),
        ("/accounts/login/", ("login",)),
    ],
)
def test_language_switch_keeps_what_was_typed(
    demo: None, page: Page, live_server: LiveServer, path: str, fields: tuple[str, ...]
) -> None:
    page.goto(live_server.url + path)
    for name in fields:
        page.fill(f"[name={name}]", "anna@example.org")
    passwords = page.locator("[type=password]")
    for field in passwords.all():
        field.fill("not to be kept")
    page.locator("button[name=language]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    for name in fields:
        expect(page.locator(f"[name={name}]")).to_have_value("anna@example.org")
    for field in passwords.all():
        expect(field).to_have_value("")
    assert "not to be kept" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_language_switch_keeps_a_form_that_came_back_with_errors(
    demo: None, page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/accounts/guest/")
    page.fill("[name=display_name]", "Anna")
    page.fill("[name=email]", "not a web address")
    page.locator("main form [type=submit]").first.click()
    expect(page.locator("#error-summary, .field-error").first).to_be_visible()
    page.locator("button[name=language]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("[name=email]")).to_have_value("not a web address")
    expect(page.locator("[name=display_name]")).to_have_value("Anna")


def test_way_back_after_an_error_shows_what_was_typed(draft: Page, live_server: LiveServer) -> None:
    draft.fill("[name=statement]", TEXT)
    draft.fill("[name=public_name]", "")
    press(draft, "Save")
    expect(draft.locator("#error-summary")).to_be_visible()
    draft.goto(f"{live_server.url}/about/")
    draft.go_back()
    expect(draft.locator("[name=statement]")).to_have_value(TEXT)
    draft.go_back()
    expect(draft.locator("[name=statement]")).to_have_value(TEXT)


def test_reload_keeps_what_was_typed(demo: None, page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/accounts/guest/")
    page.fill("[name=display_name]", "Anna")
    page.wait_for_timeout(400)
    page.reload()
    expect(page.locator("[name=display_name]")).to_have_value("Anna")


def test_language_switch_says_that_files_must_be_chosen_again(draft: Page, tmp_path: Path) -> None:
    draft.get_by_role("link", name="Evidence and documents").click()
    (tmp_path / "licence.pdf").write_bytes(b"%PDF-1.4")
    draft.locator('input[type="file"]').first.set_input_files(tmp_path / "licence.pdf")
    expect(draft.locator(".upload-chosen").first).to_contain_text("licence.pdf")  # scripts have begun
    draft.locator("button[name=language]").first.evaluate("button => button.click()")
    expect(draft.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(notice(draft)).to_contain_text("重新选择")


def test_way_back_from_a_refusal_shows_what_was_typed(demo: None, page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server, "creator A")
    page.goto(f"{live_server.url}/accounts/profile/")
    page.fill("[name=display_name]", "Somebody new")
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    page.evaluate("document.querySelector('main [name=form_owner]').remove()")
    page.locator("main form:has([name=display_name]) [type=submit]").first.click()
    expect(page.locator("h1")).not_to_have_text("Your account")
    page.go_back()
    expect(page.locator("[name=display_name]")).to_have_value("Somebody new")
