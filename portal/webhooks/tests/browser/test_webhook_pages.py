"""Webhooks with a real browser: from a new endpoint to a test event that shows what came back, each page in every way."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal import clock
from portal.jobs.runner import run_due_jobs
from portal.people.actions import changes
from portal.people.models import ChangeRequest, User
from portal.people.tests.browser.test_accessibility import enter
from portal.people.tests.browser.test_linking import in_english
from portal.testing.pages import PageInspector
from portal.webhooks.actions import delivering
from portal.webhooks.models import Delivery, Endpoint, Event
from portal.webhooks.tests.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_new_endpoint_to_a_test_event(
    page: Page, live_server: LiveServer, admin: User, second_admin: User, receiver: Receiver
) -> None:
    enter(page, live_server, admin)
    look = PageInspector(page, live_server.url, "webhooks")
    look.at(reverse("admin:webhooks_endpoint_changelist"))
    look.at(reverse("admin:webhooks_delivery_changelist"))
    look.at(reverse("admin:webhooks_endpoint_add"))
    in_english(page, live_server)
    page.goto(live_server.url + reverse("admin:webhooks_endpoint_add"))
    page.get_by_label("Endpoint address").fill(receiver.url)
    page.get_by_label("Reason").fill("The platform has asked for it.")
    page.get_by_role("button", name="Request the endpoint").click()
    changes.approve_change(change=ChangeRequest.objects.get(), by=second_admin)
    address = reverse("admin:webhooks_endpoint_change", args=[Endpoint.objects.get().pk])
    look.at(address)
    in_english(page, live_server)
    page.goto(live_server.url + address)
    page.get_by_role("link", name="Retrieve the secret").click()
    page.get_by_role("button", name="Retrieve the secret").click()
    expect(page.get_by_text("whsec_")).to_be_visible()
    page.get_by_role("link", name="I have saved it").click()
    receiver.answers = [(200, {}, b"hello from the receiver")]
    page.get_by_role("button", name="Send a test event").click()
    expect(page.get_by_text("within a few seconds").or_(page.get_by_text("being sent now"))).to_be_visible()
    run_due_jobs([delivering.DELIVER])
    expect(page.get_by_text("hello from the receiver")).to_be_visible()
    look.at(reverse("admin:webhooks_delivery_change", args=[Delivery.objects.get().pk]))
    assert look.faults == []


def test_states_say_what_happens_next(page: Page, live_server: LiveServer, admin: User, endpoint: Endpoint) -> None:
    enter(page, live_server, admin)
    look = PageInspector(page, live_server.url, "webhook_states")
    event = Event.objects.create(
        type="complaint.decided", platform="sandbox", occurred_at=clock.now(), ordering_key="complaint:OC-1",
        body='{"type":"complaint.decided","data":{"complaint":"OC-1"}}',
    )  # fmt: skip
    first = endpoint.deliveries.create(event=event, ordering_key=event.ordering_key, attempts=2, last_status=500)
    Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=clock.now())
    look.at(reverse("admin:webhooks_endpoint_change", args=[endpoint.pk]))
    look.at(reverse("admin:webhooks_delivery_change", args=[first.pk]))
    look.at(reverse("admin:webhooks_delivery_changelist"))
    Endpoint.objects.filter(pk=endpoint.pk).update(state="disabled", disabled_reason="gone")
    Delivery.objects.filter(pk=first.pk).update(state="given_up")
    look.who = "webhook_states_2"
    look.at(reverse("admin:webhooks_endpoint_change", args=[endpoint.pk]))
    look.at(reverse("admin:webhooks_delivery_change", args=[first.pk]))
    assert look.faults == []
