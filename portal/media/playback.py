"""Playing a video by HTTP: answers in bounded ranges, decrypted as they are sent."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from portal import clock
from portal.evidence.views import untrusted_content_headers
from portal.media import parts, ranges
from portal.media.models import MediaFile, MediaLook, MediaState
from portal.people.models import User

# One answer to a range is no longer than this, so that a slow player does not hold a thread for a
# whole video; HTTP lets a server send less than was asked for, and players ask for the rest.
MAX_RANGE_BYTES = 8 << 20
# Bytes written to the socket at once.
_CHUNK = 1 << 16
# Whole videos that one process sends at a time, each from a temporary file; whoever comes then is told when to ask again.
_WHOLE_VIDEOS = threading.BoundedSemaphore(2)
_ASK_AGAIN = 5  # seconds


def video_response(request: HttpRequest, file: MediaFile, *, why: str = "") -> HttpResponseBase:
    """A checked video for whoever may see it, which the caller has found out: 200, 206, 304, 412, 416 or 503.

    Ranges are cut to MAX_RANGE_BYTES. Whoever asks for no range gets the whole video; if it is longer than that, it is
    decrypted into a temporary file and handed to the web server, so that no thread waits for a slow reader.

    The look is logged once for each person and hour, unless it is the owner's. Raises
    Http404 if the video is not ready, StorageDown, vault.Tampered.
    """
    if file.state != MediaState.READY or file.purged_at is not None:
        raise Http404
    _log(request, file, why or f"played for {file.purpose}")
    answer = get_conditional_response(request, etag=_etag(file)) or _ranged(request, file)
    for name, value in _headers(file).items():
        answer[name] = value
    return answer


def _ranged(request: HttpRequest, file: MediaFile) -> HttpResponseBase:
    try:
        span = ranges.parse_range(_range(request, file), file.size)
    except ranges.UnsatisfiableRange:
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{file.size}"}
        )
    if span is None and file.size > MAX_RANGE_BYTES and request.method != "HEAD":
        return _whole_video(file)
    if span is None:
        return _answer(request, file, ranges.ByteRange(0, file.size), status=HTTPStatus.OK)
    span = ranges.ByteRange(span.start, min(span.end, span.start + MAX_RANGE_BYTES))
    answer = _answer(request, file, span, status=HTTPStatus.PARTIAL_CONTENT)
    answer["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{file.size}"
    return answer


def _range(request: HttpRequest, file: MediaFile) -> str:
    """The Range header, "" where it does not count: for HEAD, and if the video is not the one begun with."""
    if request.method != "GET" or request.headers.get("If-Range", _etag(file)) != _etag(file):
        return ""
    return request.headers.get("Range", "")


def _answer(request: HttpRequest, file: MediaFile, span: ranges.ByteRange, *, status: int) -> HttpResponseBase:
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse(status=status)
    else:
        pieces = parts.read_video(file, *span)
        # Read the first chunk now, while an error status can still be sent.
        answer = StreamingHttpResponse(_chunks(itertools.chain([next(pieces)], pieces)), status=status)
    answer["Content-Length"] = str(span.end - span.start)
    return answer


def _whole_video(file: MediaFile) -> HttpResponseBase:
    if not _WHOLE_VIDEOS.acquire(blocking=False):
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(_ASK_AGAIN)})
    with ExitStack() as stack:
        stack.callback(_WHOLE_VIDEOS.release)
        answer = FileResponse(stack.enter_context(parts.open_decrypted(file)))
        answer._resource_closers.append(stack.pop_all().close)  # type: ignore[attr-defined]  # runs once it is sent
    answer["Content-Length"] = str(file.size)
    return answer


def _chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _CHUNK):
            yield piece[start : start + _CHUNK]


def _etag(file: MediaFile) -> str:
    return f'"{file.sha256}"'


def _headers(file: MediaFile) -> dict[str, str]:
    media_type = file.media_type if file.playable else "application/octet-stream"
    about = untrusted_content_headers(media_type, name=file.name or "video", attached=not file.playable)
    return about | {"Accept-Ranges": "bytes", "ETag": _etag(file)}


def _log(request: HttpRequest, file: MediaFile, why: str) -> None:
    by = request.user if isinstance(request.user, User) else None
    if by is not None and by.pk == file.owner_id:
        return
    at = clock.now()
    look = MediaLook(file=file, by=by, why=why, at=at, hour=at.replace(minute=0, second=0, microsecond=0))
    if not MediaLook.objects.filter(file=file, by=by, hour=look.hour).exists():
        MediaLook.objects.bulk_create([look], ignore_conflicts=True)
