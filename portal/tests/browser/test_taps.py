"""A finger on a phone really taps: search, buttons, menu, language and file fields of the pages that strangers meet first.

A tap of Playwright waits until the element is the topmost one at its place, and fails where something covers it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as NotTapped
from pytest_django.live_server_helper import LiveServer

from certification.tests import factories as certification
from complaints.reference import loading
from complaints.tests import factories as complaints
from complaints.tests.conftest import use_fake_platform, use_quick_engine
from portal.people.models import User
from portal.testing.visitors import sample_uploads

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_FEWEST_LINKS = 6  # of the landing page: a walk that finds none proves nothing
_PATIENCE = 10_000  # milliseconds
# What once lay over the search of the landing page.
_COVER = """() => {
    const cover = document.body.appendChild(document.createElement("div"));
    Object.assign(cover.style, { position: "fixed", inset: 0, zIndex: 9999 });
}"""


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page on a phone with a touch screen."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en"
    )
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    yield page
    context.close()


def become(page: Page, server: LiveServer, person: User) -> None:
    client = Client()
    client.force_login(person)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])


def tap_through(page: Page, link: Locator) -> None:
    """Tap a link, and see that it leads to where it says."""
    goal = link.evaluate("link => (link.href.baseVal ?? link.href).split('#')[0]")
    with page.expect_request(lambda request: request.is_navigation_request() and request.url == goal):
        link.tap()
    page.wait_for_load_state()
    expect(page.locator("h1").first).to_be_visible()


def test_search_of_the_landing_page(phone: Page) -> None:
    phone.goto("/")
    field = phone.locator(".hero input[type=search]")
    field.tap()
    expect(field).to_be_focused()
    phone.keyboard.type("Anna")
    phone.locator(".hero").get_by_role("button", name="Look up").tap()
    phone.wait_for_url("**/register/?q=Anna")


def test_every_link_of_the_landing_page(phone: Page) -> None:
    phone.goto("/")
    count = phone.locator("main a[href^='/']:visible").count()
    assert count >= _FEWEST_LINKS
    for number in range(count):
        phone.goto("/")
        tap_through(phone, phone.locator("main a[href^='/']:visible").nth(number))


def test_menu_and_what_is_in_it(phone: Page) -> None:
    phone.goto("/")
    panel = phone.locator(".nav-menu .menu-panel")
    expect(panel).to_be_hidden()
    phone.locator(".nav-menu summary").tap()
    count = panel.locator("a:visible").count()
    assert count > 1
    for number in range(count):
        phone.goto("/")
        phone.locator(".nav-menu summary").tap()
        tap_through(phone, panel.locator("a").nth(number))


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "creator"])
def test_language_there_and_back(phone: Page, live_server: LiveServer, creator: User, signed_in: bool) -> None:
    if signed_in:
        become(phone, live_server, creator)
    for language in ("zh-hans", "en"):
        phone.goto("/about/")
        if signed_in:
            phone.locator(".nav-menu summary").tap()
        phone.locator("button[name=language]:visible").first.tap()
        expect(phone.locator("html")).to_have_attribute("lang", language)


def test_files_of_an_application(phone: Page, live_server: LiveServer) -> None:
    draft = certification.draft("cn-farming")
    become(phone, live_server, draft.applicant)
    phone.goto(f"/certification/applications/{draft.number}/evidence/")
    for _ in range(phone.locator(".evidence-card > details:not([open])").count()):
        phone.locator(".evidence-card > details:not([open]) > summary").first.tap()
    fields = phone.locator("main input[type=file]:visible")
    assert fields.count() > 1
    for number in range(fields.count()):
        choose_by_tap(phone, fields.nth(number), sample_uploads()[0])
        expect(phone.locator(".upload-chosen").nth(number)).to_be_visible()


def test_video_of_a_complaint(
    phone: Page, live_server: LiveServer, storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading.load_complaint_reference()
    use_fake_platform(monkeypatch)
    use_quick_engine(monkeypatch)
    draft = complaints.draft(complaints.person())
    become(phone, live_server, draft.complainant)
    phone.goto(f"/complaints/{draft.number}/original/")
    phone.locator(".choice label:has(strong)").last.tap()
    field = phone.locator("main input[type=file]")
    expect(field).to_be_visible()
    (tmp_path / "mine.mp4").write_bytes(b"no video")
    choose_by_tap(phone, field, str(tmp_path / "mine.mp4"))
    expect(phone.locator("[data-video-name]").first).to_have_text("mine.mp4")


def choose_by_tap(page: Page, field: Locator, file: object) -> None:
    """Tap a file field as a finger does, and choose a file in the window that opens."""
    with page.expect_file_chooser() as opened:
        field.tap()
    opened.value.set_files(file)  # type: ignore[arg-type]


def test_tap_on_what_is_covered_fails(phone: Page) -> None:
    phone.goto("/")
    phone.evaluate(_COVER)
    for place in (".hero input[type=search]", ".hero button", ".nav-menu summary", "button[name=language]:visible"):
        with pytest.raises(NotTapped, match="intercepts pointer events"):
            phone.locator(place).first.tap(timeout=1_000)
