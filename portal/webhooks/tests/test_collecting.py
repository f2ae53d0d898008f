"""Events of the trail become deliveries, each exactly once, whatever order they commit in."""

import json
import threading
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection, connections, transaction

from portal import clock
from portal.audit.heads import OVERLAP
from portal.audit.models import AuditEvent
from portal.notifications.models import Notification
from portal.people.models import User
from portal.testing.shared import Enter
from portal.webhooks import registry
from portal.webhooks.actions import collecting, retention
from portal.webhooks.models import CollectedEvent, Delivery, Endpoint, Event
from portal.webhooks.registry import WebhookKind
from portal.webhooks.tests import factories as make


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    for event, message_type in ((make.EVENT, "certificate.issued"), (make.OTHER, "certificate.suspended")):
        monkeypatch.setitem(registry._kinds, event, WebhookKind(message_type, make.notices))


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    return make.endpoint("http://127.0.0.1:9/", created_at=clock.now() - timedelta(hours=1))


@pytest.mark.django_db
def test_an_event_is_told_once_with_type_time_and_data(endpoint: Endpoint, creator: User) -> None:
    recorded = make.record(creator, "x:1")
    assert collecting.collect_events() == 1
    assert collecting.collect_events() == 0
    (delivery,) = make.deliveries()
    assert json.loads(delivery.event.body) == {
        "type": "certificate.issued",
        "timestamp": recorded.at.isoformat(),
        "data": {"number": 1},
    }
    assert (delivery.ordering_key, delivery.event.audit_event) == ("x:1", recorded.pk)


@pytest.mark.django_db
def test_every_endpoint_of_the_platform_gets_what_it_asked_for(endpoint: Endpoint, creator: User) -> None:
    begun = clock.now() - timedelta(hours=1)
    issued_only = make.endpoint("http://127.0.0.1:9/issued", created_at=begun)
    Endpoint.objects.filter(pk=issued_only.pk).update(types=["certificate.issued"])
    elsewhere = make.endpoint("http://127.0.0.1:9/", platform="other", created_at=begun)
    make.record(creator, "x:1")
    make.record(creator, "x:1", make.OTHER)
    collecting.collect_events()
    told = {(row.endpoint_id, row.event.type) for row in make.deliveries()}
    assert told == {
        (endpoint.pk, "certificate.issued"),
        (endpoint.pk, "certificate.suspended"),
        (issued_only.pk, "certificate.issued"),
    }
    assert elsewhere.deliveries.count() == 0
    assert Event.objects.count() == 2


@pytest.mark.django_db
def test_an_endpoint_is_not_told_what_was_before_it_nor_are_other_events(creator: User) -> None:
    make.record(creator, "x:1")
    make.endpoint("http://127.0.0.1:9/")
    make.record(creator, "x:1", "people.user.tested")
    assert collecting.collect_events() == 1
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_batches_keep_the_order_of_each_chain(
    endpoint: Endpoint, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "BATCH", 3)
    for number in range(4):
        for chain in ("x:2", "x:1"):
            make.record(creator, chain, (make.EVENT, make.OTHER)[number % 2])
    assert collecting.collect_events() == 8
    for chain in ("x:1", "x:2"):
        rows = [row for row in make.deliveries() if row.ordering_key == chain]
        assert [json.loads(row.event.body)["data"]["number"] for row in rows] == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_after_later_ones_is_told(endpoint: Endpoint, creator: User) -> None:
    recorded, seen = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            make.record(creator, "x:slow")
            recorded.set()
            seen.wait(10)
        connections.close_all()

    worker = threading.Thread(target=slow)
    worker.start()
    recorded.wait(10)
    other = User.objects.get(pk=creator.pk)
    make.record(other, "x:quick")
    collecting.collect_events()
    assert [row.ordering_key for row in make.deliveries()] == ["x:quick"]
    seen.set()
    worker.join()
    with clock.freeze_time(clock.now() + OVERLAP / 2):
        collecting.collect_events()
        collecting.collect_events()
    assert [row.ordering_key for row in make.deliveries()] == ["x:quick", "x:slow"]


@pytest.mark.django_db
def test_what_happened_while_nothing_was_collected_is_told_afterwards(endpoint: Endpoint, creator: User) -> None:
    collecting.collect_events()
    make.record(creator, "x:1")
    with clock.freeze_time(clock.now() + 5 * OVERLAP):
        assert collecting.collect_events() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_marks_of_events_are_deleted_once_they_cannot_be_found_again(endpoint: Endpoint, creator: User) -> None:
    make.record(creator, "x:1")
    collecting.collect_events()
    assert CollectedEvent.objects.count() == 1
    with clock.freeze_time(clock.now() + OVERLAP + timedelta(minutes=1)):
        assert collecting.collect_events() == 0
        assert not CollectedEvent.objects.exists()
        assert collecting.collect_events() == 0
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_an_event_whose_message_cannot_be_made_is_left_out_and_administrators_are_told(
    endpoint: Endpoint, creator: User, admin: User, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(event: AuditEvent) -> Iterable[registry.Notice]:
        yield registry.Notice("sandbox", event.chain, {"number": event.number})
        if event.chain == "x:damaged":
            raise ObjectDoesNotExist

    monkeypatch.setitem(registry._kinds, make.EVENT, WebhookKind("certificate.issued", build))
    for chain in ("x:1", "x:damaged", "x:damaged", "x:2"):
        make.record(creator, chain)
    assert collecting.collect_events() == 4
    assert [row.ordering_key for row in make.deliveries()] == ["x:1", "x:2"]
    told = Notification.objects.get(user=admin, kind="webhooks.left_out")
    assert "x:damaged" in told.bodies["en"]
    with clock.freeze_time(clock.now() + timedelta(days=1)):
        assert collecting.collect_events() == 0
        assert CollectedEvent.objects.filter(left_out=True).count() == CollectedEvent.objects.count() == 2
        page = enter(admin).get(told.url).content.decode()
        assert page.count("<code>x:damaged</code>") == 2
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        retention.purge_deliveries()
    assert not CollectedEvent.objects.exists()
    assert Notification.objects.filter(kind="webhooks.left_out").count() == 1


@pytest.mark.django_db
def test_a_database_that_is_away_leaves_no_event_out(
    endpoint: Endpoint, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(event: AuditEvent) -> Iterable[registry.Notice]:
        raise OperationalError

    make.record(creator, "x:1")
    with monkeypatch.context() as patched:
        patched.setitem(registry._kinds, make.EVENT, WebhookKind("certificate.issued", build))
        with pytest.raises(OperationalError):
            collecting.collect_events()
    assert collecting.collect_events() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_passes_at_once_tell_it_once(endpoint: Endpoint, creator: User) -> None:
    for number in range(20):
        make.record(creator, f"x:{number}")

    def collect() -> None:
        collecting.collect_events()
        connection.close()

    passes = [threading.Thread(target=collect) for _ in range(3)]
    for one in passes:
        one.start()
    for one in passes:
        one.join()
    assert sorted(row.ordering_key for row in make.deliveries()) == sorted(f"x:{number}" for number in range(20))
