"""Endpoints: asked for by one administrator, approved by another, tried, rotated, switched and ended; and their pages."""

import html
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Invalid, NotAllowed
from portal.jobs.runner import run_due_jobs
from portal.people.actions import changes
from portal.people.models import ChangeRequest, User
from portal.platforms import registry
from portal.testing.shared import Enter
from portal.webhooks.actions import delivering, endpoints
from portal.webhooks.models import ROTATION, Delivery, Endpoint, Event
from portal.webhooks.tests import factories as make
from portal.webhooks.tests.receiver import Receiver

pytestmark = pytest.mark.django_db
WANTED: dict[str, Any] = {"platform": "sandbox", "types": ["certificate.issued"], "reason": "they asked"}


def made(url: str, by: User, second: User) -> Endpoint:
    change = endpoints.ask_for_endpoint(url=url, **WANTED, by=by)
    assert not Endpoint.objects.exists()
    changes.approve_change(change=change, by=second)
    return Endpoint.objects.get()


def pending(endpoint: Endpoint) -> Delivery:
    event = Event.objects.create(
        type="certificate.issued", platform=endpoint.platform, occurred_at=clock.now(), body='{"data":{}}'
    )
    return endpoint.deliveries.create(event=event, ordering_key="certificate:1")


def test_a_new_endpoint_needs_two_and_sends_once_its_secret_was_retrieved(
    admin: User, second_admin: User, receiver: Receiver
) -> None:
    row = made(receiver.url, admin, second_admin)
    assert (row.state, row.types, row.secret_sealed) == ("new", ["certificate.issued"], "")
    pending(row)
    make.send()
    assert not receiver.got
    with pytest.raises(NotAllowed):
        endpoints.draw_endpoint_secret(endpoint=row, by=second_admin)
    secret = endpoints.draw_endpoint_secret(endpoint=row, by=admin)
    assert secret.startswith("whsec_")
    with pytest.raises(NotAllowed):
        endpoints.draw_endpoint_secret(endpoint=row, by=admin)
    row.refresh_from_db()
    assert row.secrets_at(clock.now()) == [secret]
    assert secret not in row.secret_sealed
    make.send()
    assert len(receiver.got) == 1


def test_rotation_signs_with_both_secrets_for_a_day(endpoint: Endpoint, admin: User, second_admin: User) -> None:
    change = endpoints.ask_for_endpoint_secret(endpoint=endpoint, reason="half a year", by=admin)
    changes.approve_change(change=change, by=second_admin)
    endpoint.refresh_from_db()
    assert endpoint.secrets_at(clock.now()) == [make.SECRET]
    fresh = endpoints.draw_endpoint_secret(endpoint=endpoint, by=admin)
    endpoint.refresh_from_db()
    assert endpoint.secrets_at(clock.now()) == [fresh, make.SECRET]
    assert endpoint.secrets_at(clock.now() + ROTATION) == [fresh]


def test_no_third_secret_is_retrieved_while_two_are_signed_with(
    endpoint: Endpoint, admin: User, second_admin: User, enter: Enter
) -> None:
    for _time in range(2):
        change = endpoints.ask_for_endpoint_secret(endpoint=endpoint, reason="half a year", by=admin)
        changes.approve_change(change=change, by=second_admin)
        if _time == 0:
            second = endpoints.draw_endpoint_secret(endpoint=endpoint, by=admin)
    with pytest.raises(Conflict, match="signed with two secrets until"):
        endpoints.draw_endpoint_secret(endpoint=endpoint, by=admin)
    client = enter(admin)
    page = reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])
    answer = client.post(reverse("admin:webhook_endpoint_secret", args=[endpoint.pk]))
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = client.get(page).content.decode()
    assert "A new one can be retrieved after that." in shown
    assert "Retrieve the secret" not in shown
    endpoint.refresh_from_db()
    assert endpoint.secrets_at(clock.now()) == [second, make.SECRET]
    with clock.freeze_time(clock.now() + ROTATION):
        third = endpoints.draw_endpoint_secret(endpoint=endpoint, by=admin)
        endpoint.refresh_from_db()
        assert endpoint.secrets_at(clock.now()) == [third, second]


def test_address_and_types_change_for_two(endpoint: Endpoint, admin: User, second_admin: User) -> None:
    types = ["complaint.decided"]
    change = endpoints.ask_for_endpoint_change(
        endpoint=endpoint, url="https://example.org/new", types=types, reason="moved", by=admin
    )
    changes.approve_change(change=change, by=second_admin)
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.types) == ("https://example.org/new", types)
    with pytest.raises(Invalid):
        endpoints.ask_for_endpoint_change(endpoint=endpoint, url=endpoint.url, types=types, reason="x", by=admin)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("url", "http://example.org/hooks"),
        ("url", "https://user:secret@example.org/"),
        ("url", "https://:secret@example.org/"),
        ("url", "https://@example.org/"),
        ("url", "https:///nowhere"),
        ("url", "https://b .example.org/"),
        ("url", "https://example.org/a b"),
        ("url", "https://exam\tple.org/"),
        ("url", "https://.example.org/"),
        ("url", "https://example..org/"),
        ("url", "https://-x.example.org/"),
        ("url", "https://example.org:0/"),
        ("url", "https://0x7f.1/"),
        ("url", "https://2130706433/"),
        ("url", "https://hooks/"),
        ("url", "https://localhost/"),
        ("url", "https://hooks.localhost/"),
        ("url", "https://example.org:port/"),
        ("url", "ftp://example.org/"),
        ("url", "https://10.0.0.1/hooks"),
        ("url", "https://[::1]/hooks"),
        ("url", "https://169.254.169.254/"),
        ("types", []),
        ("types", ["everything"]),
        ("platform", "elsewhere"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(admin: User, settings: object, field: str, wrong: object) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    settings.PLATFORM_PRIVATE_HOSTS = []  # type: ignore[attr-defined]
    with pytest.raises(Invalid) as refused:
        endpoints.ask_for_endpoint(**{**WANTED, "url": "https://example.org/", field: wrong}, by=admin)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://xn--fiqs8s.example.cn:8443/a?b=c",
        "https://hooks_1.example.org./",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://receiver/",
    ],
)
def test_addresses_that_can_work_are_taken(admin: User, settings: object, url: str) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    settings.PLATFORM_PRIVATE_HOSTS = ["receiver"]  # type: ignore[attr-defined]
    assert endpoints.ask_for_endpoint(**{**WANTED, "url": url}, by=admin).after["url"] == url


def test_an_address_stands_once_for_a_platform(endpoint: Endpoint, admin: User) -> None:
    with pytest.raises(Invalid):
        endpoints.ask_for_endpoint(url=endpoint.url, **WANTED, by=admin)


def test_nobody_but_administrators(endpoint: Endpoint, creator: User) -> None:
    with pytest.raises(NotAllowed):
        endpoints.ask_for_endpoint(url="https://example.org/", **WANTED, by=creator)
    for action in (endpoints.disable_endpoint, endpoints.end_endpoint, endpoints.send_test_event):
        with pytest.raises(NotAllowed):
            action(endpoint=endpoint, by=creator)


def test_a_disabled_endpoint_keeps_what_waits_and_sends_it_when_enabled(
    endpoint: Endpoint, receiver: Receiver, admin: User
) -> None:
    endpoints.disable_endpoint(endpoint=endpoint, by=admin)
    delivery = pending(endpoint)
    make.send()
    assert not receiver.got
    endpoint.refresh_from_db()
    endpoints.enable_endpoint(endpoint=endpoint, by=admin)
    make.send()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    events = AuditEvent.objects.filter(subject=f"webhooks.endpoint:{endpoint.pk}").values_list("event", flat=True)
    assert list(events.order_by("pk")) == ["webhooks.endpoint.disabled", "webhooks.endpoint.enabled"]


def test_an_ended_endpoint_gets_nothing_and_has_no_secret(endpoint: Endpoint, receiver: Receiver, admin: User) -> None:
    delivery = pending(endpoint)
    endpoints.end_endpoint(endpoint=endpoint, by=admin)
    make.send()
    delivery.refresh_from_db()
    endpoint.refresh_from_db()
    assert (delivery.state, endpoint.secret_sealed, receiver.got) == ("given_up", "", [])
    with pytest.raises(Conflict):
        endpoints.send_delivery_again(delivery=delivery, by=admin)
    with pytest.raises(Conflict):
        endpoints.send_test_event(endpoint=endpoint, by=admin)


def test_send_again_sends_the_same_message(endpoint: Endpoint, receiver: Receiver, admin: User) -> None:
    delivery = pending(endpoint)
    make.send()
    delivery.refresh_from_db()
    endpoints.send_delivery_again(delivery=delivery, by=admin)
    run_due_jobs([delivering.DELIVER])
    assert receiver.got[0][1] == receiver.got[1][1]
    assert len(set(receiver.messages)) == 1
    assert delivery.tries.count() == 2


def test_a_test_event_is_tried_once_and_counts_for_nothing(endpoint: Endpoint, receiver: Receiver, admin: User) -> None:
    receiver.answers = [(500, {}, b"not yet")]
    endpoints.disable_endpoint(endpoint=endpoint, by=admin)
    delivery = endpoints.send_test_event(endpoint=endpoint, by=admin)
    run_due_jobs([delivering.DELIVER])
    delivery.refresh_from_db()
    endpoint.refresh_from_db()
    assert (delivery.state, endpoint.failing_since) == ("given_up", None)
    assert json.loads(receiver.got[0][1])["type"] == "webhook.test"


def test_pages_lead_from_asking_to_a_test_that_shows_what_came_back(
    admin: User, second_admin: User, receiver: Receiver, enter: Enter
) -> None:
    client = enter(admin)
    sent = client.post(reverse("admin:webhooks_endpoint_add"), {**WANTED, "url": receiver.url})
    assert sent.status_code == 302
    changes.approve_change(change=ChangeRequest.objects.get(), by=second_admin)
    row = Endpoint.objects.get()
    page = reverse("admin:webhooks_endpoint_change", args=[row.pk])
    assert "Nothing is sent yet" in client.get(page).content.decode()
    assert "has to retrieve the secret first" in enter(second_admin).get(page).content.decode()
    shown = client.post(reverse("admin:webhook_endpoint_secret", args=[row.pk])).content.decode()
    row.refresh_from_db()
    (secret,) = row.secrets_at(clock.now())
    assert html.escape(secret) in shown
    assert secret not in client.get(page).content.decode()
    receiver.answers = [(200, {}, b"hello from the receiver")]
    gone_to = client.post(reverse("admin:webhook_endpoint_test", args=[row.pk]))["Location"]
    waiting = client.get(gone_to).content.decode()
    assert "hx-get" in waiting
    run_due_jobs([delivering.DELIVER])
    done = client.get(gone_to).content.decode()
    assert "hello from the receiver" in done
    assert "hx-get" not in done.split('id="attempts"')[1].split(">")[0]
    assert "Request body" in done
    log = client.get(reverse("admin:webhooks_delivery_changelist"), {"endpoint": str(row.pk), "type": "webhook.test"})
    assert "webhook.test" in log.content.decode()


def test_pages_say_why_it_is_disabled_and_how_many_wait(endpoint: Endpoint, admin: User, enter: Enter) -> None:
    pending(endpoint)
    endpoints.disable_endpoint(endpoint=endpoint, by=admin)
    shown = enter(admin).get(reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])).content.decode()
    assert "Reason: disabled by an administrator" in shown
    assert "1 message waits" in shown


def test_a_wrong_form_keeps_what_was_typed(admin: User, enter: Enter) -> None:
    data = {**WANTED, "url": "https:///x", "reason": "they asked nicely"}
    answer = enter(admin).post(reverse("admin:webhooks_endpoint_add"), data)
    text = answer.content.decode()
    assert "they asked nicely" in text
    assert "not a valid address" in text


def test_the_database_keeps_an_active_endpoint_from_being_without_a_secret(endpoint: Endpoint) -> None:
    endpoint.secret_sealed = ""
    with pytest.raises(ValidationError):
        endpoint.validate_constraints()


def test_forms_say_when_a_change_takes_effect(enter: Enter, endpoint: Endpoint, admin: User) -> None:
    client = enter(admin)
    for name, args in (("add", []), ("secret", [endpoint.pk]), ("edit", [endpoint.pk])):
        address = reverse(
            "admin:webhooks_endpoint_add" if name == "add" else f"admin:webhook_endpoint_{name}", args=args
        )
        text = client.get(address).content.decode()
        assert "This takes effect when a second administrator approves" in text, name
        assert "Staff roles and rules" not in text, name


def test_a_pending_request_is_shown_and_no_other_can_be_made(enter: Enter, endpoint: Endpoint, admin: User) -> None:
    change = endpoints.ask_for_endpoint_secret(endpoint=endpoint, reason="half a year", by=admin)
    client, page = enter(admin), reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])
    text = client.get(page).content.decode()
    assert "A change is pending" in text
    assert reverse("admin:people_changerequest_change", args=[change.pk]) in text
    for name in ("secret", "edit"):
        address = reverse(f"admin:webhook_endpoint_{name}", args=[endpoint.pk])
        assert address not in text
        answer = client.get(address, follow=True)
        assert (answer.redirect_chain, "already pending" in answer.content.decode()) == ([(page, 302)], True)


def test_pages_and_requests_name_the_platform_in_words(enter: Enter, endpoint: Endpoint, admin: User) -> None:
    name = registry.get_connector(endpoint.platform).name
    change = endpoints.ask_for_endpoint_secret(endpoint=endpoint, reason="half a year", by=admin)
    assert change.title.startswith(f"{name}: ")
    text = enter(admin).get(reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])).content.decode()
    assert f"<dd>{name}</dd>" in text
