"""Send what is due: find it, have jobs take it, record what came back, and say when it is tried again.

Rows are the truth. `dispatch_due()` gives jobs to the deliveries that may be sent now; it runs periodically and after every
recorded attempt. A job claims itself (portal/jobs), sends with no transaction open, and records the answer only while it
holds its claim. A receiver may get a message twice, with the same `webhook-id`.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from django.db import transaction

from portal import clock
from portal.errors import Conflict
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.webhooks import sender
from portal.webhooks.actions.collecting import collect_events
from portal.webhooks.actions.failing import note_failure, note_success
from portal.webhooks.models import EXCERPT, Attempt, AttemptResult, Delivery, Endpoint
from portal.webhooks.signatures import signed_headers
from portal.webhooks.states import DeliveryState, DisabledReason, EndpointState

DELIVER = "webhooks.deliver"
# A worker may die in each of them; a receiver that fails is counted by the delivery instead.
DELIVER_ATTEMPTS = 3
# From the first attempt until a delivery is given up.
GIVE_UP_AFTER = timedelta(days=3)
# Ceiling of the wait after the first attempt; it grows by FACTOR with each, up to LONGEST_WAIT.
FIRST_WAIT, FACTOR, LONGEST_WAIT = 5.0, 4, 12 * 3600.0
# Deliveries of one endpoint that jobs may have at once, and of one whose last attempt failed.
AT_ONCE, AT_ONCE_FAILING = 4, 1
_random = random.SystemRandom()


def collect_and_dispatch() -> int:
    """Periodic: turn new events of the trail into deliveries, and send them at once; returns how many events there were."""
    count = collect_events()
    dispatch_all()
    return count


def dispatch_all() -> int:
    """Periodic: give jobs to what is due, endpoint by endpoint; returns how many."""
    waiting = Delivery.objects.due(clock.now()).order_by().values_list("endpoint", flat=True).distinct()
    return sum(dispatch_due(endpoint) for endpoint in list(waiting))


@transaction.atomic
def dispatch_due(endpoint_id: int) -> int:
    """Give jobs to what is due for one endpoint, as far as it takes more at once; returns how many."""
    now = clock.now()
    queued = Delivery.objects.pending().filter(endpoint=endpoint_id).exclude(queued_at=None).count()
    failing = Endpoint.objects.filter(pk=endpoint_id, failing_since__isnull=False).exists()
    room = max((AT_ONCE_FAILING if failing else AT_ONCE) - queued, 0)
    due = Delivery.objects.due(now).filter(endpoint=endpoint_id)
    rows = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:room])
    for row in rows:
        Delivery.objects.filter(pk=row.pk).update(queued_at=now)
        enqueue_job(DELIVER, {"delivery": row.pk}, key=f"{DELIVER}:{row.pk}:{now.timestamp()}")
    return len(rows)


def deliver(run: JobAttempt) -> None:
    """Job: one attempt at one delivery."""
    row = Delivery.objects.select_related("event", "endpoint").filter(pk=run.payload["delivery"]).first()
    if row is None or row.queued_at is None or row.state != DeliveryState.PENDING:
        return
    if row.endpoint.state != EndpointState.ACTIVE and not row.event.is_test:
        _put_back(run, row)
        return
    now, body = clock.now(), row.event.body.encode()
    headers = signed_headers(row.event.message, now, body, row.endpoint.secrets_at(now))
    reply = sender.post(row.endpoint.url, body, headers)
    try:
        with run.finish():
            _record(row, reply, now)
    except Conflict:
        return  # The endpoint was ended meanwhile, and the delivery with it.
    dispatch_due(row.endpoint_id)


def give_up_delivering(payload: dict[str, int]) -> None:
    """After the last try of a job whose workers were lost: it counts as an attempt that failed."""
    row = Delivery.objects.select_related("event", "endpoint").filter(pk=payload["delivery"]).first()
    if row is not None and row.queued_at is not None and row.state == DeliveryState.PENDING:
        _record(row, sender.Reply(AttemptResult.LOST), clock.now())


def _put_back(run: JobAttempt, row: Delivery) -> None:
    with run.finish():
        Delivery.objects.filter(pk=row.pk).update(queued_at=None)


def _record(row: Delivery, reply: sender.Reply, at: datetime) -> None:
    """In the transaction that ends the job."""
    excerpt = reply.content.decode("utf-8", "replace").replace("\0", "")[:EXCERPT]
    attempt = Attempt(delivery=row, at=at, result=reply.result, status=reply.status, answer=excerpt)
    attempt.milliseconds = reply.milliseconds
    attempt.save()
    counted = {"attempts": row.attempts + 1, "begun_at": row.begun_at or at, "last_status": reply.status}
    if attempt.succeeded:
        if not row.event.is_test:
            note_success(row.endpoint)
        row.move("deliver", queued_at=None, delivered_at=clock.now(), **counted)
        return
    _record_failure(row, reply, counted)


def _record_failure(row: Delivery, reply: sender.Reply, counted: Mapping[str, Any]) -> None:
    if row.event.is_test:
        row.move("give_up", queued_at=None, **counted)
        return
    gone = reply.status == HTTPStatus.GONE
    active = note_failure(row.endpoint, DisabledReason.GONE if gone else DisabledReason.FAILING)
    now = clock.now()
    following = now + timedelta(seconds=wait_seconds(row.attempts + 1, _retry_after(reply.headers, now)))
    if following > (row.begun_at or now) + GIVE_UP_AFTER and active:
        row.move("give_up", queued_at=None, **counted)
    else:
        row.write(queued_at=None, next_attempt_at=following, **counted)


def wait_seconds(attempts: int, asked: float = 0.0) -> float:
    """How long to wait after so many attempts: at random up to a ceiling that grows, and no less than the receiver asked for."""
    ceiling = min(FIRST_WAIT * FACTOR ** min(attempts - 1, 20), LONGEST_WAIT)
    return max(_random.uniform(1.0, ceiling), min(asked, LONGEST_WAIT))


def _retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds of a Retry-After header, as a number or a date; 0 without one."""
    said = headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return float(said[:9])
    try:
        return (parsedate_to_datetime(said) - now).total_seconds()
    except (TypeError, ValueError):
        return 0.0
