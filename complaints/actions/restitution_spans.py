"""Moving followers side by side, where their calls take part in our transactions (JoinedFollowers).

A page is planned as a span of ids, in a short transaction; then one worker moves it and writes its page of the ledger in another. The
restitution is locked for the end of that one only, so several workers move at the same time. A worker that dies leaves its span
to the next. What has changed meanwhile (a reversal, a finding less) undoes the page, and it is moved again by the new order or not at all.
"""

import time

from django.db import transaction

from complaints.actions import ledger, restitutions
from complaints.models import Restitution, RestitutionSpan
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal.platforms import JoinedFollowers


def move_next_span(pk: int, followers: JoinedFollowers) -> int | None:
    """Move a page that is planned, or plan one; answers the id after which it begins, None when none is left to take."""
    span = _plan_span(pk, followers)
    if span is None:
        return None
    _move_span(span, followers)
    return span.after


@transaction.atomic
def _plan_span(pk: int, followers: JoinedFollowers) -> RestitutionSpan | None:
    """A span that nobody works on, planned now if there is none; None if every page has been planned."""
    row = restitutions.lock_restitution(pk)
    if row.state != RestitutionState.MOVING:
        return None
    left = row.spans.select_for_update(skip_locked=True).first()
    if left is not None or row.is_planned:
        return left
    last = followers.page_end(row.source, cursor=row.cursor, limit=row.batch)
    span = row.spans.create(after=row.cursor, last=last)
    row.cursor, row.is_planned = (row.cursor, True) if last is None else (last, False)
    row.save(update_fields=["cursor", "is_planned"])
    return span


@transaction.atomic
def _move_span(span: RestitutionSpan, followers: JoinedFollowers) -> None:
    """The page and its record are there together or not at all."""
    started = time.perf_counter()
    if not RestitutionSpan.objects.select_for_update(skip_locked=True).filter(pk=span.pk).exists():
        return  # Another worker has it.
    order = attribution.move_order(Restitution.objects.select_related("remedy__complaint").get(pk=span.restitution_id))
    done = followers.move_span(order, after=span.after, last=span.last)
    row = restitutions.lock_restitution(span.restitution_id)
    if row.state != RestitutionState.MOVING or attribution.move_order(row) != order:
        transaction.set_rollback(True)
        return
    span.delete()
    batch = attribution.next_page_size(row.batch, time.perf_counter() - started)
    ledger.record_moved_page(row, done, batch=batch)
    if row.is_planned and not row.spans.exists():
        restitutions.finish_restitution(row)
