"""Two area leads in the browser: one writes rules, the other publishes them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from certification.models import RuleDraft
from certification.policies.rules import zone_of
from certification.tests.browser import walk
from portal import clock
from portal.people.models import User
from portal.testing.visitors import Arrive, Visitor

WHY = "Applicants have asked for it."


class Leads:
    """Two area leads, each in their own browser; they sign in anew after time was moved."""

    def __init__(self, arrive: Arrive, first: User, second: User) -> None:
        self.arrive, self.people = arrive, (first, second)

    def come(self, *, width: int = 1280, locale: str = "en") -> tuple[Visitor, Visitor]:
        """The first writes on a phone, the second decides on a screen of this width."""
        found = self.arrive(width=390, locale=locale), self.arrive(width=width, locale=locale)
        for visitor, person in zip(found, self.people, strict=True):
            walk.enter(visitor, person)
        self.first, self.second = found
        return found

    def publish(self, button: str) -> None:
        """The first has just asked; the second agrees on the same page."""
        self.first.sees("Nothing has changed yet")
        self.second.go(self.first.page.url.removeprefix(self.first.base))
        self.second.press(button)
        self.second.sees("Approved. The change has been made.")

    def ask(self) -> None:
        """The preview is there: ask for publication, and publish."""
        self.first.type("Reason for the change", WHY)
        self.first.press("Ask for publication")
        self.publish("Publish this version")

    def prepare(self, area: str, category: str) -> Visitor:
        """Begin the next version of a requirement."""
        lead, _second = self.first, self.second
        lead.go(f"/certification/rules/areas/{area}/")
        with lead.page.expect_navigation():
            lead.page.locator(f"main button[value={category}]").click()
        lead.look()
        return lead


def both(visitor: Visitor, label: str, english: str, chinese: str) -> None:
    """Fill a text in both languages."""
    boxes = visitor.page.get_by_role("group", name=label).get_by_role("textbox")
    boxes.nth(0).fill(english)
    boxes.nth(1).fill(chinese)


def add_part(visitor: Visitor, name: str) -> None:
    """Add a credential type to the first group of the tree."""
    tree = visitor.page.locator("fieldset#part-0")
    tree.get_by_label(visitor.text("Credential type")).last.select_option(label=name)
    with visitor.page.expect_navigation():
        tree.get_by_role("button", name=visitor.text("Add"), exact=True).last.click()
    visitor.look()


def say_when(visitor: Visitor, *, longest: int, begins: int) -> None:
    """The longest validity of certificates, and in how many days the version begins; then the preview."""
    visitor.type("Longest validity of a certificate, in days", str(longest))
    visitor.type("Applies from", day(begins, zone_of(RuleDraft.objects.latest("pk"))))
    visitor.press("Save and see who would fail")
    visitor.sees("valid certificates")


def day(number: int, zone: ZoneInfo) -> str:
    """A day so many days from today in a time zone, as browsers take it."""
    return (clock.now().astimezone(zone) + timedelta(days=number)).date().isoformat()
