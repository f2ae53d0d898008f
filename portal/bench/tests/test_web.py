"""`manage.py bench web` sees wrong answers and slow pages, and what it measures costs no more than it may.

The costs are counted without a web server: queries, and the processor time of a page beside that of the view that it is
compared with, on the same rows in the same process. The limits are far from what is usual, so that they
tell a page that has become several times as expensive and nothing else.
"""

import multiprocessing
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from portal.bench import web, web_rows
from portal.bench.web_client import BenchRequest, Load, LoadResult, run_load

_ROUNDS = 15


class Cost(NamedTuple):
    """What a page may cost: queries, and the times that the view it is compared with can be answered meanwhile."""

    queries: int
    times: float


_LIMITS = {"register": Cost(6, 14), "status": Cost(15, 14), "queue": Cost(12, 12), "gate": Cost(4, 5)}


@pytest.fixture
def targets(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, web_rows.Target]:
    """The pages that are measured, on a few rows."""
    settings.ROOT_URLCONF = "portal.bench.web_urls"
    settings.SECOND_FACTOR_ENFORCED = True
    monkeypatch.setattr(web_rows, "vacuum_and_analyze", lambda: None)  # which no transaction allows
    return web_rows.fill_database(60, 100, lambda _text: None)


def test_pages_cost_few_queries_and_little_more_time_than_a_bare_view(targets: Mapping[str, web_rows.Target]) -> None:
    costs = {name: _cost(target) for name, target in targets.items()}
    too_much = {
        name: cost
        for name, cost in costs.items()
        if cost.queries > _LIMITS[name].queries or cost.times > _LIMITS[name].times
    }
    assert not too_much, costs


def _cost(target: web_rows.Target) -> Cost:
    for request in (target.page, target.baseline):
        _ask(request)
    with CaptureQueriesContext(connection) as seen:
        _ask(target.page)
        queries = len(seen)
    turns = [(_ask(target.page), _ask(target.baseline)) for _round in range(_ROUNDS)]
    page, baseline = (min(times) for times in zip(*turns, strict=True))
    return Cost(queries, round(page / baseline, 2))


def _ask(request: BenchRequest) -> float:
    """The processor seconds of one right answer."""
    client = Client(headers=dict(request.headers))
    started = time.thread_time()
    answer = client.get(request.path)
    spent = time.thread_time() - started
    assert answer.status_code == 200, request.path
    assert request.holds in answer.content
    return spent


class _Handler(BaseHTTPRequestHandler):
    """Right at /right/, another text at /other/, a failure at /wrong/."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(500 if self.path == "/wrong/" else 200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"other" if self.path == "/other/" else b"right")

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def load() -> Iterator[Load]:
    """One connection to a small server in a process of its own."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    yield Load(server.server_port, 1, 0.1)
    process.kill()
    process.join()
    server.server_close()


def test_answers_are_counted_and_timed(load: Load) -> None:
    result = run_load(load, BenchRequest("/right/", (), b"right"))
    assert result.requests_per_s == len(result.seconds) / load.seconds > 10
    assert all(0 < seconds < 1 for seconds in result.seconds)


@pytest.mark.parametrize("path", ["/other/", "/wrong/"])
def test_an_answer_that_is_not_the_page_ends_the_run(load: Load, path: str) -> None:
    with pytest.raises(RuntimeError, match=path):
        run_load(load, BenchRequest(path, (), b"right"))


def test_the_ratio_is_that_of_the_pages_rate_to_the_bare_views() -> None:
    page = [(LoadResult(rate, [0.01, 0.3]), True) for rate in (30.0, 10.0, 20.0)]
    baseline = [(LoadResult(100.0, [0.001]), True)] * 2 + [(LoadResult(50.0, [0.001]), False)]
    figures = web._figures(page, baseline)
    assert figures["ratios"] == [0.3, 0.1, 0.4]
    assert (figures["ratio"], figures["requests_per_s"], figures["baseline_requests_per_s"]) == (0.3, 20, 100)
    assert figures["p95_ms"] == 300
    assert figures["checkpointed"] is False
