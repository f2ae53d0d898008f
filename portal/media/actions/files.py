"""Taking videos in part by part: streams at once, uploads over any number of requests."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal import clock, vault
from portal.audit import trail
from portal.engines.fingerprints import limits
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence import blobs
from portal.evidence.actions.files import KEEP_UNUSED, clean_name
from portal.jobs import queue
from portal.media import access, parts, quotas, refusals
from portal.media.actions import retention
from portal.media.models import MediaFile, MediaPart, MediaState
from portal.people.models import User

# An upload that nothing was added to for so long is given up.
KEEP_UNFINISHED = timedelta(days=1)
# Small enough that a line that breaks loses little, large enough to be quick.
_CHUNK = 1 << 18

freeze_videos = retention.freeze_videos
discard_video = retention.discard_video


class Stream(Protocol):
    """What can be read from: a platform's answer, an uploaded file."""

    def read(self, size: int = ..., /) -> bytes:
        """Up to `size` bytes; b"" at the end."""
        ...


class UploadBusy(Conflict):
    """Another request is writing to this upload (HTTP 423)."""

    status = 423
    code = "busy"


class VideoTooLarge(Invalid):
    """More bytes than a video may have, or than were announced (HTTP 413)."""

    status = 413
    code = "too_large"


def store_stream(stream: Stream, *, owner: User | None, purpose: str, name: str) -> MediaFile:
    """Read a stream to its end and store it, encrypted; whether it is a video is found by a job.

    The same bytes of the same owner for the same purpose again give the same row. Never more than
    one part is in memory. Raises Invalid with one sentence, NotAllowed, StorageDown.
    """
    room = _room_for_stream(owner)
    file = _create_upload(owner, purpose, name, room, announced=1)
    try:
        return _store_parts(file, stream)
    except VideoTooLarge as error:
        _drop(file)
        if owner is None or room == settings.MEDIA_MAX_BYTES:
            raise
        raise Invalid(quotas.no_room_sentence(quotas.video_use_of(owner))) from error
    except BaseException:
        _drop(file)
        raise


def begin_upload(*, owner: User, purpose: str, name: str, size: int) -> MediaFile:
    """Announce an upload of `size` bytes; raises Invalid, NotAllowed."""
    if not size:
        raise Invalid(refusals.video_refusal_sentence(limits.EMPTY))
    if size > settings.MEDIA_MAX_BYTES:
        raise VideoTooLarge(refusals.too_large_sentence())
    return _create_upload(owner, purpose, name, size)


def append_part(file: MediaFile, *, offset: int, data: bytes) -> int:
    """Add the bytes that belong at `offset` (at most one part); returns where the next ones belong.

    When it returns, they are stored. Raises Conflict if they do not belong there (any more), UploadBusy,
    VideoTooLarge, StorageDown.
    """
    if offset + len(data) > file.size:
        raise VideoTooLarge(refusals.too_large_sentence())
    label = parts.part_label(file, offset)
    location = blobs.store_blob(vault.encrypt_bytes(data, data_key=file.data_key(), bound_to=label))
    with transaction.atomic():
        row = _locked(file)
        if count_arrived_bytes(row) != offset:
            raise Conflict(_("This upload has been continued, perhaps in another window."))
        blobs.adopt_blobs(location)
        MediaPart.objects.create(file=row, offset=offset, size=len(data), location=location)
        file.purge_at = clock.now() + KEEP_UNFINISHED
        MediaFile.objects.filter(pk=file.pk).update(purge_at=file.purge_at)
    return offset + len(data)


def finish_upload(file: MediaFile) -> MediaFile:
    """The stored video of an upload all of whose bytes are here; the earlier row if the same was sent before.

    Safe to call again. Raises Conflict while bytes are missing, Invalid if the same was refused before.
    """
    if file.state != MediaState.UPLOADING:
        return file
    if count_arrived_bytes(file) != file.size:
        raise Conflict(_("This upload is not complete yet."))
    # Nothing can be added or changed any more, so that no lock is needed while this takes its seconds.
    return _stored_once(file, size=file.size, digest=parts.video_digest(file))


def count_arrived_bytes(file: MediaFile) -> int:
    """How many bytes of it are here."""
    last = file.parts.order_by("-offset").values_list("offset", "size").first()
    return sum(last) if last else 0


def stream_parts(stream: Stream) -> Iterator[bytes]:
    """What a stream gives, part by part. When it breaks, what came before is given first."""
    kept, broken, more = bytearray(), None, True
    while more:
        try:
            chunk = stream.read(min(_CHUNK, parts.PART_BYTES - len(kept)))
        except OSError as error:
            chunk, broken = b"", error
        kept += chunk
        more = bool(chunk)
        if kept and (not more or len(kept) == parts.PART_BYTES):
            yield bytes(kept)
            kept.clear()
    if broken:
        raise broken


def _store_parts(file: MediaFile, stream: Stream) -> MediaFile:
    offset, found = 0, hashlib.sha256()
    for piece in stream_parts(stream):
        offset = append_part(file, offset=offset, data=piece)
        found.update(piece)
    if not offset:
        raise Invalid(refusals.video_refusal_sentence(limits.EMPTY))
    return _stored_once(file, size=offset, digest=found.hexdigest())


def _create_upload(
    owner: User | None, purpose: str, name: str, size: int, *, announced: int | None = None
) -> MediaFile:
    """The row of an upload of at most `size` bytes, `announced` of which are held against the owner's quota now."""
    draft = MediaFile(owner=owner, purpose=purpose, name=clean_name(name), size=size)
    draft.wrap_data_key(vault.new_data_key())
    draft.purge_at = clock.now() + KEEP_UNFINISHED
    with transaction.atomic():
        if owner is not None:
            _refuse(owner, purpose, size if announced is None else announced)
        draft.save(force_insert=True)
    return draft


def _refuse(owner: User, purpose: str, size: int) -> None:
    """Raise NotAllowed or Invalid; uploads of one person that begin at the same moment are counted one by one."""
    require_allowed(access.refuse_video_upload(owner, purpose))
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if reason := quotas.refuse_more_videos(owner, size):
        raise Invalid(reason)


def _room_for_stream(owner: User | None) -> int:
    """How many bytes a stream of unknown length may have: what is left of its owner's quota, or the largest video."""
    largest: int = settings.MEDIA_MAX_BYTES
    return largest if owner is None else max(1, min(largest, quotas.video_use_of(owner).bytes_left))


def _locked(file: MediaFile) -> MediaFile:
    """The row, locked; raises UploadBusy while another transaction holds it, Conflict if nothing can be added."""
    rows = MediaFile.objects.kept().filter(pk=file.pk, state=MediaState.UPLOADING)
    row = rows.select_for_update(skip_locked=True).first()
    if row is None:
        raise UploadBusy(_("Another window is uploading this file right now.")) if rows.exists() else _upload_ended()
    return row


def _upload_ended() -> Conflict:
    return Conflict(_("This upload is complete or was cancelled."))


def _stored_once(file: MediaFile, *, size: int, digest: str) -> MediaFile:
    known = _known(file, digest)
    if known is None:
        try:
            known = _save(file, size, digest)
        except IntegrityError:  # the same bytes came twice at once; the other one was faster
            known = _known(file, digest)
            if known is None:
                raise
    if known.pk != file.pk:
        _drop(file)
    if known.state == MediaState.REFUSED:
        raise Invalid(known.refusal_text)
    return known


def _save(file: MediaFile, size: int, digest: str) -> MediaFile:
    """The row as stored; if another request has finished the same upload meanwhile, as that one left it."""
    at = clock.now()
    fields = {"state": MediaState.STORED, "sha256": digest, "size": size, "stored_at": at, "purge_at": at + KEEP_UNUSED}
    mine = MediaFile.objects.kept().filter(pk=file.pk)
    with transaction.atomic():
        if mine.filter(state=MediaState.UPLOADING).update(**fields):
            trail.record_event("media.file.stored", file, by=file.owner, purpose=file.purpose, sha256=digest)
            queue.enqueue_job("media.probe", {"file": str(file.pk)}, key=f"media.probe:{file.pk}")
    stored = mine.exclude(state=MediaState.UPLOADING).first()
    if stored is None:
        raise _upload_ended()
    return stored


def _known(file: MediaFile, digest: str) -> MediaFile | None:
    """The same video stored before, if any; its retention is restarted, so that it is not purged meanwhile."""
    same = MediaFile.objects.kept().filter(owner=file.owner_id, purpose=file.purpose, sha256=digest)
    same.filter(frozen_at__isnull=True).update(purge_at=clock.now() + KEEP_UNUSED)
    return same.first()


def _drop(file: MediaFile) -> None:
    """Give up an upload that leads to nothing."""
    retention.video_retention.purge(MediaFile.objects.kept().filter(pk=file.pk, state=MediaState.UPLOADING), by=None)
