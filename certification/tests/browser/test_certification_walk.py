"""A rejected application in a real browser, with real workers, and the appeal that wins it."""

import pytest
from playwright.sync_api import Locator, expect

from certification.models import Certificate
from certification.tests import factories as make
from certification.tests.browser import walk
from portal.testing import visitors
from portal.testing.visitors import Arrive, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WHY = "The date on the second page is not readable, so we cannot accept it."
OBJECTION = "The date is readable: 3 May. I have added a photo of it."


@pytest.fixture(autouse=True)
def _reference(transactional_db: None) -> None:
    make.reference()


def staff(arrive: Arrive, *, senior: bool = False) -> Visitor:
    visitor = arrive(width=1280)
    visitors.sign_in(visitor, make.senior() if senior else make.reviewer(), second_factor=True)
    return visitor


def test_a_rejected_farmer_wins_their_appeal(arrive: Arrive) -> None:
    meadow = make.person(display_name="Meadow Farmer")
    application = make.draft("cn-farming", meadow)
    make.submit(application)
    farmer = arrive()
    visitors.sign_in(farmer, meadow, second_factor=False)
    farmer.go(application.get_absolute_url())
    farmer.waits_for("your place in the queue for this area")

    first = staff(arrive)
    walk.take_next(first)
    walk.decide(first, "r", give_reasons, "Reject")

    farmer.waits_for(WHY)
    farmer.press("Appeal")
    farmer.type("What is wrong with the decision?", OBJECTION)
    farmer.page.locator("input[type=file]").set_input_files(visitors.sample_uploads()[1:])
    farmer.press("Submit appeal")
    farmer.sees("It is reviewed by someone who was not involved in the decision.")

    another = staff(arrive, senior=True)
    walk.take_next(another)
    another.sees(OBJECTION)
    another.sees("Submitted with the appeal")
    walk.decide(another, "a", walk.accept_all(another), "Uphold the appeal: certify")

    farmer.waits_for("View certificate")
    anybody = arrive()
    anybody.go(f"/register/?q={Certificate.objects.get().serial}")
    anybody.sees("Practice verified: farming")
    anybody.sees("This certificate is valid.")


def give_reasons(panel: Locator) -> None:
    panel.get_by_label("Documents do not meet the requirement").check()
    panel.get_by_label("Message to the applicant").fill(WHY)
    panel.get_by_role("button", name="Preview notice").click()
    expect(panel.locator(".statement")).to_contain_text(WHY)
