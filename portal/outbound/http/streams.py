"""A file of a platform, fetched into a temporary file, going on after an interruption where the platform serves ranges."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from io import RawIOBase
from tempfile import TemporaryFile
from typing import Any, cast

from urllib3 import BaseHTTPResponse

from portal.outbound.http.answers import last_modified, media_type_of
from portal.outbound.http.errors import WrongAnswer
from portal.platforms.protocol import FetchedFile

# A page in HTML with status 200 is what many platforms answer for files that are not there.
MEDIA = ("video/", "audio/", "image/", "application/octet-stream", "binary/octet-stream", "application/mp4")
_WHOLE, _PART = 200, 206
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")

Streamed = Callable[[Mapping[str, str]], AbstractContextManager[tuple[BaseHTTPResponse, Iterator[bytes]]]]


def fetch_file(
    platform: str, streamed: Streamed, repeat: Callable[[Callable[[], Any]], Any], largest: int, types: Sequence[str]
) -> FetchedFile:
    """The file, at its beginning. `streamed(headers)` asks once, `repeat(act)` acts as often as the settings allow."""
    file = FetchedFile(cast("RawIOBase", TemporaryFile(buffering=0)))  # noqa: SIM115 -- the caller closes it
    download = _Download(platform, file, largest, types)
    try:
        repeat(lambda: download.go_on(streamed))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


class _Download:
    """What has come of a file so far, and by which mark the platform knows that it is still the same."""

    def __init__(self, platform: str, file: FetchedFile, largest: int, types: Sequence[str]) -> None:
        self.platform, self.file, self.largest, self.types = platform, file, largest, tuple(types)
        self.mark = ""

    def go_on(self, streamed: Streamed) -> None:
        """Fetch what is missing; begins anew where the platform cannot go on."""
        have = self.file.tell()
        asking = {"Range": f"bytes={have}-", "If-Range": self.mark} if have and self.mark else {}
        with streamed(asking) as (response, chunks):
            if not (asking and response.status == _PART and self._continues(response, have)):
                self._begin(response)
            for chunk in chunks:
                if self.file.tell() + len(chunk) > self.largest:
                    raise self._wrong(response, "too large")
                self.file.write(chunk)

    def _begin(self, response: BaseHTTPResponse) -> None:
        if response.status != _WHOLE:
            raise self._wrong(response, f"status {response.status}")
        if not media_type_of(response.headers).startswith(self.types):
            raise self._wrong(response, "another type of file")
        self.file.seek(0)
        self.file.truncate()
        self.file.modified_at = last_modified(response.headers)
        tag = response.headers.get("ETag", "")
        # A weak tag does not promise the same bytes.
        self.mark = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")

    def _continues(self, response: BaseHTTPResponse, have: int) -> bool:
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if found is None or int(found[1]) != have:
            raise self._wrong(response, "another part of the file")
        return True

    def _wrong(self, response: BaseHTTPResponse, what: str) -> WrongAnswer:
        return WrongAnswer(self.platform, what, sent=True, status=response.status)
