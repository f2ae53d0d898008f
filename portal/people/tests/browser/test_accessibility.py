"""No page about people has an accessibility fault or is wider than the screen, on a phone or a desk, light or dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.people.actions import recoveries
from portal.people.models import User
from portal.people.roles import Role
from portal.testing.sign_in import give_app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "": ("login/", "signup/", "signup/passkey/", "login/code/", "password/reset/"),
    Role.CREATOR: (
        "profile/", "profile/close/", "data/", "mandates/", "email/", "password/change/", "2fa/", "2fa/recovery-codes/",
        "2fa/webauthn/", "sessions/", "logout/", "second-factor/", "reauthenticate/", "2fa/reauthenticate/",
    ),
    Role.AGENT: ("clients/",),
    Role.ADMIN: ("recoveries/", "recoveries/new/", "recoveries/{recovery}/"),
}  # fmt: skip
SCREENS = ((390, "light"), (1280, "dark"))


@pytest.fixture
def recovery(make: Callable[..., User]) -> int:
    person = make("lost", Role.REVIEWER)
    return recoveries.request_recovery(person=person, note="my phone is gone").pk


def enter(page: Page, server: LiveServer, person: User) -> None:
    from django.test import Client

    client = Client()
    client.force_login(person)
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies["sessionid"].value, "url": server.url}]
    )


@pytest.mark.parametrize("role", PAGES)
def test_pages_are_accessible(
    page: Page, live_server: LiveServer, faults: list[str], make: Callable[..., User], recovery: int, role: str
) -> None:
    if role:
        person = make("somebody", role)
        give_app(person)
        enter(page, live_server, person)
    found = []
    for address in PAGES[role]:
        answer = page.goto(f"{live_server.url}/accounts/{address.format(recovery=recovery)}")
        assert answer
        assert answer.status == 200, address
        for width, theme in SCREENS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            found += [(address, fault["id"]) for fault in Axe().run(page).response["violations"]]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((address, f"wider than {width}"))
    assert found == []
