"""What the people of a complaint do in their browsers, whatever the platform."""

from datetime import timedelta

from playwright.sync_api import Locator, expect

from certification.tests.browser import walk
from complaints.models import Complaint, Restitution
from complaints.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.testing import visitors
from portal.testing.visitors import Visitor

ANSWER = "I only wanted to show my viewers something beautiful; nobody told me that it belongs to somebody."
FINDINGS = "Both films show the same hands and the same vase throughout; the second is the mirror image of the first."
APPEAL = "I have a licence for this film, and I add what it says. Please look at it again."


def tell_what_happened(author: Visitor) -> None:
    """The third and fourth step of a complaint."""
    author.page.locator("input[name=kind]").first.check()
    author.page.locator("input[name=capacity]").first.check()
    author.type("What happened", "My whole film was uploaded again, mirrored, without my name.")
    for name, text in make.CONTACT.items():
        author.page.locator(f"main [name={name}]").fill(text)
    author.press("Save and continue")
    for box in author.page.locator("main form input[type=checkbox]").all():
        box.check()
    author.page.locator("main [name=signature]").fill(make.CONTACT["name"])
    author.press("Submit complaint")


def answer(copycat: Visitor) -> None:
    """From the page of the complaint, which the link of a message has opened."""
    copycat.press("Answer")
    copycat.page.locator("main [name=text]").fill(ANSWER)
    for name in ("name", "address"):
        copycat.page.locator(f"main [name={name}]").fill("Demo Copycat, 2 Demo Street")
    copycat.page.locator("main [name=phone]").fill("+1 555 0100")
    for box in copycat.page.locator("main form input[type=checkbox]").all():
        box.check()
    copycat.page.locator("main [name=signature]").fill("Demo Copycat, 2 Demo Street")
    copycat.press("Submit answer")
    assert Complaint.objects.get().state == "in_review"


def take_next(visitor: Visitor, person: User) -> None:
    visitors.sign_in(visitor, person, second_factor=True)
    visitor.go("/reviews/")
    visitor.page.keyboard.press("n")
    visitor.page.wait_for_url("**/reviews/*/work/")
    visitor.look()


def decide(visitor: Visitor, reviewer: User, *, remedies: tuple[str, ...] = ("warn", "remove", "restitution")) -> None:
    take_next(visitor, reviewer)
    expect(visitor.page.locator("video")).to_have_count(2)
    visitor.sees("mirror")
    walk.decide(visitor, "a", lambda panel: _reasoned(panel, remedies), "Uphold")


def _reasoned(panel: Locator, remedies: tuple[str, ...]) -> None:
    panel.locator("input[name$=reasons]").first.check()
    for remedy in remedies:
        panel.locator(f"input[name$=remedies][value={remedy}]").check()
    panel.locator("textarea[name$=explanation]").fill(FINDINGS)
    panel.locator("textarea[name$=to_complainant]").fill(
        "Your complaint is right; the followers it attracted return to you."
    )
    panel.locator("textarea[name$=to_respondent]").fill(
        "The film is not yours. It is removed, and its followers return."
    )


def confirm(visitor: Visitor, senior: User) -> None:
    take_next(visitor, senior)
    visitor.sees("Second approval required")
    walk.confirm(visitor)


def let_the_hold_end() -> None:
    held = Restitution.objects.get()
    assert held.state == "held"
    clock.set_demo_offset(held.hold_until - clock.now() + timedelta(seconds=5))


def appeal(copycat: Visitor) -> None:
    copycat.go(Complaint.objects.get().answer_url)
    copycat.press("Appeal")
    copycat.page.locator("main [name=text]").fill(APPEAL)
    copycat.page.locator("input[type=file]").first.set_input_files(visitors.sample_uploads()[0])
    copycat.page.locator("main form[enctype] button[type=submit]").last.click()
    copycat.page.wait_for_url("**/complaints/answers/OC-*/")
    copycat.look()
    assert Complaint.objects.get().state == "appealed"


def reverse(visitor: Visitor, senior: User) -> None:
    take_next(visitor, senior)
    visitor.sees(APPEAL)
    walk.decide(visitor, "a", lambda panel: _reasoned(panel, ()), "Reverse")
