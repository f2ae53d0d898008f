"""The benchmarks run, give every figure, and break no rule; they leave nothing in the portal's own URLs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from portal.bench import measuring
from portal.bench.abuse_attacks import ATTACKS
from portal.bench.tests.running import bench


@pytest.mark.slow
def test_web_gives_every_figure_of_every_page() -> None:
    figures = bench(
        "web", "--certificates", "60", "--cases", "100", "--seconds", "0.3", "--turns", "1", "--connections", "2"
    )
    for page in ("register", "status", "queue", "gate"):
        assert figures[page]["requests_per_s"] > 0
        assert figures[page]["ratio"] > 0
        assert figures[page]["p95_ms"] > 0
    assert figures["settings"]["certificates"] == 60
    assert figures["settings"]["rows"]["certificates"] >= 60
    assert figures["settings"]["rows"]["cases"] >= 160


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the signal of a parent's death is Linux's")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_web_server_ends_with_a_killed_benchmark(end: signal.Signals) -> None:
    sizes = ("--certificates", "20", "--cases", "20", "--seconds", "60", "--connections", "1")
    command = [sys.executable, "manage.py", "bench", "web", "--json", *sizes]
    environment = os.environ | {"STATIC_HASHED": "1"}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        told = next(line for line in run.stderr if "answers on port" in line)
        run.send_signal(end)
    port = int(told.split()[-1])
    deadline = time.monotonic() + 20
    while _is_open(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _is_open(port)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_restitution_loses_and_doubles_nobody() -> None:
    figures = bench("restitution", "--followers", "5000", "--told", "1000", "--live-traffic", "--idle-seconds", "1")
    rates = (
        "followers_per_s",
        "bare_update_per_s",
        "divided_update_per_s",
        "ratio",
        "tell_per_s",
        "reversal_per_s",
        "batch_p50_ms",
        "pages",
    )
    others = ("quiet_ratio", "insert_select_per_s", "orm_loop_per_s", "platform_p99_ms", "platform_idle_p99_ms")
    sizes = ("ledger_bytes_per_follower", "wal_bytes_per_follower", "platform_operations")
    assert all(figures[name] > 0 for name in (*rates, *others, *sizes))
    assert [figures[name] for name in ("lost", "doubled", "not_restored", "not_ended")] == [0, 0, 0, 0]
    assert (figures["moved"], figures["already"], figures["bare_updated"]) == (3700, 500, 4200)
    assert 625 <= figures["passed"] <= 625 + 400, "an account of the live traffic may follow at the moment"
    assert figures["settings"]["followers"] == 5000


@pytest.mark.slow
def test_queue_breaks_no_rule() -> None:
    figures = bench("queue", "--cases", "2000", "--reviewers", "2", "--claims", "40", "--rounds", "2")
    assert [round_["claims"] for round_ in figures["rounds"]] == [40, 40]
    assert all(figures[name] > 0 for name in ("claims_per_s", "p50_ms", "p95_ms", "max_ms"))
    names = ("double_claims", "conflicts_violated", "claims_unrecorded")
    assert [figures[name] for name in names] == [0, 0, 0]


def test_compare_measures_reading_and_comparing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("bench", "compare", "--json", "--seconds=2", "--turns=1", "--minutes=1")
    figures = json.loads(capsys.readouterr().out)
    assert figures["270p"].keys() == figures["720p"].keys() == {"decode_x", "fingerprint_x", "ratio"}
    assert figures["compare"]["samples"] == 120
    assert figures["compare"]["segments"] == 1


def test_views_to_compare_with_are_not_part_of_the_portal() -> None:
    with pytest.raises(Resolver404):
        resolve("/bench/page/")
    with pytest.raises(NoReverseMatch):
        reverse("bench")


def test_an_error_of_one_process_is_told_and_ends_the_others() -> None:
    def work(number: int, ready: Any) -> int:
        if number == 1:
            message = "out of order"
            raise ValueError(message)
        ready.wait()
        return number

    with pytest.raises(RuntimeError, match="ValueError: out of order"):
        measuring.at_the_same_time(3, work)


def test_percentiles_and_ratios() -> None:
    assert [measuring.percentile_ms([0.004, 0.001, 0.002, 0.003], share) for share in (0.5, 0.95, 1.0)] == [3, 4, 4]
    assert measuring.median_ratio([1, 4, 9], [1, 2, 3]) == 2


@pytest.mark.slow
def test_abuse_measures_other_peoples_pages() -> None:
    figures = bench("abuse", "--seconds", "1", "--guests", "3", "--uploaders", "2")
    # Beside other tests a calm page may be slow as well; alone, the limit is 500 ms (docs/operations.md).
    assert 0 < figures["p95_ms"] <= max(500, 5 * figures["calm_p95_ms"])
    assert figures["errors"] == 0
    assert set(figures["phases"]) == {"calm", "together", *ATTACKS}
    assert 0 < figures["rss_peak_mb"] < 1000


@pytest.mark.slow
def test_decisions_are_measured_step_by_step() -> None:
    figures = bench("decisions", "--applications", "2")
    assert figures["certificates"] == 2
    for step in ("draft", "submit", "checks", "claim", "decide"):
        assert figures[step]["p50_ms"] > 0
        assert figures[step]["queries"] > 0


@pytest.mark.slow
@pytest.mark.long
def test_chaos_kills_every_part_and_finds_the_follows_exact() -> None:
    # Four minutes on a quiet machine of two cores: after each kill something has to start again.
    figures = bench("chaos", "--followers", "0", "--http-followers", "1600", "--kills", "4", seconds=600)
    assert figures["exact"]
    run = figures["http"]
    for way in ("moving", "reversing"):
        assert run[way]["kills"] == 4
        assert {"worker", "broker", "database", "platform"} <= run[way].keys()
    assert run["reversing"]["restored"] == run["moving"]["moved"] + run["moving"]["already"]


@pytest.mark.slow
def test_restitution_over_http_uses_the_platforms_rate() -> None:
    figures = bench("restitution", "--followers", "3000", "--workers", "1", "--http", "--http-rate", "5")
    assert (
        figures["http_lost"]
        == figures["http_doubled"]
        == figures["http_not_restored"]
        == figures["http_not_ended"]
        == 0
    )
    assert 0.5 < figures["http_rate_share"] <= 1
    assert 0 < figures["http_reversal_rate_share"] <= 1
    assert sum(figures["http_faults"].values()) > 0
