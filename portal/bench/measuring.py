"""What the benchmarks share: a database of their own, turns, processes at the same time, times and ratios."""

import multiprocessing
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

import django
import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from portal import clock, grants

Say = Callable[[str], object]
T = TypeVar("T")

DATABASE = "portal_bench"
_SHOWN = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_connections")


class Stopwatch:
    """Seconds since it was started."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall clock time since the start."""
        return time.perf_counter() - self._started

    def rate(self, count: int) -> float:
        """How many of `count` things were done in a second."""
        return round(count / self.seconds, 1)


@contextmanager
def bench_database(*, keep: bool) -> Iterator[None]:
    """A database `portal_bench` beside the portal's own, made by the migrations; never the portal's own.

    With `keep` it is there again for the next run, rows included.
    """
    own = connection.settings_dict["NAME"]
    # One plain connection per client; a pool would not survive the fork.
    connection.settings_dict["OPTIONS"] = {}
    connection.settings_dict["TEST"] |= {"NAME": DATABASE}
    _end_other_connections()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=keep)
    try:
        yield
    finally:
        connection.close()
        connection.creation.destroy_test_db(own, verbosity=0, keepdb=keep)


def _end_other_connections() -> None:
    """End what a run that was killed left at work in the benchmarks' database: nobody could drop it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [DATABASE])


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


def vacuum_and_analyze() -> None:
    """What autovacuum would have done to tables just filled."""
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def in_turns(turns: int, works: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """The results of each work, done one after the other and again, so that other load on the machine falls on all."""
    results: dict[str, list[T]] = {name: [] for name in works}
    for _turn in range(turns):
        for name, work in works.items():
            results[name].append(work())
    return results


def at_the_same_time(count: int, work: Callable[[int, Barrier], T]) -> list[T]:
    """What `work(number, ready)` returns in each of `count` processes; `ready.wait()` is where they start together.

    Raises RuntimeError with the first error of one of them.
    """
    fork = multiprocessing.get_context("fork")
    results: Queue[tuple[T | None, str]] = fork.Queue()
    ready = fork.Barrier(count)
    connection.close()  # a socket must not have two users

    def run(number: int) -> None:
        try:
            results.put((work(number, ready), ""))
        except Exception as error:  # noqa: BLE001 -- raised again in the parent
            ready.abort()
            results.put((None, f"{type(error).__name__}: {error}"))
        finally:
            connection.close()

    children = [fork.Process(target=run, args=(number,)) for number in range(count)]
    for child in children:
        child.start()
    told = [results.get() for _child in children]
    for child in children:
        child.join()
    problems = [problem for _result, problem in told if problem]
    if problems:
        raise RuntimeError(next((text for text in problems if not text.startswith("BrokenBarrier")), problems[0]))
    return [result for result, _problem in told if result is not None]


def processor_seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time that the work takes, those of child processes included."""
    started = _spent()
    work()
    return _spent() - started


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """The time, in milliseconds, that this share of the measured times does not exceed; 1.0 gives the longest."""
    times = sorted(seconds)
    return round(times[min(int(len(times) * share), len(times) - 1)] * 1000, 2)


def median_ratio(values: Sequence[float], baselines: Sequence[float]) -> float:
    """The median of the ratios of each turn."""
    return round(statistics.median(value / base for value, base in zip(values, baselines, strict=True)), 3)


def machine_facts() -> dict[str, Any]:
    """What the benchmark ran on."""
    return {"cpus": os.cpu_count(), "python": platform.python_version(), "django": django.__version__}


def server_facts() -> dict[str, Any]:
    """The machine, the database server's settings and what it checks on every row."""
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
        **machine_facts(),
        "constraints": constraints,
        "triggers": triggers,
        "at": clock.now().isoformat(timespec="seconds"),
        "embedded": not settings.DATABASES["default"].get("PASSWORD"),
    }
