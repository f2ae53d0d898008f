"""Showing a work by HTTP: videos and sounds in bounded ranges, decrypted as they are sent, pictures as drawn anew, texts as compared."""

import hashlib
import io
import threading
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from portal import clock
from portal.engines.fingerprints import Refused, plain_text
from portal.evidence.views import untrusted_content_headers
from portal.media import parts
from portal.media.models import Kind, MediaFile, MediaLook, MediaState
from portal.media.sending import StoredFile, send_stored_file
from portal.people.models import User

# Whole files that one process sends at a time.
_WHOLE_VIDEOS = threading.BoundedSemaphore(2)


def video_response(request: HttpRequest, file: MediaFile, *, why: str = "") -> HttpResponseBase:
    """A checked work for whoever may see it, which the caller has found out, as send_stored_file() sends it.

    Of a picture what was drawn of it is sent, without what its file says of place and camera; of a text the characters
    that are compared, in UTF-8.

    The look is logged once for each person and hour, unless it is the owner's. Raises
    Http404 if the video is not ready, StorageDown, vault.Tampered.
    """
    if file.state != MediaState.READY or file.purged_at is not None:
        raise Http404
    _log(request, file, why or f"played for {file.purpose}")
    if file.kind == Kind.IMAGE:
        return poster_response(file)
    answer = send_stored_file(request, _sent_text(file) if file.kind == Kind.TEXT else _sent_file(file))
    for name, value in _headers(file).items():
        answer[name] = value
    return answer


def shown_text(request: HttpRequest, file: MediaFile, *, why: str, most: int) -> str:
    """The first `most` characters of a checked text, for a page whose reader may see it; logged as video_response() does.

    "" if the text is not ready or was purged. Raises StorageDown, vault.Tampered.
    """
    if file.kind != Kind.TEXT or file.state != MediaState.READY or file.purged_at is not None:
        return ""
    _log(request, file, why)
    return _text_of(file)[:most]


def _sent_file(file: MediaFile) -> StoredFile:
    read, whole = partial(parts.read_video, file), partial(parts.open_decrypted, file)
    return StoredFile(file.size, file.sha256, read, whole, _WHOLE_VIDEOS)


def _sent_text(file: MediaFile) -> StoredFile:
    data = _text_of(file).encode()
    read, whole = lambda start, end: iter([data[start:end]]), partial(io.BytesIO, data)
    return StoredFile(len(data), hashlib.sha256(data).hexdigest(), read, whole, _WHOLE_VIDEOS)


def _text_of(file: MediaFile) -> str:
    """Nothing of a text that the rules in force would not take."""
    try:
        return plain_text(b"".join(parts.read_video(file)))
    except Refused:
        return ""


def poster_response(file: MediaFile) -> HttpResponse:
    """A still picture of our own making, as JPEG, for whoever may see the video. Raises Http404 if there is none."""
    picture = b"" if file.purged_at is not None else parts.read_poster(file)
    if not picture:
        raise Http404
    return HttpResponse(picture, headers=untrusted_content_headers("image/jpeg", name="poster.jpg", attached=False))


def _headers(file: MediaFile) -> dict[str, str]:
    media_type = file.media_type if file.playable else "application/octet-stream"
    if file.kind == Kind.TEXT:
        media_type = "text/plain; charset=utf-8"
    return untrusted_content_headers(media_type, name=file.name or "video", attached=not file.playable)


def _log(request: HttpRequest, file: MediaFile, why: str) -> None:
    by = request.user if isinstance(request.user, User) else None
    if by is not None and by.pk == file.owner_id:
        return
    at = clock.now()
    look = MediaLook(file=file, by=by, why=why, at=at, hour=at.replace(minute=0, second=0, microsecond=0))
    if not MediaLook.objects.filter(file=file, by=by, hour=look.hour).exists():
        MediaLook.objects.bulk_create([look], ignore_conflicts=True)
