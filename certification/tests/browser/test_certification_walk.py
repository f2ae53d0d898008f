"""The whole path in a real browser, with real workers: certified, expired at its second, and a won appeal."""

import random
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from certification import specimens
from certification.models import Application, Certificate
from certification.tests import factories as make
from certification.tests.browser import walk
from portal import clock
from portal.testing import visitors
from portal.testing.visitors import Arrive, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WHY = "The date on the second page is not readable, so we cannot accept it."
OBJECTION = "The date is readable: 3 May. I have added a photo of it."
NAME = "Ana Walker"


@pytest.fixture(autouse=True)
def _reference(transactional_db: None) -> None:
    make.reference()


def staff(arrive: Arrive, *, senior: bool = False) -> Visitor:
    visitor = arrive(width=1280)
    visitors.sign_in(visitor, make.senior() if senior else make.reviewer(), second_factor=True)
    return visitor


def test_from_sign_up_to_the_last_second(arrive: Arrive) -> None:
    ana = arrive()
    visitors.sign_up(ana, "ana@example.org", NAME)
    apply_as_a_doctor(ana)
    ana.waits_for("your place in the queue for this area")

    first = staff(arrive)
    walk.take_next(first)
    expect(first.page.locator(".viewer-page img")).to_have_count(3)
    walk.look_everything_up(first)
    walk.decide(first, "a", accept_all, "Approve")
    assert Application.objects.get().state == "second_review"

    second = staff(arrive, senior=True)
    walk.take_next(second)
    second.sees("Second approval required")
    walk.confirm(second)
    assert Application.objects.get().state == "approved"

    ana.waits_for("View certificate")
    look_it_up_and_let_it_expire(arrive())


def apply_as_a_doctor(ana: Visitor) -> None:
    ana.go("/certification/")
    ana.press("Apply for certification")
    ana.press("United States")
    ana.page.locator("main a.area-card", has_text="Medicine").click()
    ana.look()
    ana.page.get_by_label("Doctor").check()
    ana.press("Start application")
    ana.type("Specialty", "Children's diseases")
    expect(ana.page.locator("#autosaved")).to_contain_text("Draft saved")
    ana.press("Save and continue")
    give_evidence(ana)
    ana.sees("Public once you are certified")
    ana.page.get_by_label("I agree.").check()
    ana.press("Submit the application")


def give_evidence(ana: Visitor) -> None:
    source = random.Random()  # noqa: S311 -- a number for a test
    npi = ana.page.locator("section.card", has_text="National Provider Identifier")
    ana.type("NPI", "1234567890", npi)
    ana.press("Save and continue")
    ana.sees("The check digit is wrong")
    summary = ana.page.locator("#error-summary li", has_text="check digit")
    ana.type("NPI", specimens.specimen_npi(source), npi)
    expect(summary).to_be_hidden()
    expect(npi.locator(".field-error")).to_be_hidden()
    licence = ana.page.locator("section.card", has_text="State medical licence")
    ana.type("Licence number", "MD" + specimens.specimen_digits(source, 6), licence)
    ana.type("Valid until", (clock.today() + timedelta(days=90)).isoformat(), licence)
    licence.locator("input[type=file]").set_input_files(visitors.sample_uploads())
    expect(ana.page.locator("#error-summary")).to_be_hidden()
    ana.press("Back")
    ana.press("Save and continue")
    ana.press("Save and continue")


def accept_all(panel: Locator) -> None:
    for box in panel.get_by_role("group", name="Documents you accept").get_by_role("checkbox").all():
        box.check()


def look_it_up_and_let_it_expire(anybody: Visitor) -> None:
    anybody.go("/register/")
    anybody.type("Name, specialty, workplace or certificate number", "ana")
    anybody.press("Search")
    anybody.press(NAME)
    anybody.sees("This certificate is valid.")
    certificate = Certificate.objects.get()
    clock.set_demo_offset(certificate.valid_to - clock.now() - timedelta(seconds=8))
    anybody.page.reload()
    anybody.sees("This certificate is valid.")
    while clock.now() < certificate.valid_to:
        time.sleep(0.05)
    anybody.page.reload()
    anybody.sees("it has expired")
    anybody.look()
    anybody.go("/register/?q=ana")
    anybody.sees("No results")


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
    walk.decide(another, "a", accept_all, "Uphold the appeal: certify")

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
