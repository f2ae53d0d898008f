"""The job that finds out whether a stored file is a video, and what kind."""

import logging
import uuid
from typing import Any

from portal import vault
from portal.audit import trail
from portal.engines import fingerprints
from portal.engines.fingerprints import limits
from portal.evidence import blobs
from portal.jobs.attempts import JobAttempt
from portal.media import parts, refusals
from portal.media.models import MediaFile, MediaState

logger = logging.getLogger(__name__)


def probe_stored_video(run: JobAttempt) -> None:
    """Open `payload["file"]` in a child process; runs again after any death and leaves one poster."""
    file = _file(run.payload)
    if file.state != MediaState.STORED or file.purged_at is not None:
        return
    try:
        with parts.open_decrypted(file) as plain:
            found = fingerprints.probe_video(plain, name=file.name)
    except fingerprints.Refused as refused:
        if refused.code == limits.TOO_HEAVY and run.attempt == 1:
            raise  # perhaps the machine was short of memory; the second result counts
        logger.info("media_refused", extra={"code": refused.code, "detail": refused.detail})
        with run.finish():
            _refuse(file, refused.code)
        return
    location = _stored_poster(file, found.poster)
    with run.finish():
        _record_probe(file, found, location)


def give_up_probe(payload: dict[str, Any]) -> None:
    """After the last attempt: mark the file as refused, so that its owner is told."""
    _refuse(_file(payload), refusals.PROBE_FAILED)


def _file(payload: dict[str, Any]) -> MediaFile:
    return MediaFile.objects.get(pk=uuid.UUID(payload["file"]))


def _stored_poster(file: MediaFile, picture: bytes) -> str:
    if not picture:
        return ""
    return blobs.store_blob(
        vault.encrypt_bytes(picture, data_key=parts.video_data_key(file), bound_to=parts.poster_label(file))
    )


def _record_probe(file: MediaFile, found: fingerprints.Probe, location: str) -> None:
    """If the video is gone meanwhile, the poster stays an orphan and is swept."""
    names = ("media_type", "width", "height", "duration", "frame_rate", "has_audio", "playable")
    fields = {name: getattr(found, name) for name in names} | {"codec": found.codec[:40]}
    if _move(file, state=MediaState.READY, poster=location, **fields) and location:
        blobs.adopt_blobs(location)


def _refuse(file: MediaFile, code: str) -> None:
    if _move(file, state=MediaState.REFUSED, refusal=code):
        trail.record_event("media.file.refused", file, by=None, code=code)


def _move(file: MediaFile, **fields: object) -> bool:
    waiting = MediaFile.objects.kept().filter(pk=file.pk, state=MediaState.STORED)
    return waiting.update(**fields) == 1
