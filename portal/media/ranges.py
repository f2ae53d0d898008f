"""The Range header of HTTP (RFC 9110, 14): one range of bytes, as a slice."""

import re
from typing import NamedTuple

_ONE = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.ASCII | re.IGNORECASE)


class ByteRange(NamedTuple):
    """Bytes from `start` up to, not with, `end`."""

    start: int
    end: int


class UnsatisfiableRange(Exception):
    """The range asked for has no byte in the file (HTTP 416)."""


def parse_range(header: str, size: int) -> ByteRange | None:
    """Which bytes of `size` are asked for; None if the header is to be ignored, raises UnsatisfiableRange.

    Ignored is what is no range of bytes, and more than one range, as the standard allows.
    """
    match = _ONE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        found = ByteRange(max(size - int(match[2]), 0), size)
    elif match[2] and int(match[2]) < int(match[1]):
        return None
    else:
        found = ByteRange(int(match[1]), min(int(match[2]) + 1, size) if match[2] else size)
    if found.start >= found.end:
        raise UnsatisfiableRange
    return found
