"""Copies of a document's pages for one viewer, with who they are, the case and the time drawn across each.

A copy is asked for when the viewer opens the case, made by a job, and deleted after half a day, or with the document. The
engine that draws runs in the limited child process. Whatever dies in between, the next attempt begins with the copies that
are not made yet, and bytes without a row are swept.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal import clock, vault
from portal.engines import documents
from portal.engines.limited_process import Refused
from portal.evidence import blobs
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, FileState, MarkedCopy, MarkedPage
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.people.models import User

logger = logging.getLogger(__name__)

MARK_JOB = "evidence.mark"
MARK_ATTEMPTS = 3
COPY_KEPT = timedelta(hours=12)
# After a failure another copy is tried when the viewer comes back later.
_FAILED_KEPT = timedelta(minutes=10)


def request_copies(shown: Sequence[EvidenceFile], *, viewer: User, case: str) -> None:
    """Give each file its copy for this viewer as `file.copy`, and have those made that are not there.

    Two queries when all are there. A copy for another case is replaced.
    """
    ready = {file.pk: file for file in shown if file.state == FileState.READY}
    known = {copy.file_id: copy for copy in _live().filter(file__in=ready, viewer=viewer) if copy.case == case}
    if missing := [pk for pk in ready if pk not in known]:
        with transaction.atomic():
            # Locked, so that a purge does not pass; a file that is purged has no copy any more.
            kept = EvidenceFile.objects.kept().filter(pk__in=missing).order_by("pk").select_for_update(no_key=True)
            ids = list(kept.values_list("pk", flat=True))
            _delete(MarkedCopy.objects.filter(file__in=ids, viewer=viewer).exclude(case=case, purge_at__gt=clock.now()))
            MarkedCopy.objects.bulk_create([_new(ready[pk], viewer, case) for pk in ids], ignore_conflicts=True)
            rows = list(MarkedCopy.objects.filter(file__in=ids, viewer=viewer).order_by("pk"))
            waiting = [row.pk for row in rows if not row.is_done]
            if waiting:
                enqueue_job(MARK_JOB, {"copies": waiting}, key=f"{MARK_JOB}:{waiting[0]}-{waiting[-1]}")
        known |= {row.file_id: row for row in rows}
    for file in shown:  # one file may be shown in two places
        if file.pk in ready:
            file.copy = known.get(file.pk)  # type: ignore[attr-defined]


def mark_pages(run: JobAttempt) -> None:
    """Job: draw the copies of `payload["copies"]` that are not made yet."""
    for copy in _waiting(run.payload):
        try:
            with run.held():
                pages = _draw(copy)
        except Refused as refused:
            if run.attempt < MARK_ATTEMPTS:
                raise
            logger.warning("copy_not_marked", extra={"code": refused.code, "detail": refused.detail})
            _fail(copy)
            continue
        _keep(copy, pages)
    with run.finish():
        return


def give_up_marking(payload: dict[str, Any]) -> None:
    """After the last attempt: what is not made yet is said to have failed."""
    for copy in _waiting(payload):
        _fail(copy)


def read_marked_page(page: MarkedPage, *, by: User) -> bytes:
    """A marked page as JPEG, for the viewer whose copy it is; logged and guarded like every look."""
    copy = page.copy
    files.log_look(copy.file, by=by, why=copy.case, page=page.number)
    sealed = blobs.read_blob(page.location)
    return vault.decrypt_bytes(sealed, data_key=copy.data_key(), bound_to=copy.page_label(page.number))


def purge_marked_copies(limit: int = 500) -> int:
    """Delete copies whose time is over; returns how many."""
    over = MarkedCopy.objects.filter(purge_at__lte=clock.now()).order_by("purge_at", "pk")
    count = 0
    for copy in over[:limit]:
        with transaction.atomic():
            EvidenceFile.objects.select_for_update(no_key=True).get(pk=copy.file_id)
            count += _delete(MarkedCopy.objects.filter(pk=copy.pk))
    return count


def delete_copies_of_file(file: EvidenceFile) -> None:
    """Delete what was made of a file that is purged, in the transaction of its purge."""
    _delete(MarkedCopy.objects.filter(file=file))


def _new(file: EvidenceFile, viewer: User, case: str) -> MarkedCopy:
    now = clock.now()
    copy = MarkedCopy(file=file, viewer=viewer, case=case, asked_at=now, purge_at=now + COPY_KEPT)
    copy.wrap_data_key(vault.new_data_key())
    return copy


def _live() -> "QuerySet[MarkedCopy]":
    return MarkedCopy.objects.filter(purge_at__gt=clock.now())


def _waiting(payload: dict[str, Any]) -> "QuerySet[MarkedCopy]":
    rows = _live().filter(pk__in=payload["copies"], made_at=None, failed_at=None, file__purged_at=None)
    return rows.select_related("file", "viewer").order_by("pk")


def _draw(copy: MarkedCopy) -> list[MarkedPage]:
    """The marked pages, stored but not saved."""
    made = []
    for page in copy.file.pages.order_by("number"):
        drawn = documents.mark_page(files.page_content(page), copy.mark)
        label = copy.page_label(page.number)
        sealed = vault.encrypt_bytes(drawn.data, data_key=copy.data_key(), bound_to=label)
        made.append(MarkedPage(copy=copy, number=page.number, location=blobs.store_blob(sealed)))
    return made


def _keep(copy: MarkedCopy, pages: list[MarkedPage]) -> None:
    """Save the pages, unless the file was purged or the copy was made meanwhile; their bytes are swept then."""
    with transaction.atomic():
        kept = EvidenceFile.objects.kept().filter(pk=copy.file_id).select_for_update(no_key=True).first()
        still = MarkedCopy.objects.filter(pk=copy.pk, made_at=None)
        if kept is not None and still.update(made_at=clock.now()):
            blobs.adopt_blobs(*(page.location for page in pages))
            MarkedPage.objects.bulk_create(pages)


def _fail(copy: MarkedCopy) -> None:
    now = clock.now()
    with transaction.atomic():
        EvidenceFile.objects.select_for_update(no_key=True).get(pk=copy.file_id)
        rows = MarkedCopy.objects.filter(pk=copy.pk, made_at=None)
        rows.update(failed_at=now, purge_at=now + _FAILED_KEPT)


def _delete(copies: "QuerySet[MarkedCopy]") -> int:
    """Rows, pages and keys go now, the bytes with the next sweep. The caller holds the rows of the files."""
    ids = list(copies.values_list("pk", flat=True))
    pages = MarkedPage.objects.filter(copy__in=ids)
    blobs.orphan_blobs(*pages.values_list("location", flat=True))
    pages.delete()
    MarkedCopy.objects.filter(pk__in=ids).delete()
    return len(ids)
