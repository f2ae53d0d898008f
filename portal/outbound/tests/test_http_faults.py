"""Whose fault it is that a call fails, and what it costs: answers that are of no use, refusals, full disks, calls never made."""

from collections.abc import Iterator
from dataclasses import replace
from io import RawIOBase
from typing import Any

import pytest
from pytest_django import Settings

from portal import clock
from portal.outbound import faults
from portal.outbound.guard import guard_connector
from portal.outbound.http import client, streams, traffic
from portal.outbound.http.errors import Busy, ServerError, Unreachable, WrongAnswer
from portal.outbound.models import Breaker, PlatformFailure, PlatformTraffic
from portal.outbound.tests.platform_server import QUICK, Server, reply, serving
from portal.platforms.protocol import AccessRefused, BrokenAnswer, PlatformError
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db
ONCE = replace(QUICK, attempts=1)


@pytest.fixture(autouse=True)
def _on_this_machine(settings: Settings) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = ["127.0.0.1"]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def row() -> PlatformTraffic:
    return PlatformTraffic.objects.get(platform="videos")


@pytest.mark.parametrize(
    "unreadable",
    [{"Content_Encoding": "br"}, {"Content_Encoding": "gzip"}, {"length": str(20 << 20)}],
    ids=["an encoding", "not packed", "too large"],
)
@pytest.mark.parametrize(("status", "kind"), [(429, "busy"), (503, "server_error"), (500, "server_error")])
def test_a_platform_is_left_alone_whatever_stands_in_the_body_of_its_refusal(
    server: Server, status: int, kind: str, unreadable: dict[str, str]
) -> None:
    server.replies = [reply(status, b"x", "text/html", Retry_After="30", **unreadable)]
    with pytest.raises(Busy if status == 429 else ServerError) as raised:
        server.client(ONCE).call("GET", "/x")
    assert raised.value.retry_after == 30
    assert traffic.pause_left("videos") > 25
    assert list(PlatformFailure.objects.values_list("kind", "last_status")) == [(kind, status)]
    assert row().failures == (0 if status == 429 else 1)


def test_a_full_disk_of_ours_is_no_fault_of_the_platform(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(RawIOBase):
        def seekable(self) -> bool:
            return True

        readable = writable = seekable

        def seek(self, _offset: int, _whence: int = 0) -> int:
            return 0

        tell = truncate = lambda *_args: 0

        def write(self, _data: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(streams, "TemporaryFile", lambda **_options: FullDisk())
    server.replies = [reply(200, b"film" * 5_000, "video/mp4")]
    for _ in range(QUICK.break_after + 1):
        with pytest.raises(OSError, match="No space left"):
            server.client().open("/media", largest=100_000)
    assert (row().failures, row().breaker, row().answered_at is not None) == (0, Breaker.CLOSED, True)
    assert not PlatformFailure.objects.exists()


def test_a_call_that_is_given_up_before_it_is_made_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(QUICK, rate=1, burst=1, quota=10)
    with serving() as server:
        server.client(settings).call("GET", "/x")
        permit = traffic.Permit("videos", settings, 0, row().epoch, probe=False, taken_at=clock.now())
        # The second has to wait for its place. Meanwhile the platform says that it is busy for longer than the call may take.
        monkeypatch.setattr(client, "_sleep", lambda _seconds: traffic.record_busy(permit, 429, 600))
        tokens = row().tokens
        with pytest.raises(Busy):
            server.client(settings).call("GET", "/x")
        assert len(server.requests) == 1
    assert row().quota_used == 1
    assert row().tokens == pytest.approx(tokens, abs=1)


def test_a_probe_that_is_given_up_lets_another_one_try() -> None:
    permit = traffic.admit_call("videos", QUICK, patience=5, probe_seconds=600)
    traffic.record_failure(permit, "no_answer", None)
    PlatformTraffic.objects.update(breaker=Breaker.OPEN, breaker_until=clock.now())
    probe = traffic.admit_call("videos", QUICK, patience=5, probe_seconds=600)
    assert probe.probe
    traffic.give_back(probe)
    assert traffic.admit_call("videos", QUICK, patience=5, probe_seconds=600).probe


def test_a_call_that_does_not_reach_the_platform_costs_nothing() -> None:
    with serving() as server:
        nobody = server.client(replace(ONCE, quota=10))
    with pytest.raises(Unreachable):
        nobody.call("GET", "/x")
    assert (row().quota_used, row().failures) == (0, 1)


@pytest.mark.parametrize(("error", "kind"), [(AccessRefused, "access_refused"), (BrokenAnswer, "wrong_answer")])
def test_what_a_connector_does_not_believe_is_noted_until_an_answer_is_of_use(
    server: Server, error: type[PlatformError], kind: str
) -> None:
    fake = FakePlatform("videos")

    def account(_id: str) -> object:
        raise error("no")

    fake.account = account  # type: ignore[method-assign, assignment]
    server.client().call("GET", "/x")
    for _ in range(2):
        with pytest.raises(error):
            guard_connector(fake.connector()).accounts.account("1")
    assert list(PlatformFailure.objects.values_list("kind", "count")) == [(kind, 2)]
    assert (row().fault, row().failures, row().breaker) == (kind, 0, Breaker.CLOSED)
    # Whether another refusal is a fault is not known yet; an answer of use ends it at once.
    server.replies = [reply(401, b"{}"), reply(200, b"{}")]
    server.client().call("GET", "/x")
    assert row().fault == kind
    server.client().call("GET", "/x")
    assert row().fault == ""


def test_an_answer_that_cannot_be_read_is_a_fault(server: Server) -> None:
    server.replies = [reply(200, b"<p>", "text/html")]
    with pytest.raises(WrongAnswer):
        server.client().call("GET", "/x").json()
    assert row().fault == "wrong_answer"


def test_other_errors_of_a_platform_are_no_faults_of_this_kind() -> None:
    known: Any = traffic.admit_call("videos", QUICK, patience=5, probe_seconds=5)
    traffic.record_answer(known)
    faults.note_fault("videos", PlatformError("later"))
    assert row().fault == ""
    assert not PlatformFailure.objects.exists()
