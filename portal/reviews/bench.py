"""Claims per second: many reviewers, each in a process of their own, take the next case at the same time.

Every claim is the production action `queue.claim_next_case`, its audit event included. Nobody holds two
cases, so a client plays one fresh reviewer after another; what is measured is the claim and nothing else.
"""

import multiprocessing
import os
import platform
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

import django
import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from portal import clock, grants
from portal.people.models import User
from portal.reviews import bench_rows
from portal.reviews.actions import queue

Say = Callable[[str], object]
_SHOWN = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_connections")


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases, three in ten of them waiting")
    parser.add_argument("--reviewers", type=int, default=32, help="client processes that claim at the same time")
    parser.add_argument("--claims", type=int, default=8_000, help="claims in one round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median one is reported, with the spread")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Make the rows, let the clients claim, check that no rule was broken."""
    sizes = bench_rows.Sizes(options["cases"], options["claims"] * options["rounds"])
    with bench_database(keep=options["keep"]):
        started = time.perf_counter()
        bench_rows.make_bench_rows(sizes, say)  # unless an earlier run was told to keep them
        say(f"rows made in {time.perf_counter() - started:.0f} s")
        rounds = [_round(number, options, say) for number in range(options["rounds"])]
        middle = sorted(rounds, key=lambda row: row["claims_per_s"])[len(rounds) // 2]
        return {
            **middle,
            **bench_rows.count_violations(),
            "rounds": rounds,
            "settings": {**server_facts(), "cases": options["cases"], "clients": options["reviewers"]},
        }


@contextmanager
def bench_database(*, keep: bool) -> Iterator[None]:
    """A database `portal_bench` beside the portal's own, made by the migrations; never the portal's own.

    With `keep` it is there again for the next run, rows included.
    """
    own = connection.settings_dict["NAME"]
    # One plain connection per client; a pool would not survive the fork.
    connection.settings_dict["OPTIONS"] = {}
    connection.settings_dict["TEST"] |= {"NAME": "portal_bench"}
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=keep)
    try:
        yield
    finally:
        connection.close()
        connection.creation.destroy_test_db(own, verbosity=0, keepdb=keep)


def write_checkpoint() -> bool:
    """Write everything out, so that one phase does not pay for the one before; False without the right to."""
    with grants.as_database_owner(connection), suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        return True
    if not os.environ.get("DATABASE_URL"):
        place = {"host": connection.settings_dict["HOST"], "port": connection.settings_dict["PORT"]}
        with psycopg.connect(user="postgres", dbname="postgres", autocommit=True, **place) as superuser:
            superuser.execute("CHECKPOINT")
            return True
    return False


def _round(number: int, options: dict[str, Any], say: Say) -> dict[str, Any]:
    clients, claims = options["reviewers"], options["claims"]
    checkpointed = write_checkpoint()
    connection.close()
    fork = multiprocessing.get_context("fork")
    results: Queue[tuple[float, float, list[float]]] = fork.Queue()
    ready = fork.Barrier(clients)
    each = claims // clients
    begin = [number * claims + client * each for client in range(clients)]
    children = [fork.Process(target=_client, args=(start, each, ready, results)) for start in begin]
    for child in children:
        child.start()
    told = [results.get() for _ in children]
    for child in children:
        child.join()
    times = sorted(seconds for _start, _end, seen in told for seconds in seen)
    wall = max(end for _start, end, _seen in told) - min(start for start, _end, _seen in told)
    figures = {
        "claims_per_s": round(len(times) / wall, 1),
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 2),
        "max_ms": round(times[-1] * 1000, 1),
        "claims": len(times),
        "checkpointed": checkpointed,
    }
    say(f"round {number + 1}: {figures}")
    return figures


def _client(start: int, each: int, ready: Barrier, results: "Queue[tuple[float, float, list[float]]]") -> None:
    people = list(User.objects.filter(role__in=bench_rows.ROLES).order_by("pk")[start : start + each])
    seen = []
    ready.wait()
    begun = time.perf_counter()
    for reviewer in people:
        before = time.perf_counter()
        if queue.claim_next_case(by=reviewer) is not None:
            seen.append(time.perf_counter() - before)
    results.put((begun, time.perf_counter(), seen))
    connection.close()


def server_facts() -> dict[str, Any]:
    """On what was measured: the server's settings, what it checks on every row, the machine and the versions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting || coalesce(unit, '') FROM pg_settings WHERE name = ANY (%s)", [list(_SHOWN)]
        )
        server = dict(cursor.fetchall())
        cursor.execute(
            "SELECT count(*) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
            " WHERE t.relname LIKE 'reviews_%' OR t.relname LIKE 'audit_%'"
        )
        (constraints,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        (triggers,) = cursor.fetchone() or (0,)
    return {
        **server,
        "constraints": constraints,
        "triggers": triggers,
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "django": django.__version__,
        "at": clock.now().isoformat(timespec="seconds"),
        "embedded": not settings.DATABASES["default"].get("PASSWORD"),
    }
