"""What a file is by its first bytes; what a file is called plays no part."""

from typing import Final

from portal.engines.fingerprints import limits
from portal.engines.limited_process import Refused

VIDEO: Final = "video"
IMAGE: Final = "image"
TEXT: Final = "text"
HEAD: Final = 4096  # bytes that are looked at
_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")  # a QuickTime file may start with any


def detect_video_type(head: bytes) -> str:
    """The media type of a video that starts with `head`; raises Refused."""
    if not head:
        raise Refused(limits.EMPTY)
    if head[4:8] in _BOXES:
        return limits.MOV if head[4:8] != b"ftyp" or head[8:12] == b"qt  " else limits.MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return limits.WEBM if b"webm" in head[:64] else limits.MATROSKA
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return limits.AVI
    raise Refused(limits.UNKNOWN_TYPE)


def detect_kind(head: bytes) -> str:
    """VIDEO, IMAGE or TEXT; raises Refused. Text is what has no zero byte; texts.read_text() looks closer."""
    if not head:
        raise Refused(limits.EMPTY)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    ):
        return IMAGE
    try:
        detect_video_type(head)
    except Refused:
        if b"\0" in head:
            raise
        return TEXT
    return VIDEO
