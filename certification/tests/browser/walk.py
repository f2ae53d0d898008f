"""What people do in the browser on their way through certification: steps that several walks share, in the language of the visitor."""

from collections.abc import Callable

from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory
from playwright.sync_api import FilePayload, Locator, expect

from certification import specimens
from certification.tests import factories as make
from portal.people.models import User
from portal.testing.sign_in import give_app
from portal.testing.visitors import Visitor


def enter(visitor: Visitor, person: User) -> None:
    """Come with a session in which a password and a second factor were given: how that is done, other walks show."""
    give_app(person)
    client = Client()
    client.force_login(person)
    session = client.session
    request = RequestFactory().get("/")
    request.session = session
    record_authentication(request, person, "mfa")
    session.save()
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": visitor.base}
    visitor.page.context.add_cookies([cookie])  # type: ignore[list-item]


def senior(visitor: Visitor) -> None:
    """Come as a senior reviewer who had no part in anything yet."""
    enter(visitor, make.senior(language=visitor.language))


def take_next(visitor: Visitor, tab: str = "") -> None:
    """Take the next case from the queue."""
    visitor.go(f"/reviews/{tab}")
    visitor.page.keyboard.press("n")
    visitor.page.wait_for_url("**/reviews/*/work/")
    visitor.look()


def look_everything_up(visitor: Visitor) -> None:
    """Note a good answer of every register on the case page."""
    open_text = visitor.text("not looked up yet")
    waiting = visitor.page.locator(f"text={open_text}")
    for left in reversed(range(waiting.count())):
        card = visitor.page.locator("section.card", has_text=open_text).first
        card.locator("summary").last.click()
        card.get_by_label(visitor.text("Match"), exact=True).check()
        card.locator("input[type=file]").set_input_files(picture("Register"))
        visitor.type("What you saw", "Name, number and state fit.", card)
        visitor.press("Record the look-up", card)
        expect(waiting).to_have_count(left)


def decide(visitor: Visitor, key: str, fill: Callable[[Locator], None], button: str) -> None:
    """Open a panel of the decision by its key, fill it, and send it."""
    visitor.page.keyboard.press(key)
    panel = visitor.page.locator("details.panel[open]")
    expect(panel).to_have_count(1)
    fill(panel)
    visitor.press(button, panel)


def accept_all(visitor: Visitor) -> Callable[[Locator], None]:
    """Tick every credential of an approval."""

    def fill(panel: Locator) -> None:
        group = panel.get_by_role("group", name=visitor.text("Documents you accept"))
        for box in group.get_by_role("checkbox").all():
            box.check()

    return fill


def confirm(visitor: Visitor) -> None:
    """Open the second person's panel by its key, acknowledge what stands there, and confirm."""
    with visitor.page.expect_response("**/second-look/"):  # what is to be acknowledged as of now
        visitor.page.keyboard.press("a")
    panel = visitor.page.locator("details#confirm[open]")
    expect(panel).to_have_count(1)
    visitor.page.wait_for_load_state("networkidle")
    box = panel.get_by_label(visitor.text("I have read the marked items and approve anyway."))
    if box.count():
        box.check()
    visitor.press("Confirm: it takes effect now", panel)


def card(visitor: Visitor, title: str) -> Locator:
    """The card of one credential, opened where it is closed."""
    heading = visitor.page.get_by_role("heading", name=title, exact=True)
    found = visitor.page.locator("main section.card", has=heading)
    for closed in found.locator("> details:not([open]) > summary").all():
        closed.click()
    return found


def picture(title: str) -> FilePayload:
    """A picture of a document with this title, as a browser chooses it."""
    data = specimens.specimen_document("Specimen", title).read()
    return {"name": f"{title}.png", "mimeType": "image/png", "buffer": data}


def hand_in(visitor: Visitor) -> None:
    """From the evidence step to the submitted application."""
    visitor.press("Save and continue")
    consent = "I agree. What I have declared is true, and my documents may be checked as described."
    visitor.page.get_by_label(visitor.text(consent)).check()
    visitor.press("Submit the application")
