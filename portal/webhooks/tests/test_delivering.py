"""Deliveries: signed, in order, repeated with growing waits, given up, and endpoints that fail."""

import base64
import hashlib
import hmac
import time
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from portal import clock
from portal.audit.models import AuditEvent
from portal.engines.limited_process import answering_request
from portal.jobs.models import Job
from portal.jobs.runner import run_due_jobs
from portal.notifications.models import Notification
from portal.outbound.guard import CallOnRequestThread
from portal.people.models import User
from portal.webhooks import registry, sender
from portal.webhooks.actions import collecting, delivering, endpoints
from portal.webhooks.models import Attempt, AttemptResult, Delivery, Endpoint, Event
from portal.webhooks.registry import WebhookKind
from portal.webhooks.tests import factories as make
from portal.webhooks.tests.receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    for event, message_type in ((make.EVENT, "certificate.issued"), (make.OTHER, "certificate.suspended")):
        monkeypatch.setitem(registry._kinds, event, WebhookKind(message_type, make.notices))


def after(**time: float) -> datetime:
    return clock.now() + timedelta(**time)


def test_a_message_is_signed_as_the_standard_says(endpoint: Endpoint, receiver: Receiver, creator: User) -> None:
    make.record(creator, "x:1")
    make.send()
    ((headers, body),) = receiver.got
    key = base64.b64decode(make.SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert (
        headers["webhook-signature"]
        == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    )
    assert headers["content-type"] == "application/json"
    (delivery,) = make.deliveries()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 1, 204)
    assert delivery.event.body.encode() == body
    assert Attempt.objects.get().result == "answered"


def test_a_failure_is_repeated_with_growing_waits(endpoint: Endpoint, receiver: Receiver, creator: User) -> None:
    receiver.answers = [(500, {}, b"try later"), (503, {}, b"")]
    make.record(creator, "x:1")
    make.send()
    (delivery,) = make.deliveries()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("pending", 1, 500)
    assert Attempt.objects.get().answer == "try later"
    assert after(seconds=0) < delivery.next_attempt_at <= after(seconds=delivering.FIRST_WAIT)
    make.send()
    assert len(receiver.got) == 1, "not before its time"
    with clock.freeze_time(after(seconds=30)):
        make.send()
    with clock.freeze_time(after(seconds=120)):
        make.send()
    (delivery,) = make.deliveries()
    assert (delivery.state, delivery.attempts) == ("delivered", 3)
    assert len(set(receiver.messages)) == 1, "a repetition has the same id"
    assert Endpoint.objects.get().failing_since is None


def test_waits_are_random_below_a_ceiling_and_heed_the_receiver() -> None:
    waits = [delivering.wait_seconds(4) for _ in range(200)]
    assert min(waits) >= 1
    assert max(waits) <= 5 * 4**3
    assert len(set(waits)) > 100
    assert max(delivering.wait_seconds(99) for _ in range(50)) <= 12 * 3600
    assert delivering.wait_seconds(1, 3600) == 3600
    assert delivering.wait_seconds(1, 10**8) == delivering.LONGEST_WAIT


@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
@pytest.mark.parametrize("said", ["1800", "date"])
def test_retry_after_is_heeded(endpoint: Endpoint, receiver: Receiver, creator: User, said: str, name: str) -> None:
    from email.utils import format_datetime

    value = format_datetime(after(seconds=1801), usegmt=False) if said == "date" else said
    receiver.answers = [(429, {name: value}, b"")]
    make.record(creator, "x:1")
    make.send()
    assert after(seconds=1790) < make.deliveries()[0].next_attempt_at < after(seconds=1810)


def test_a_later_event_waits_for_the_earlier_one_of_its_key(
    endpoint: Endpoint, receiver: Receiver, creator: User
) -> None:
    receiver.answers = [(500, {}, b"")]
    make.record(creator, "x:1")
    make.record(creator, "x:1", make.OTHER)
    collecting.collect_events()
    first, second = (row.event.message for row in make.deliveries())
    make.send()
    assert receiver.messages == [first]
    make.record(creator, "x:2")
    with clock.freeze_time(after(seconds=30)):
        make.send()
    third = make.deliveries()[2].event.message
    assert sorted(receiver.messages) == sorted([first, first, second, third])
    assert receiver.messages.index(second) > 1, "not before the first was taken"


def test_what_is_given_up_lets_the_next_one_go(endpoint: Endpoint, receiver: Receiver, creator: User) -> None:
    receiver.answers = [(500, {}, b""), (500, {}, b"")]
    make.record(creator, "x:1")
    make.send()
    Endpoint.objects.update(failing_since=None)
    make.record(creator, "x:1", make.OTHER)
    with clock.freeze_time(after(days=3)):
        make.send()
    assert [row.state for row in make.deliveries()] == ["given_up", "delivered"]


def test_410_disables_the_endpoint_and_administrators_are_told(
    endpoint: Endpoint, receiver: Receiver, creator: User, admin: User
) -> None:
    receiver.answers = [(410, {}, b"")]
    make.record(creator, "x:1")
    make.send()
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.disabled_reason) == ("disabled", "gone")
    assert "410" in Notification.objects.get(user=admin).body
    assert AuditEvent.objects.filter(event="webhooks.endpoint.disabled").count() == 1
    make.record(creator, "x:2")
    with clock.freeze_time(after(days=4)):
        make.send()
    assert len(receiver.got) == 1
    assert {row.state for row in make.deliveries()} == {"pending"}, "it waits for the endpoint to be enabled"


def test_an_endpoint_that_fails_for_three_days_is_disabled(
    endpoint: Endpoint, receiver: Receiver, creator: User, admin: User
) -> None:
    receiver.answers = [(500, {}, b"")] * 3
    make.record(creator, "x:1")
    make.send()
    with clock.freeze_time(after(days=1)):
        make.send()
        assert Endpoint.objects.get().state == "active"
    with clock.freeze_time(after(days=3, seconds=1)):
        make.send()
        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.disabled_reason) == ("disabled", "failing")
        assert make.deliveries()[0].state == "pending"
        assert Notification.objects.filter(user=admin, kind="webhooks.disabled").count() == 1


def test_a_slow_endpoint_has_few_jobs_at_once(endpoint: Endpoint, creator: User) -> None:
    for number in range(12):
        make.record(creator, f"x:{number}")
    collecting.collect_events()
    assert delivering.dispatch_all() == delivering.AT_ONCE
    assert delivering.dispatch_all() == 0
    Delivery.objects.update(queued_at=None)
    Endpoint.objects.update(failing_since=clock.now())
    assert delivering.dispatch_all() == delivering.AT_ONCE_FAILING


def test_a_job_that_lost_its_workers_counts_as_a_failed_attempt(endpoint: Endpoint, creator: User) -> None:
    make.record(creator, "x:1")
    collecting.collect_events()
    delivering.dispatch_all()
    Job.objects.filter(kind=delivering.DELIVER).update(attempts=delivering.DELIVER_ATTEMPTS)
    run_due_jobs([delivering.DELIVER])
    (delivery,) = make.deliveries()
    assert (delivery.state, delivery.attempts, delivery.queued_at) == ("pending", 1, None)
    assert Attempt.objects.get().result == "lost"


def test_an_endpoint_that_ends_during_an_attempt_ends_the_delivery(
    endpoint: Endpoint, creator: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_and_answer(*_args: object) -> sender.Reply:
        endpoints.end_endpoint(endpoint=endpoint, by=admin)
        return sender.Reply(AttemptResult.ANSWERED, 200)

    monkeypatch.setattr(sender, "post", end_and_answer)
    make.record(creator, "x:1")
    make.send()
    assert [row.state for row in make.deliveries()] == ["given_up"]
    assert Job.objects.get(kind=delivering.DELIVER).state == "done"


def test_messages_and_attempts_stay_as_they_were_written(endpoint: Endpoint, receiver: Receiver, creator: User) -> None:
    make.record(creator, "x:1")
    make.send()
    for rows, change in ((Event.objects.all(), {"body": "{}"}), (Attempt.objects.all(), {"status": 200})):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_both_secrets_sign_while_the_old_one_counts(endpoint: Endpoint, receiver: Receiver, creator: User) -> None:
    endpoint.previous_sealed, endpoint.previous_until = endpoint.seal("whsec_" + "QUJD" * 8), after(hours=24)
    endpoint.save()
    make.record(creator, "x:1")
    make.send()
    make.record(creator, "x:2")
    with clock.freeze_time(after(hours=25)):
        make.send()
    assert [len(headers["webhook-signature"].split()) for headers, _body in receiver.got] == [2, 1]


def test_events_are_deleted_after_thirty_days(endpoint: Endpoint, creator: User) -> None:
    from portal.webhooks.actions.retention import purge_deliveries

    make.record(creator, "x:1")
    make.send()
    with clock.freeze_time(after(days=29)):
        assert purge_deliveries() == 0
    with clock.freeze_time(after(days=31)):
        assert purge_deliveries() > 0
    assert not Event.objects.exists()
    assert not Attempt.objects.exists()


def test_an_answer_is_read_up_to_its_limit_and_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, b"x" * (sender.LARGEST * 4)), (302, {"Location": receiver.url}, b"")]
    assert len(sender.post(receiver.url, b"{}", {}).content) == sender.LARGEST
    assert sender.post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.got) == 2


def test_no_answer_is_told_by_its_kind(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SECONDS", 0.3)
    receiver.delay = 1.0
    assert sender.post(receiver.url, b"{}", {}).result == "timeout"
    assert sender.post("http://127.0.0.1:9/", b"{}", {}).result == "no_connection"
    assert sender.post("https://" + receiver.url[7:], b"{}", {}).result == "tls"


def test_an_answer_whose_rest_never_comes_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SECONDS", 0.5)
    receiver.answers = [(200, {"Content-Length": "100"}, b"")]
    begun = time.monotonic()
    assert sender.post(receiver.url, b"{}", {}).status == 200
    assert time.monotonic() - begun < 3


def test_no_message_is_sent_while_a_request_is_answered(receiver: Receiver) -> None:
    with answering_request(), pytest.raises(CallOnRequestThread):
        sender.post(receiver.url, b"{}", {})
    assert not receiver.got


def test_production_calls_no_private_address(receiver: Receiver, settings: object) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = []  # type: ignore[attr-defined]
    for url in (receiver.url, receiver.url.replace("127.0.0.1", "localhost"), "https://169.254.169.254/"):
        assert sender.post(url, b"{}", {}).result == "forbidden"
    assert not receiver.got


def test_secrets_are_renewed_with_the_keys_of_the_vault(endpoint: Endpoint, settings: object) -> None:
    import os

    key = "new:" + base64.b64encode(os.urandom(32)).decode()
    settings.EVIDENCE_KEYS = [key, *settings.EVIDENCE_KEYS]  # type: ignore[attr-defined]
    call_command("rotate_keys")
    endpoint.refresh_from_db()
    assert endpoint.secret_sealed.startswith("v1.new.")
    assert endpoint.secrets_at(clock.now()) == [make.SECRET]
