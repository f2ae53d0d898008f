"""Pages per second: the register, an application's status, the queue and the publishing gate, as in production.

gunicorn runs with the production configuration on a database of its own; clients in processes of their
own keep their connections. Each page takes turns with a view that makes one query, behind the same
middleware and signed in the same way; `ratio` is how many requests the page answers for one of that view's.
"""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from certification.models import Certificate
from portal import localservers
from portal.bench import web_rows
from portal.bench.measuring import (
    DATABASE,
    Say,
    bench_database,
    in_turns,
    median_ratio,
    percentile_ms,
    server_facts,
    write_checkpoint,
)
from portal.bench.web_client import BenchRequest, Load, LoadResult, run_load
from portal.reviews.models import ReviewCase

_PAGES = ("register", "status", "queue", "gate")


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--certificates", type=int, default=42_000)
    parser.add_argument("--cases", type=int, default=100_000, help="cases, three in ten of them waiting")
    parser.add_argument("--connections", type=int, default=8, help="kept open, each in a process of its own")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one turn")
    parser.add_argument("--turns", type=int, default=3, help="turns of each page and of its baseline")
    parser.add_argument("--only", choices=_PAGES, nargs="+", default=list(_PAGES))


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Fill the database, start the web server, measure page after page."""
    localservers.ensure_servers(settings.DATA_DIR)
    call_command("collectstatic", interactive=False, verbosity=0)
    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        with bench_database(keep=options["keep"]), _documents_in(folder):
            targets = web_rows.fill_database(options["certificates"], options["cases"], say)
            with running_site(say) as port:
                figures = {name: measure_page(port, name, targets[name], options, say) for name in options["only"]}
            return {**figures, "settings": _settings(options)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _documents_in(folder: str) -> Iterator[None]:
    """The specimens' documents lie apart from the portal's own, and go with the run."""
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    with override_settings(STORAGES={**settings.STORAGES, "default": place}):
        yield


@contextmanager
def running_site(say: Say) -> Iterator[int]:
    """The port of a gunicorn that serves the benchmark's database until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "gunicorn", "-c", "python:portal.webserver", "portal.bench.web_site:application"]
    server = subprocess.Popen(
        [sys.executable, *command], env=_environment(port), cwd=settings.BASE_DIR, start_new_session=True
    )
    try:
        _wait_for(port, server)
        say(f"gunicorn answers on port {port}")
        yield port
    finally:
        _stop(server)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server and its workers, which are its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)


def _environment(port: int) -> dict[str, str]:
    """As in production, but for the embedded servers: second factors asked for, logs as JSON, no limits in the way."""
    own = {
        "BIND": f"127.0.0.1:{port}",
        "DATABASE_NAME": DATABASE,
        "SERVE_GREETING": "",
        "PORTAL_PROCESS": "web",
        "PYTHONWARNINGS": "ignore",
    }
    own |= {"SECOND_FACTOR_ENFORCED": "1", "LOG_JSON": "1", "LOG_LEVEL": "WARNING", "DEBUG": "0"}
    own |= {"API_GATE_PER_MINUTE": "100000000", "DATABASE_POOL_SIZE": "8", "STATIC_HASHED": "1"}
    if given := os.environ.get("DATABASE_URL"):
        own["DATABASE_URL"] = urlunsplit(urlsplit(given)._replace(path=f"/{DATABASE}"))
    return {**os.environ, **own}


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    message = "the web server did not start"
    raise RuntimeError(message)


def measure_page(port: int, name: str, target: web_rows.Target, options: dict[str, Any], say: Say) -> dict[str, Any]:
    """The figures of one page, in turns with its baseline."""
    load = Load(port, options["connections"], options["seconds"])
    requests = {"page": target.page, "baseline": target.baseline}
    for request in requests.values():
        run_load(load, request, 1.0)  # templates, plans and pools are warm
    works = {which: partial(_turn, load, request) for which, request in requests.items()}
    turns = in_turns(options["turns"], works)
    figures = _figures(turns["page"], turns["baseline"])
    say(f"{name}: {figures}")
    return figures


def _turn(load: Load, request: BenchRequest) -> tuple[LoadResult, bool]:
    """One turn, and whether everything was written out before it."""
    checkpointed = write_checkpoint()
    return run_load(load, request), checkpointed


def _figures(page: list[tuple[LoadResult, bool]], baseline: list[tuple[LoadResult, bool]]) -> dict[str, Any]:
    rates, baseline_rates = ([told.requests_per_s for told, _written in turns] for turns in (page, baseline))
    return {
        "requests_per_s": round(statistics.median(rates), 1),
        "p95_ms": percentile_ms([seconds for told, _written in page for seconds in told.seconds], 0.95),
        "ratio": median_ratio(rates, baseline_rates),
        "ratios": [round(rate / base, 3) for rate, base in zip(rates, baseline_rates, strict=True)],
        "baseline_requests_per_s": round(statistics.median(baseline_rates), 1),
        "checkpointed": all(written for _told, written in page + baseline),
    }


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    sizes = {name: options[name] for name in ("certificates", "cases", "connections", "seconds", "turns")}
    rows = {"certificates": Certificate.objects.count(), "cases": ReviewCase.objects.count()}
    web = {"workers": os.environ.get("WEB_WORKERS", "2"), "threads": os.environ.get("WEB_THREADS", "4")}
    return {**server_facts(), **sizes, **web, "rows": rows}
