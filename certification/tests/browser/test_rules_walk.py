"""An area made by area leads, certified in, tightened, and renewed under the new rules: by the pages alone, with real workers."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from certification.models import ApplicantCategory, Certificate, CredentialType, KeyArea, RuleDraft
from certification.tests import factories as make
from certification.tests.browser import walk
from certification.tests.browser.leads import WHY, Leads, add_part, both, say_when
from portal import clock
from portal.people.models import User
from portal.people.roles import Role
from portal.testing import visitors
from portal.testing.visitors import Arrive, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LICENCE, FITNESS = "Truck driving licence", "Proof of fitness to drive"


@pytest.fixture(autouse=True)
def _reference(transactional_db: None) -> None:
    make.reference()


def test_an_area_is_made_certified_in_tightened_and_renewed_under_the_new_rules(arrive: Arrive) -> None:
    first, second = make.person(Role.AREA_LEAD), make.person(Role.AREA_LEAD)
    driver = make.person(display_name="Dan Driver")
    leads = Leads(arrive, first, second)
    make_area(leads)
    add_types(leads)
    publish_first_version(leads)

    clock.set_demo_offset(timedelta(days=2))
    reviewer = make.reviewer()
    apply_for_it(enter(arrive, driver))
    approve(arrive, reviewer)
    certificate = Certificate.objects.get()
    assert certificate.label == "Truck driver: licence checked"
    assert certificate.requirement.version == 1

    tighten(leads)
    anybody = arrive()
    anybody.go("/areas/cn-transport/")
    anybody.sees(f"Required in addition: {FITNESS}.")

    clock.set_demo_offset(timedelta(days=70))
    renew(enter(arrive, driver), certificate)
    approve(arrive, make.reviewer())  # the first has decided about this person before
    renewed = Certificate.objects.get(renews=certificate)
    assert renewed.requirement.version == 2
    assert set(renewed.requirement.codes) == {"cn-truck-licence", "cn-fitness"}
    assert renewed.valid_to - renewed.issued_at <= timedelta(days=90)
    assert set(renewed.application.credentials.values_list("type__code", flat=True)) == set(renewed.requirement.codes)


def enter(arrive: Arrive, person: User) -> Visitor:
    visitor = arrive()
    visitors.sign_in(visitor, person, second_factor=False)
    return visitor


def make_area(leads: Leads) -> None:
    lead, _second = leads.come()
    lead.go("/certification/rules/")
    lead.press("New area")
    lead.type("Code", "cn-transport")
    both(lead, "Name", "Transport", "交通运输")
    lead.page.get_by_label("Jurisdiction").select_option(label="China")
    lead.type("Topic", "transport")
    lead.press("Save")
    lead.sees("Please give a reason")
    lead.type("Reason for the change", WHY)
    lead.press("Save")
    leads.publish("Approve: make this change now")
    assert KeyArea.objects.get(code="cn-transport").name == "Transport"
    lead.go("/certification/rules/areas/cn-transport/")
    lead.press("The category does not exist yet")
    lead.type("Code", "truck-driver")
    both(lead, "Name", "Truck driver", "货车司机")
    lead.press("Save")
    assert ApplicantCategory.objects.get(code="truck-driver").name == "Truck driver"


def add_types(leads: Leads) -> None:
    lead = leads.first
    lead.go("/certification/rules/types/")
    lead.press("New credential type")
    lead.type("Code", "cn-truck-licence")
    both(lead, "Name", LICENCE, "货车驾驶证")
    lead.page.get_by_label("is a licence", exact=False).check()
    both(lead, "Name of its number", "Licence number", "证号")
    lead.type("Number format", r"(TL+)+")
    lead.press("Save")
    lead.sees("repeats without an end")
    lead.type("Number format", r"TL\d{6}")
    both(lead, "Format in words", "TL and 6 digits", "TL 加 6 位数字")
    lead.type("An example of a number", "TL123456")
    lead.page.get_by_role("group", name="Documents required").get_by_label("Licence or practising certificate").check()
    lead.type("Reason for the change", WHY)
    lead.press("Save")
    lead.sees("“TL”, then 6 digits")
    leads.publish("Approve: make this change now")
    lead.go("/certification/rules/new-type/")
    lead.type("Code", "cn-fitness")
    both(lead, "Name", FITNESS, "驾驶适任证明")
    lead.page.get_by_role("group", name="Documents required").get_by_label("Proof of practice").check()
    lead.type("Reason for the change", WHY)
    lead.press("Save")
    leads.publish("Approve: make this change now")
    assert CredentialType.objects.filter(code__in=["cn-truck-licence", "cn-fitness"]).count() == 2


def publish_first_version(leads: Leads) -> None:
    lead = leads.first
    lead.go("/certification/rules/areas/cn-transport/")
    lead.page.get_by_label("Category").select_option(label="Truck driver")
    lead.press("Draft its requirement")
    lead.sees("nobody could meet an empty requirement")
    add_part(lead, LICENCE)
    both(lead, "Label", "Truck driver: licence checked", "货车司机：已核对驾驶证")
    say_when(lead, longest=100, begins=1)
    leads.ask()
    lead.go("/certification/rules/areas/cn-transport/")
    lead.sees("Version 1 applies from")


def apply_for_it(driver: Visitor) -> None:
    driver.go("/certification/new/cn-transport/")
    driver.press("Start application")
    driver.type("Specialty", "Long distances")
    driver.press("Save and continue")
    card = driver.page.locator("section.card", has_text=LICENCE)
    driver.type("Licence number", "TL654321", card)
    card.locator("input[type=file]").first.set_input_files(walk.picture(LICENCE))
    send(driver)


def approve(arrive: Arrive, reviewer: User) -> None:
    visitor = arrive(width=1280)
    walk.enter(visitor, reviewer)
    walk.take_next(visitor)
    walk.decide(visitor, "a", walk.accept_all(visitor), "Approve")


def tighten(leads: Leads) -> None:
    leads.come()
    lead = leads.prepare("cn-transport", "truck-driver")
    add_part(lead, FITNESS)
    lead.sees("In words:")
    say_when(lead, longest=90, begins=20)
    lead.sees(f"Not shown so far: {FITNESS}.")
    expect(lead.page.get_by_text(Certificate.objects.get().serial)).to_be_visible()
    leads.ask()
    assert RuleDraft.objects.filter(state="published").count() == 2


def renew(driver: Visitor, certificate: Certificate) -> None:
    driver.go(certificate.holder_url)
    driver.press("Renew")
    driver.press("Save and continue")
    card = driver.page.locator("section.card", has_text=FITNESS)
    card.locator("input[type=file]").first.set_input_files(walk.picture(FITNESS))
    licence = driver.page.locator("section.card", has_text=LICENCE)
    if licence.get_by_label("Licence number").input_value() == "":
        driver.type("Licence number", "TL654321", licence)
        licence.locator("input[type=file]").first.set_input_files(walk.picture(LICENCE))
    send(driver)


def send(driver: Visitor) -> None:
    walk.hand_in(driver)
    driver.waits_for("your place in the queue for this area")
