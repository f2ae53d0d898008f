"""Events of platforms: signed, taken once, and of consequence only where they are known."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from portal import clock
from portal.connectors import upkeep
from portal.connectors.http import make, views
from portal.connectors.models import ReceivedMessage
from portal.jobs.models import Job
from portal.platforms import PlatformConfig, registry, signing

pytestmark = pytest.mark.django_db
OLD, NEW = signing.new_secret(), signing.new_secret()
PATH = "/api/platform/events/videos/"
Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def videos(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = {"secrets": signing.new_secret(), "incoming_secrets": f"{OLD},{NEW}"}
    deaf = {"secrets": signing.new_secret()}
    made = [
        make(PlatformConfig("videos", "Videos", "http", "https://videos.example", credentials)),
        make(PlatformConfig("deaf", "Deaf", "http", "https://deaf.example", deaf)),
    ]
    monkeypatch.setattr(registry, "_connectors", {one.code: one for one in made})


@pytest.fixture
def send(client: Client) -> Send:
    def sent(event: Any, *, secret: str = NEW, path: str = PATH, ago: timedelta = timedelta(), **headers: str) -> Any:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        request = signing.Request("POST", path, body)
        signed = signing.sign_request(signing.read_secrets(secret), request, datetime.now(UTC) - ago)
        return client.post(path, body, content_type="application/json", headers=signed | headers)

    return sent


@pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
def test_a_change_of_what_is_served_is_asked_for_at_once(send: Send, secret: str) -> None:
    assert send({"type": "capabilities.changed"}, secret=secret).status_code == 202
    assert Job.objects.get().payload == {"platform": "videos"}


@pytest.mark.parametrize("event", [{"type": "ping"}, {"type": "not known yet"}, {"type": 7}])
def test_other_events_are_taken_and_do_nothing(send: Send, event: Any) -> None:
    assert send(event).status_code == 202
    assert not Job.objects.exists()


@pytest.mark.parametrize("event", [b"", b"{", b"[]", b"7", b"{}", b'"type"'])
def test_what_is_no_event_is_said(send: Send, event: bytes) -> None:
    answer = send(event)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "parse_error")


def test_who_does_not_sign_right_is_refused(send: Send, client: Client) -> None:
    assert send({"type": "ping"}, secret=signing.new_secret()).status_code == 401
    assert send({"type": "ping"}, ago=timedelta(minutes=6)).status_code == 401
    assert client.post(PATH, b"{}", content_type="application/json").status_code == 401
    assert not ReceivedMessage.objects.exists()


def test_a_request_counts_once(send: Send, client: Client) -> None:
    body = json.dumps({"type": "ping"}).encode()
    signed = signing.sign_request(signing.read_secrets(NEW), signing.Request("POST", PATH, body), datetime.now(UTC))
    answers = [client.post(PATH, body, content_type="application/json", headers=signed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 401]


def test_ids_are_forgotten_once_their_signatures_are_too_old(send: Send) -> None:
    send({"type": "ping"})
    assert upkeep.purge_received_messages() == 0
    with clock.freeze_time(clock.now() + timedelta(minutes=12)):
        assert upkeep.purge_received_messages() == 1


@pytest.mark.parametrize("code", ["nowhere", "deaf"])
def test_nobody_is_heard_who_was_given_no_secret(send: Send, code: str) -> None:
    assert send({"type": "ping"}, path=f"/api/platform/events/{code}/").status_code == 404


def test_what_is_larger_than_any_event_is_not_read(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(signing, "verify_request", never)
        answer = send({"type": "ping", "more": "x" * 64_000})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too_large")
    assert not ReceivedMessage.objects.exists()


def test_a_flood_from_one_address_is_turned_away_before_it_is_looked_at(
    send: Send, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_MOST_REQUESTS", 5)
    for _time in range(5):
        assert client.post(PATH, b"{}", content_type="application/json").status_code == 401
    assert send({"type": "capabilities.changed"}).status_code == 429
    assert not Job.objects.exists()
