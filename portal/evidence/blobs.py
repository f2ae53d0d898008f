"""Bytes in the storage: written before any row points to them, deleted once none does (see OrphanBlob)."""

import logging
import uuid
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import DomainError
from portal.evidence.models import OrphanBlob

logger = logging.getLogger(__name__)

# Longer than any upload or rendering takes.
ORPHAN_FOR = timedelta(hours=1)


class StorageDown(DomainError):
    """The storage is full, missing or not writable (HTTP 503). Nothing was saved."""

    status = 503
    code = "storage_down"

    def __init__(self) -> None:
        super().__init__(_("Files cannot be stored or read right now. Nothing was lost; please try again later."))


def store_blob(data: bytes) -> str:
    """Store bytes under a random name, as an orphan until adopt_blobs(); raises StorageDown."""
    name = uuid.uuid4().hex
    location = f"{name[:2]}/{name}"
    OrphanBlob.objects.create(location=location)
    try:
        return default_storage.save(location, ContentFile(data))
    except Exception as error:  # every storage has errors of its own, and all mean the same here
        logger.exception("evidence_not_stored")
        _delete(location)
        raise StorageDown from error


def read_blob(location: str) -> bytes:
    """The bytes at a location; raises StorageDown."""
    try:
        with default_storage.open(location) as blob:
            return bytes(blob.read())
    except Exception as error:  # as in store_blob()
        logger.exception("evidence_not_read")
        raise StorageDown from error


def adopt_blobs(*locations: str) -> None:
    """Say, in the transaction that saves the rows pointing to them, that the blobs are theirs."""
    if OrphanBlob.objects.filter(location__in=locations).delete()[0] != len(locations):
        raise StorageDown  # the sweep was faster; the caller's transaction is undone


def orphan_blobs(*locations: str) -> None:
    """Mark blobs as orphans, in the transaction that deletes their rows."""
    OrphanBlob.objects.bulk_create(OrphanBlob(location=location) for location in locations)


def sweep_orphan_blobs() -> int:
    """Delete blobs that have been orphans for an hour; returns how many."""
    count = 0
    while _sweep_one():
        count += 1
    return count


def _sweep_one() -> bool:
    with transaction.atomic():
        old = OrphanBlob.objects.filter(since__lte=clock.now() - ORPHAN_FOR).order_by("since", "id")
        blob = old.select_for_update(skip_locked=True).first()
        if blob is None or not _delete(blob.location):
            return False  # a storage that is down is tried again by the next sweep
        blob.delete()
    return True


def _delete(location: str) -> bool:
    try:
        default_storage.delete(location)
    except Exception:  # as in store_blob()
        logger.exception("evidence_not_deleted")
        return False
    return True
