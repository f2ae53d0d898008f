"""The jobs of a restitution: pages are moved, followers told, pages taken back.

Each page is one transaction with its part of the ledger, the cursor, the counts and an audit event, so that
a worker may be killed anywhere: the next one reads the cursor and goes on. Two workers at once take turns
at the lock. A job works for about a minute and hands the rest to the next one, named by where it stands.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from complaints import events, transfers
from complaints.actions import follower_letters, restitutions
from complaints.actions.restitutions import MOVE, RESTORE, TELL
from complaints.models import Restitution, RestitutionPage
from complaints.states import RestitutionState
from portal import clock
from portal.audit import trail
from portal.jobs import queue
from portal.jobs.attempts import Run
from portal.jobs.models import Job, JobState
from portal.platforms import MovedPage, PlatformError, RestoredPage, RestorePage, registry

ATTEMPTS = 20
RUN_SECONDS = 60
_HOUR = 3600
# A page of the ledger is tens of thousands of ids; the ORM would look at each of them.
_LEDGER = """
    INSERT INTO complaints_restitutionpage
        (restitution_id, number, moved, already, excluded, passed, kept, at, restored, chose, gone)
    SELECT %(restitution)s, coalesce(max(number) + 1, 0), %(moved)s::bigint[], %(already)s::bigint[],
        %(excluded)s::jsonb, %(passed)s, %(kept)s, %(at)s, 0, '{}', '{}'
    FROM complaints_restitutionpage WHERE restitution_id = %(restitution)s
    RETURNING number"""
# Does one page of a restitution; answers where it stands now, or None when there is nothing more to do.
_Step = Callable[[int], int | None]


def move(run: Run) -> None:
    """Move page after page."""
    _in_turns(run, move_page)


def tell(run: Run) -> None:
    """Tell the followers of page after page."""
    _in_turns(run, tell_page)


def restore(run: Run) -> None:
    """Take page after page back, the last one first."""
    _in_turns(run, restore_page)


def go_on() -> int:
    """Ask again for work that no job does any more because it was given up; at most once an hour. Returns how many."""
    untold = Restitution.objects.filter(state=RestitutionState.DONE, undo_until__gt=clock.now(), pages__told_at=None)
    wanting = {
        MOVE: Restitution.objects.filter(state=RestitutionState.MOVING),
        RESTORE: Restitution.objects.filter(state=RestitutionState.REVERSING),
        TELL: untold.distinct(),
    }
    return sum(_ask_again(kind, pk) for kind, rows in wanting.items() for pk in rows.values_list("pk", flat=True))


@transaction.atomic
def move_page(pk: int) -> int | None:
    """Move the next page of followers; answers the cursor."""
    started = time.perf_counter()
    row = restitutions.locked(pk)
    if row.state != RestitutionState.MOVING:
        return None
    done = _moved(row)
    if done is None:
        restitutions.finish(row, problem="target_closed_midway")
        return None
    number = _write(row, done)
    row.batch = transfers.next_batch(row.batch, time.perf_counter() - started)
    row.save(update_fields=["after", "batch", "moved", "already", "excluded", "passed"])
    trail.record(events.PAGE_MOVED, by=None, on=row, chain=row.chain, data=_counts(number, done))
    if done.after is None:
        restitutions.finish(row)
        return None
    return row.after


@transaction.atomic
def tell_page(pk: int) -> int | None:
    """Tell the followers of the next page, unless it is being taken back; answers the page's number.

    Only the page is locked, so that those who were told already can press their button.
    """
    untold = RestitutionPage.objects.filter(restitution=pk, told_at=None).order_by("number")
    page = untold.select_for_update(of=("self",)).select_related("restitution__measure__complaint").first()
    if page is None or not _stands(pk):
        return None
    row = page.restitution
    registry.get(row.platform).send_messages(follower_letters.of_move(row, page))
    page.told_at = clock.now()
    page.save(update_fields=["told_at"])
    return page.number


@transaction.atomic
def restore_page(pk: int) -> int | None:
    """Take the last page back that was not; answers its number."""
    row = restitutions.locked(pk)
    if row.state != RestitutionState.REVERSING:
        return None
    page = row.pages.filter(restored_at=None).order_by("-number").select_for_update().first()
    if page is None:
        restitutions.end_reversal(row)
        return None
    connector = registry.get(row.platform)
    back = RestorePage(moved=page.moved, already=page.already, kept=page.kept)
    done = connector.restore_followers(transfers.order_of(row), back)
    _write_back(row, page, done)
    if page.told_at is not None:
        connector.send_messages(follower_letters.of_return(row, page))
    counts = {"page": page.number, "restored": done.restored, "chose": len(done.chose), "gone": len(done.gone)}
    trail.record(events.PAGE_RESTORED, by=None, on=row, chain=row.chain, data=counts)
    return page.number


def _in_turns(run: Run, step: _Step) -> None:
    until = time.monotonic() + min(RUN_SECONDS, settings.JOBS_LEASE_SECONDS * 2 / 3)
    pk = run.payload["restitution"]
    while (place := step(pk)) is not None:
        if time.monotonic() >= until:
            with run.finish():
                queue.enqueue(run.kind, {"restitution": pk}, key=f"{run.kind}:{pk}:{place}")
            return


def _moved(row: Restitution) -> MovedPage | None:
    """Have the platform move the next page; None if the author has closed her account meanwhile."""
    order = transfers.order_of(row)
    try:
        return registry.get(row.platform).move_followers(order, after=row.after, limit=row.batch)
    except PlatformError:
        # Asked only now, because a platform counts followers to answer.
        if transfers.is_closed(row.platform, row.target):
            return None
        raise


def _write(row: Restitution, done: MovedPage) -> int:
    """Put a page into the ledger, and its counts to those of the restitution; gives the page's number."""
    excluded = json.dumps({reason: list(followers) for reason, followers in done.excluded.items()})
    values: dict[str, Any] = {
        "restitution": row.pk,
        "excluded": excluded,
        "passed": done.passed,
        "kept": done.kept,
        "at": clock.now(),
    }
    values |= {"moved": _array(done.moved), "already": _array(done.already)}
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, values)
        (number,) = cursor.fetchone()
    row.moved += len(done.moved)
    row.already += len(done.already)
    row.passed += done.passed
    for reason, followers in done.excluded.items():
        row.excluded[reason] = row.excluded.get(reason, 0) + len(followers)
    row.after = done.after or row.after
    return int(number)


def _array(followers: Sequence[int]) -> str:
    return "{" + ",".join(map(str, followers)) + "}"


def _write_back(row: Restitution, page: RestitutionPage, done: RestoredPage) -> None:
    page.restored, page.chose, page.gone = done.restored, list(done.chose), list(done.gone)
    page.restored_at = clock.now()
    page.save(update_fields=["restored", "chose", "gone", "restored_at"])
    row.restored += page.restored
    row.chose += len(page.chose)
    row.gone += len(page.gone)
    row.save(update_fields=["restored", "chose", "gone"])


def _counts(number: int, done: MovedPage) -> dict[str, object]:
    """What the audit trail says of a page: numbers, and nobody's id."""
    excluded = {reason: len(followers) for reason, followers in done.excluded.items()}
    counts = {"moved": len(done.moved), "already": len(done.already), "passed": done.passed}
    return {"page": number, "excluded": excluded, **counts}


def _stands(pk: int) -> bool:
    # Asked after the page is locked: whoever takes it back waits for that lock, and then sees who was told.
    return Restitution.objects.filter(pk=pk, state=RestitutionState.DONE).exists()


def _ask_again(kind: str, pk: int) -> bool:
    ended = (JobState.DONE, JobState.FAILED)
    if Job.objects.filter(kind=kind, payload__restitution=pk).exclude(state__in=ended).exists():
        return False
    slot = int(clock.now().timestamp()) // _HOUR
    queue.enqueue(kind, {"restitution": pk}, key=f"{kind}:{pk}@{slot}")
    return True
