"""The same followers on the reference platform over HTTP: how much of its rate a restitution uses while calls fail.

The platform says how many calls a second it takes and answers 429 to more (`--rate`); the operator writes the same number into PLATFORMS, as
docs/connect-your-platform.md asks. `http_rate_share` is what was called of what that rate allowed from the first page to the last:
calls that arrived, by seconds times rate and what the bucket holds at the start. `http_useful_share` counts the pages that were recorded instead.
"""

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Sum

from complaints.actions import restitutions, reversals
from complaints.models import Restitution
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal import clock
from portal.bench import own_stack, reference_rows, restitution_rows
from portal.bench.measuring import Say, machine_facts
from portal.bench.own_stack import REFERENCE, OwnStack, patiently
from portal.outbound.models import PlatformFailure, PlatformTraffic
from portal.platforms import registry

_SEED = 20260301
# A restitution that stands still for so long ends the benchmark with an error.
STILL_SECONDS = 400.0


def run_on_own_stack(options: dict[str, Any]) -> dict[str, Any]:
    """The figures over HTTP, from a process and a stack of its own."""
    names = {"followers": "followers", "rate": "http_rate", "page": "http_page", "faults": "http_faults"}
    sizes = [part for flag, name in names.items() for part in (f"--{_flag(flag)}", str(options[name]))]
    return own_stack.run_inside("restitution", "--http", *sizes, rate=options["http_rate"])


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Move and take back on the stack of this process; everything is compared to the row."""
    limits = ("--rate", str(options["http_rate"]), "--followers-per-page", str(options["http_page"]))
    with own_stack.own_stack(say, reference=limits) as stack:
        store = stack.platform().store
        reference_rows.fill_reference(store, options["followers"])
        row = plan_on_reference()
        reference_rows.note_expected(store, row.key)
        moved = _measure(row, stack, options, _THERE)
        lost, doubled = reference_rows.count_differences(store, reference_rows.EXPECTED)
        say(f"moved over HTTP: {moved}")
        back = _measure(row, stack, options, _BACK)
        not_restored, not_ended = reference_rows.count_differences(store, reference_rows.BEFORE)
        say(f"taken back over HTTP: {back}")
    return {
        **{f"http_{name}": value for name, value in moved.items()},
        "http_lost": lost,
        "http_doubled": doubled,
        **{f"http_reversal_{name}": value for name, value in back.items()},
        "http_not_restored": not_restored,
        "http_not_ended": not_ended,
        "http_settings": _settings(options),
    }


def plan_on_reference() -> Restitution:
    """The restitution of an upheld complaint on the reference platform; it can begin at once."""
    remedy = restitution_rows.create_restitution_remedy(REFERENCE)
    source = registry.get_connector(REFERENCE).accounts.account(remedy.complaint.account_id)
    return restitutions.plan_restitution(remedy, source)


def checked_restitution(pk: int, state: str) -> Restitution:
    """The restitution as it is now; a ledger that does not add up makes the run worthless."""
    row = Restitution.objects.select_related("remedy__complaint").get(pk=pk)
    faults = attribution.ledger_imbalances(row, row.pages.order_by("number").iterator(chunk_size=1), ())
    if row.state != state or faults:
        message = f"the restitution is {row.state}: {faults}"
        raise AssertionError(message)
    return row


def wait_for_state(pk: int, state: str, stack: OwnStack) -> None:
    """Wait until a restitution has come to a state; TimeoutError if nothing becomes of it for a long time."""
    seen: list[object] = []

    def moves_or_ended() -> bool:
        stack.restart_ended_workers()
        row = Restitution.objects.get(pk=pk)
        now = [row.looked_at, row.restored, row.overridden, row.missing]
        moves, seen[:] = now != seen, now
        return moves or row.state == state

    while patiently(lambda: Restitution.objects.get(pk=pk).state) != state:
        own_stack.wait_until(moves_or_ended, STILL_SECONDS)


def _begin(_row: Restitution) -> None:
    if restitutions.begin_due_restitutions() != 1:
        raise AssertionError("the restitution did not begin")


def _reverse(row: Restitution) -> None:
    reversals.reverse_restitution(row, by=None)


class _Way(NamedTuple):
    """One way, there or back: how it begins, the path of its calls, and the state in which it has ended."""

    begin: Callable[[Restitution], None]
    path: str
    state: RestitutionState


_THERE = _Way(_begin, reference_rows.MOVE, RestitutionState.DONE)
_BACK = _Way(_reverse, reference_rows.RESTORE, RestitutionState.REVERSED)


def _measure(row: Restitution, stack: OwnStack, options: dict[str, Any], way: _Way) -> dict[str, Any]:
    """One way, with faults before calls of its path."""
    store, calls = stack.platform().store, 3 * options["followers"] // options["http_page"] + 100
    dice = random.Random(f"{_SEED}{way.path}")  # noqa: S311 -- which calls fail
    planned = reference_rows.schedule_faults(store, way.path, calls, options["http_faults"], dice)
    before, started = _calls_made(), clock.now()
    way.begin(row)
    wait_for_state(row.pk, way.state, stack)
    called, row = _calls_made() - before, checked_restitution(row.pk, way.state)
    seconds = ((row.ended_at or clock.now()) - started).total_seconds()
    allowed = seconds * options["http_rate"] + max(1.0, options["http_rate"])
    pages, looked_at, changed = _work_done(row, way, options["http_page"])
    left = reference_rows.count_faults(store, way.path)
    return {
        "rate_share": round(called / allowed, 3),
        "useful_share": round(pages / allowed, 3),
        "followers_per_s": round(changed / seconds, 1),
        "ids_per_s": round(looked_at / seconds, 1),
        "seconds": round(seconds, 1),
        "calls": called,
        "pages": pages,
        "faults": {kind: count - left.get(kind, 0) for kind, count in planned.items()},
    }


def _work_done(row: Restitution, way: _Way, page: int) -> tuple[int, int, int]:
    """How many calls would have been enough had none failed, and how many followers they looked at and changed."""
    if way is _THERE:
        return math.ceil(row.looked_at / page), row.looked_at, row.moved + row.already
    taken_back = row.pages.exclude(restored_at=None).exclude(moved=[], already=[])
    return taken_back.count(), row.moved + row.already, row.restored


def _calls_made() -> int:
    """How many calls have reached the platform so far today: those that were let through, but for those without a connection."""
    let_through = PlatformTraffic.objects.filter(platform=REFERENCE).aggregate(n=Sum("quota_used", default=0))["n"]
    missed = PlatformFailure.objects.filter(platform=REFERENCE, kind="unreachable")
    return int(let_through - missed.aggregate(n=Sum("count", default=0))["n"])


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    names = ("followers", "http_rate", "http_page", "http_faults")
    return {**machine_facts(), **{name: options[name] for name in names}, "restarts": reference_rows.RESTART_SHARE}


def _flag(name: str) -> str:
    return name if name == "followers" else f"http-{name}"
