"""What a file is by its first bytes; what a file is called plays no part."""

import contextlib
from typing import Final

from portal.engines.fingerprints import limits, text_encodings
from portal.engines.limited_process import Refused

VIDEO: Final = "video"
IMAGE: Final = "image"
SOUND: Final = "audio"
TEXT: Final = "text"
HEAD: Final = 4096  # bytes that are looked at
_SOUNDS: Final = {b"ID3": limits.MP3, b"OggS": limits.OGG, b"fLaC": limits.FLAC}
_SOUND_BRANDS: Final = (b"M4A", b"M4B")  # of MP4 files without a picture
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


def detect_sound_type(head: bytes) -> str:
    """The media type of a file of sound that starts with `head`; raises Refused. Videos may hold nothing but sound, too."""
    if not head:
        raise Refused(limits.EMPTY)
    for start, media_type in _SOUNDS.items():
        if head.startswith(start):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return limits.WAV
    if head[4:8] == b"ftyp" and head[8:11] in _SOUND_BRANDS:
        return limits.M4A
    return _detect_frame_type(head)


def _detect_frame_type(head: bytes) -> str:
    """By the head of the first frame of a stream of frames."""
    if len(head) > 1 and head[0] == 0xFF:
        if head[1] & 0xF6 == 0xF0:
            return limits.AAC
        if head[1] & 0xE6 in {0xE2, 0xE4}:  # layers III and II
            return limits.MP3
    raise Refused(limits.UNKNOWN_TYPE)


def detect_playable_type(head: bytes) -> str:
    """The media type of a video or of a file of sound; raises Refused."""
    try:
        return detect_sound_type(head)
    except Refused:
        return detect_video_type(head)


def detect_kind(head: bytes) -> str:
    """VIDEO, IMAGE, SOUND or TEXT; raises Refused. Text is what has no zero byte, or may be UTF-16; texts.plain_text() looks closer."""
    if not head:
        raise Refused(limits.EMPTY)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    ):
        return IMAGE
    with contextlib.suppress(Refused):
        detect_sound_type(head)
        return SOUND
    try:
        detect_video_type(head)
    except Refused:
        if b"\0" in head and not text_encodings.may_be_wide(head):
            raise
        return TEXT
    return VIDEO
