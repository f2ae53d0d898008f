"""A restitution while worker, broker, database and reference platform are killed in turn: the follows are exact in the end.

On a stack of its own, in the sandbox and then over HTTP. Each part is killed (SIGKILL) at a random moment after the move has got on since
the last time, and started again; so it goes until enough kills were made while followers moved, and again while they go back. The pages are
made so small that there are about PAGES_A_KILL of them for each kill. The follows are compared to the row, times included, with those that follow from
the rules by arithmetic, and after the reversal with those of before.
"""

import random
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from complaints.actions import restitutions, reversals
from complaints.models import Restitution
from complaints.states import RestitutionState
from portal.audit import trail
from portal.bench import own_stack, reference_rows, restitution_http, restitution_rows, small_pages
from portal.bench.measuring import Say, machine_facts
from portal.bench.own_stack import OwnStack, Part, patiently
from portal.bench.restitution_http import checked_restitution
from portal.jobs.models import Job, JobState
from portal.platforms import registry

PAGES_A_KILL = 20
# Seconds after which the next part dies at the latest, counted from when the move has got on again.
_LATEST_DEATH = 0.5
# Calls over HTTP are paced by the rows of the production path, too; the platform sets no limit.
_HTTP_RATE = 1000.0
_SANDBOX_PARTS: Sequence[Part] = ("worker", "broker", "database")
_HTTP_PARTS: Sequence[Part] = (*_SANDBOX_PARTS, "platform")
# Leases and repetitions as short as they can be: a dead worker's job is taken over after a second.
_SHORT = {"JOBS_LEASE_SECONDS": "1", "JOBS_RESEND_SECONDS": "1"}
_SIZES = ("followers", "http_followers", "kills", "seed")


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--followers", type=int, default=1_000_000, help="followers in the sandbox; 0: not there")
    parser.add_argument("--http-followers", type=int, default=50_000, help="followers over HTTP; 0: not there")
    parser.add_argument(
        "--kills", type=int, default=30, help="kills while followers move, and as many while they go back"
    )
    parser.add_argument("--seed", type=int, default=20260301, help="of the moments of the kills")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Both runs on a stack of their own; `exact` tells whether nothing was lost, doubled or left behind.

    `ended_workers`: how often workers ended by themselves after another part was killed, and were started again.
    """
    if not own_stack.is_inside():
        sizes = [part for name in _SIZES for part in (f"--{name.replace('_', '-')}", str(options[name]))]
        return own_stack.run_inside("chaos", *sizes, rate=_HTTP_RATE)
    kills = max(1, options["kills"]) * PAGES_A_KILL
    http_page = max(10, options["http_followers"] // kills)
    page = max(50, http_page, options["followers"] // kills)
    environment = {**_SHORT, small_pages.PAGE: str(page)}
    limits, worker = ("--followers-per-page", str(http_page)), ("-I", small_pages.__name__)
    with own_stack.own_stack(say, reference=limits, worker=worker, **environment) as stack:
        chaos, runs = _Chaos(stack, options, say, page=page), dict[str, Any]()
        if options["followers"]:
            runs["sandbox"] = chaos.run(_sandbox_scene(options["followers"], say), _SANDBOX_PARTS)
        if options["http_followers"]:
            runs["http"] = chaos.run(_http_scene(stack, options["http_followers"]), _HTTP_PARTS)
    exact = all(not run[name] for run in runs.values() for name in _WRONG)
    pages = {"page": page, "http_page": http_page}
    return {
        "exact": exact,
        **runs,
        "ended_workers": stack.ended_workers,
        "settings": {**machine_facts(), **{name: options[name] for name in _SIZES}, **pages},
    }


@dataclass(frozen=True)
class _Scene:
    """A restitution that is due, and how its follows differ from those that must be there then and afterwards."""

    row: Restitution
    after_move: Callable[[], tuple[int, int]]
    after_reversal: Callable[[], tuple[int, int]]


def _begin(_row: Restitution) -> None:
    restitutions.begin_due_restitutions()


def _reverse(row: Restitution) -> None:
    reversals.reverse_restitution(row, by=None)


class _Way(NamedTuple):
    """How a restitution sets out there or back, the state in which its parts die, and the one in which it has ended."""

    begin: Callable[[Restitution], None]
    state: str
    end: str


_THERE = _Way(_begin, RestitutionState.MOVING, RestitutionState.DONE)
_BACK = _Way(_reverse, RestitutionState.REVERSING, RestitutionState.REVERSED)
# Figures that must be 0, or empty.
_WRONG = ("lost", "doubled", "not_restored", "not_ended", "broken_links", "failed_jobs", "kills_missing")


class _Chaos:
    """One restitution there and back, while parts of the stack die."""

    def __init__(self, stack: OwnStack, options: dict[str, Any], say: Say, *, page: int) -> None:
        self._stack, self._kills, self._say, self._page = stack, options["kills"], say, page
        self._dice = random.Random(options["seed"])  # noqa: S311 -- moments to die at

    def run(self, scene: _Scene, parts: Sequence[Part]) -> dict[str, Any]:
        """What was killed on both ways, and what is wrong then: zeros."""
        there = self._one_way(scene.row, _THERE, parts)
        lost, doubled = patiently(scene.after_move)
        back = self._one_way(scene.row, _BACK, parts)
        not_restored, not_ended = patiently(scene.after_reversal)
        wrong: dict[str, Any] = {"lost": lost, "doubled": doubled, "not_restored": not_restored, "not_ended": not_ended}
        wrong |= {"broken_links": len(patiently(trail.broken_links)), "failed_jobs": patiently(_failed_jobs)}
        wrong["kills_missing"] = sum(max(0, self._kills - way["kills"]) for way in (there, back))
        figures = {"moving": there, "reversing": back, **wrong}
        self._say(f"{scene.row.platform}: {figures}")
        return figures

    def _one_way(self, row: Restitution, way: _Way, parts: Sequence[Part]) -> dict[str, Any]:
        started = time.monotonic()
        patiently(lambda: Restitution.objects.filter(pk=row.pk).update(batch=self._page))
        patiently(lambda: way.begin(row))
        kills = self._kill_in_turn(row.pk, way.state, parts)
        restitution_http.wait_for_state(row.pk, way.end, self._stack)
        done = patiently(lambda: checked_restitution(row.pk, way.end))
        facts = {"kills": sum(kills.values()), **kills, "seconds": round(time.monotonic() - started, 1)}
        return facts | {"moved": done.moved, "already": done.already, "restored": done.restored}

    def _kill_in_turn(self, pk: int, state: str, parts: Sequence[Part]) -> dict[str, int]:
        """Kill part after part for as long as the restitution is in a state, and often enough; how often each died."""
        deaths: Counter[str] = Counter()
        seen: object = None
        while deaths.total() < self._kills:
            place = self._wait_until_it_got_on(pk, state, seen)
            time.sleep(self._dice.uniform(0, _LATEST_DEATH))
            if place is None or patiently(lambda: _place(pk, state)) is None:
                break
            part = parts[deaths.total() % len(parts)]
            self._stack.kill(part)
            deaths[part] += 1
            self._stack.mend(part)
            self._say(f"{deaths.total()}: {part} killed at {place}")
            if (seen := patiently(lambda: _place(pk, state))) is None:
                break
        return dict(deaths)

    def _wait_until_it_got_on(self, pk: int, state: str, seen: object) -> tuple[int, int] | None:
        def has_got_on() -> bool:
            self._stack.restart_ended_workers()
            return _place(pk, state) != seen

        own_stack.wait_until(has_got_on, restitution_http.STILL_SECONDS, every=0.02)
        return patiently(lambda: _place(pk, state))


def _place(pk: int, state: str) -> tuple[int, int] | None:
    """How far the restitution has come, None once it has left the state."""
    row = Restitution.objects.get(pk=pk)
    return (row.looked_at, row.restored + row.overridden + row.missing) if row.state == state else None


def _failed_jobs() -> dict[str, str]:
    """The last errors of jobs that were given up, by kind and number."""
    rows = Job.objects.filter(state=JobState.FAILED).order_by("pk")
    return {f"{row.kind}:{row.pk}": row.error[-300:] for row in rows}


def _sandbox_scene(followers: int, say: Say) -> _Scene:
    restitution_rows.make_bench_rows(followers, say)
    edges = restitution_rows.count_snapshot()
    restitution_rows.rewrite_follow_table()
    remedy = restitution_rows.create_restitution_remedy()
    source = registry.get_connector(remedy.complaint.platform).accounts.account(remedy.complaint.account_id)

    def compared(table: str) -> tuple[int, int]:
        _require_snapshot(restitution_rows.count_snapshot(), edges)
        return restitution_rows.missing_edges(table), restitution_rows.surplus_edges(table)

    return _Scene(
        restitutions.plan_restitution(remedy, source),
        lambda: compared(restitution_rows.EXPECTED),
        lambda: compared(restitution_rows.BEFORE),
    )


def _http_scene(stack: OwnStack, followers: int) -> _Scene:
    store = stack.platform().store
    reference_rows.fill_reference(store, followers)
    row = restitution_http.plan_on_reference()
    reference_rows.note_expected(store, row.key)
    edges = reference_rows.count_snapshot(store)

    def compared(table: str) -> tuple[int, int]:
        _require_snapshot(reference_rows.count_snapshot(store), edges)
        return reference_rows.count_differences(store, table)

    return _Scene(row, lambda: compared(reference_rows.EXPECTED), lambda: compared(reference_rows.BEFORE))


def _require_snapshot(edges: int, made: int) -> None:
    """Raise AssertionError if what follows are compared with has suffered from the kills itself."""
    if edges != made or not made:
        message = f"the snapshot has {edges} follows of {made}"
        raise AssertionError(message)
