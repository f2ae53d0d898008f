"""Linking an account and coming in as a guest with a real browser, each page looked at narrow and wide, light and dark."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal import clock
from portal.people.models import LinkedAccount, User
from portal.people.models.links import CODE_VALID_FOR
from portal.people.tests.browser.test_accessibility import enter
from portal.testing.fake_platform import FakePlatform
from portal.testing.pages import PageInspector
from portal.testing.sign_in import mailed_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def in_english(page: Page, server: LiveServer) -> None:
    """After a look in every language."""
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": server.url}])
    page.set_viewport_size({"width": 390, "height": 900})


def test_from_the_handle_to_the_end(
    page: Page, live_server: LiveServer, platform: FakePlatform, make: Callable[..., User]
) -> None:
    platform.open_account("7", "ana_of_the_very_long_handle_that_nobody_can_break", name="Ana")
    person = make("creator")
    enter(page, live_server, person)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    look = PageInspector(page, live_server.url, "linking")
    look.at("/accounts/links/")
    in_english(page, live_server)
    page.goto(f"{live_server.url}/accounts/links/")
    page.get_by_role("link", name="Link an account").click()
    page.get_by_label("Handle or address").fill("@nobody")
    page.get_by_role("button", name="Continue to the code").click()
    expect(page.get_by_text("was not found on the platform").first).to_be_visible()
    page.get_by_label("Handle or address").fill(
        "https://fake.example/@ana_of_the_very_long_handle_that_nobody_can_break"
    )
    page.get_by_role("button", name="Continue to the code").click()
    code = LinkedAccount.objects.get().code
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.get_by_role("button", name="verify now").click()
    expect(page.get_by_text("not in the profile yet").first).to_be_visible()
    link = LinkedAccount.objects.get()
    for path in (f"/accounts/links/{link.pk}/", f"/accounts/links/{link.pk}/end/", "/accounts/links/new/"):
        look.at(path)
    look.who = "linking_old"
    with clock.freeze_time(link.claimed_at + CODE_VALID_FOR):
        look.at(f"/accounts/links/{link.pk}/")
    look.who = "linking_proven"
    platform.profiles["7"] = f"Songs and more. {code}"
    in_english(page, live_server)
    page.goto(f"{live_server.url}/accounts/links/{link.pk}/")
    page.get_by_role("button", name="verify now").click()
    page.wait_for_url("**/accounts/links/")
    for path in (
        "/accounts/links/",
        f"/accounts/links/{link.pk}/",
        f"/accounts/links/{link.pk}/end/",
        "/accounts/profile/",
    ):
        look.at(path)
    page.goto(f"{live_server.url}/accounts/links/{link.pk}/end/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/accounts/links/")
    link.refresh_from_db()
    assert link.state == "ended"
    assert not look.faults, "\n".join(look.faults)


def test_a_guest_comes_in_and_becomes_a_member(page: Page, live_server: LiveServer) -> None:
    look = PageInspector(page, live_server.url, "guest")
    look.at("/accounts/guest/")
    in_english(page, live_server)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("link", name="guest").click()
    page.get_by_label("Email").fill("gisela@example.org")
    page.get_by_label("Display name").fill("Gisela")
    page.locator("main form button[type=submit]").click()
    page.locator("input[name=code]").fill(mailed_code())
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/complaints/")
    look.at("/accounts/profile/")
    look.at("/certification/new/", status=403)
    look.at("/accounts/profile/member/")
    page.goto(f"{live_server.url}/accounts/profile/member/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/certification/")
    assert User.objects.get(email="gisela@example.org").role == "creator"
    assert not look.faults, "\n".join(look.faults)
