"""The type of a file by its content, never by its name; and what a look at the bytes alone refuses.

Nothing here parses: the time is bounded by the size of the file, some 20 ms for the largest, so that this may run while
a request waits. Everything else about a file is found out in the child.
"""

import io
import zipfile

import puremagic

from portal.engines.documents import limits
from portal.engines.documents.limits import ACCEPTED, LIMITS, Limits
from portal.engines.limited_process import Refused

_HEAD = 4096  # bytes that decide the type
_TAIL = 1024
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
_END_MARK_WITHIN = 2048  # bytes from the end; a truncated upload has no end mark there
_PADDING = b"\0 \t\r\n\x0c"  # what scanners and storage put behind a file
_MARKUP = (b"<script", b"<html", b"<svg", b"<?php", b"<!doctype")


def detect_document_type(data: bytes, name: str = "") -> str:
    """Media type of `data`; raises Refused for what is empty, unknown, misnamed or of two types."""
    if not data:
        raise Refused(limits.EMPTY)
    media_type = _media_type(data)
    if media_type not in ACCEPTED:
        raise Refused(limits.UNKNOWN_TYPE, media_type)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    others = {known for endings in ACCEPTED.values() for known in endings}
    if ending in others and ending not in ACCEPTED[media_type]:
        raise Refused(limits.WRONG_NAME, media_type)
    if _is_two_types(data, media_type):
        raise Refused(limits.TWO_TYPES, media_type)
    return media_type


def precheck_document(data: bytes, name: str = "", bounds: Limits = LIMITS) -> str:
    """Media type of `data`; raises Refused for what its type, its end or the number of its objects gives away."""
    if len(data) > bounds.file_bytes:
        raise Refused(limits.TOO_LARGE, str(len(data)))
    media_type = detect_document_type(data, name)
    if media_type == limits.PDF:
        refuse_without_end(data)
        if data.count(b" obj") > bounds.pdf_objects:
            raise Refused(limits.TOO_HEAVY, "objects")
    return media_type


def refuse_without_end(data: bytes) -> None:
    """Raise Refused for a PDF that was cut off."""
    if b"%%EOF" not in data.rstrip(_PADDING)[-_END_MARK_WITHIN:]:
        raise Refused(limits.BROKEN, "no end mark")


def _media_type(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        raise Refused(limits.HEIC)
    # A PDF must begin with its mark: readers that search for it later are how polyglots work.
    if data.startswith(b"%PDF-"):
        return limits.PDF
    try:
        found = puremagic.from_string(data[:_HEAD], mime=True)
    except (puremagic.PureError, ValueError):
        return ""
    return "" if found == limits.PDF else found


def _is_two_types(data: bytes, media_type: str) -> bool:
    """Whether another program would take the same bytes for something else.

    Phones append videos and second pictures to a JPEG, so a tail alone is no reason to refuse.
    """
    head, tail = data[:_HEAD].lower(), data[-_TAIL:].lower()
    if zipfile.is_zipfile(io.BytesIO(data)):
        return True
    if media_type == limits.PDF:
        return any(mark in head[:_TAIL] for mark in _MARKUP)
    return b"%pdf-" in head or any(mark in part for mark in _MARKUP for part in (head, tail))
