"""`manage.py bench abuse` sees what it is there to see: pages that fail, slow pages, and the size of web processes."""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.synchronize import Event
from typing import Any, ClassVar

import pytest

from portal.bench import abuse
from portal.bench.abuse_rows import Cast
from portal.bench.measuring import Say

_DELAY = 0.2  # seconds, far above what a page of this server takes otherwise
_CAST = Cast(reader=(("Cookie", "sessionid=reader"),), guests=[], uploaders=[], api=())
_FORK = multiprocessing.get_context("fork")


class _Handler(BaseHTTPRequestHandler):
    """Every page is the word OK; slow or failing while an attacker says so. Pages of a person need their cookie."""

    slow: ClassVar[Event] = _FORK.Event()
    failing: ClassVar[Event] = _FORK.Event()

    def do_GET(self) -> None:
        if self.slow.is_set():
            time.sleep(_DELAY)
        known = self.path not in abuse._OWN or self.headers["Cookie"] == "sessionid=reader"
        self.send_response(500 if self.failing.is_set() else 200 if known else 302)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a small server in a process of its own, and two attacks that it suffers from."""
    monkeypatch.setattr(abuse, "ATTACKS", {"slow": _hold(_Handler.slow), "failing": _hold(_Handler.failing)})
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    process = _FORK.Process(target=server.serve_forever, daemon=True)
    process.start()
    yield server.server_port
    process.kill()
    process.join()
    server.server_close()


def _hold(effect: Event) -> Any:
    """An attack that works until it is told to stop."""

    def attack(_port: int, over: Event, _cast: Cast) -> None:
        effect.set()
        over.wait()
        effect.clear()

    return attack


def _measure(port: int, *only: str) -> dict[str, Any]:
    options = {"seconds": 0.3, "guests": 0, "uploaders": 0, "only": only}
    say: Say = lambda _text: None  # noqa: E731 -- nobody listens
    return abuse._measure(port, _CAST, abuse._Sizes(), options, say)


def test_a_slow_page_is_seen_as_slow(port: int) -> None:
    figures = _measure(port, "slow")
    assert figures["calm_p95_ms"] < _DELAY * 1000 <= figures["phases"]["slow"]["p95_ms"] <= figures["p95_ms"]
    assert figures["errors"] == 0
    assert list(figures["phases"]) == ["calm", "slow", "together"]


def test_pages_that_fail_are_counted_and_count_as_slow(port: int) -> None:
    figures = _measure(port, "failing")
    calm, failing, together = figures["phases"].values()
    assert (calm["errors"], failing["errors"], together["errors"]) == (0, failing["pages"], together["pages"])
    assert figures["errors"] == failing["pages"] + together["pages"] >= 12
    assert figures["p95_ms"] == abuse._LONGEST * 1000
    assert figures["calm_p95_ms"] < 1000


def test_a_page_that_sends_its_reader_elsewhere_is_an_error(port: int) -> None:
    pages = abuse._look(port, (), 0.01)
    assert [page.came for page in pages] == [True] * len(abuse._PUBLIC) + [False] * len(abuse._OWN)


def test_a_server_that_is_gone_is_an_error() -> None:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        port = server.server_port
    assert abuse._page(port, "/", ()) == (abuse._LONGEST, False)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")
def test_sizes_are_those_of_the_workers_of_the_web_server() -> None:
    """The children of this process's children: gunicorn's workers."""

    def serve() -> None:
        worker = _FORK.Process(target=time.sleep, args=(30,), daemon=True)
        worker.start()
        started.put(worker.pid)
        worker.join()

    started = _FORK.Queue()
    server = _FORK.Process(target=serve)
    server.start()
    try:
        pid = started.get(timeout=10)
        assert pid in abuse._web_processes()
        assert 1 < abuse._resident_mb(pid) < 4000
        assert abuse._resident_mb(0) == 0
    finally:
        os.kill(pid, 9)
        server.join()
