"""Sending a file that is stored encrypted: whole or by a bounded range, with an ETag by which an interrupted download goes on."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from portal.media import ranges

# One answer to a range is no longer than this, so that a slow reader does not hold a thread for a
# whole file; HTTP lets a server send less than was asked for, and players and browsers ask for the rest.
MAX_RANGE_BYTES = 8 << 20
# Bytes written to the socket at once.
_CHUNK = 1 << 16
_ASK_AGAIN = 5  # seconds


@dataclass(frozen=True)
class StoredFile:
    """A file as it is sent. `read(start, end)` gives its bytes, `open()` all of them as a temporary file; both may raise StorageDown.

    `note(span)` is called before any byte is sent. `places` are the whole files of this kind that one process sends at a time;
    whoever comes then is told when to ask again.
    """

    size: int
    sha256: str
    read: Callable[[int, int], Iterator[bytes]]
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    places: threading.BoundedSemaphore
    note: Callable[[ranges.ByteRange], object] = lambda _span: None

    @property
    def etag(self) -> str:
        """The same for the same bytes."""
        return f'"{self.sha256}"'


def send_stored_file(request: HttpRequest, file: StoredFile) -> HttpResponseBase:
    """The answer to GET or HEAD: 200, 206, 304, 412, 416 or 503, with ETag and Accept-Ranges.

    Ranges are cut to MAX_RANGE_BYTES. Whoever asks for no range gets the whole file; if it is longer than that, it is
    decrypted into a temporary file and handed to the web server, so that no thread waits for a slow reader.
    """
    answer = get_conditional_response(request, etag=file.etag) or _answer_range(request, file)
    answer["Accept-Ranges"], answer["ETag"] = "bytes", file.etag
    return answer


def _answer_range(request: HttpRequest, file: StoredFile) -> HttpResponseBase:
    try:
        span = ranges.parse_range(_asked_range(request, file), file.size)
    except ranges.UnsatisfiableRange:
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{file.size}"}
        )
    everything = ranges.ByteRange(0, file.size)
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(file.size)})
    if span is None and file.size > MAX_RANGE_BYTES:
        return _whole_file(file, everything)
    if span is None:
        return _pieces(file, everything, status=HTTPStatus.OK)
    span = ranges.ByteRange(span.start, min(span.end, span.start + MAX_RANGE_BYTES))
    answer = _pieces(file, span, status=HTTPStatus.PARTIAL_CONTENT)
    answer["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{file.size}"
    return answer


def _asked_range(request: HttpRequest, file: StoredFile) -> str:
    """The Range header, "" where it does not count: for HEAD, and if the file is not the one begun with."""
    if request.method != "GET" or request.headers.get("If-Range", file.etag) != file.etag:
        return ""
    return request.headers.get("Range", "")


def _pieces(file: StoredFile, span: ranges.ByteRange, *, status: int) -> HttpResponseBase:
    file.note(span)
    pieces = file.read(*span)
    # Read the first piece now, while an error status can still be sent.
    answer = StreamingHttpResponse(_chunks(itertools.chain([next(pieces, b"")], pieces)), status=status)
    answer["Content-Length"] = str(span.end - span.start)
    return answer


def _whole_file(file: StoredFile, span: ranges.ByteRange) -> HttpResponseBase:
    if not file.places.acquire(blocking=False):
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(_ASK_AGAIN)})
    with ExitStack() as stack:
        stack.callback(file.places.release)  # also where the next lines fail
        file.note(span)
        answer = FileResponse(stack.enter_context(file.open()))
        answer._resource_closers.append(stack.pop_all().close)  # type: ignore[attr-defined]  # runs once it is sent
    answer["Content-Length"] = str(file.size)
    return answer


def _chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _CHUNK):
            yield piece[start : start + _CHUNK]
