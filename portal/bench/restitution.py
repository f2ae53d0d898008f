"""Followers moved per second: the production action, ledger and audit included, against one bare UPDATE.

The UPDATE changes the owner of the same follows and does nothing else: no judgement, no ledger, no
audit, one lock on all of them. Both begin with the table just rewritten and everything written out. The
edges are then compared one by one with those that must be there; so they are after taking all of it back. Beside it stands
the same UPDATE divided among as many connections as there are workers.
"""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import pairwise
from multiprocessing.synchronize import Barrier
from typing import Any

from django.conf import settings
from django.db import connection

from complaints.actions import restitution_pages, restitutions, reversals
from complaints.models import Restitution
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal.bench import own_stack, restitution_http, restitution_rows
from portal.bench import restitution_baselines as baselines
from portal.bench import restitution_traffic as traffic
from portal.bench.measuring import (
    Say,
    Stopwatch,
    at_the_same_time,
    bench_database,
    percentile_ms,
    server_facts,
    write_checkpoint,
)
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.jobs import runner
from portal.platforms import registry


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--followers", type=int, default=1_000_000, help="followers of the account that copied")
    parser.add_argument("--told", type=int, default=100_000, help="about how many of them are told")
    parser.add_argument("--workers", type=int, default=2, help="processes that move and take back at the same time")
    parser.add_argument(
        "--live-traffic", action="store_true", help="a second run, beside 200 follows and unfollows a second"
    )
    parser.add_argument(
        "--http", action="store_true", help="besides, the same followers on the reference platform over HTTP"
    )
    # What platforms of the size of a large site's public API allow: a thousand calls a minute of a hundred ids.
    parser.add_argument("--http-rate", type=float, default=1000 / 60, help="calls a second that the platform takes")
    parser.add_argument("--http-page", type=int, default=100, help="followers that it takes in one call")
    parser.add_argument("--http-faults", type=float, default=0.05, help="share of the calls that fail")
    parser.add_argument("--idle-seconds", type=float, default=10, help="live traffic before the move, to compare with")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Make the rows, do the bare UPDATE, move, tell and take back; `ratio` is the rate of moving by that of the UPDATE.

    With live traffic the figures are those of a second run beside it, and `quiet_ratio` is that of the first.
    """
    if own_stack.is_inside():
        return restitution_http.run(options, say)
    if not settings.SANDBOX:
        registry.register_platform(SandboxPlatform().connector())
    figures = _run_once(options, say, live=False)
    quiet = {"quiet_ratio": figures["ratio"]}
    over_http = restitution_http.run_on_own_stack(options) if options["http"] else {}
    return (_run_once(options, say, live=True) if options["live_traffic"] else figures) | quiet | over_http


def _run_once(options: dict[str, Any], say: Say, *, live: bool) -> dict[str, Any]:
    settings.POOL_PROCESSES["restitution"] = options["workers"]
    with bench_database(keep=False):
        restitution_rows.make_bench_rows(options["followers"], say)
        viewers = traffic.make_viewers(restitution_rows.FIRST + 2 * options["followers"])
        remedy = restitution_rows.create_restitution_remedy()
        source = registry.get_connector(remedy.complaint.platform).accounts.account(remedy.complaint.account_id)
        row = restitutions.plan_restitution(remedy, source)
        others = baselines.time_others(say)
        idle = _time_idle_platform(viewers, options["idle_seconds"], say) if live else {}
        divided = _time_divided_update(options["followers"], options["workers"], say)
        bare = _time_bare_update(say)  # right before the move, so that both meet the same machine
        moved = _time_moving(row, viewers if live else (), options["workers"], say)
        told = _time_telling(row, options["told"], say)
        back = _time_reversal(row, options["workers"], say)
        ratios = {
            "ratio": round(moved["followers_per_s"] / bare["bare_update_per_s"], 3),
            "reversal_ratio": round(back["reversal_per_s"] / moved["followers_per_s"], 3),
            "tell_ratio": round(told["tell_per_s"] / moved["followers_per_s"], 3),
        }
        return {**moved, **bare, **divided, **ratios, **told, **back, **others, **idle, "settings": _settings(options)}


def _time_moving(row: Restitution, viewers: Sequence[int], workers: int, say: Say) -> dict[str, Any]:
    _prepare()
    beside = traffic.live_traffic(viewers) if viewers else nullcontext(None)
    with beside as live:
        wal, watch = baselines.wal_position(), Stopwatch()
        restitutions.begin_due_restitutions()
        _work(restitutions.MOVE_FOLLOWERS, workers)
        seconds, written = watch.seconds, baselines.wal_position() - wal
    row = restitution_http.checked_restitution(row.pk, RestitutionState.DONE)
    times = list(row.pages.order_by("number").values_list("at", flat=True))
    batches = [(later - earlier).total_seconds() for earlier, later in pairwise([row.begun_at or times[0], *times])]
    figures = {
        "followers_per_s": round((row.moved + row.already) / seconds, 1),
        "lost": restitution_rows.missing_edges(restitution_rows.EXPECTED),
        "doubled": restitution_rows.surplus_edges(restitution_rows.EXPECTED),
        "looked_at_per_s": round(row.looked_at / seconds, 1),
        "moved": row.moved,
        "already": row.already,
        "excluded": row.excluded,
        "passed": row.passed,
        "pages": len(times),
        "batch_p50_ms": percentile_ms(batches, 0.5),
        "batch_max_ms": percentile_ms(batches, 1.0),
        "ledger_bytes_per_follower": round(baselines.ledger_bytes() / max(1, row.moved + row.already), 1),
        "wal_bytes_per_follower": round(written / max(1, row.moved + row.already), 1),
        **(live.figures("platform") if live else {}),
    }
    say(f"moved: {figures}")
    return figures


def _time_telling(row: Restitution, enough: int, say: Say) -> dict[str, Any]:
    """Tell page after page until about `enough` followers are told, as the job does."""
    write_checkpoint()
    watch = Stopwatch()
    count = 0
    while count < enough and (number := restitution_pages.tell_page(row.pk)) is not None:
        page = row.pages.only("moved", "already").get(number=number)
        count += len(page.moved) + len(page.already)
    figures = {"tell_per_s": watch.rate(count), "told": count}
    say(f"told: {figures}")
    return figures


def _time_reversal(row: Restitution, workers: int, say: Say) -> dict[str, Any]:
    """Take everything back; those who were told are told again."""
    _prepare()
    watch = Stopwatch()
    reversals.reverse_restitution(row, by=None)
    _work(restitutions.RESTORE_FOLLOWERS, workers)
    seconds = watch.seconds
    row = restitution_http.checked_restitution(row.pk, RestitutionState.REVERSED)
    wrong = {
        "not_restored": restitution_rows.missing_edges(restitution_rows.BEFORE),
        "not_ended": restitution_rows.surplus_edges(restitution_rows.BEFORE),
    }
    figures = {"reversal_per_s": round(row.restored / seconds, 1), **wrong}
    say(f"taken back: {figures}")
    return figures


def _time_idle_platform(viewers: Sequence[int], seconds: float, say: Say) -> dict[str, Any]:
    """The same traffic while nothing is moved."""
    _prepare()
    with traffic.live_traffic(viewers) as live:
        time.sleep(seconds)
    figures = live.figures("platform_idle")
    say(f"idle: {figures}")
    return figures


def _time_bare_update(say: Say) -> dict[str, Any]:
    _prepare()
    with connection.cursor() as cursor:
        watch = Stopwatch()
        cursor.execute(restitution_rows.BARE_UPDATE, {})
        seconds = watch.seconds
        figures = {"bare_update_per_s": round(cursor.rowcount / seconds, 1), "bare_updated": cursor.rowcount}
        cursor.execute(restitution_rows.BARE_UPDATE_BACK)
    say(f"bare UPDATE: {figures}")
    return figures


def _time_divided_update(followers: int, workers: int, say: Say) -> dict[str, Any]:
    """The bare UPDATE divided among as many connections as there are workers: what the machine gains by them."""
    _prepare()
    size = -(-followers // workers)

    def update(number: int, ready: Barrier) -> tuple[int, float]:
        first = restitution_rows.FIRST + number * size
        with connection.cursor() as cursor:
            ready.wait()
            watch = Stopwatch()
            cursor.execute(restitution_rows.BARE_UPDATE_OF_SOME, {"first": first, "end": first + size})
            return cursor.rowcount, watch.seconds

    told = at_the_same_time(workers, update)
    with connection.cursor() as cursor:
        cursor.execute(restitution_rows.BARE_UPDATE_BACK)
    rate = sum(rows for rows, _seconds in told) / max(seconds for _rows, seconds in told)
    say(f"bare UPDATE by {workers}: {rate:,.0f} a second")
    return {"divided_update_per_s": round(rate, 1)}


def _work(kind: str, workers: int) -> None:
    """Have so many processes do the jobs of a kind, each one job after another, until none is due."""
    at_the_same_time(workers, lambda _number, _ready: runner.run_due_jobs([kind]))


def _prepare() -> None:
    restitution_rows.rewrite_follow_table()
    write_checkpoint()


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    return {
        **server_facts(),
        "followers": options["followers"],
        "workers": options["workers"],
        "page_seconds": attribution.PAGE_SECONDS,
    }
