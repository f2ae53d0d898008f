"""The type of a file by its content, never by its name."""

import io
import zipfile

import puremagic

from portal.engines.documents import limits
from portal.engines.documents.limits import ACCEPTED
from portal.engines.limited_process import Refused

_HEAD = 4096  # bytes that decide the type
_TAIL = 1024
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
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
