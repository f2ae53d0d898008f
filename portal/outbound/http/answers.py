"""What a platform answered, read up to a size, unpacked, and taken for JSON only where it says that it is."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import DecodeError

from portal.outbound.http.errors import WrongAnswer

_CHUNK = 64 << 10
_ENCODINGS = {"", "identity", "gzip", "x-gzip"}


@dataclass(frozen=True)
class Answer:
    """Status, headers (whatever their case) and the unpacked body of an answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    platform: str = ""
    # Told of an answer that json() could not take.
    on_wrong: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    def json(self) -> Any:
        """The body as JSON; raises WrongAnswer where the answer does not say that it is JSON, or is none."""
        try:
            return _parse(self)
        except (ValueError, RecursionError):
            if self.on_wrong is not None:
                self.on_wrong()
            raise WrongAnswer(self.platform, "not JSON", sent=True, status=self.status) from None


def media_type_of(headers: Mapping[str, str]) -> str:
    """The media type that an answer states, in lower case, without its parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def read_body(platform: str, response: BaseHTTPResponse, *, most: int) -> Iterator[bytes]:
    """The unpacked body piece by piece. Raises WrongAnswer as soon as there is more of it than `most` bytes.

    What is packed is unpacked by at most one piece at a time, so that a small body cannot fill the memory.
    """
    if response.headers.get("Content-Encoding", "").strip().lower() not in _ENCODINGS:
        raise _wrong(platform, response, "an encoding that was not asked for")
    stated = response.headers.get("Content-Length", "")
    if stated.isdecimal() and int(stated[:20]) > most:
        raise _wrong(platform, response, "too large")
    size = 0
    try:
        for chunk in response.stream(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > most:
                raise _wrong(platform, response, "too large")
            yield chunk
    except DecodeError:
        raise _wrong(platform, response, "it cannot be unpacked") from None


def _wrong(platform: str, response: BaseHTTPResponse, what: str) -> WrongAnswer:
    response.close()
    return WrongAnswer(platform, what, sent=True, status=response.status)


def _parse(answer: Answer) -> Any:
    media_type = media_type_of(answer.headers)
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise ValueError(media_type)
    return json.loads(answer.content, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
