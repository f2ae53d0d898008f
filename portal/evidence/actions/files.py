"""Storing and reading files."""

import hashlib
import logging
import threading
import unicodedata
from datetime import timedelta

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal import clock, vault
from portal.audit import trail
from portal.engines import documents
from portal.engines.documents import LIMITS, limits
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence import access, blobs, markings, quotas, refusals
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceAccess, EvidenceFile, EvidencePage, FileState
from portal.jobs import queue
from portal.people.models import User

logger = logging.getLogger(__name__)

# Files that one process reads and encrypts at a time: each takes three times its size in memory.
_PLACES = threading.BoundedSemaphore(2)
# A file that no form has taken into use by then was forgotten.
KEEP_UNUSED = timedelta(days=7)
_NAME = 120  # characters

freeze_files = retention.freeze_files


def store_file(upload: "File[bytes]", *, by: User, purpose: str) -> EvidenceFile:
    """Encrypt and store a file of `by`; a job opens it, and finds it ready, with its pages, or refuses it.

    Nothing is parsed here: only size, type and what the bytes give away are looked at. The same bytes for the same
    purpose again give the same row. Raises Invalid with one sentence when the file is refused, StorageDown when it
    cannot be stored.
    """
    with _PLACES:
        data = _bounded(upload)
        digest = hashlib.sha256(data).hexdigest()
        known = _known(by, purpose, digest) or _store(data, digest, name=upload.name or "", by=by, purpose=purpose)
    if known.state == FileState.REFUSED:
        raise Invalid(known.refusal_text)
    return known


def read_file(file: EvidenceFile, *, by: User | None, why: str) -> bytes:
    """The original bytes, for `by` (None: the system). Logged unless they are the owner.

    Raises NotAllowed, Conflict if the file was purged, StorageDown, vault.Tampered.
    """
    log_look(file, by=by, why=why, page=None)
    return file_content(file)


def read_page(page: EvidencePage, *, by: User, why: str) -> bytes:
    """A page as JPEG; logged and guarded like `read`."""
    log_look(page.file, by=by, why=why, page=page.number)
    return page_content(page)


def page_content(page: EvidencePage) -> bytes:
    """A page as JPEG for internal use such as reading it; not logged."""
    sealed = blobs.read_blob(page.location)
    return vault.decrypt_bytes(sealed, data_key=page.file.data_key(), bound_to=page_label(page.file, page.number))


def duplicates_of_file(file: EvidenceFile) -> QuerySet[EvidenceFile]:
    """The same bytes uploaded by other people, purged files included, oldest first."""
    same = EvidenceFile.objects.filter(sha256=file.sha256).exclude(owner=file.owner_id)
    return same.order_by("stored_at", "id")


def file_content(file: EvidenceFile) -> bytes:
    """The original bytes for internal use such as rendering; not logged."""
    if file.purged_at is not None:
        raise Conflict(_("This file has been deleted because its retention period has ended."))
    data = vault.decrypt_bytes(blobs.read_blob(file.location), data_key=file.data_key(), bound_to=file.bound_to)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise vault.Tampered(str(file.pk))
    return data


def page_label(file: EvidenceFile, number: int) -> str:
    """What a page's ciphertext is bound to."""
    return f"evidence.page:{file.pk}:{number}"


def clean_name(name: str) -> str:
    """The last part of the name without control and direction characters, its ending kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    if len(kept) <= _NAME:
        return kept
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[: _NAME - len(ending) - 1]}{dot}{ending}" if len(ending) < _NAME // 4 else kept[:_NAME]


def _bounded(upload: "File[bytes]") -> bytes:
    """The bytes, never more of them than allowed."""
    announced = upload.size or 0
    if announced <= LIMITS.file_bytes:
        upload.seek(0)
        data = bytes(upload.read(LIMITS.file_bytes + 1))
        if len(data) <= LIMITS.file_bytes:
            return data
    raise Invalid(refusals.refusal_sentence(limits.TOO_LARGE))


def _store(data: bytes, digest: str, *, name: str, by: User, purpose: str) -> EvidenceFile:
    if reason := quotas.refuse_more_documents(by, len(data)) or quotas.refuse_faster_documents(by):
        raise Invalid(reason)
    name = clean_name(name)
    draft = EvidenceFile(owner=by, purpose=purpose, sha256=digest, size=len(data), name=name)
    draft.media_type = _prechecked(data, name)
    return _save(draft, data)


def _prechecked(data: bytes, name: str) -> str:
    try:
        return documents.precheck_document(data, name)
    except documents.Refused as refused:
        logger.info("evidence_refused", extra={"code": refused.code, "detail": refused.detail})
        raise Invalid(refusals.refusal_sentence(refused.code)) from refused


def _known(by: User, purpose: str, digest: str) -> EvidenceFile | None:
    """The same file stored before, if any; its retention is restarted, so that it is not purged meanwhile."""
    same = EvidenceFile.objects.kept().filter(owner=by, purpose=purpose, sha256=digest)
    same.filter(frozen_at__isnull=True).update(purge_at=clock.now() + KEEP_UNUSED)
    return same.first()


def _save(draft: EvidenceFile, data: bytes) -> EvidenceFile:
    key = vault.new_data_key()
    draft.wrap_data_key(key)
    draft.location = blobs.store_blob(vault.encrypt_bytes(data, data_key=key, bound_to=draft.bound_to))
    draft.purge_at = clock.now() + KEEP_UNUSED
    try:
        with transaction.atomic():
            blobs.adopt_blobs(draft.location)
            draft.save(force_insert=True)
            trail.record_event("evidence.file.stored", draft, by=draft.owner, purpose=draft.purpose)
            queue.enqueue_job("evidence.render", {"file": str(draft.pk)}, key=render_job_key(str(draft.pk)))
    except IntegrityError:
        # A concurrent request stored the same file first. Our blob stays an orphan and is swept.
        first = _known(draft.owner, draft.purpose, draft.sha256)
        if first is None:
            raise
        return first
    return draft


def render_job_key(file: str) -> str:
    """The key of the job that opens a file, by the file's primary key."""
    return f"evidence.render:{file}"


def log_look(file: EvidenceFile, *, by: User | None, why: str, page: int | None) -> None:
    """Keep that somebody looks at the file, or at one page. Raises NotAllowed.

    The owner's own looks are kept only where they see marked pages as others do.
    """
    if by is not None and (reason := access.refuse_look(by, file)):
        raise NotAllowed(reason)
    if by is not None and by.pk == file.owner_id and markings.marking_for(file, by) is None:
        return
    with transaction.atomic():
        EvidenceAccess.objects.create(file=file, by=by, why=why, page=page)
        if page is None:
            trail.record_event("evidence.file.read", file, by=by)
