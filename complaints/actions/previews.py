"""Counting beforehand what returning followers would come to, by a job that asks the platform page after page.

Nothing is changed on the platform. A page is counted by one UPDATE that names the run and the cursor before it, so that
a page which two workers ask for, or one that died, is counted once.
"""

import time
from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction

from complaints.models import Complaint, RestitutionPreview
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from portal import clock
from portal.errors import require_allowed
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.people.models import LinkedAccount
from portal.platforms import AccountClosed, Connector, MovedPage, MoveOrder, Unknown, registry, served

PREVIEW_FOLLOWERS = "complaints.preview_followers"
PREVIEW_ATTEMPTS = 3
RUN_SECONDS = 20
# Of an account with more followers only so many are looked at: those whose ids come first.
MOST_LOOKED_AT = 2_000_000
NO_TARGET, NO_PREVIEW, ACCOUNT_GONE, FAILED = "no_target", "no_preview", "account_gone", "job_failed"


@transaction.atomic
def ask_preview(complaint: Complaint) -> None:
    """Count anew, unless that is under way. Raises NotAllowed where followers cannot return."""
    require_allowed(attribution.refuse_restitution(complaint))
    list(Complaint.objects.select_for_update(of=("self",), no_key=True).filter(pk=complaint.pk).values_list("pk"))
    row = RestitutionPreview.objects.filter(complaint=complaint).first()
    if row is not None and row.runs:
        return
    mode = attribution.restitution_policy(complaint).mode
    fresh = RestitutionPreview(complaint=complaint, mode=mode, run=row.run + 1 if row else 1)
    fresh.save()
    payload = {"complaint": complaint.pk, "run": fresh.run}
    queue.enqueue_job(PREVIEW_FOLLOWERS, payload, key=f"{PREVIEW_FOLLOWERS}:{complaint.pk}:{fresh.run}")


def preview_followers(run: JobAttempt) -> None:
    """Job: count page after page for some seconds; the next job goes on."""
    row = _load(run.payload)
    if row is None:
        return
    problem = _count_for_a_while(row)
    if problem:
        _end(row, problem=problem)
    elif _load(run.payload) is not None:
        with run.finish():
            queue.enqueue_job(run.kind, run.payload, key=f"{run.kind}:{row.pk}:{row.run}:{row.cursor}")


def note_failed_preview(payload: dict[str, Any]) -> None:
    """After the last attempt: say so; it can be asked for again."""
    if row := _load(payload):
        _end(row, problem=FAILED)


def _load(payload: dict[str, Any]) -> RestitutionPreview | None:
    """The row, while this run of it goes on."""
    rows = RestitutionPreview.objects.select_related("complaint__copy", "complaint__original")
    return rows.filter(pk=payload["complaint"], run=payload["run"], ended_at=None).first()


def _count_for_a_while(row: RestitutionPreview) -> str:
    """Count until the time is over or the last page is done; a code for why it cannot be counted."""
    until = time.monotonic() + RUN_SECONDS
    connector, target = registry.get_connector(row.complaint.platform), attribution.target_account(row.complaint)
    if connector.previews is None:
        return NO_PREVIEW
    if target is None and row.mode != RestitutionMode.CLEAR:
        return NO_TARGET
    try:
        order = _order(row, connector, target)
        while _count_page(row, connector, order) and time.monotonic() < until:
            pass
    except (AccountClosed, Unknown):
        return ACCOUNT_GONE
    return ""


def _order(row: RestitutionPreview, connector: Connector, target: LinkedAccount | None) -> MoveOrder:
    """The order as it would be given if the complaint was upheld and the restitution began when the preview was asked for."""
    complaint = row.complaint
    if not row.expected:
        row.expected = connector.accounts.account(complaint.account_id).followers
        RestitutionPreview.objects.filter(pk=row.pk, run=row.run).update(expected=row.expected)
    upheld, disputed = attribution.upheld_works(complaint), attribution.disputed_works(complaint)
    published = connector.works.works_of(complaint.account_id, until=row.asked_at)
    found = attribution.attributable_follows(
        published=published, upheld=upheld, disputed=disputed - upheld.keys(), until=row.asked_at
    )
    since: tuple[datetime, ...] = (found.unknown_from,) if found.unknown_from else ()
    return MoveOrder(
        key=f"{complaint.number}-preview-{row.run}",
        source=complaint.account_id,
        target=target.external_id if target else "",
        work_ids=found.work_ids,
        until=found.until,
        unknown_since=since,
        disputed_work_ids=found.disputed_work_ids,
        effect="clear" if row.mode == RestitutionMode.CLEAR else "move",
    )


def _count_page(row: RestitutionPreview, connector: Connector, order: MoveOrder) -> bool:
    """Count the next page; whether there is one after it."""
    started = time.perf_counter()
    page = served(connector.previews).preview_followers(order, cursor=row.cursor, limit=row.batch)
    before, ended = row.cursor, page.cursor is None
    _add(row, page)
    row.batch = attribution.next_page_size(row.batch, time.perf_counter() - started)
    if ended or row.looked_at >= MOST_LOOKED_AT:
        row.ended_at, row.is_complete = clock.now(), ended
    counted = ("cursor", "batch", "moved", "already", "excluded", "passed", "ended_at", "is_complete")
    rows = RestitutionPreview.objects.filter(pk=row.pk, run=row.run, cursor=before, ended_at=None)
    first = rows.update(**{name: getattr(row, name) for name in counted}) == 1
    return first and row.runs


def _add(row: RestitutionPreview, page: MovedPage) -> None:
    row.cursor = page.cursor or row.cursor
    row.moved += len(page.moved)
    row.already += len(page.already)
    row.passed += page.passed
    row.excluded = dict(Counter(row.excluded) + Counter({why: len(some) for why, some in page.excluded.items()}))


def _end(row: RestitutionPreview, *, problem: str) -> None:
    rows = RestitutionPreview.objects.filter(pk=row.pk, run=row.run, ended_at=None)
    rows.update(ended_at=clock.now(), problem=problem)
