"""Claims per second: many reviewers, each in a process of their own, take the next case at the same time.

Every claim is the production action `queue.claim_next_case`, its audit event included. Nobody holds two
cases, so a client plays one fresh reviewer after another; what is measured is the claim and nothing else.
"""

import time
from argparse import ArgumentParser
from multiprocessing.synchronize import Barrier
from typing import Any

from portal.bench import queue_rows
from portal.bench.measuring import (
    Say,
    Stopwatch,
    at_the_same_time,
    bench_database,
    percentile_ms,
    server_facts,
    write_checkpoint,
)
from portal.people.models import User
from portal.reviews.actions import queue


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases, three in ten of them waiting")
    parser.add_argument("--reviewers", type=int, default=32, help="client processes that claim at the same time")
    parser.add_argument("--claims", type=int, default=8_000, help="claims in one round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median one is reported, with the spread")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Make the rows, let the clients claim, check that no rule was broken."""
    sizes = queue_rows.Sizes(options["cases"], options["claims"] * options["rounds"])
    with bench_database(keep=options["keep"]):
        watch = Stopwatch()
        queue_rows.make_bench_rows(sizes, say)  # unless an earlier run was told to keep them
        say(f"rows made in {watch.seconds:.0f} s")
        rounds = [_round(number, options, say) for number in range(options["rounds"])]
        middle = sorted(rounds, key=lambda row: row["claims_per_s"])[len(rounds) // 2]
        return {
            **middle,
            **queue_rows.count_violations(),
            "rounds": rounds,
            "settings": {**server_facts(), "cases": options["cases"], "clients": options["reviewers"]},
        }


def _round(number: int, options: dict[str, Any], say: Say) -> dict[str, Any]:
    clients, claims = options["reviewers"], options["claims"]
    each = claims // clients
    checkpointed = write_checkpoint()
    told = at_the_same_time(clients, lambda client, ready: _claim(number * claims + client * each, each, ready))
    times = [seconds for _start, _end, seen in told for seconds in seen]
    wall = max(end for _start, end, _seen in told) - min(start for start, _end, _seen in told)
    figures = {
        "claims_per_s": round(len(times) / wall, 1),
        "p50_ms": percentile_ms(times, 0.5),
        "p95_ms": percentile_ms(times, 0.95),
        "max_ms": percentile_ms(times, 1.0),
        "claims": len(times),
        "checkpointed": checkpointed,
    }
    say(f"round {number + 1}: {figures}")
    return figures


def _claim(start: int, each: int, ready: Barrier) -> tuple[float, float, list[float]]:
    """When this client began and ended, and how many seconds each claim took."""
    people = list(User.objects.filter(role__in=queue_rows.ROLES).order_by("pk")[start : start + each])
    seen = []
    ready.wait()
    begun = time.perf_counter()
    for reviewer in people:
        watch = Stopwatch()
        if queue.claim_next_case(by=reviewer) is not None:
            seen.append(watch.seconds)
    return begun, time.perf_counter(), seen
