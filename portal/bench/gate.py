"""The publishing gate and the register's search at a million certificates, and what proofs of them cost.

The gate takes turns with a view that makes one query, behind the same middleware and signed in with the same token
(`gate_ratio`, as in `manage.py bench web`). Searches, the gate for a thousand accounts, and a status list are timed in this process.
"""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

from django.conf import settings
from django.core.management import call_command

from certification import feeds, gate_lists, public
from certification.actions import changes
from certification.models import Certificate, CertificateChange
from certification.proof import status_lists
from portal import clock, localservers
from portal.bench import web, web_rows
from portal.bench.measuring import Say, bench_database, percentile_ms, server_facts
from portal.people.models import LinkedAccount, User

_SEARCHES = (
    "王伟",
    "Smith Anna",
    "秀英",
    "张",
    "Family law",
    "smith",
    "nov",
    "Cardiology Kim",
    "陈静 12",
    "CT-BNCH-2345-6789",
)
_PLATFORM = "sandbox"


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--certificates", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--connections", type=int, default=8, help="kept open, each in a process of its own")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one turn")
    parser.add_argument("--turns", type=int, default=3, help="turns of the gate and of its baseline")
    parser.add_argument("--searches", type=int, default=200)


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Fill the database, measure the gate over HTTP and the rest in this process."""
    localservers.ensure_servers(settings.DATA_DIR)
    call_command("collectstatic", interactive=False, verbosity=0)
    with bench_database(keep=options["keep"]):
        target = web_rows.fill_database(options["certificates"], options["cases"], say)["gate"]
        with web.running_site(say) as port:
            gate = web.measure_page(port, "gate", target, options, say)
        accounts = _linked_accounts()
        number = Certificate.objects.order_by("-pk").values_list("pk", flat=True)[0] // status_lists.SIZE
        area = Certificate.objects.order_by("-pk").values_list("area__code", flat=True)[0]
        figures = {
            "gate_ratio": gate["ratio"],
            "gate_requests_per_s": gate["requests_per_s"],
            "gate_p95_ms": gate["p95_ms"],
            "search_p95_ms": _p95(islice(cycle(_SEARCHES), options["searches"]), public.search_register),
            "thousand_accounts_p95_ms": _p95(
                [accounts] * 20, lambda asked: gate_lists.check_gate_of_many(asked, area, platform=_PLATFORM)
            ),
            "status_list_p95_ms": _p95(
                [number] * 10,
                lambda asked: status_lists.list_credential(status_lists.REVOCATION, asked, clock.now()),
            ),
            "changes_p95_ms": _p95([feeds.last_position()] * 20, lambda after: feeds.changes_page(_PLATFORM, after)),
        }
        return {**figures, "settings": {**server_facts(), "certificates": Certificate.objects.count()}}


def measure_small(certificates: int, say: Say) -> dict[str, Any]:
    """The ratio of the gate among few certificates, for benchmarks of which it is a part."""
    options = {"keep": False, "certificates": certificates, "cases": 20, "searches": 20}
    figures = run(options | {"connections": 8, "seconds": 4.0, "turns": 3}, say)
    return {"gate_ratio": figures["gate_ratio"], "gate_settings": figures["settings"]}


def _linked_accounts() -> list[str]:
    """The public ids of a thousand holders with a proven account; the changes so far are given their places."""
    holders = User.objects.filter(pk__in=Certificate.objects.order_by("-pk").values("holder")[:1000])
    proven = {"state": "proven", "proven_at": clock.now() - timedelta(days=1), "platform": _PLATFORM}
    rows = [LinkedAccount(person=row, external_id=f"b{row.pk}", handle=f"b{row.pk}", **proven) for row in holders]
    LinkedAccount.objects.bulk_create(rows, ignore_conflicts=True)
    while CertificateChange.objects.filter(position=None).exists():
        changes.number_changes(100_000)
    return [row.public_id for row in holders]


def _p95(asked: Iterable[Any], work: Callable[[Any], object]) -> float:
    """The 95th percentile in milliseconds; the first call, which finds nothing warm, is not counted."""
    seconds = []
    for each in asked:
        begun = time.perf_counter()
        work(each)
        seconds.append(time.perf_counter() - begun)
    return percentile_ms(seconds[1:], 0.95)
