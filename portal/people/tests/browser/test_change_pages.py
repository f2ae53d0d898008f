"""Changes that need two administrators with a real browser, each page narrow and wide, light and dark, in every language."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from certification.models import KeyArea
from certification.states import ApplicationState
from certification.tests import factories
from portal.jobs.models import Job
from portal.people.actions import api_clients, changes, staff
from portal.people.models import ChangeRequest, User
from portal.people.roles import Role
from portal.people.tests.browser.test_accessibility import enter
from portal.people.tests.browser.test_linking import in_english
from portal.people.tokens import Scope
from portal.reviews.models import Calendar, CalendarDay
from portal.testing.pages import PageInspector, axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_gate_is_switched_off_by_two(page: Page, live_server: LiveServer, make: Callable[..., User]) -> None:
    factories.reference()
    area = KeyArea.objects.filter(gate=True).order_by("pk")[0]
    first, second = make("first", Role.ADMIN), make("second", Role.ADMIN)
    enter(page, live_server, first)
    look = PageInspector(page, live_server.url, "changes")
    form = reverse("admin:certification_keyarea_change", args=[area.pk])
    look.at(form)
    look.at(reverse("admin:people_user_role", args=[second.pk]))
    in_english(page, live_server)
    page.goto(live_server.url + form)
    page.get_by_label("publishing gate").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Please give a reason").first).to_be_visible()
    expect(page.get_by_label("publishing gate")).not_to_be_checked()
    page.get_by_label("Reason for the change").fill("The law was repealed.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("anyone can publish in this area without a certificate")).to_be_visible()
    change = ChangeRequest.objects.get()
    address = reverse("admin:people_changerequest_change", args=[change.pk])
    look.at(address)
    look.at(reverse("admin:people_changerequest_changelist"))
    look.who = "changes_second"
    enter(page, live_server, second)
    look.at(address)
    in_english(page, live_server)
    page.goto(live_server.url + address)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved. The change is in effect.")).to_be_visible()
    assert not KeyArea.objects.get(pk=area.pk).gate
    look.at(address)
    assert look.faults == []


def test_alone_the_page_says_when_it_takes_effect(
    page: Page, live_server: LiveServer, make: Callable[..., User]
) -> None:
    alone = make("alone", Role.ADMIN)
    enter(page, live_server, alone)
    change = changes.ask_for_change(
        "people.invitation",
        title="Ana",
        reason="hired",
        by=alone,
        after={"email": "a@example.org", "role": Role.AUDITOR},
    )
    look = PageInspector(page, live_server.url, "changes_alone")
    look.at(reverse("admin:people_changerequest_change", args=[change.pk]))
    in_english(page, live_server)
    page.goto(live_server.url + reverse("admin:people_changerequest_change", args=[change.pk]))
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Withdrawn. Nothing changes.")).to_be_visible()
    assert look.faults == []


def test_links_that_are_buttons_can_be_read_in_the_admin(
    page: Page, live_server: LiveServer, make: Callable[..., User]
) -> None:
    person = make("admin", Role.ADMIN)
    enter(page, live_server, person)
    in_english(page, live_server)
    page.goto(live_server.url + reverse("admin:allauth_idp_oidc_client_add"))
    assert "chevron" in page.get_by_label("Platform", exact=True).evaluate(
        "field => getComputedStyle(field).backgroundImage"
    )
    assert axe_violations(page) == []
    page.goto(live_server.url + reverse("admin:people_user_change", args=[person.pk]))
    close = page.get_by_role("link", name="Close")
    assert close.evaluate("link => link.clientHeight >= parseFloat(getComputedStyle(link).lineHeight) + 8")


def test_the_person_concerned_objects(page: Page, live_server: LiveServer, make: Callable[..., User]) -> None:
    first, second = make("first", Role.ADMIN), make("second", Role.ADMIN)
    change = staff.deactivate_person(person=second, reason="left", by=first)
    assert change is not None
    address = reverse("admin:people_changerequest_change", args=[change.pk])
    enter(page, live_server, second)
    look = PageInspector(page, live_server.url, "changes_objection")
    look.at(address)
    in_english(page, live_server)
    page.goto(live_server.url + address)
    page.get_by_label("Reason for your objection").fill("I have not left.")
    page.get_by_role("button", name="Object").click()
    expect(page.get_by_text("You objected. Nothing changes.")).to_be_visible()
    expect(page.get_by_text("I have not left.")).to_be_visible()
    look.at(address)
    assert look.faults == []


def test_days_off_and_clients_change_for_two(page: Page, live_server: LiveServer, make: Callable[..., User]) -> None:
    first, second = make("first", Role.ADMIN), make("second", Role.ADMIN)
    calendar = Calendar.objects.create(code="of-test", name="Test", zone="UTC")
    CalendarDay.objects.create(calendar=calendar, day="2027-01-01", kind="holiday", name="New Year")
    client, _secret = api_clients.create_client(name="Feed", platform="sandbox", scopes=[Scope.GATE])
    enter(page, live_server, first)
    look = PageInspector(page, live_server.url, "changes_rules")
    form = reverse("admin:reviews_calendar_change", args=[calendar.pk])
    for address in (
        form,
        reverse("admin:allauth_idp_oidc_client_add"),
        reverse("admin:api_client_scopes", args=[client.pk]),
        reverse("admin:api_client_secret", args=[client.pk]),
        reverse("admin:reviews_reviewerskill_add"),
    ):
        look.at(address)
    in_english(page, live_server)
    page.goto(live_server.url + form)
    page.locator("[name=days-1-day]").fill("2027-10-01")
    page.locator("[name=days-1-kind]").select_option("holiday")
    page.locator("[name=days-1-name]").fill("National Day")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[name=days-1-name]")).to_have_value("National Day")
    page.get_by_label("Reason for the change").fill("Decree of the council.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("National Day")).to_be_visible()
    change = ChangeRequest.objects.get()
    look.at(reverse("admin:people_changerequest_change", args=[change.pk]))
    changes.approve_change(change=change, by=second)
    assert calendar.days.count() == 2
    assert look.faults == []


def test_closing_says_what_is_withdrawn(page: Page, live_server: LiveServer) -> None:
    application = factories.application(ApplicationState.IN_REVIEW, "cn-law")
    enter(page, live_server, application.applicant)
    look = PageInspector(page, live_server.url, "close")
    look.at("/accounts/profile/close/")
    in_english(page, live_server)
    page.goto(f"{live_server.url}/accounts/profile/close/")
    expect(page.get_by_role("link", name=f"Application {application.number}")).to_be_visible()
    assert look.faults == []


@pytest.mark.parametrize("width", [390, 1280])
def test_controls_above_a_list_of_the_admin_are_whole(
    page: Page, live_server: LiveServer, make: Callable[..., User], width: int
) -> None:
    enter(page, live_server, make("first", Role.ADMIN))
    page.set_viewport_size({"width": width, "height": 800})
    Job.objects.create(kind="people.letter", key="1")
    page.goto(live_server.url + reverse("admin:jobs_job_changelist"))
    for control in ("#searchbar", "#toolbar [type=submit]", ".actions select", ".actions .button"):
        place = page.locator(control)
        assert place.evaluate("e => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1"), (
            control
        )
        box = place.bounding_box()
        assert box is not None
        assert box["height"] >= 32, control
        assert box["x"] + box["width"] <= width, control
