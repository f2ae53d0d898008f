"""How long somebody needs to walk through pages, by a keystroke-level model, counted while the walk is made."""

import re
import time
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import FilePayload, Locator

from portal.testing.visitors import Visitor, mailed_code_since

# Seconds. A tap and a typed character as the keystroke-level model has them for phones; a field is found and entered
# before it is typed into; a file is found among the phone's own; each page is waited for and looked over, and read.
TAP = 1.3
FIELD, CHARACTER = 1.2, 0.28
FILE = 8.0
PAGE = 4.0
MAIL = 15.0  # to the mail app, to the message, and back
WORDS_A_MINUTE = 200
HAN_A_MINUTE = 260  # Chinese characters

_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass
class Effort:
    """What was done and shown, in numbers."""

    taps: int = 0
    fields: int = 0
    characters: int = 0
    files: int = 0
    pages: int = 0
    mails: int = 0
    words: int = 0
    han: int = 0

    def read(self, text: str) -> None:
        """Count a page's text as read: words, and Chinese characters one by one."""
        self.han += len(_HAN.findall(text))
        self.words += len(re.findall(r"\w+", _HAN.sub(" ", text)))

    @property
    def seconds(self) -> float:
        """How long all of it takes."""
        reading = 60 * (self.words / WORDS_A_MINUTE + self.han / HAN_A_MINUTE)
        typing = self.fields * FIELD + self.characters * CHARACTER
        return self.taps * TAP + typing + self.files * FILE + self.pages * PAGE + self.mails * MAIL + reading

    def __str__(self) -> str:
        facts = ", ".join(f"{count} {name}" for name, count in vars(self).items() if count)
        return f"{self.seconds / 60:.1f} minutes: {facts}"


class CountedWalk:
    """A visitor's walk in one language, by the names that the pages give to things; every act is counted."""

    def __init__(self, visitor: Visitor, language: str) -> None:
        self.visitor, self.language, self.effort = visitor, language, Effort()
        self.main = visitor.page.locator("main")

    def said(self, message: str, **figures: Any) -> str:
        """A text of the catalogue in the walk's language."""
        with translation.override(self.language):
            return gettext(message) % figures if figures else gettext(message)

    def arrive(self) -> None:
        """Wait for a page, look it over and read all that it shows."""
        self.visitor.look()
        self.effort.pages += 1
        self.effort.read(self.main.inner_text())

    def follow(self, message: str) -> None:
        """Tap a button or link that leads to another page."""
        name = self.said(message)
        found = self.main.get_by_role("button", name=name).or_(self.main.get_by_role("link", name=name))
        self.lead(found.first)

    def lead(self, place: Locator) -> None:
        """Tap what leads to another page."""
        self.effort.taps += 1
        with self.visitor.page.expect_navigation():
            place.click()
        self.arrive()

    def tap(self, place: Locator) -> None:
        """Tap what stays on the page."""
        self.effort.taps += 1
        place.click()

    def type(self, message: str, text: str, within: Locator | None = None) -> None:
        """Type into a field with this label."""
        self.type_into((within or self.main).get_by_label(self.said(message)).first, text)

    def type_into(self, field: Locator, text: str) -> None:
        """Type into a field."""
        self.effort.fields += 1
        self.effort.characters += len(text)
        field.fill(text)

    def choose(self, card: Locator, file: FilePayload) -> None:
        """Choose a file in a card."""
        self.effort.files += 1
        card.locator("input[type=file]").set_input_files(file)

    def card(self, title: str) -> Locator:
        """The card of one credential, opened by a tap where it is closed."""
        card = self.main.locator("section.card", has=self.visitor.page.get_by_role("heading", name=title, exact=True))
        for closed in card.locator("> details:not([open]) > summary").all():
            self.tap(closed)
        return card

    def sign_up(self, email: str, name: str, password: str) -> None:
        """From the portal's first page to an account with a confirmed address."""
        self.visitor.go("/")
        self.follow("Apply for certification")
        self.follow("Sign up")
        since = time.time()
        self.type("Email", email)
        self.type("Display name", name)
        self.type("Password", password)
        self.effort.taps += 1
        self.main.locator("form button[type=submit]").first.click()
        self.visitor.page.wait_for_url("**/accounts/confirm-email/**")
        self.arrive()
        self.effort.mails += 1
        self.type_into(self.main.locator("input[name=code]"), mailed_code_since(since))
        self.follow("Confirm")
