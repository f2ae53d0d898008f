"""Write down that certificates have ended by time: many of them at once, since thousands may end at one second.

Nothing depends on this work: gate, register and pages go by the dates of a certificate from that second on, and its label
is looked at then by the job that its issue enqueued (labels.schedule_label_updates).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from certification import events, notices, policies
from certification.actions.document_retention import keep_files_of_applications_until
from certification.models import Certificate, HeldNumber
from certification.states import CertificateState
from portal import clock
from portal.audit import trail
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.workflow import move_rows

EXPIRE_SOME_JOB = "certification.expire_some"
_BATCH = 500  # in one transaction, each with a lock on its audit chain
_SHARED = 2_000  # certificates due at once from which a second process helps
# How its end by time is written down: the move, and the event.
_ENDS: Mapping[CertificateState, tuple[str, str]] = {
    CertificateState.EXPIRED: ("expire", events.CERTIFICATE_EXPIRED),
    CertificateState.LAPSED: ("lapse", events.CERTIFICATE_LAPSED),
}


def expire_due_certificates() -> int:
    """Mark certificates past their end date as expired or lapsed; validity ended at that date already. Returns how many.

    Where many are due, a job takes batches of them in another process at the same time.
    """
    now, count = clock.now(), 0
    if Certificate.objects.over_at(now)[_SHARED:].exists():
        queue.enqueue_job(EXPIRE_SOME_JOB, {}, key=f"{EXPIRE_SOME_JOB}:{now.isoformat()}")
    while ended := _end_batch(now):
        count += ended
    return count


def expire_some(run: JobAttempt) -> None:
    """Job: take part in expire_due_certificates() until nothing is due that nobody else has in hand."""
    while _end_batch(clock.now()):
        run.extend()


def _end_batch(now: datetime) -> int:
    """The next of them that nobody has locked, in one transaction."""
    with transaction.atomic():
        free = Certificate.objects.over_at(now).select_for_update(of=("self",), no_key=True, skip_locked=True)
        related = free.select_related("holder", "area__jurisdiction").defer("search_ngrams")
        rows = sorted(related[:_BATCH], key=lambda row: row.pk)
        for state in _ENDS:
            _end_rows([row for row in rows if row.state_after_end == state], state, now)
        return len(rows)


def _end_rows(rows: Sequence[Certificate], state: CertificateState, now: datetime) -> None:
    if not rows:
        return
    move, event = _ENDS[state]
    keys = [row.pk for row in rows]
    move_rows(Certificate.objects.filter(pk__in=keys), move, ended_at=now)
    HeldNumber.objects.filter(certificate__in=keys, standing=True).update(standing=False)
    keep_files_of_applications_until((row.application_id for row in rows), now + policies.DOCUMENT_RETENTION)
    trail.record_events(event, rows)
    notices.notify_holders(event, _unrenewed(rows))


def _unrenewed(rows: Sequence[Certificate]) -> Iterable[Certificate]:
    """Those whose holders are not certified on: they are told."""
    going_on = Certificate.objects.filter(renews__in=[row.pk for row in rows], state=CertificateState.ACTIVE)
    renewed = set(going_on.values_list("renews_id", flat=True))
    return (row for row in rows if row.pk not in renewed)
