"""Signing up and in with a real browser: codes, passkeys with a virtual device, an authenticator app."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portal.people.models import Recovery, User
from portal.people.roles import Role
from portal.testing.sign_in import PASSWORD, app_code, give_app, mailed_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, server: LiveServer, person: User) -> None:
    page.goto(f"{server.url}/accounts/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def arrive(page: Page) -> None:
    """Wait until the sign-in pages are left behind; where a day begins depends on the role."""
    page.wait_for_url(lambda url: "/accounts/" not in url or url.endswith("/profile/"))


def is_in(page: Page, server: LiveServer, person: User) -> bool:
    page.goto(f"{server.url}/accounts/profile/")
    return person.public_id in page.content()


def sign_out(page: Page, server: LiveServer) -> None:
    page.goto(f"{server.url}/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()


def test_sign_up_with_a_code(page: Page, live_server: LiveServer, faults: list[str]) -> None:
    page.goto(f"{live_server.url}/accounts/signup/")
    page.get_by_label("Email").fill("ana@example.org")
    page.get_by_label("Display name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/accounts/confirm-email/**")
    page.locator("input[name=code]").fill(mailed_code())
    page.get_by_role("button", name="Confirm").click()
    arrive(page)
    assert is_in(page, live_server, User.objects.get(email="ana@example.org"))


def test_sign_up_with_a_passkey_only(page: Page, live_server: LiveServer, passkeys: str, faults: list[str]) -> None:
    page.goto(f"{live_server.url}/accounts/signup/passkey/")
    page.get_by_label("Email").fill("ana@example.org")
    page.get_by_label("Display name").fill("Ana")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/accounts/confirm-email/**")
    page.locator("input[name=code]").fill(mailed_code())
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/2fa/webauthn/signup/")
    page.locator("#mfa_webauthn_signup").click()
    arrive(page)
    person = User.objects.get(email="ana@example.org")
    assert not person.has_usable_password()
    sign_out(page, live_server)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    arrive(page)
    assert is_in(page, live_server, person)


def test_staff_add_a_passkey_first_and_sign_in_with_it(
    page: Page, live_server: LiveServer, passkeys: str, faults: list[str], make: Callable[..., User], settings: Settings
) -> None:
    settings.SECOND_FACTOR_ENFORCED = True
    reviewer = make("reviewer", Role.REVIEWER)
    sign_in(page, live_server, reviewer)
    page.goto(f"{live_server.url}/accounts/profile/")
    expect(page).to_have_url(f"{live_server.url}/accounts/second-factor/?next=%2Faccounts%2Fprofile%2F")
    page.get_by_role("link", name="Add a passkey").click()
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/2fa/recovery-codes/**")
    assert is_in(page, live_server, reviewer)
    sign_out(page, live_server)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    arrive(page)
    assert is_in(page, live_server, reviewer)


def test_passkey_as_second_factor_after_the_password(
    page: Page, live_server: LiveServer, passkeys: str, faults: list[str], make: Callable[..., User]
) -> None:
    creator = make("creator")
    sign_in(page, live_server, creator)
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/2fa/recovery-codes/**")
    sign_out(page, live_server)
    sign_in(page, live_server, creator)
    expect(page).to_have_url(f"{live_server.url}/accounts/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey or security key").click()
    arrive(page)
    assert is_in(page, live_server, creator)


def test_app_as_second_factor(
    page: Page, live_server: LiveServer, faults: list[str], make: Callable[..., User]
) -> None:
    creator = make("creator")
    give_app(creator)
    sign_in(page, live_server, creator)
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Incorrect code.").first).to_be_visible()
    page.locator("input[name=code]").fill(app_code())
    page.get_by_role("button", name="Sign in", exact=True).click()
    arrive(page)
    assert is_in(page, live_server, creator)
    assert Authenticator.objects.get(user=creator, type="totp").last_used_at


def test_request_for_help_keeps_what_was_typed(
    page: Page, live_server: LiveServer, faults: list[str], make: Callable[..., User], settings: Settings
) -> None:
    settings.SECOND_FACTOR_ENFORCED = True
    reviewer, text = make("reviewer", Role.REVIEWER), "My phone was stolen on the train."
    give_app(reviewer)
    sign_in(page, live_server, reviewer)
    page.goto(f"{live_server.url}/accounts/second-factor/lost/")
    page.fill("[name=note]", text)
    page.locator("button[name=language]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("[name=note]")).to_have_value(text)
    page.context.clear_cookies(name="sessionid")
    page.locator("main form [type=submit]").first.click()
    expect(page.locator("main form .form-notice")).to_contain_text("登录已超时")
    expect(page.locator("[name=note]")).to_have_value(text)
    other = page.context.new_page()
    other.context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    sign_in(other, live_server, reviewer)
    page.bring_to_front()
    expect(page.locator("main form .form-notice")).to_contain_text("您已重新登录")
    page.locator("main form [type=submit]").first.click()
    page.wait_for_load_state()
    expect(page.locator("[name=note]")).to_have_count(0)
    assert Recovery.objects.get().note == text
