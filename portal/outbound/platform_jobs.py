"""Which open jobs are for which platform. A job's payload holds ids only, so an app says where the platform stands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Model

from portal import clock
from portal.jobs.models import Job, JobState
from portal.outbound.lookups import PATIENCE
from portal.outbound.models import Lookup, LookupState

# Of one kind; a page needs no exact number beyond.
MOST_COUNTED = 2000


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
    counts: dict[str, Counter[str]] = {}
    for kind, source in _sources.items():
        for code, counter in _count(kind, source).items():
            counts.setdefault(code, Counter()).update(counter)
    return {code: OpenJobs(**counter) for code, counter in counts.items()}


def waiting_lookups() -> dict[str, int]:
    """Name of a platform to the number of questions that wait for it; those whose job was lost do not count."""
    rows = Lookup.objects.filter(state=LookupState.ASKED, asked_at__gt=clock.now() - PATIENCE)
    return dict(rows.order_by().values_list("platform").annotate(number=Count("pk")))


def _count(kind: str, source: _Source) -> dict[str, Counter[str]]:
    rows = Job.objects.filter(kind=kind).exclude(state=JobState.DONE).order_by("id")
    jobs = list(rows.values_list("payload", "state", "attempts")[:MOST_COUNTED])
    ids = {payload.get(source.field) for payload, _state, _attempts in jobs} - {None}
    found: dict[object, set[str]] = {}
    if ids:
        pairs = source.model._default_manager.filter(**{f"{source.match}__in": ids}).values_list(
            source.match, source.path
        )
        for row_id, code in pairs:
            found.setdefault(row_id, set()).add(code)
    counts: dict[str, Counter[str]] = {}
    for payload, state, attempts in jobs:
        for code in found.get(payload.get(source.field), ()):
            counts.setdefault(code, Counter()).update(_facts(state, attempts))
    return counts


def _facts(state: str, attempts: int) -> list[str]:
    if state == JobState.FAILED:
        return ["given_up"]
    # The first attempt of a job that runs has not failed.
    failed_before = attempts > (1 if state == JobState.RUNNING else 0)
    return ["waiting", "failing"] if failed_before else ["waiting"]
