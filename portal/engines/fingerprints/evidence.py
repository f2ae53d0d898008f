"""The parent's side of what people are shown of a video: pictures at given moments, loudness, Content Credentials.

A child for each video, as in child.py, and one for its credentials; their answers are checked.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Final

import numpy as np

from portal.engines.fingerprints import child, limits
from portal.engines.fingerprints.content_credentials import UNREADABLE, checked_credentials
from portal.engines.fingerprints.levels import Levels
from portal.engines.fingerprints.limits import LIMITS, Limits
from portal.engines.limited_process import Refused

_JPEG: Final = b"\xff\xd8\xff"
_LONGEST_SIDE: Final = 1280  # px


@dataclass(frozen=True)
class Moment:
    """A second of which a picture is wanted.

    `affine` and `onto`: it is brought onto another picture of `onto` px, as stills.py says; neither without them.
    """

    at: float
    affine: tuple[float, ...] = ()
    onto: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Picture:
    """What is on the screen from second `at` on, `width` x `height` px; `warped` is b"" where it was not asked for. JPEG."""

    at: float
    width: int
    height: int
    picture: bytes
    warped: bytes


@dataclass(frozen=True, eq=False)
class VideoEvidence:
    """`pictures`: one for each moment, None where there is none. `levels` as in levels.py, empty without sound.

    `complete`: all of the sound was measured. `credentials` as content_credentials.py tells them.
    """

    pictures: tuple[Picture | None, ...]
    levels: Levels
    complete: bool
    credentials: dict[str, Any]


def draw_video_evidence(file: BinaryIO, moments: Sequence[Moment], *, bounds: Limits = LIMITS) -> VideoEvidence:
    """What is shown of the video in `file`, for which see child.probe_video(). Raises Refused."""
    wanted = [asdict(each) for each in moments]
    head, body = child.ask_child("evidence", file, bounds, bounds.fingerprint_seconds, moments=wanted)
    return _read_answer(head, body, moments, file)


def draw_still_evidence(file: BinaryIO, moments: Sequence[Moment], *, bounds: Limits = LIMITS) -> VideoEvidence:
    """The same of a picture, which has no sound; of one that stands still each moment shows all of it. Raises Refused."""
    wanted = [asdict(each) for each in moments]
    child.require_still_size(file, bounds)
    head, body = child.ask_child("still_evidence", file, bounds, bounds.probe_seconds, moments=wanted)
    return _read_answer(head, body, moments, file)


def draw_sound_evidence(file: BinaryIO, *, bounds: Limits = LIMITS) -> VideoEvidence:
    """The same of a file of sound alone, which has no pictures. Raises Refused."""
    head, body = child.ask_child("sound_evidence", file, bounds, bounds.fingerprint_seconds)
    return _read_answer(head, body, (), file)


def read_content_credentials(file: BinaryIO, *, bounds: Limits = LIMITS) -> dict[str, Any]:
    """The Content Credentials of the work in `file`, as checked_credentials() tells them; never raises Refused.

    A child of its own: credentials on which a parser fails cost nothing but themselves.
    """
    try:
        head, _ = child.ask_child("credentials", file, bounds, bounds.probe_seconds)
        return checked_credentials(head)
    except (Refused, KeyError, TypeError, ValueError):
        return {"status": UNREADABLE}


def _read_answer(head: dict[str, Any], body: bytes, moments: Sequence[Moment], file: BinaryIO) -> VideoEvidence:
    try:
        pictures, levels = _checked(head, body, moments)
        complete = head["complete"] is True
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Refused(limits.BROKEN, "answer does not add up") from error
    return VideoEvidence(pictures, levels, complete, read_content_credentials(file))


def _checked(head: dict[str, Any], body: bytes, moments: Sequence[Moment]) -> tuple[tuple[Picture | None, ...], Levels]:
    place, pictures = 0, list[Picture | None]()
    if len(head["stills"]) != len(moments):
        raise ValueError("another number of pictures")
    for still, moment in zip(head["stills"], moments, strict=True):
        if still is None:
            pictures.append(None)
            continue
        sizes = still["bytes"]
        parts = [body[place : place + sizes[0]], body[place + sizes[0] : place + sum(sizes)]]
        place += sum(sizes)
        pictures.append(_checked_picture(still, parts, moment))
    levels = np.frombuffer(body[place:], np.uint8)
    if len(levels) != head["levels"]:
        raise ValueError("another number of levels")
    return tuple(pictures), levels


def _checked_picture(still: dict[str, Any], parts: list[bytes], moment: Moment) -> Picture:
    at, width, height = float(still["at"]), still["width"], still["height"]
    sides = all(type(side) is int and 0 < side <= _LONGEST_SIDE for side in (width, height))
    kinds = parts[0].startswith(_JPEG) and parts[1].startswith(_JPEG if moment.affine else b"")
    if not (sides and kinds and math.isfinite(at) and at >= 0 and bool(parts[1]) == bool(moment.affine)):
        raise ValueError("picture")
    return Picture(at, width, height, *parts)
