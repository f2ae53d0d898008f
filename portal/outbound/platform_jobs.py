"""Which open jobs are for which platform. A job's payload holds ids only, so an app says where the platform stands."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Model, Q

from portal import clock
from portal.jobs.models import Job, JobState
from portal.outbound import discrepancies
from portal.outbound.lookups import PATIENCE
from portal.outbound.models import Effect, Lookup, LookupState, Problem

# Of all platforms together; a page needs no exact number beyond.
MOST_COUNTED = 10_000
# A job for a platform that is older, and has failed, is told to staff, whatever the platform answers.
OVERDUE = timedelta(days=3)
_OVERDUE_KEY = "overdue:"
# Payload, state and attempts of a job.
_Row = tuple[dict[str, Any], str, int]


@dataclass(frozen=True)
class _Source:
    field: str
    model: type[Model]
    path: str
    match: str


@dataclass(frozen=True)
class OpenJobs:
    """Jobs of one platform: those that wait or run, those of them that have failed before, and those given up."""

    waiting: int = 0
    failing: int = 0
    given_up: int = 0


_sources: dict[str, _Source] = {}


def register_platform_jobs(
    kinds: Iterable[str], *, field: str, model: type[Model], path: str, match: str = "pk"
) -> None:
    """Say that `field` of the payload of these kinds is `match` of a row of `model`, whose `path` is the code of its platform."""
    for kind in kinds:
        _sources[kind] = _Source(field, model, path, match)


def open_jobs() -> dict[str, OpenJobs]:
    """Code of a platform to its open jobs; kinds that nobody registered are not counted."""
    # Written so that the partial indexes of these states serve it: jobs that are done are many.
    still_open = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING) | Q(state=JobState.FAILED)
    rows = Job.objects.filter(still_open, kind__in=_sources).order_by()
    by_kind: dict[str, list[_Row]] = {}
    for kind, *row in rows.values_list("kind", "payload", "state", "attempts")[:MOST_COUNTED]:
        by_kind.setdefault(kind, []).append((row[0], row[1], row[2]))
    counts: dict[str, Counter[str]] = {}
    for kind, jobs in by_kind.items():
        for code, facts in _facts_by_platform(_sources[kind], jobs):
            counts.setdefault(code, Counter()).update(facts)
    return {code: OpenJobs(**counter) for code, counter in counts.items()}


def waiting_lookups() -> dict[str, int]:
    """Name of a platform to the number of questions that wait for it; those whose job was lost do not count."""
    rows = Lookup.objects.filter(state=LookupState.ASKED, asked_at__gt=clock.now() - PATIENCE)
    return dict(rows.order_by().values_list("platform").annotate(number=Count("pk")))


def note_overdue_jobs() -> int:
    """Note the platforms for which a job has failed and is still open after OVERDUE, and settle the others; returns how many.

    A platform may ask to be called later, again and again, and such attempts do not count: no job would ever be given up. Safe to run twice.
    """
    rows = Job.objects.filter(Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING), kind__in=_sources).exclude(error="")
    found: set[str] = set()
    by_kind: dict[str, list[_Row]] = {}
    old = rows.filter(created_at__lte=clock.now() - OVERDUE).order_by()
    listed = list(old.values_list("kind", "payload", "state", "attempts")[: MOST_COUNTED + 1])
    for kind, *row in listed:
        by_kind.setdefault(kind, []).append((row[0], row[1], row[2]))
    for kind, jobs in by_kind.items():
        found.update(code for code, _facts_of_job in _facts_by_platform(_sources[kind], jobs))
    for code in found:
        about: dict[str, Any] = {"effect": Effect.CALLS, "wanted": True, "subject": "", "problem": Problem.OVERDUE}
        discrepancies.note_discrepancy(f"{_OVERDUE_KEY}{code}", platform=code, **about)
    known = discrepancies.open_discrepancies().filter(key__startswith=_OVERDUE_KEY).values_list("key", flat=True)
    # Cut off, the list says nothing about platforms that are not on it.
    over = set(known) - {f"{_OVERDUE_KEY}{code}" for code in found} if len(listed) <= MOST_COUNTED else set()
    for key in over:
        discrepancies.settle_discrepancy(key)
    return len(found)


def _facts_by_platform(source: _Source, jobs: list[_Row]) -> Iterator[tuple[str, list[str]]]:
    ids = {payload.get(source.field) for payload, _state, _attempts in jobs} - {None}
    rows = source.model._default_manager.filter(**{f"{source.match}__in": ids}).order_by()
    found: dict[object, set[str]] = {}
    for row_id, code in rows.values_list(source.match, source.path):
        found.setdefault(row_id, set()).add(code)
    for payload, state, attempts in jobs:
        for code in found.get(payload.get(source.field), ()):
            yield code, _facts(state, attempts)


def _facts(state: str, attempts: int) -> list[str]:
    if state == JobState.FAILED:
        return ["given_up"]
    # The first attempt of a job that runs has not failed.
    failed_before = attempts > (1 if state == JobState.RUNNING else 0)
    return ["waiting", "failing"] if failed_before else ["waiting"]
