"""The parent's side of what a work of any kind is: kind by content, then the facts that its kind has."""

import math
from dataclasses import dataclass
from typing import BinaryIO, Final

from portal.engines.fingerprints import child, limits, sniffing, texts
from portal.engines.fingerprints.limits import LIMITS, Limits
from portal.engines.limited_process import Refused

_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_SOUNDS: Final = frozenset({*limits.ACCEPTED_SOUND, "audio/webm", "audio/x-matroska"})
_PLAYABLE_SOUNDS: Final = _SOUNDS - {"audio/x-matroska"}
_PLAYABLE_CODECS: Final = frozenset({"mp3", "aac", "opus", "vorbis", "flac", "pcm_s16le", "pcm_u8", "pcm_f32le"})
_PICTURE_BRANDS: Final = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis")
_LONGEST_NAME: Final = 64  # characters of a container's or a codec's name


@dataclass(frozen=True)
class WorkProbe:
    """What a work really is: `kind` is one of sniffing.py, and what a kind does not have is empty or None.

    Sizes in px as shown, `duration` in seconds. `playable`: browsers show it as it is, or as `poster`, which is a JPEG of
    ours: of a video one picture, of a still picture all of it, at most 1,600 px on its long side.
    """

    kind: str
    media_type: str
    codec: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    frame_rate: float | None = None
    has_audio: bool = False
    playable: bool = True
    poster: bytes = b""


class RefusedWork(Refused):
    """A work that is not accepted; `kind` is what its content said it was."""

    def __init__(self, kind: str, refused: Refused) -> None:
        super().__init__(refused.code, refused.detail)
        self.kind = kind


def probe_work(file: BinaryIO, *, name: str = "", bounds: Limits = LIMITS) -> WorkProbe:
    """What the work in `file` is, for which see child.probe_video(). Raises RefusedWork."""
    head = file.read(sniffing.HEAD)
    file.seek(0)
    kind = ""
    try:
        kind = _detect_kind(head)
        if kind == sniffing.IMAGE:
            return _probe_still(file, bounds)
        if kind == sniffing.SOUND:
            return _probe_sound(file, bounds)
        return _probe_text(file) if kind == sniffing.TEXT else _probe_video(file, name, bounds)
    except Refused as refused:
        raise RefusedWork(kind, refused) from refused


def _detect_kind(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS:
        raise Refused(limits.UNKNOWN_TYPE, "HEIF")
    return sniffing.detect_kind(head)


def _probe_video(file: BinaryIO, name: str, bounds: Limits) -> WorkProbe:
    """A video; a sound, where its container holds no pictures."""
    try:
        found = child.probe_video(file, name=name, bounds=bounds)
    except Refused as refused:
        if refused.code != limits.NO_VIDEO:
            raise
        return _probe_sound(file, bounds)
    facts = ("media_type", "codec", "width", "height", "duration", "frame_rate", "has_audio", "playable", "poster")
    return WorkProbe(sniffing.VIDEO, **{fact: getattr(found, fact) for fact in facts})


def _probe_still(file: BinaryIO, bounds: Limits) -> WorkProbe:
    child.require_still_size(file, bounds)
    head, picture = child.ask_child("still_probe", file, bounds, bounds.probe_seconds)
    width, height = head.get("width"), head.get("height")
    right = isinstance(width, int) and isinstance(height, int) and 0 < width * height <= bounds.still_pixels
    if not right or head.get("media_type") not in _PICTURES or not picture.startswith(b"\xff\xd8\xff"):
        raise Refused(limits.BROKEN, "answer does not add up")
    return WorkProbe(sniffing.IMAGE, head["media_type"], width=width, height=height, poster=picture)


def _probe_sound(file: BinaryIO, bounds: Limits) -> WorkProbe:
    head, _ = child.ask_child("sound_probe", file, bounds, bounds.probe_seconds)
    media_type, codec, duration = str(head.get("media_type")), str(head.get("codec")), head.get("duration")
    right = media_type in _SOUNDS and 0 < len(codec) <= _LONGEST_NAME and codec.isprintable()
    if not right or not isinstance(duration, float) or not math.isfinite(duration):
        raise Refused(limits.BROKEN, "answer does not add up")
    playable = media_type in _PLAYABLE_SOUNDS and codec in _PLAYABLE_CODECS
    return WorkProbe(
        sniffing.SOUND, media_type, codec=codec, duration=max(duration, 0.0), has_audio=True, playable=playable
    )


def _probe_text(file: BinaryIO) -> WorkProbe:
    """Decoded here: its size is bounded, and so is what the encodings of text_encodings.py make of it."""
    texts.read_text(file.read(texts.MOST_BYTES + 1))
    return WorkProbe(sniffing.TEXT, "text/plain")
