"""Calls to a platform: what is sent, what is repeated, what an answer may be, and how long it may take."""

import gzip
import json
import logging
import socket
import ssl
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from pytest_django import Settings

from portal import clock
from portal.engines.limited_process import answering_request
from portal.outbound import deadlines
from portal.outbound.guard import CallInTransaction, CallOnRequestThread
from portal.outbound.http import (
    BreakerOpen,
    Busy,
    ClientSettings,
    NoAnswer,
    PlatformClient,
    Refused,
    WrongAnswer,
    path_segment,
    traffic,
    waits,
)
from portal.outbound.http import client as client_module
from portal.outbound.http.errors import ServerError, Unreachable
from portal.outbound.models import PlatformFailure, PlatformTraffic
from portal.outbound.tests.platform_server import QUICK, Handler, Server, hang_up, reply, serving
from portal.platforms import PlatformError, Unknown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = ["127.0.0.1", "localhost"]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def kinds() -> dict[str, int]:
    return dict(PlatformFailure.objects.values_list("kind", "count"))


def drip(head: bytes, piece: bytes, seconds: float = 0.1) -> object:
    def give(handler: Handler) -> None:
        handler.wfile.write(head)
        for _ in range(200):
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(seconds)

    return give


# What is sent


def test_nothing_happens_before_the_first_call(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        PlatformClient("videos", "https://no.such.host.invalid/api")


def test_a_call_is_sent_as_it_was_meant(server: Server) -> None:
    server.replies = [reply(201, b'{"id": 7}', "application/problem+json; charset=utf-8")]
    client = PlatformClient("videos", f"{server.url}/api/v1/", QUICK)
    answer = client.call(
        "post", "/works?a=1", query={"q": "影 片&", "none": None}, json={"名": 1}, headers={"X-Key": "k"}
    )
    assert (answer.status, answer.json()) == (201, {"id": 7})
    ((method, path, headers, body),) = server.requests
    assert (method, path) == ("POST", "/api/v1/works?a=1&q=%E5%BD%B1+%E7%89%87%26")
    assert (headers["X-Key"], headers["Content-Type"]) == ("k", "application/json")
    assert json.loads(body) == {"名": 1}


def test_forms_and_files(server: Server) -> None:
    client = server.client()
    client.call("POST", "/login", form={"user": "a b", "password": "p&"})
    client.call("POST", "/media", form={"title": "t"}, files={"media_file": ("v.mp4", b"\x00film", "video/mp4")})
    assert server.requests[0][3] == b"user=a+b&password=p%26"
    assert server.requests[1][2]["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b"\x00film" in server.requests[1][3]


def test_every_attempt_is_signed_anew_over_what_is_sent(server: Server) -> None:
    server.replies = [hang_up, reply(200, b"{}")]
    seen = []

    def sign(method: str, target: str, body: bytes, now: datetime) -> dict[str, str]:
        seen.append((method, target, body, now.tzinfo))
        return {"X-Signature": f"s{len(seen)}"}

    server.client(sign=sign).call("PUT", "/a", query={"b": "c d"}, json=[1], repeatable=True)
    assert seen == [("PUT", "/a?b=c+d", b"[1]", UTC)] * 2
    assert [row[2]["X-Signature"] for row in server.requests] == ["s1", "s2"]
    assert {row[1] for row in server.requests} == {seen[0][1]}


@pytest.mark.parametrize("path", ["/a/../b", "/a/%2e%2E/b", "//else.where/x", "/a b", "/ä", "/a#b", "/a\r\nX: y"])
def test_a_path_that_could_lead_elsewhere_is_not_called(server: Server, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        server.client().call("GET", path)
    assert not server.requests


def test_only_the_platforms_own_addresses_are_called(server: Server) -> None:
    client = server.client()
    client.call("GET", f"{server.url}/file?x=1", query={"y": 2})
    assert server.requests[0][1] == "/file?x=1&y=2"
    for address in (
        "http://other.example/file",
        f"https{server.url[4:]}/",
        "file:///etc/passwd",
        "http://[/",
        f"{server.url}1/",
    ):
        with pytest.raises(Refused):
            client.call("GET", address)


@pytest.mark.parametrize("text", ["", ".", "..", "a\nb", "x" * 501])
def test_what_is_no_id_is_unknown(text: str) -> None:
    with pytest.raises(Unknown):
        path_segment(text)
    assert path_segment("a/b?ü") == "a%2Fb%3F%C3%BC"


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://", "https://user:pw@a.example", "https://a.example?x=1", "a.example"]
)
def test_a_wrong_address_is_refused_at_start_up(url: str) -> None:
    with pytest.raises(ValueError):
        PlatformClient("videos", url)


@pytest.mark.parametrize("change", [{"rate": 0}, {"total_seconds": 50}, {"stream_seconds": 1200}, {"attempts": 0}])
def test_settings_with_which_nothing_works_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        ClientSettings(**change)  # type: ignore[arg-type]


def test_no_call_in_a_transaction_or_a_request(server: Server) -> None:
    with answering_request(), pytest.raises(CallOnRequestThread):
        server.client().call("GET", "/")
    with transaction.atomic(), pytest.raises(CallInTransaction):
        server.client().call("GET", "/")


# Statuses and repetitions


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 409, 422])
def test_a_status_is_the_callers_to_judge_and_redirects_are_not_followed(server: Server, status: int) -> None:
    server.replies = [reply(status, b"" if status == 204 else b"{}", Location="http://169.254.169.254/")]
    assert server.client().call("GET", "/").status == status
    assert len(server.requests) == 1


def test_reading_is_repeated_and_writing_is_not(server: Server) -> None:
    server.replies = [hang_up, reply(502), reply(200, b"1")]
    assert server.client().call("GET", "/").json() == 1
    server.replies = [hang_up, reply(200)]
    with pytest.raises(NoAnswer) as lost:
        server.client().call("POST", "/")
    assert lost.value.sent
    server.replies = [hang_up, reply(200)]
    assert server.client().call("POST", "/", headers={"Idempotency-Key": "k"}, repeatable=True).status == 200


def test_attempts_end_and_the_error_says_what_came(server: Server) -> None:
    server.replies = [reply(500)]
    with pytest.raises(ServerError) as error:
        server.client().call("GET", "/")
    assert (error.value.status, error.value.sent, len(server.requests)) == (500, True, 3)
    assert kinds() == {"server_error": 3}


def test_busy_is_repeated_after_the_time_that_was_asked_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(client_module, "_sleep", waited.append)
    monkeypatch.setattr(traffic, "pause_left", lambda _platform: 0.0)
    server.replies = [reply(429, Retry_After="2"), reply(200)]
    assert server.client().call("GET", "/").status == 200
    assert waited[0] >= 2
    server.replies = [reply(429, Retry_After="90000")]
    PlatformTraffic.objects.update(paused_until=None)
    with pytest.raises(Busy) as busy:
        server.client().call("GET", "/")
    assert busy.value.retry_after == QUICK.retry_after_most == 86_400
    assert not busy.value.sent


def test_a_call_that_waits_takes_note_of_a_pause(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    pauses = [2.5, 0.0]
    monkeypatch.setattr(client_module, "_sleep", waited.append)
    monkeypatch.setattr(traffic, "pause_left", lambda _platform: pauses.pop(0))
    client = server.client(replace(QUICK, rate=1, burst=1))
    for _ in range(2):
        client.call("GET", "/")
    assert [round(wait) for wait in waited] == [1, 2]


def test_what_may_have_been_done_is_not_forgotten_over_later_refusals(server: Server) -> None:
    settings = replace(QUICK, break_after=1)
    server.replies = [hang_up]
    with pytest.raises(NoAnswer) as error:
        server.client(settings).call("PUT", "/", repeatable=True)
    assert error.value.sent
    with pytest.raises(BreakerOpen) as refused:
        server.client(settings).call("PUT", "/", repeatable=True)
    assert not refused.value.sent
    assert refused.value.retry_after


def test_nobody_there(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable) as error:
        PlatformClient("videos", f"http://127.0.0.1:{port}", QUICK).call("GET", "/")
    assert not error.value.sent
    assert kinds() == {"unreachable": 3}


def test_connections_are_used_again(server: Server) -> None:
    ports = set()

    def note(handler: Handler) -> None:
        ports.add(handler.client_address[1])
        reply(200, b"{}")(handler)

    server.replies = [note]
    client = server.client()
    for _ in range(5):
        client.call("GET", "/")
    assert len(ports) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "99999999999999999999999"}, 300),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Sat, 28 Nov 2026 12:00:30 GMT", "Date": "Sat, 28 Nov 2026 12:00:00 GMT"}, 30),
        ({"Retry-After": "Sat, 28 Nov 2026 12:00:30 GMT"}, 20),
        ({"Retry-After": "Sat, 28 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "Sat, 28 Nov 2099 11:00:00 -0000"}, 300),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    with clock.freeze_time(datetime(2026, 11, 28, 12, 0, 10, tzinfo=UTC)):
        assert waits.retry_after(headers, most=300) == seconds


def test_full_jitter() -> None:
    settings = ClientSettings(backoff_seconds=1, backoff_most=6)
    drawn = [[waits.before_next(attempt, None, settings) for _ in range(300)] for attempt in (1, 2, 5)]
    assert [max(row) <= most for row, most in zip(drawn, (1, 2, 6), strict=True)] == [True] * 3
    assert all(min(row) < max(row) / 4 for row in drawn)


# Times


@pytest.mark.parametrize(
    "given",
    [
        drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
    ],
    ids=["head", "body", "body without a length"],
)
def test_an_answer_that_comes_byte_by_byte_is_cut_off(server: Server, given: object) -> None:
    server.replies = [given]  # type: ignore[list-item]
    started = time.monotonic()
    with pytest.raises(NoAnswer) as error:
        server.client().call("POST", "/", timeout=0.6)
    assert error.value.sent
    assert time.monotonic() - started < 1.5


def test_who_waits_at_a_page_gives_up_sooner(server: Server) -> None:
    server.replies = [lambda _handler: time.sleep(1.5)]
    started = time.monotonic()
    with deadlines.limit_calls(0.7):
        with pytest.raises(NoAnswer):
            server.client().call("GET", "/")
        with pytest.raises(Busy):
            server.client().call("GET", "/")
    assert time.monotonic() - started < 1.4
    assert PlatformTraffic.objects.get().failures == 1


def test_a_name_server_that_is_silent_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def think(*_args: object, **_named: object) -> list[object]:
        time.sleep(2)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", think)
    started = time.monotonic()
    with pytest.raises(Unreachable):
        server.client().call("GET", "/", timeout=0.6)
    assert time.monotonic() - started < 1.5


# What an answer may be


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"{}", "text/html"), (b"<html>", "application/json"), (b"NaN", "application/json"), (b"[" * 100_000, "application/json"),
     (b"1" * 5000, "application/json"), (b"", ""), (b"\xff", "application/json")],
)  # fmt: skip
def test_what_is_not_json_is_no_answer(server: Server, body: bytes, kind: str) -> None:
    server.replies = [reply(200, body, kind)]
    answer = server.client().call("GET", "/")
    with pytest.raises(WrongAnswer):
        answer.json()
    assert kinds() == {"wrong_answer": 1}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (rb'{"a\u0000": ["b\u0000\ud83d", "\ud83d\ude00"]}', {"a\ufffd": ["b\ufffd\ufffd", "\U0001f600"]}),
        (rb'"\\u0000"', "\\u0000"),
        (b"\xef\xbb\xbf1", 1),
    ],
    ids=["nul-and-half-a-pair", "a-backslash", "a-mark-of-byte-order"],
)
def test_characters_that_rows_cannot_keep_are_replaced(server: Server, body: bytes, found: object) -> None:
    server.replies = [reply(200, body, "application/json")]
    assert server.client().call("GET", "/").json() == found


def test_a_packed_answer_is_unpacked(server: Server) -> None:
    server.replies = [reply(200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")]
    assert server.client().call("GET", "/").json() == {"a": 1}


def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()


def chunked(body: bytes) -> object:
    def give(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    return give


@pytest.mark.parametrize("make", [lambda: reply(200, bomb(), Content_Encoding="gzip"), lambda: chunked(bomb())])
def test_a_small_body_that_unpacks_to_a_large_one_is_refused_within_little_memory(server: Server, make: object) -> None:
    server.replies = [make()]  # type: ignore[operator]
    tracemalloc.start()
    try:
        with pytest.raises(WrongAnswer, match="too large"):
            server.client().call("GET", "/", largest=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "given",
    [
        reply(200, b"x" * 2000),
        reply(200, b"x" * 10, length="99999999999"),
        reply(200, b"x", Content_Encoding="br"),
        reply(200, b"not packed", Content_Encoding="gzip"),
        drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x" * 2000),
    ],
    ids=["large", "says that it is large", "other encoding", "broken encoding", "large without a length"],
)
def test_an_answer_of_the_wrong_size_or_encoding_is_refused(server: Server, given: object) -> None:
    server.replies = [given]  # type: ignore[list-item]
    with pytest.raises(WrongAnswer) as error:
        server.client().call("POST", "/", largest=1000)
    assert error.value.sent
    assert kinds() == {"wrong_answer": 1}


# Files


def test_a_file_is_fetched_whole(server: Server) -> None:
    server.replies = [reply(200, b"film" * 1000, "video/mp4")]
    with server.client().open("/film", largest=4000) as file:
        assert file.read() == b"film" * 1000
    assert server.requests[0][2]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("mark", [{"ETag": '"v1"'}, {"Last_Modified": "Sat, 28 Nov 2026 12:00:00 GMT"}])
def test_a_download_goes_on_where_it_was_cut_off(server: Server, mark: dict[str, str]) -> None:
    film = bytes(range(256)) * 4000

    def half(handler: Handler) -> None:
        reply(200, film[:500_000], "video/mp4", length=str(len(film)), **mark)(handler)
        handler.close_connection = True

    def rest(handler: Handler) -> None:
        start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        assert handler.headers["If-Range"] == next(iter(mark.values()))
        kind = {"Content_Range": f"bytes {start}-{len(film) - 1}/{len(film)}"}
        reply(206, film[start:], "video/mp4", **kind)(handler)

    server.replies = [half, rest]
    with server.client().open("/film", largest=len(film)) as file:
        assert file.read() == film
    assert int(server.requests[1][2]["Range"][6:-1]) > 0


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("Sat, 28 Nov 2026 12:00:00 GMT", datetime(2026, 11, 28, 12, tzinfo=UTC)),
        ("Sat, 28 Nov 2026 20:00:00 +0800", datetime(2026, 11, 28, 12, tzinfo=UTC)),
        ("Sat, 28 Nov 2026 12:00:00 -0000", datetime(2026, 11, 28, 12, tzinfo=UTC)),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ("Mon, 30 Nov 2026 12:00:01 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("yesterday", None),
    ],
)
def test_a_file_comes_with_the_date_that_its_server_states_if_that_can_be(
    server: Server, stated: str, kept: datetime | None
) -> None:
    server.replies = [reply(200, b"film", "video/mp4", Last_Modified=stated), reply(200, b"film", "video/mp4")]
    with clock.freeze_time(datetime(2026, 11, 30, 12, tzinfo=UTC)):
        with server.client().open("/film", largest=4) as file:
            assert (file.read(), file.modified_at) == (b"film", kept)
        with server.client().open("/film", largest=4) as file:
            assert file.modified_at is None


def test_a_download_that_cannot_go_on_begins_anew(server: Server) -> None:
    film = b"y" * 300_000

    def half(handler: Handler) -> None:
        reply(200, b"x" * 200_000, "video/mp4", length="300000", ETag='"v1"')(handler)
        handler.close_connection = True

    server.replies = [half, reply(200, film, "video/mp4", ETag='"v2"')]
    with server.client().open("/film", largest=len(film)) as file:
        assert file.read() == film


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (reply(404, b"{}"), 404),
        (reply(200, b"<html>", "text/html"), 200),
        (reply(206, b"x", "video/mp4"), 206),
        (reply(200, b"x" * 1001, "video/mp4"), 200),
        (reply(302, b"", "video/mp4", Location="/else"), 302),
    ],
)
def test_what_is_no_file_is_refused(server: Server, given: object, status: int) -> None:
    server.replies = [given]  # type: ignore[list-item]
    with pytest.raises(WrongAnswer) as error:
        server.client().open("/film", largest=1000)
    assert error.value.status == status
    assert len(server.requests) == 1


def test_a_file_takes_its_time_at_most(server: Server) -> None:
    server.replies = [drip(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 9999999\r\n\r\n", b"x")]  # type: ignore[list-item]
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        server.client().open("/film", largest=1 << 30, timeout=0.7)
    assert time.monotonic() - started < 1.6


# Secrets


def test_no_secret_is_in_an_error_or_a_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "s3cr3t-t0ken"
    server.replies = [hang_up]
    client = server.client(replace(QUICK, attempts=1), sign=lambda *_: {"Authorization": secret})
    calls: list[Callable[[], object]] = [
        lambda: client.call(
            "GET", f"/users/{secret}", query={"token": secret}, headers={"X": secret}, form={"p": secret}
        ),
        lambda: client.call("GET", "/", headers={"Authorization": f"{secret}\r\nX: y"}),
        lambda: client.call("GET", f"/{secret} ", headers={}),
        lambda: server.client(sign=lambda *_: {"X-Key": f"{secret}\n"}).call("GET", "/"),
        lambda: client.open(f"https://else.example/{secret}", largest=1),
    ]
    for act in calls:
        with pytest.raises((PlatformError, ValueError)) as error:
            act()
        text = "".join(traceback.format_exception(error.value, chain=True)).replace(__file__, "")
        assert secret not in text
        assert secret not in repr(error.value)
    assert secret not in repr(client)
    assert "platform_call_failed" in caplog.text
    assert all(secret not in str(record.__dict__) for record in caplog.records)


# TLS


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for localhost that this process believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = tmp_path / "both.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_the_certificate_is_checked_against_the_name_and_not_the_address(server: Server, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    port = server.server_port
    assert PlatformClient("videos", f"https://localhost:{port}", QUICK).call("GET", "/").status == 200
    with pytest.raises(Unreachable):
        PlatformClient("videos", f"https://127.0.0.1:{port}", QUICK).call("GET", "/")
    assert len(server.requests) == 1


def test_a_certificate_that_nobody_knows_is_not_believed(
    server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable):
        PlatformClient("videos", f"https://localhost:{server.server_port}", QUICK).call("GET", "/")
