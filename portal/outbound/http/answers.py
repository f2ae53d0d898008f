"""What a platform answered, read up to a size, unpacked, and taken for JSON only where it says that it is."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import DecodeError

from portal import clock
from portal.outbound.http.errors import WrongAnswer

_CHUNK = 64 << 10
# Servers without a date of a file give the beginning of their time.
_FIRST_FILES = datetime(2000, 1, 1, tzinfo=UTC)
_ENCODINGS = {"", "identity", "gzip", "x-gzip"}
# Escapes of NUL and of surrogates, which may be a pair. PostgreSQL keeps neither NUL nor half a pair.
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


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
        """The body as JSON; raises WrongAnswer where the answer does not say that it is JSON, or is none.

        Characters that rows cannot keep are replaced by U+FFFD: whoever writes one into a title must not keep others from it.
        """
        try:
            return _parse(self)
        except (ValueError, RecursionError):
            if self.on_wrong is not None:
                self.on_wrong()
            raise WrongAnswer(self.platform, "not JSON", sent=True, status=self.status) from None


def media_type_of(headers: Mapping[str, str]) -> str:
    """The media type that an answer states, in lower case, without its parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def last_modified(headers: Mapping[str, str]) -> datetime | None:
    """When a file was last modified, as its server states; None where it does not, or states what cannot be."""
    try:
        at = parsedate_to_datetime(headers.get("Last-Modified", ""))
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return at if _FIRST_FILES <= at <= clock.now() else None


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
    text = answer.content.decode("utf-8-sig")
    found = json.loads(text, parse_constant=_refuse_constant)
    return _storable(found) if _SUSPECT.search(text) else found


def _storable(value: Any) -> Any:
    """The same value with U+FFFD for every character in its texts that PostgreSQL does not keep."""
    if isinstance(value, str):
        pairs = value.replace("\x00", "\ufffd").encode("utf-16-le", "surrogatepass")
        return pairs.decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
