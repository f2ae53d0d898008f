"""The parent's side: one child for each video, which gets the open file itself; its answer is checked."""

import json
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final

from portal.engines import limited_process
from portal.engines.fingerprints import limits
from portal.engines.fingerprints.limits import LIMITS, Limits, Probe
from portal.engines.fingerprints.record import Fingerprint, Unreadable
from portal.engines.fingerprints.sound_record import SoundFingerprint
from portal.engines.limited_process import Refused

_WORKER: Final = Path(__file__).with_name("worker.py")
# Children of one process at a time: what they may hold together stays known, however many uploads come.
_PLACES: Final = threading.BoundedSemaphore(2)
_DECODING: ContextVar[list[float] | None] = ContextVar("decoding", default=None)
_LONGEST_NAME: Final = 64  # characters of a container's or a codec's name
_WIDEST: Final = 10  # a pixel is at most so many times as wide as high, or the other way round
_MOST_RATE: Final = 100_000.0  # frames a second


def probe_video(file: BinaryIO, *, name: str = "", bounds: Limits = LIMITS) -> Probe:  # noqa: ARG001 -- see below
    """What the video in `file` really is; raises Refused.

    `file` is a real file with a `fileno()`, readable and seekable; it may be unnamed. `name` is
    welcome and plays no part: the type is found by content. The place in the file is kept; nobody else
    may read through the same open file meanwhile.
    """
    head, poster = ask_child("probe", file, bounds, bounds.probe_seconds)
    try:
        found = _probe(head, poster)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(limits.BROKEN, "answer does not add up") from error
    longest = bounds.longest + bounds.lead
    if found.width * found.height > _WIDEST * bounds.pixels or not bounds.shortest <= found.duration <= longest:
        raise Refused(limits.BROKEN, "answer does not add up")
    return found


def fingerprint_video(
    file: BinaryIO, *, window: tuple[float, float] | None = None, bounds: Limits = LIMITS
) -> Fingerprint:
    """The video's fingerprint, to be compared and kept; `file` as for probe_video(). Raises Refused.

    `window`: only these seconds, start and end, as if they were a video of their own that starts at 0.
    """
    return _fingerprint("fingerprint", file, bounds, bounds.fingerprint_seconds, window=window)


def fingerprint_image(file: BinaryIO, *, bounds: Limits = LIMITS) -> Fingerprint:
    """The fingerprint of the picture in `file`, as for probe_video(). Raises Refused.

    That of a still picture has one sample. An animated GIF or WebP has that of a video (not Fingerprint.is_still).
    """
    require_still_size(file, bounds)
    return _fingerprint("image", file, bounds, bounds.probe_seconds)


def require_still_size(file: BinaryIO, bounds: Limits) -> None:
    """Raise Refused where a file is too large for a still picture."""
    size = os.fstat(file.fileno()).st_size
    if size > bounds.still_bytes:
        raise Refused(limits.TOO_LARGE, str(size))


def fingerprint_sound(file: BinaryIO, *, bounds: Limits = LIMITS) -> SoundFingerprint:
    """The fingerprint of the sound of a video, or of a file of sound alone, as for probe_video(). Raises Refused.

    A video without sound has one without rows.
    """
    _, body = ask_child("sound", file, bounds, bounds.fingerprint_seconds)
    try:
        return SoundFingerprint.unpack(body)
    except Unreadable as error:
        raise Refused(limits.BROKEN, "answer does not add up") from error


def _fingerprint(action: str, file: BinaryIO, bounds: Limits, seconds: int, **more: Any) -> Fingerprint:
    _, body = ask_child(action, file, bounds, seconds, **more)
    try:
        return Fingerprint.unpack(body)
    except Unreadable as error:
        raise Refused(limits.BROKEN, "answer does not add up") from error


def _probe(head: dict[str, Any], poster: bytes) -> Probe:
    media_type, names = head["media_type"], [head["container"], head["codec"]]
    sizes = [head["width"], head["height"]]
    figures = [float(head["duration"]), float(head["frame_rate"])]
    right = (
        media_type in limits.ACCEPTED
        and all(isinstance(text, str) and 0 < len(text) <= _LONGEST_NAME and text.isprintable() for text in names)
        and all(type(size) is int and size > 0 for size in sizes)
        and all(math.isfinite(figure) and figure > 0 for figure in figures)
        and poster.startswith(b"\xff\xd8\xff")
    )
    if not right:
        raise ValueError(media_type)
    return Probe(
        media_type=media_type,
        container=names[0],
        codec=names[1],
        width=sizes[0],
        height=sizes[1],
        duration=figures[0],
        frame_rate=min(figures[1], _MOST_RATE),
        has_audio=head["has_audio"] is True,
        playable=head["playable"] is True,
        poster=poster,
    )


def ask_child(action: str, file: BinaryIO, bounds: Limits, seconds: int, **more: Any) -> tuple[dict[str, Any], bytes]:
    """Head and body of the answer of worker.py to a request, `more` being what this action needs. Raises Refused.

    `seconds` of processor time are allowed.
    """
    file.flush()
    size = os.fstat(file.fileno()).st_size
    if size > bounds.file_bytes:
        raise Refused(limits.TOO_LARGE, str(size))
    request = json.dumps({"action": action, "seconds": seconds, "limits": asdict(bounds), **more})
    place = file.tell()
    with _PLACES:
        output = limited_process.run_limited(
            _WORKER, [request], stdin=file, seconds=bounds.wall_seconds, most=bounds.child_output
        )
    file.seek(place)  # the child's place in the file is ours
    head, body = limited_process.read_answer(output, limits.CODES)
    spent, times = _checked_seconds(head), _DECODING.get()
    if times is not None:
        times.append(spent)
    return head, body


@contextmanager
def decoding_times() -> Iterator[list[float]]:
    """Processor seconds that the children asked within the block spend on reading and decoding; one figure of each."""
    times = list[float]()
    token = _DECODING.set(times)
    try:
        yield times
    finally:
        _DECODING.reset(token)


def _checked_seconds(head: dict[str, Any]) -> float:
    try:
        seconds = float(head.pop("decoding", 0))
    except (TypeError, ValueError) as error:
        raise Refused(limits.BROKEN, "answer does not add up") from error
    return seconds if math.isfinite(seconds) else 0.0
