"""The whole path in a real browser, with real workers: certified, expired at its second, and a won appeal."""

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from certification import specimens
from certification.models import Application, Certificate
from certification.tests import factories as make
from certification.tests.browser import walk
from certification.tests.browser.walk import Desk
from portal import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WHY = "The date on the second page is not readable, so we cannot accept it."
OBJECTION = "The date is readable: 3 May. I have added a photo of it."
NAME = "Ana Walker"


@pytest.fixture
def desks(browser: Browser, live_server: LiveServer, workers: Path, settings: Settings) -> Iterator[list[Desk]]:
    """Desks are added as people come; in the end none of them may have met a fault."""
    settings.SECOND_FACTOR_ENFORCED = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    make.reference()
    made: list[Desk] = []
    yield made
    clock.set_demo_offset(timedelta())
    for desk in made:
        desk.page.context.close()
    assert [fault for desk in made for fault in desk.faults] == []


@pytest.fixture
def arrive(browser: Browser, live_server: LiveServer, desks: list[Desk]) -> type[Desk]:
    class Arriving(Desk):
        def __init__(self, *, width: int = 390) -> None:
            super().__init__(browser, live_server.url, width=width)
            desks.append(self)

    return Arriving


def staff(arrive: type[Desk], *, senior: bool = False) -> Desk:
    desk = arrive(width=1280)  # type: ignore[call-arg]
    walk.sign_in(desk, make.senior() if senior else make.reviewer(), second_factor=True)
    return desk


def test_from_sign_up_to_the_last_second(arrive: type[Desk]) -> None:
    ana = arrive()  # type: ignore[call-arg]
    walk.sign_up(ana, "ana@example.org", NAME)
    apply_as_a_doctor(ana)
    ana.waits_for("your place in the queue of this area")

    first = staff(arrive)
    walk.take_next(first)
    expect(first.page.locator(".viewer-page img")).to_have_count(3)
    walk.look_everything_up(first)
    walk.decide(first, "a", accept_all, "Approve")
    assert Application.objects.get().state == "second_review"

    second = staff(arrive, senior=True)
    walk.take_next(second)
    second.sees("This waits for your approval")
    second.press("Confirm")
    assert Application.objects.get().state == "approved"

    ana.waits_for("See the certificate")
    look_it_up_and_let_it_expire(arrive())  # type: ignore[call-arg]


def apply_as_a_doctor(ana: Desk) -> None:
    ana.go("/certification/")
    ana.press("Apply in an area")
    ana.page.locator("section", has_text="United States").get_by_role("link", name="Medicine").click()
    ana.look()
    ana.page.get_by_label("Doctor").check()
    ana.press("Begin")
    ana.type("Speciality", "Children's diseases")
    expect(ana.page.locator("#autosaved")).to_contain_text("Draft saved")
    ana.press("Save and go on")
    declare_and_upload(ana)
    ana.sees("Becomes public if you are certified")
    ana.page.get_by_label("I agree.").check()
    ana.press("Submit the application")


def declare_and_upload(ana: Desk) -> None:
    source = random.Random()  # noqa: S311 -- a number for a test
    npi = ana.page.locator("section.card", has_text="National Provider Identifier")
    ana.type("NPI", "1234567890", npi)
    ana.press("Save and go on")
    ana.sees("The check digit does not fit")
    ana.type("NPI", specimens.specimen_npi(source), npi)
    licence = ana.page.locator("section.card", has_text="State medical licence")
    ana.type("Licence number", "MD" + specimens.specimen_digits(source, 6), licence)
    ana.type("Valid until", (clock.today() + timedelta(days=90)).isoformat(), licence)
    ana.press("Save and go on")
    ana.page.locator("input[type=file]").first.set_input_files(walk.files())  # type: ignore[arg-type]
    ana.press("Save and go on")


def accept_all(panel: Locator) -> None:
    for box in panel.get_by_role("group", name="Papers that you accept").get_by_role("checkbox").all():
        box.check()


def look_it_up_and_let_it_expire(anybody: Desk) -> None:
    anybody.go("/register/")
    anybody.type("Name, speciality, workplace or certificate number", "ana")
    anybody.press("Search")
    anybody.press(NAME)
    anybody.sees("This certificate counts at this moment.")
    certificate = Certificate.objects.get()
    clock.set_demo_offset(certificate.valid_to - clock.now() - timedelta(seconds=8))
    anybody.page.reload()
    anybody.sees("This certificate counts at this moment.")
    while clock.now() < certificate.valid_to:
        time.sleep(0.05)
    anybody.page.reload()
    anybody.sees("its time is over")
    anybody.look()
    anybody.go("/register/?q=ana")
    anybody.sees("Nobody found")


def test_a_rejected_farmer_wins_her_appeal(arrive: type[Desk]) -> None:
    meadow = make.person(display_name="Meadow Farmer")
    application = make.draft("cn-farming", meadow)
    make.submit(application)
    farmer = arrive()  # type: ignore[call-arg]
    walk.sign_in(farmer, meadow, second_factor=False)
    farmer.go(application.get_absolute_url())
    farmer.waits_for("your place in the queue of this area")

    first = staff(arrive)
    walk.take_next(first)
    walk.decide(first, "r", give_reasons, "Reject")

    farmer.waits_for(WHY)
    farmer.press("Appeal")
    farmer.type("What is wrong with the decision?", OBJECTION)
    farmer.page.locator("input[type=file]").set_input_files(walk.files()[1:])  # type: ignore[arg-type]
    farmer.press("Send the appeal")
    farmer.sees("A person who had no part in the decision looks at it.")

    another = staff(arrive, senior=True)
    walk.take_next(another)
    another.sees(OBJECTION)
    another.sees("Sent with the appeal")
    walk.decide(another, "a", accept_all, "The appeal is right: certify")

    farmer.waits_for("See the certificate")
    anybody = arrive()  # type: ignore[call-arg]
    anybody.go(f"/register/?q={Certificate.objects.get().serial}")
    anybody.sees("Practice verified: farming")
    anybody.sees("This certificate counts at this moment.")


def give_reasons(panel: Locator) -> None:
    panel.get_by_label("Papers do not show what is asked for").check()
    panel.get_by_label("Explanation for the person").fill(WHY)
    panel.get_by_role("button", name="What they will read").click()
    expect(panel.locator(".statement")).to_contain_text(WHY)
