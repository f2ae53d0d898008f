"""Other people's pages while the site is attacked: how fast they come, how many fail, and how large web processes grow.

gunicorn and a worker for documents run as in production, on a database of their own, and are always stopped. One
attack after the other comes from a process of its own: slow heads and bodies, anonymous bodies of 100 MB, PDFs that are
hard to open, JSON nested too deep, and 200 guests who send videos at once; at last all of them together. Meanwhile pages
are asked for one after the other, of visitors and of a creator. `p95_ms` is over the pages of all phases but the first,
in which nobody attacks; `errors` counts pages that did not come as they should, each of which counts as the longest
time that a page is waited for.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from portal import localservers, pools
from portal.bench import web
from portal.bench.abuse_attacks import ATTACKS, Attack
from portal.bench.abuse_rows import Cast, Headers, make_cast
from portal.bench.measuring import DATABASE, Say, Stopwatch, bench_database, machine_facts, percentile_ms
from portal.engines import isolation
from portal.localservers import valkey

_PUBLIC = ("/", "/areas/", "/register/", "/accounts/login/")
_OWN = ("/certification/", "/complaints/")
_WARM_UP = 5.0  # seconds in which processes load what they need
_BETWEEN = 0.02  # seconds between two pages
_SAMPLE = 0.3  # seconds between two looks at the size of processes
_LONGEST = 10.0  # seconds that a page is waited for


class PageTime(NamedTuple):
    """The seconds that a page took, and whether it came; `_LONGEST` for one that did not."""

    seconds: float
    came: bool


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--seconds", type=float, default=12.0, help="length of each phase")
    parser.add_argument("--guests", type=int, default=200, help="who send videos at once")
    parser.add_argument("--uploaders", type=int, default=20, help="people who send documents")
    parser.add_argument("--only", choices=ATTACKS, nargs="+", default=list(ATTACKS))


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Fill the database, start the site, measure phase after phase."""
    localservers.ensure_servers(settings.DATA_DIR)
    call_command("collectstatic", interactive=False, verbosity=0)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        stack.enter_context(_environment(folder))
        stack.enter_context(bench_database(keep=options["keep"]))
        cast = make_cast(options["guests"], options["uploaders"])
        connection.close()
        port = stack.enter_context(web.running_site(say))
        stack.enter_context(_worker(say))
        _look(port, cast.reader, _WARM_UP)
        sizes = stack.enter_context(_watched())
        return _measure(port, cast, sizes, options, say)


def _measure(port: int, cast: Cast, sizes: "_Sizes", options: dict[str, Any], say: Say) -> dict[str, Any]:
    attacks = {name: ATTACKS[name] for name in options["only"]}
    plan = {"calm": [], **{name: [attack] for name, attack in attacks.items()}, "together": [*attacks.values()]}
    phases: dict[str, Any] = {}
    seen: list[float] = []
    errors = 0
    for name, together in plan.items():
        with _attacking(port, together, cast):
            pages = _look(port, cast.reader, options["seconds"])
        wrong = sum(not page.came for page in pages)
        times = [page.seconds for page in pages]
        phases[name] = {
            "p95_ms": percentile_ms(times, 0.95),
            "pages": len(pages),
            "errors": wrong,
            "rss_mb": sizes.peak,
        }
        say(f"{name}: {phases[name]}")
        seen, errors = seen + (times if together else []), errors + (wrong if together else 0)
    figures = {"p95_ms": percentile_ms(seen, 0.95), "errors": errors, "rss_peak_mb": sizes.peak}
    facts = machine_facts() | {name: options[name] for name in ("seconds", "guests", "uploaders")}
    return {**figures, "calm_p95_ms": phases["calm"]["p95_ms"], "phases": phases, "settings": facts}


def _look(port: int, reader: Headers, seconds: float) -> list[PageTime]:
    """Ask for all pages one after the other, again and again until `seconds` are over."""
    watch, found = Stopwatch(), []
    pages: Sequence[tuple[str, Headers]] = [*((path, ()) for path in _PUBLIC), *((path, reader) for path in _OWN)]
    while watch.seconds < seconds:
        for path, headers in pages:
            found.append(_page(port, path, headers))
            time.sleep(_BETWEEN)
    return found


def _page(port: int, path: str, headers: Headers) -> PageTime:
    watch = Stopwatch()
    line = HTTPConnection("127.0.0.1", port, timeout=_LONGEST)
    try:
        line.request("GET", path, headers=dict(headers))
        answer = line.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return PageTime(_LONGEST, came=False)
    else:
        came = answer.status == HTTPStatus.OK
        return PageTime(watch.seconds if came else _LONGEST, came)
    finally:
        line.close()


@contextmanager
def _attacking(port: int, attacks: list[Attack], cast: Cast) -> Iterator[None]:
    """Attackers in processes of their own, which end with the block."""
    fork = multiprocessing.get_context("fork")
    over = fork.Event()
    attackers = [fork.Process(target=_attack, args=(attack, port, over, cast), daemon=True) for attack in attacks]
    for attacker in attackers:
        attacker.start()
    time.sleep(0.5)
    try:
        yield
    finally:
        over.set()
        for attacker in attackers:
            attacker.join(2)
            attacker.kill()
            attacker.join()


def _attack(attack: Attack, port: int, over: Event, cast: Cast) -> None:
    os.nice(10)  # attackers have machines of their own
    attack(port, over, cast)


@contextmanager
def _environment(folder: str) -> Iterator[None]:
    """What the site's processes get besides: a storage of their own, and a broker and a cache that nobody else uses."""
    given = {"CELERY_BROKER_URL": valkey.broker_url(settings.DATA_DIR, database=14)}
    given |= {"CACHE_URL": valkey.cache_url(settings.DATA_DIR, database=15), "EVIDENCE_DIR": folder}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _worker(say: Say) -> Iterator[None]:
    """One process that opens documents."""
    command = [sys.executable, "-m", "celery", "-q", "-A", "portal", *pools.worker_arguments("documents", 1)]
    environment = {**os.environ, "DATABASE_NAME": DATABASE, "LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}
    worker = subprocess.Popen(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        start_new_session=True,
        preexec_fn=isolation.die_with_parent,  # noqa: PLW1509 -- no thread has been started yet
    )
    say("a worker opens documents")
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(20)


class _Sizes:
    """The largest size that any web process had, in MiB."""

    def __init__(self) -> None:
        self.peak, self.over = 0.0, threading.Event()

    def watch(self) -> None:
        """Look until it is over."""
        while not self.over.wait(_SAMPLE):
            self.peak = max([self.peak, *map(_resident_mb, _web_processes())])


@contextmanager
def _watched() -> Iterator[_Sizes]:
    sizes = _Sizes()
    watcher = threading.Thread(target=sizes.watch, daemon=True)
    watcher.start()
    try:
        yield sizes
    finally:
        sizes.over.set()
        watcher.join()


def _web_processes() -> list[int]:
    """The workers of the gunicorn that this process has started; none where there is no /proc."""
    return [worker for master in _children(os.getpid()) for worker in _children(master)]


def _children(pid: int) -> list[int]:
    try:
        told = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(number) for text in told for number in text.split()]


def _resident_mb(pid: int) -> float:
    return round(int(_status(pid).get("VmRSS", "0 kB").split()[0]) / 1024, 1)


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
