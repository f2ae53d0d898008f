"""The web server's event loop: what it reads, what it refuses, and that slow clients hold no thread."""

import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

from portal import webworker
from portal.web import bodies, incoming, transit
from portal.web.client_address import charged_address
from portal.web.plain_problems import API, problem_text

_busy = threading.Event()
Send = Callable[..., socket.socket]
UPLOAD = b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


_LARGE = 24 << 20  # more than the server keeps in its own buffers


def _app(environ: dict[str, Any], start: Any) -> list[bytes]:
    if refused := environ.get(bodies.REFUSED):
        if environ["PATH_INFO"].startswith(API):
            start(f"{refused} Refused", [("Content-Type", "application/json")])
            return [problem_text(refused, "").encode()]
        start(f"{refused} Refused", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read()]
    body = environ["wsgi.input"].read()
    _busy.wait(5 if body and environ["PATH_INFO"] == "/up" else 0)
    start("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/video":
        file = tempfile.TemporaryFile()  # noqa: SIM115 -- the server closes it
        file.truncate(_LARGE)
        return environ["wsgi.file_wrapper"](file)  # type: ignore[no-any-return]
    return [f"{len(body)} bytes from {environ['REMOTE_ADDR']}".encode()]


def test_an_upload_that_is_worked_on_keeps_no_page_waiting(send: Send) -> None:
    _busy.clear()
    upload = send(UPLOAD % 70000, bytes(70000))
    time.sleep(0.3)
    began = time.monotonic()
    assert _answer(send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")).startswith("HTTP/1.1 200")
    assert time.monotonic() - began < 2
    _busy.set()
    assert "70000 bytes" in _answer(upload)


@pytest.fixture(autouse=True)
def _permission(monkeypatch: pytest.MonkeyPatch) -> None:
    _busy.set()
    allowed = {"/up": 1 << 20}
    monkeypatch.setattr(incoming, "is_upload_address", lambda method, path: method == "POST" and path == "/up")
    monkeypatch.setattr(
        webworker, "ask_allowance", lambda environ: bodies.Allowance(allowed.get(environ["PATH_INFO"], 1 << 16), "me")
    )


@pytest.fixture
def server() -> Iterator[webworker.BoundedServer]:
    """A server with one thread on a port of its own, in a thread of its own."""
    sockets: dict[int, Any] = {}
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    adjustments = Adjustments(threads=1, cleanup_interval=0.1, channel_timeout=5, asyncore_use_poll=True, ident=None)
    dispatcher, uploads = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
    for each in (dispatcher, uploads):
        each.set_thread_count(1)
    made = webworker.BoundedServer(
        _app,
        map=sockets,
        _sock=listener,
        dispatcher=dispatcher,
        uploads=uploads,
        room=transit.UploadRoom(whole=3 << 20, of_address=2 << 20, of_sender=1 << 20),
        adj=adjustments,
        sockinfo=(listener.family, socket.SOCK_STREAM, None, None),
        bind_socket=False,
    )

    def loop() -> None:
        while not over.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)

    thread = threading.Thread(target=loop, name="event loop")
    thread.start()
    yield made
    over.set()
    thread.join()
    for each in (dispatcher, uploads):
        each.shutdown(timeout=1)
    wasyncore.close_all(sockets)


@pytest.fixture
def send(server: webworker.BoundedServer) -> Iterator[Send]:
    """Opens a connection and sends bytes on it."""
    lines: list[socket.socket] = []

    def opened(*parts: bytes) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", int(server.effective_port)), timeout=10)
        lines.append(line)
        for part in parts:
            line.sendall(part)
        return line

    yield opened
    for line in lines:
        line.close()


def _answer(line: socket.socket) -> str:
    got = b""
    while b"\r\n\r\n" not in got and (more := line.recv(65536)):
        got += more
    length = int(got.partition(b"Content-Length: ")[2].partition(b"\r\n")[0] or 0)
    while len(got.partition(b"\r\n\r\n")[2]) < length and (more := line.recv(65536)):
        got += more
    return got.decode()


def test_a_small_body_is_taken_anywhere(send: Send) -> None:
    line = send(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", b"hello")
    answer = _answer(line)
    assert answer.startswith("HTTP/1.1 200 OK")
    assert "5 bytes from 127.0.0.1" in answer


def test_a_long_body_is_refused_before_it_is_read(send: Send) -> None:
    line = send(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n")
    assert _answer(line).startswith("HTTP/1.1 413")


def test_the_api_says_as_always_what_is_wrong_with_a_long_body(send: Send) -> None:
    line = send(b"POST /api/v1/complaints/ HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n")
    head, _blank, body = _answer(line).partition("\r\n\r\n")
    assert "Content-Type: application/json" in head
    assert json.loads(body)["errors"][0]["code"] == "too_large"


def test_a_long_body_is_read_where_the_app_allows_it(send: Send) -> None:
    body = bytes(200_000)
    assert "200000 bytes" in _answer(send(UPLOAD % len(body), body))
    assert _answer(send(UPLOAD % (2 << 20))).startswith("HTTP/1.1 413")


def test_a_body_of_unknown_length_is_stopped_when_it_grows_too_long(send: Send) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = send(head, b"10000\r\n" + bytes(65536) + b"\r\n", b"10\r\n" + bytes(16) + b"\r\n")
    assert _answer(line).startswith("HTTP/1.1 413")


def test_whoever_asks_first_is_told_to_go_on_only_if_they_may(send: Send) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n"
    assert _answer(send(head % b"/x")).startswith("HTTP/1.1 413")
    line = send(head % b"/up")
    assert _answer(line).startswith("HTTP/1.1 100")
    line.sendall(bytes(70000))
    assert "70000 bytes" in _answer(line)


def test_a_reader_of_a_long_video_who_never_reads_on_holds_no_thread(send: Send) -> None:
    video = send(b"GET /video HTTP/1.1\r\nHost: x\r\n\r\n")
    assert f"Content-Length: {_LARGE}" in video.recv(1000).decode("latin-1")
    began = time.monotonic()
    assert _answer(send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")).startswith("HTTP/1.1 200")
    assert time.monotonic() - began < 2
    got = 1000
    while got < _LARGE and (more := video.recv(1 << 20)):
        got += len(more)
    assert got >= _LARGE


def test_an_answer_that_nobody_reads_is_given_up(
    send: Send, server: webworker.BoundedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit, "SEND_SECONDS", 0.3)
    video = send(b"GET /video HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in video.recv(100)
    deadline = time.monotonic() + 5
    while server.active_channels and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.active_channels


def test_slow_clients_hold_no_thread(send: Send) -> None:
    slow = [send(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-") for _ in range(5)]
    slow += [send(UPLOAD % 70000, b"a few") for _ in range(5)]
    began = time.monotonic()
    assert _answer(send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")).startswith("HTTP/1.1 200")
    assert time.monotonic() - began < 2
    assert slow


@pytest.mark.parametrize("parts", [(b"GET / HT",), (UPLOAD % 70000, b"a few")])
def test_a_request_that_does_not_arrive_is_given_up(
    send: Send, monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(transit, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(transit, "BODY_SECONDS", 0.3)
    line = send(*parts)
    assert _answer(line)[9:12] == "408"
    assert line.recv(10) == b""


def test_an_address_has_so_many_requests_and_connections(
    send: Send, server: webworker.BoundedServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webworker, "charged_address", lambda peer, _headers: peer)
    settings.WEB_ADDRESS_CONNECTIONS = 2
    server.requests = transit.RequestCounter(rate=1, burst=2)
    get = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    first, second = send(get), send(get)
    assert [_answer(line)[9:12] for line in (first, second)] == ["200", "200"]
    with pytest.raises(OSError, match="reset"):
        _refused(send(get))
    second.sendall(get)
    assert _answer(second).startswith("HTTP/1.1 429")


def test_what_is_counted_is_forgotten_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = transit.RequestCounter(rate=1000, burst=1)
    assert [counter.is_too_many("a"), counter.is_too_many("a"), counter.is_too_many("")] == [False, True, False]
    time.sleep(0.01)
    counter.refill()
    assert not counter.is_too_many("a")


@pytest.mark.parametrize(
    ("proxies", "peer", "told", "address"),
    [
        (0, "203.0.113.5", "198.51.100.1", "203.0.113.5"),
        (0, "127.0.0.1", "", ""),
        (1, "10.0.0.1", "made up, 198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.1", "198.51.100.1", "10.0.0.1"),
        (0, "2001:db8::1:2:3:4", "", "2001:db8::"),
        (1, "10.0.0.1", "2001:db8::1:2:3:4", "2001:db8::"),
    ],
)
def test_whose_requests_are_counted(settings: Settings, proxies: int, peer: str, told: str, address: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    assert charged_address(peer, {"X_FORWARDED_FOR": told}) == address


def _refused(line: socket.socket) -> None:
    if line.recv(10) == b"":
        raise OSError("reset")


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert true()


def test_a_sender_has_so_much_room_and_is_refused_before_the_body_is_read(
    send: Send, server: webworker.BoundedServer
) -> None:
    held = [send(UPLOAD % 600_000, b"a few")]
    _wait_until(lambda: server.room.taken == 600_000)
    assert _answer(send(UPLOAD % 600_000)).startswith("HTTP/1.1 429")
    assert "70000 bytes" in _answer(send(UPLOAD % 70000, bytes(70000)))
    held[0].sendall(bytes(600_000 - 5))
    assert "600000 bytes" in _answer(held[0])
    _wait_until(lambda: server.room.taken == 0)


def test_a_process_has_so_much_room(
    send: Send, server: webworker.BoundedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(range(100))
    monkeypatch.setattr(webworker, "ask_allowance", lambda _environ: bodies.Allowance(1 << 20, f"person:{next(names)}"))
    held = [send(UPLOAD % 1_000_000, b"a few") for _ in range(3)]
    _wait_until(lambda: server.room.taken == 3_000_000)
    assert _answer(send(UPLOAD % 1_000_000)).startswith("HTTP/1.1 503")
    assert held


def test_an_address_has_so_much_room(
    send: Send, server: webworker.BoundedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(range(100))
    monkeypatch.setattr(webworker, "charged_address", lambda peer, _headers: peer)
    monkeypatch.setattr(webworker, "ask_allowance", lambda _environ: bodies.Allowance(1 << 20, f"person:{next(names)}"))
    held = [send(UPLOAD % 1_000_000, b"a few") for _ in range(2)]
    _wait_until(lambda: server.room.taken == 2_000_000)
    assert _answer(send(UPLOAD % 1_000_000)).startswith("HTTP/1.1 429")
    assert held


def test_what_breaks_off_takes_no_room(send: Send, server: webworker.BoundedServer) -> None:
    line = send(UPLOAD % 600_000, bytes(100_000))
    _wait_until(lambda: server.room.taken == 600_000)
    line.close()
    _wait_until(lambda: server.room.taken == 0)


def test_what_does_not_arrive_takes_no_room(
    send: Send, server: webworker.BoundedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit, "BODY_SECONDS", 0.5)
    line = send(UPLOAD % 600_000, b"a few")
    _wait_until(lambda: server.room.taken == 600_000)
    assert _answer(line)[9:12] == "408"
    _wait_until(lambda: server.room.taken == 0)


def test_a_body_of_unknown_length_takes_the_room_that_it_may_come_to_need(
    send: Send, server: webworker.BoundedServer
) -> None:
    head = b"POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = send(head, b"20000\r\n" + bytes(1 << 17) + b"\r\n")
    _wait_until(lambda: server.room.taken == 1 << 20)
    assert _answer(send(UPLOAD % 70_000)).startswith("HTTP/1.1 429")
    line.sendall(b"0\r\n\r\n")
    assert "131072 bytes" in _answer(line)
    _wait_until(lambda: server.room.taken == 0)


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1", b"POST / HTTP/1.1", b"GET /up HTTP/1.1"])
def test_what_only_says_that_it_is_an_upload_takes_no_thread_of_uploads(send: Send, head: bytes) -> None:
    _busy.clear()
    upload = send(UPLOAD % 70000, bytes(70000))
    time.sleep(0.3)
    began = time.monotonic()
    assert _answer(send(head + b"\r\nHost: x\r\nX-Upload: 1\r\nTus-Resumable: 1.0.0\r\n\r\n")).startswith(
        "HTTP/1.1 200"
    )
    assert _answer(send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n")).startswith("HTTP/1.1 413")
    assert time.monotonic() - began < 2
    _busy.set()
    assert "70000 bytes" in _answer(upload)


def test_too_many_requests_are_told_when_to_ask_again(
    send: Send, server: webworker.BoundedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webworker, "charged_address", lambda peer, headers: peer if headers is not None else "")
    server.requests = transit.RequestCounter(rate=0.1, burst=0)
    page, api = (_answer(send(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path)) for path in (b"/", b"/api/v1/register/"))
    assert page.startswith("HTTP/1.1 429")
    assert "Retry-After: 10" in page
    assert "Please wait a few seconds" in page
    assert "请求过于频繁" in page
    assert '"code": "throttled"' in api


def test_a_trickle_of_a_body_is_cut_and_a_slow_line_is_not(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transit, "BODY_SECONDS", 0.6)
    trickle, slow = send(UPLOAD % 200_000), send(UPLOAD % 200_000)
    trickle.settimeout(0)
    for _ in range(20):
        slow.sendall(bytes(10_000))
        time.sleep(0.1)
        try:
            trickle.sendall(b"x")
        except OSError:
            continue
    trickle.settimeout(5)
    assert "200000 bytes" in _answer(slow)
    assert _answer(trickle)[9:12] == "408"


def test_only_the_event_loop_tells_a_client_to_go_on(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that write to one connection lose what they write."""
    inner, threads = HTTPChannel.send_continue, []

    def watched(channel: HTTPChannel) -> None:
        threads.append(threading.current_thread().name)
        inner(channel)

    monkeypatch.setattr(HTTPChannel, "send_continue", watched)
    line = send(b"POST /up HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n")
    assert _answer(line).startswith("HTTP/1.1 100")
    line.sendall(bytes(70000))
    assert "70000 bytes" in _answer(line)
    assert threads == ["event loop"]
