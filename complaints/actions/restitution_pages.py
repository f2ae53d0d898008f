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

from complaints import events
from complaints.actions import follower_messages, restitutions
from complaints.actions.restitutions import MOVE_FOLLOWERS, RESTORE_FOLLOWERS, TELL_FOLLOWERS
from complaints.models import Restitution, RestitutionPage
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal import clock
from portal.audit import trail
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.platforms import MovedPage, PlatformError, RestoredPage, RestorePage, registry, served

PAGE_ATTEMPTS = 20
RUN_SECONDS = 60
_HOUR = 3600
# A page of the ledger is tens of thousands of ids; the ORM would look at each of them.
_LEDGER = """
    INSERT INTO complaints_restitutionpage
        (restitution_id, number, moved, already, excluded, passed, restore_data, at, restored, overridden, missing)
    SELECT %(restitution)s, coalesce(max(number) + 1, 0), %(moved)s::bigint[], %(already)s::bigint[],
        %(excluded)s::jsonb, %(passed)s, %(restore_data)s, %(at)s, 0, '{}', '{}'
    FROM complaints_restitutionpage WHERE restitution_id = %(restitution)s
    RETURNING number"""
# Does one page of a restitution; answers where it stands now, or None when there is nothing more to do.
_Step = Callable[[int], int | None]


def move_pages(run: JobAttempt) -> None:
    """Move page after page."""
    _work_page_by_page(run, move_page)


def tell_pages(run: JobAttempt) -> None:
    """Tell the followers of page after page."""
    _work_page_by_page(run, tell_page)


def restore_pages(run: JobAttempt) -> None:
    """Take page after page back, the last one first."""
    _work_page_by_page(run, restore_page)


def resume_abandoned_jobs() -> int:
    """Ask again for work that no job does any more because it was given up; at most once an hour. Returns how many."""
    untold = Restitution.objects.filter(state=RestitutionState.DONE, undo_until__gt=clock.now(), pages__told_at=None)
    wanting = {
        MOVE_FOLLOWERS: Restitution.objects.filter(state=RestitutionState.MOVING),
        RESTORE_FOLLOWERS: Restitution.objects.filter(state=RestitutionState.REVERSING),
        TELL_FOLLOWERS: untold.distinct(),
    }
    return sum(_enqueue_again(kind, pk) for kind, rows in wanting.items() for pk in rows.values_list("pk", flat=True))


@transaction.atomic
def move_page(pk: int) -> int | None:
    """Move the next page of followers; answers the cursor."""
    started = time.perf_counter()
    row = restitutions.lock_restitution(pk)
    if row.state != RestitutionState.MOVING:
        return None
    done = _move_on_platform(row)
    if done is None:
        restitutions.finish_restitution(row, problem="target_closed_midway")
        return None
    number = _write_ledger_page(row, done)
    row.batch = attribution.next_page_size(row.batch, time.perf_counter() - started)
    row.save(update_fields=["cursor", "batch", "moved", "already", "excluded", "passed"])
    trail.record_event(events.PAGE_MOVED, row, by=None, **_page_counts(number, done))
    if done.cursor is None:
        restitutions.finish_restitution(row)
        return None
    return row.cursor


@transaction.atomic
def tell_page(pk: int) -> int | None:
    """Tell the followers of the next page, unless it is being taken back; answers the page's number.

    Only the page is locked, so that those who were told already can press their button.
    """
    untold = RestitutionPage.objects.filter(restitution=pk, told_at=None).order_by("number")
    page = untold.select_for_update(of=("self",)).select_related("restitution__remedy__complaint").first()
    if page is None or not _is_done(pk):
        return None
    row = page.restitution
    served(registry.get_connector(row.platform).followers).send_messages(follower_messages.return_messages(row, page))
    page.told_at = clock.now()
    page.save(update_fields=["told_at"])
    return page.number


@transaction.atomic
def restore_page(pk: int) -> int | None:
    """Take the last page back that was not; answers its number."""
    row = restitutions.lock_restitution(pk)
    if row.state != RestitutionState.REVERSING:
        return None
    page = row.pages.filter(restored_at=None).order_by("-number").select_for_update().first()
    if page is None:
        restitutions.finish_reversal(row)
        return None
    followers = served(registry.get_connector(row.platform).followers)
    back = RestorePage(moved=page.moved, already=page.already, restore_data=page.restore_data)
    done = followers.restore_followers(attribution.move_order(row), back)
    _write_restored_page(row, page, done)
    if page.told_at is not None:
        followers.send_messages(follower_messages.reversal_messages(row, page))
    counts = {
        "page": page.number,
        "restored": done.restored,
        "overridden": len(done.overridden),
        "missing": len(done.missing),
    }
    trail.record_event(events.PAGE_RESTORED, row, by=None, **counts)
    return page.number


def _work_page_by_page(run: JobAttempt, step: _Step) -> None:
    until = time.monotonic() + min(RUN_SECONDS, settings.JOBS_LEASE_SECONDS * 2 / 3)
    pk = run.payload["restitution"]
    while (place := step(pk)) is not None:
        if time.monotonic() >= until:
            with run.finish():
                queue.enqueue_job(run.kind, {"restitution": pk}, key=f"{run.kind}:{pk}:{place}")
            return


def _move_on_platform(row: Restitution) -> MovedPage | None:
    """Have the platform move the next page; None if the author has closed their account meanwhile."""
    order = attribution.move_order(row)
    try:
        return served(registry.get_connector(row.platform).followers).move_followers(
            order, cursor=row.cursor, limit=row.batch
        )
    except PlatformError:
        # Asked only now, because a platform counts followers to answer.
        if attribution.is_account_closed(row.platform, row.target):
            return None
        raise


def _write_ledger_page(row: Restitution, done: MovedPage) -> int:
    """Put a page into the ledger, and its counts to those of the restitution; gives the page's number."""
    excluded = json.dumps({reason: list(followers) for reason, followers in done.excluded.items()})
    values: dict[str, Any] = {
        "restitution": row.pk,
        "excluded": excluded,
        "passed": done.passed,
        "restore_data": done.restore_data,
        "at": clock.now(),
    }
    values |= {"moved": _sql_array(done.moved), "already": _sql_array(done.already)}
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, values)
        (number,) = cursor.fetchone()
    row.moved += len(done.moved)
    row.already += len(done.already)
    row.passed += done.passed
    for reason, followers in done.excluded.items():
        row.excluded[reason] = row.excluded.get(reason, 0) + len(followers)
    row.cursor = done.cursor or row.cursor
    return int(number)


def _sql_array(followers: Sequence[int]) -> str:
    return "{" + ",".join(map(str, followers)) + "}"


def _write_restored_page(row: Restitution, page: RestitutionPage, done: RestoredPage) -> None:
    page.restored, page.overridden, page.missing = done.restored, list(done.overridden), list(done.missing)
    page.restored_at = clock.now()
    page.save(update_fields=["restored", "overridden", "missing", "restored_at"])
    row.restored += page.restored
    row.overridden += len(page.overridden)
    row.missing += len(page.missing)
    row.save(update_fields=["restored", "overridden", "missing"])


def _page_counts(number: int, done: MovedPage) -> dict[str, object]:
    """What the audit trail says of a page: numbers, and nobody's id."""
    excluded = {reason: len(followers) for reason, followers in done.excluded.items()}
    counts = {"moved": len(done.moved), "already": len(done.already), "passed": done.passed}
    return {"page": number, "excluded": excluded, **counts}


def _is_done(pk: int) -> bool:
    # Asked after the page is locked: whoever takes it back waits for that lock, and then sees who was told.
    return Restitution.objects.filter(pk=pk, state=RestitutionState.DONE).exists()


def _enqueue_again(kind: str, pk: int) -> bool:
    ended = (JobState.DONE, JobState.FAILED)
    if Job.objects.filter(kind=kind, payload__restitution=pk).exclude(state__in=ended).exists():
        return False
    slot = int(clock.now().timestamp()) // _HOUR
    queue.enqueue_job(kind, {"restitution": pk}, key=f"{kind}:{pk}@{slot}")
    return True
