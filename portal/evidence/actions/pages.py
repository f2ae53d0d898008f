"""The job that turns a stored file into pages."""

import uuid
from typing import Any

from portal import vault
from portal.audit import trail
from portal.engines import documents
from portal.engines.documents import limits
from portal.evidence import blobs, refusals
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, EvidencePage, FileState
from portal.jobs.attempts import JobAttempt


def render_file_pages(run: JobAttempt) -> None:
    """Draw the pages of `payload["file"]`; runs again after any death and leaves each page once."""
    file = _file(run.payload)
    if file.state != FileState.STORED or file.purged_at is not None:
        return
    try:
        drawn = documents.render_document(files.file_content(file))
    except documents.Refused as refused:
        if refused.code == limits.TOO_HEAVY and run.attempt == 1:
            raise  # perhaps the machine was short of memory; the second result counts
        with run.finish():
            _refuse(file, refused.code)
        return
    stored = [_stored(file, page) for page in drawn]
    with run.finish():
        _show(file, stored)


def give_up_rendering(payload: dict[str, Any]) -> None:
    """After the last attempt: mark the file as refused, so that its owner is told."""
    _refuse(_file(payload), refusals.RENDER_FAILED)


def _file(payload: dict[str, Any]) -> EvidenceFile:
    return EvidenceFile.objects.get(pk=uuid.UUID(payload["file"]))


def _stored(file: EvidenceFile, page: documents.Page) -> EvidencePage:
    sealed = vault.encrypt_bytes(
        page.data, data_key=files.file_data_key(file), bound_to=files.page_label(file, page.number)
    )
    location = blobs.store_blob(sealed)
    return EvidencePage(file=file, number=page.number, width=page.width, height=page.height, location=location)


def _show(file: EvidenceFile, pages: list[EvidencePage]) -> None:
    """If the file is gone meanwhile, the pages stay orphans and are swept."""
    if _move(file, state=FileState.READY, page_count=len(pages)):
        blobs.adopt_blobs(*(page.location for page in pages))
        EvidencePage.objects.bulk_create(pages)


def _refuse(file: EvidenceFile, code: str) -> None:
    if _move(file, state=FileState.REFUSED, refusal=code):
        trail.record_event("evidence.file.refused", file, by=None, code=code)


def _move(file: EvidenceFile, **fields: object) -> bool:
    waiting = EvidenceFile.objects.filter(pk=file.pk, state=FileState.STORED, purged_at__isnull=True)
    return waiting.update(**fields) == 1
