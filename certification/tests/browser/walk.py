"""What reviewers do in the browser on their way through certification."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from certification import specimens
from portal.testing.visitors import Visitor


def take_next(visitor: Visitor, tab: str = "") -> None:
    """Take the next case from the queue."""
    visitor.go(f"/reviews/{tab}")
    visitor.page.keyboard.press("n")
    visitor.page.wait_for_url("**/reviews/*/work/")
    visitor.look()


def look_everything_up(visitor: Visitor) -> None:
    """Note a good answer of every register on the case page."""
    waiting = visitor.page.locator("text=not looked up yet")
    for left in reversed(range(waiting.count())):
        card = visitor.page.locator("section.card", has_text="not looked up yet").first
        card.locator("summary").click()
        card.get_by_label("Match", exact=True).check()
        card.locator("input[type=file]").set_input_files(
            {"name": "register.png", "mimeType": "image/png", "buffer": specimens.specimen_document("Register").read()}
        )
        card.get_by_label("What you saw").fill("Name, number and state fit.")
        visitor.press("Record the look-up", card)
        expect(waiting).to_have_count(left)


def decide(visitor: Visitor, key: str, fill: Callable[[Locator], None], button: str) -> None:
    """Open a panel of the decision by its key, fill it, and send it."""
    visitor.page.keyboard.press(key)
    panel = visitor.page.locator("details.panel[open]")
    expect(panel).to_have_count(1)
    fill(panel)
    visitor.press(button, panel)


def confirm(visitor: Visitor) -> None:
    """Open the second person's panel by its key, acknowledge what stands there, and confirm."""
    visitor.page.keyboard.press("a")
    panel = visitor.page.locator("details#confirm[open]")
    expect(panel).to_have_count(1)
    visitor.page.wait_for_load_state("networkidle")
    box = panel.get_by_label("I have read the marked items and approve anyway.")
    if box.count():
        box.check()
    visitor.press("Confirm: it takes effect now", panel)
