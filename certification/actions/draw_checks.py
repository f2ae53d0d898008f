"""A draw of inspections computed again from its seed and the history: by a job, in batches, so that no page waits for it.

The job keeps nothing but how far it has come: one that dies begins again, and gives the same.
"""

import heapq
import math
from collections.abc import Callable
from typing import Any

from django.db import transaction

from certification.models import Certificate, DrawCheck, InspectionCause, InspectionRound
from certification.models.inspections import SHARE, lot_of
from portal import clock
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.people.models import User

DRAW_JOB = "certification.compute_draw"
DRAW_ATTEMPTS = 3
_BATCH = 5000


def begin_draw_check(*, drawn: InspectionRound, by: User) -> DrawCheck:
    """Have the draw of a round computed again; the check that runs already, if there is one."""
    with transaction.atomic():
        check, new = DrawCheck.objects.get_or_create(round=drawn, finished_at=None, defaults={"asked_by": by})
        if new:
            enqueue_job(DRAW_JOB, {"check": check.pk}, key=f"{DRAW_JOB}:{check.pk}")
    return check


def compute_draw(run: JobAttempt) -> None:
    """Job: compute the draw of `payload["check"]` again, and keep whether it is the same."""
    check = _open_checks(run.payload).select_related("round").first()

    def note(examined: int) -> None:
        _open_checks(run.payload).update(examined=examined)
        run.note_progress()

    with run.held():
        agrees = is_draw_as_computed(check.round, note) if check is not None else None
    with run.finish():
        _open_checks(run.payload).update(finished_at=clock.now(), agrees=agrees)


def give_up_draw(payload: dict[str, Any]) -> None:
    """After the last attempt: it is over without a result."""
    _open_checks(payload).update(finished_at=clock.now())


def is_draw_as_computed(drawn: InspectionRound, note: Callable[[int], object] = lambda _examined: None) -> bool:
    """Whether the certificates drawn by lot in a round are those that its seed gives, computed again from the history.

    `note(examined)` is called after each batch.
    """
    rows = Certificate.objects.valid_at(drawn.drawn_at).order_by("pk")
    most = math.ceil(drawn.population * SHARE)
    least: list[tuple[str, int]] = []
    examined = last = 0
    while batch := list(rows.filter(pk__gt=last).values_list("pk", "serial")[:_BATCH]):
        lots = [(lot_of(drawn.seed, serial), pk) for pk, serial in batch]
        least = heapq.nsmallest(most, [*least, *lots])
        examined, last = examined + len(batch), batch[-1][0]
        note(examined)
    kept = set(drawn.inspections.filter(cause=InspectionCause.LOT).values_list("certificate", flat=True))
    return examined == drawn.population and kept == {pk for _lot, pk in least}


def _open_checks(payload: dict[str, Any]) -> Any:
    return DrawCheck.objects.filter(pk=payload["check"], finished_at=None)
