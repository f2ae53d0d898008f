"""People in real browsers, with real workers behind the pages."""

import itertools
import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as configured
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Frame, Locator, Page, Request, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portal import clock
from portal.jobs.models import Job
from portal.people.models import User
from portal.testing import sample_documents
from portal.testing.pages import axe_violations, page_overflow
from portal.testing.sign_in import PASSWORD, app_code, give_app

PATIENCE = 120  # seconds for what workers do
# A folder for a picture of every page that is looked at, in the order of the walk; none by default.
PICTURES = os.environ.get("PICTURES", "")
_numbers = itertools.count(1)


class Visitor:
    """One person's browser. Every page that they come to is checked with axe and for its width."""

    def __init__(self, browser: Browser, base: str, *, width: int = 390, locale: str = "en") -> None:
        self.base, self.language = base, "zh-hans" if locale.startswith("zh") else locale
        self.page: Page = browser.new_context(viewport={"width": width, "height": 900}, locale=locale).new_page()
        self.page.set_default_timeout(30_000)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self._complain(said) if said.type == "error" else None)
        self._unanswered: set[Request] = set()
        # What a page asked for after a button had been pressed, while the answer to that was awaited.
        self._leaving, self._asked_in_leaving = False, set[str]()
        self.page.on("request", self._note_request)
        self.page.on("framenavigated", self._note_arrival)
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, self._note_answer)

    def _complain(self, said: ConsoleMessage) -> None:
        # A refused form is answered with 422; that is what it is for. A page that is being left may ask for pictures that
        # the decision, made meanwhile, has closed to the person: nobody sees that answer.
        if "status of 422" in said.text or said.location["url"] in self._asked_in_leaving:
            return
        path, asked = (url.removeprefix(self.base) for url in (self.page.url, said.location["url"]))
        self.faults.append(f"{path} {said.text} {asked}")

    def _note_request(self, request: Request) -> None:
        self._unanswered.add(request)
        if request.is_navigation_request():
            self._leaving |= request.method == "POST"
        elif self._leaving:
            self._asked_in_leaving.add(request.url)

    def _note_arrival(self, frame: Frame) -> None:
        if frame == self.page.main_frame:
            self._leaving = False

    def _note_answer(self, request: Request) -> None:
        self._unanswered.discard(request)

    def settle(self) -> None:
        """Wait until the page has its pictures and answers."""
        deadline = time.monotonic() + PATIENCE
        while self._unanswered and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)

    def text(self, message: str) -> str:
        """A message of the catalogue in their language; any other text as it is."""
        with translation.override(self.language):
            return gettext(message)

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.base + path)
        self.look()

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press a button or follow a link by its name in English, and look at where it leads."""
        place, name = within or self.page.locator("main"), self.text(name)
        found = place.get_by_role("button", name=name).or_(place.get_by_role("link", name=name))
        found.first.scroll_into_view_if_needed()
        self.page.wait_for_timeout(50)  # Pictures that are loaded when they come into view are asked for now.
        self.settle()
        with self.page.expect_navigation():
            found.first.click()
        self.look()

    def type(self, label: str, text: str, within: Locator | None = None) -> None:
        """Fill a field by its label in English."""
        (within or self.page.locator("main")).get_by_label(self.text(label)).first.fill(text)

    def sees(self, text: str) -> None:
        """The text is on the page."""
        expect(self.page.locator("main").get_by_text(self.text(text)).first).to_be_visible()

    def waits_for(self, text: str) -> None:
        """The text comes when workers have done their part; the page is loaded again until then."""
        deadline, text = time.monotonic() + PATIENCE, self.text(text)
        while text not in self.page.locator("main").inner_text():
            assert time.monotonic() < deadline, self.page.locator("main").inner_text()
            time.sleep(1)
            self.page.reload()

    def look(self) -> None:
        """Nothing on the page is in anybody's way."""
        path = self.page.url.removeprefix(self.base)
        self.faults += [f"{path} {text}" for text in axe_violations(self.page)]
        if (beyond := page_overflow(self.page)) > 0:
            self.faults.append(f"{path} {beyond} px too wide")
        if PICTURES:
            width = self.page.viewport_size["width"] if self.page.viewport_size else 0
            name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:60]
            target = f"{PICTURES}/{next(_numbers):03}-{self.language}-{width}-{name}.png"
            self.page.screenshot(path=target, full_page=True, caret="initial")


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for what workers do; after PATIENCE seconds fail, naming the jobs that are not done."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, list(Job.objects.exclude(state="done").values("kind", "state", "error"))
        time.sleep(0.5)


def mailed_code_since(since: float) -> str:
    """The code in the newest mail that the workers have written since a moment."""
    outbox = Path(configured.EMAIL_FILE_PATH)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for path in sorted(outbox.glob("*"), key=lambda one: one.stat().st_mtime, reverse=True):
            found = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", path.read_text(), re.MULTILINE)
            if found and path.stat().st_mtime >= since:
                return str(found.group())
        time.sleep(0.3)
    raise AssertionError("no mail with a code came")


def sign_up(visitor: Visitor, email: str, name: str) -> None:
    """With an e-mail address and the code that is mailed to it."""
    since = time.time()
    visitor.go("/accounts/signup/")
    visitor.type("Email", email)
    visitor.type("Display name", name)
    visitor.type("Password", PASSWORD)
    visitor.page.locator("main form button[type=submit]").first.click()
    visitor.page.wait_for_url("**/accounts/confirm-email/**")
    visitor.page.locator("input[name=code]").fill(mailed_code_since(since))
    visitor.press("Confirm")


def sign_in(visitor: Visitor, person: User, *, second_factor: bool) -> None:
    """With a password, and the authenticator app where the role needs it."""
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    if second_factor:
        give_app(person)
    visitor.go("/accounts/login/")
    visitor.type("Email", person.email)
    visitor.type("Password", PASSWORD)
    visitor.page.get_by_role("button", name=visitor.text("Sign in"), exact=True).click()
    if second_factor:
        visitor.page.wait_for_url("**/2fa/authenticate/**")
        visitor.page.locator("input[name=code]").first.fill(app_code())
        visitor.page.locator("main form button[type=submit]").first.click()
    visitor.page.wait_for_url(lambda url: "/login" not in url and "/2fa/" not in url)


Arrive = Callable[..., Visitor]


@pytest.fixture
def arrive(browser: Browser, live_server: LiveServer, workers: Path, settings: Settings) -> Iterator[Arrive]:
    """Gives a browser to somebody, as narrow as a telephone unless a `width` is given, in the language of `locale`; none may meet a fault."""
    settings.SECOND_FACTOR_ENFORCED = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    visitors: list[Visitor] = []

    def come(*, width: int = 390, locale: str = "en") -> Visitor:
        visitors.append(Visitor(browser, live_server.url, width=width, locale=locale))
        return visitors[-1]

    yield come
    clock.set_demo_offset(timedelta())
    for visitor in visitors:
        visitor.page.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


def sample_uploads() -> list[FilePayload]:
    """A real PDF and a real photo, as a phone makes it."""
    return [
        {
            "name": "licence.pdf",
            "mimeType": "application/pdf",
            "buffer": sample_documents.make_pdf("State medical licence", pages=2),
        },
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": sample_documents.photo_with_place()},
    ]
