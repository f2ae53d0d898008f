"""A stand-in for the engine that compares videos: as quick as a test needs, and open to be told what to find.

Its films are a few bytes: `film potter` and `film potter mirrored` match, `film city` matches neither, and
`broken` is none. The real engine has tests of its own, and one slow test here walks through it.
"""

import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from portal.engines.fingerprints import (
    IDENTICAL,
    SOUND_VERSION,
    THRESHOLDS,
    WORD_COUNT,
    Comparison,
    Moment,
    Picture,
    Refused,
    RefusedWork,
    Segment,
    SoundFingerprint,
    VideoEvidence,
    VisualWords,
    Window,
    add_sound,
    compare_along,
    fingerprint_sound,
    identical_comparison,
    unheard_sound,
)

__all__ = [
    "IDENTICAL",
    "SOUND_VERSION",
    "VERSION",
    "Comparison",
    "Fingerprint",
    "Refused",
    "RefusedWork",
    "SoundFingerprint",
    "add_sound",
    "compare_along",
    "compare_closely",
    "compare_fingerprints",
    "draw_video_evidence",
    "fingerprint_sound",
    "fingerprint_video",
    "identical_comparison",
    "look_closer",
    "probe_work",
    "sample_video",
    "unheard_sound",
    "windows_to_look_at",
    "words_to_ask",
    "words_to_keep",
]

VERSION = 7
# Of a film whose subject begins with "long-".
WINDOWS = tuple(
    Window((100.0 * number, 100.0 * number + 40), (100.0 * number, 100.0 * number + 56)) for number in range(3)
)
UNREADABLE_WINDOWS = {(200.0, 256.0)}
# By film: made by AI, says somebody whom nobody knows.
CREDENTIALS: dict[str, dict[str, Any]] = {
    "film signed": {
        "status": "present",
        "signature": "valid",
        "content": "same",
        "problems": [],
        "signer": "Example Signing",
        "organisation": "Example Studio",
        "ingredients": ["an older picture.jpg"],
        "signed_at": "2026-02-04T04:05:06+00:00",
        "created_at": "2026-02-03T04:05:06+00:00",
        "generators": ["Example Camera 2.1"],
        "actions": ["c2pa.created", "c2pa.unheard_of"],
        "sources": ["trainedAlgorithmicMedia"],
        "earlier_sources": ["digitalCapture"],
    }
}


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


def probe_work(file: BinaryIO, *, name: str = "") -> Any:
    data = file.read()
    if not data.startswith(b"film"):
        raise RefusedWork("", Refused("unknown_type"))
    facts = {"kind": "video", "media_type": "video/mp4", "codec": "h264", "width": 480, "height": 270, "duration": 8.0}
    return SimpleNamespace(**facts, frame_rate=12.0, has_audio=False, playable=True, poster=b"")


def fingerprint_video(file: BinaryIO, *, window: tuple[float, float] | None = None) -> Fingerprint:
    subject = file.read().split()[1].decode()
    if window is not None:
        if window in UNREADABLE_WINDOWS:
            raise Refused("broken")
        return Fingerprint(subject.removeprefix("long-"))
    if subject == "undecodable":
        raise Refused("broken")
    return Fingerprint(subject)


def windows_to_look_at(_found: Comparison, a: Fingerprint, _b: Fingerprint) -> tuple[Window, ...]:
    return WINDOWS if a.subject.startswith("long-") else ()


def look_closer(
    found: Comparison, _a: Fingerprint, _b: Fingerprint, looks: list[tuple[Window, Comparison]]
) -> Comparison:
    """The last window's comparison, its segments as many as there were windows."""
    return replace(looks[-1][1], segments=looks[-1][1].segments * len(looks)) if looks else found


def compare_closely(a: Fingerprint, b: Fingerprint, read_a: Any, read_b: Any) -> Comparison:
    windows = windows_to_look_at(compare_fingerprints(a, b), a, b)
    looks = [(each, compare_fingerprints(read_a(each.a), read_b(each.b))) for each in windows]
    return look_closer(compare_fingerprints(a, b), a, b, looks)


def compare_fingerprints(a: Fingerprint, b: Fingerprint) -> Comparison:
    if a.subject.startswith("long-"):
        return Comparison("imagery", 0.2, (), THRESHOLDS, {"quick": VERSION})
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


def draw_video_evidence(file: BinaryIO, moments: Sequence[Moment]) -> VideoEvidence:
    data = file.read()
    subject = data.split()[1].decode()
    if subject == "undecodable":
        raise Refused("broken")
    pictures = [Picture(each.at, 64, 36, _jpeg(1), _jpeg(2) if each.affine else b"") for each in moments]
    loud = np.random.default_rng(len(subject)).integers(0, 256, 180, dtype=np.uint8)
    return VideoEvidence(tuple(pictures), loud, True, CREDENTIALS.get(data.decode(), {"status": "none"}))


@functools.cache
def _jpeg(seed: int) -> bytes:
    written = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((64, 36)).save(written, "JPEG")
    return written.getvalue()


def words_to_keep(fingerprint: Fingerprint) -> VisualWords:
    """Forty words of the subject."""
    drawn = np.random.default_rng(list(fingerprint.subject.encode()))
    words = np.unique(drawn.integers(0, WORD_COUNT, 40)).astype(np.int32)
    signatures = drawn.integers(0, 1 << 63, len(words)).astype(np.uint64)
    return VisualWords(words, signatures, np.arange(len(words), dtype=np.int32))


words_to_ask = words_to_keep
