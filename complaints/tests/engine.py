"""A stand-in for the engine that compares videos: as quick as a test needs, and open to be told what to find.

Its films are a few bytes: `film potter` and `film potter mirrored` match, `film city` matches neither, and
`broken` is none. The real engine has tests of its own, and one slow test here walks through it.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, BinaryIO

import numpy as np

from portal.engines.fingerprints import (
    THRESHOLDS,
    WORD_COUNT,
    Comparison,
    Refused,
    Segment,
    VisualWords,
    identical_comparison,
)

__all__ = [
    "VERSION",
    "Comparison",
    "Fingerprint",
    "Refused",
    "compare_fingerprints",
    "fingerprint_video",
    "identical_comparison",
    "probe_video",
    "sample_video",
    "words_to_ask",
    "words_to_keep",
]

VERSION = 7


def sample_video(subject: str, edit: str = "") -> bytes:
    return f"film {subject} {edit}".strip().encode()


@dataclass(frozen=True)
class Fingerprint:
    subject: str
    version: int = VERSION

    def pack(self) -> bytes:
        return self.subject.encode()

    @classmethod
    def unpack(cls, data: bytes) -> "Fingerprint":
        return cls(data.decode())


def probe_video(file: BinaryIO, *, name: str = "") -> Any:
    data = file.read()
    if not data.startswith(b"film"):
        raise Refused("unknown_type")
    facts = {"media_type": "video/mp4", "codec": "h264", "width": 480, "height": 270, "duration": 8.0}
    return SimpleNamespace(**facts, frame_rate=12.0, has_audio=False, playable=True, poster=b"")


def fingerprint_video(file: BinaryIO) -> Fingerprint:
    subject = file.read().split()[1].decode()
    if subject == "undecodable":
        raise Refused("broken")
    return Fingerprint(subject)


def compare_fingerprints(a: Fingerprint, b: Fingerprint) -> Comparison:
    if a.subject != b.subject:
        return Comparison("none", 0.0, (), THRESHOLDS, {"quick": VERSION})
    whole = Segment(
        *(0.0, 8.0, 1.0, 9.0, 1.0, "upright", 16, 12.0, 0.95, "motion_confirmed"),
        places=40,
        affine=(1.25, 0.0, -0.1, 0.0, 1.25, -0.05),
        transformations=("cropped",),
    )
    shares = {"rhythm": 12.5, "usable_a": 1.0, "usable_b": 0.75}
    return Comparison("motion_confirmed", 0.9, (whole,), THRESHOLDS, {"quick": VERSION}, **shares)


def words_to_keep(fingerprint: Fingerprint) -> VisualWords:
    """Forty words of the subject."""
    drawn = np.random.default_rng(list(fingerprint.subject.encode()))
    words = np.unique(drawn.integers(0, WORD_COUNT, 40)).astype(np.int32)
    signatures = drawn.integers(0, 1 << 63, len(words)).astype(np.uint64)
    return VisualWords(words, signatures, np.arange(len(words), dtype=np.int32))


words_to_ask = words_to_keep
