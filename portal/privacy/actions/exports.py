"""Putting together a copy of somebody's data, reading it back, and deleting it."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal import clock, vault
from portal.audit import trail
from portal.errors import Conflict, Text, require_allowed
from portal.evidence import blobs
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.media.parts import PART_BYTES
from portal.media.ranges import ByteRange
from portal.notifications.messages import notify_person
from portal.people.models import User
from portal.privacy import content
from portal.privacy.models import DataExport, ExportPart
from portal.privacy.states import ExportState

EXPORT_JOB = "privacy.export"
EXPORT_KEPT = timedelta(days=7)
MOST_KEPT = 2  # of one person, with the one that is being put together
ASK_AGAIN = timedelta(days=1)  # after asking
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of every file in the zip: their own dates stand in the data
_BATCH = 100


def refuse_export(person: User) -> Text | None:
    """Why this person cannot ask for a copy now; None if they can."""
    if person.is_visitor or not person.is_active:
        return _("You need an account to get a copy of your data.")
    last = DataExport.objects.filter(person=person).exclude(state=ExportState.FAILED).first()
    if last is not None and last.is_waiting:
        return _("Your copy is being prepared.")
    if last is not None and last.asked_at + ASK_AGAIN > clock.now():
        return _("You have already requested a copy today. You can request another tomorrow.")
    return None


def request_export(*, person: User) -> DataExport:
    """Ask for a copy of one's own data; a job puts it together. Older ones than the last are deleted. Raises NotAllowed, Conflict."""
    require_allowed(refuse_export(person))
    export = DataExport(person=person, asked_at=clock.now())
    export.wrap_data_key(vault.new_data_key())
    try:
        with transaction.atomic():
            export.save(force_insert=True)
            ready = DataExport.objects.filter(person=person, state=ExportState.READY).select_related("person")
            for old in ready[MOST_KEPT - 1 :]:
                _purge(old)
            trail.record_event("privacy.export.requested", export, by=person)
            queue.enqueue_job(EXPORT_JOB, {"export": export.pk}, key=f"{EXPORT_JOB}:{export.pk}")
    except IntegrityError as error:
        raise Conflict(_("Your copy is being prepared.")) from error
    return export


def run_export(run: JobAttempt) -> None:
    """Job: put the copy together, store it encrypted, and tell the person."""
    export = DataExport.objects.select_related("person").get(pk=run.payload["export"])
    if not export.is_waiting:
        return
    with tempfile.TemporaryFile() as packed, translation.override(export.person.language):
        _pack(export, packed)
        parts, digest = _store(export, packed)
    with run.finish():
        blobs.adopt_blobs(*(part.location for part in parts))
        ExportPart.objects.bulk_create(parts)
        now = clock.now()
        size = sum(part.size for part in parts)
        export.move("finish", ready_at=now, purge_at=now + EXPORT_KEPT, size=size, sha256=digest)
        trail.record_event("privacy.export.ready", export, by=None)
        _tell(export)


def give_up_export(payload: dict[str, Any]) -> None:
    """After the last attempt: the page says so, and the person can ask again at once."""
    export = DataExport.objects.get(pk=payload["export"])
    export.move("give_up", purge_at=clock.now() + EXPORT_KEPT)


def read_export(export: DataExport, start: int, end: int) -> Iterator[bytes]:
    """The bytes of the zip from `start` up to, not with, `end`; raises StorageDown, vault.Tampered."""
    key = export.data_key()
    for part in export.parts.filter(offset__lt=end, offset__gt=start - PART_BYTES).order_by("offset"):
        sealed = blobs.read_blob(part.location)
        data = vault.decrypt_bytes(sealed, data_key=key, bound_to=export.part_label(part.offset))
        piece = data[max(start - part.offset, 0) : end - part.offset]
        if piece:
            yield piece


@contextmanager
def open_export(export: DataExport) -> Iterator[IO[bytes]]:
    """The zip in a temporary file without a name, at its beginning; raises what read_export() raises."""
    with tempfile.TemporaryFile() as plain:
        for piece in read_export(export, 0, export.size):
            plain.write(piece)
        plain.seek(0)
        yield plain


def note_download(export: DataExport, span: ByteRange) -> None:
    """Record that the person fetches their copy, or some bytes of it. Raises Conflict where it was deleted meanwhile."""
    with transaction.atomic():
        export.write(downloaded_at=clock.now())
        part = f"{span.start}-{span.end - 1}/{export.size}"
        trail.record_event("privacy.export.downloaded", export, by=export.person, bytes=part)


def purge_old_exports() -> int:
    """Delete copies after a week; returns how many."""
    due = DataExport.objects.filter(purged_at=None, purge_at__lte=clock.now()).select_related("person")
    return sum(_purge(export) for export in due.order_by("purge_at", "pk")[:_BATCH])


def erase_exports(person: User) -> None:
    """Delete every copy of a person who left."""
    for export in DataExport.objects.filter(person=person, purged_at=None).select_related("person"):
        if export.is_waiting:
            export.move("give_up")
        _purge(export)


def _purge(export: DataExport) -> bool:
    with transaction.atomic():
        export.move("delete", purged_at=clock.now(), wrapped_key=b"")
        blobs.orphan_blobs(*export.parts.values_list("location", flat=True))
        export.parts.all().delete()
        trail.record_event("privacy.export.purged", export, by=None)
    return True


def _pack(export: DataExport, packed: IO[bytes]) -> None:
    entries = content.entries_of(export.person)
    mine = DataExport.objects.filter(pk=export.pk)
    mine.update(steps=len(entries), done=0)
    with zipfile.ZipFile(packed, "w") as archive:
        for number, entry in enumerate(entries, start=1):
            about = zipfile.ZipInfo(entry.name, date_time=_FIRST_DAY)
            about.compress_type = zipfile.ZIP_DEFLATED if entry.packed else zipfile.ZIP_STORED
            with archive.open(about, "w", force_zip64=True) as target:
                for piece in entry.read():
                    target.write(piece)
            mine.update(done=number)


def _store(export: DataExport, packed: IO[bytes]) -> tuple[list[ExportPart], str]:
    """The zip as encrypted parts in the storage, which no row points to yet, and its SHA-256."""
    packed.seek(0)
    key, digest, found = export.data_key(), hashlib.sha256(), []
    offset = 0
    while data := packed.read(PART_BYTES):
        digest.update(data)
        sealed = vault.encrypt_bytes(data, data_key=key, bound_to=export.part_label(offset))
        found.append(ExportPart(export=export, offset=offset, size=len(data), location=blobs.store_blob(sealed)))
        offset += len(data)
    return found, digest.hexdigest()


def _tell(export: DataExport) -> None:
    notify_person(
        export.person,
        "privacy.export_ready",
        key=f"privacy.export:{export.pk}",
        context=lambda: {"until": date_format(export.purge_at) if export.purge_at else ""},
        url="/accounts/data/",
    )
