"""What is kept of a video, and its packed form."""

import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import pdq

VERSION: Final = 2  # of everything that shapes a fingerprint; videos are fingerprinted anew when it grows
THUMBNAIL: Final = 16  # px, each side
MOST_SAMPLES: Final = 1 << 16

# The poorest kind of decoding that was used.
EVERY_FRAME: Final = "every_frame"
REFERENCE_FRAMES: Final = "reference_frames"
KEYFRAMES: Final = "keyframes"
SAMPLINGS: Final = frozenset({EVERY_FRAME, REFERENCE_FRAMES, KEYFRAMES})

_MAGIC: Final = b"CTFP"
_HEAD: Final = struct.Struct("<4sHI")  # magic, version, samples
_MOST_DETAIL: Final = 4096


class Unreadable(ValueError):
    """These bytes are not a fingerprint of this version."""


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """Samples of a video: times, PDQ hashes and their quality, thumbnails.

    `times` in seconds (float64 [n], rising), `quality` (uint8 [n]), `hashes` (uint64 [n, 4, 4], see pdq.py),
    `thumbnails` (luma, uint8 [n, 16, 16]). `duration` in seconds; `step` seconds between samples, where `sampling` is not KEYFRAMES; `truncated`:
    the video goes on after the last sample, or parts of it could not be decoded.
    """

    duration: float
    step: float
    sampling: str
    truncated: bool
    times: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]
    hashes: pdq.Hashes
    thumbnails: npt.NDArray[np.uint8]
    version: int = VERSION

    @property
    def shown_seconds(self) -> float:
        """How long there is a picture: `duration` counts from zero of the clock, the picture may start later."""
        return self.duration - float(self.times[0])

    def pack(self) -> bytes:
        """The fingerprint as bytes, about 300 a sample."""
        detail = {key: getattr(self, key) for key in ("duration", "step", "sampling", "truncated")}
        # Neighbours are alike: their differences compress to half.
        changes = np.diff(self.thumbnails, axis=0, prepend=np.zeros_like(self.thumbnails[:1]))
        parts = [
            json.dumps(detail).encode().ljust(_MOST_DETAIL),
            np.round(self.times * 1000).astype("<u4").tobytes(),
            self.quality.tobytes(),
            self.hashes.astype("<u8").tobytes(),
            changes.tobytes(),
        ]
        return _HEAD.pack(_MAGIC, self.version, len(self.times)) + zlib.compress(b"".join(parts), 6)

    @classmethod
    def unpack(cls, data: bytes) -> "Fingerprint":
        """What `pack` wrote; raises Unreadable for anything else. No size in it is believed."""
        count, body = _opened(data)
        detail, parts = _detail(body[:_MOST_DETAIL]), _parts(body, count)
        times = np.frombuffer(parts[0], "<u4").astype(np.float64) / 1000
        if not (np.diff(times) > 0).all() or times[-1] > detail["duration"] + 1:
            raise Unreadable("times")
        square = (count, THUMBNAIL, THUMBNAIL)
        return cls(
            times=times,
            quality=np.frombuffer(parts[1], np.uint8),
            hashes=np.frombuffer(parts[2], "<u8").astype(np.uint64).reshape(count, pdq.STORED, -1),
            thumbnails=np.cumsum(np.frombuffer(parts[3], np.uint8).reshape(square), axis=0, dtype=np.uint8),
            **detail,
        )


def _opened(data: bytes) -> tuple[int, bytes]:
    if len(data) < _HEAD.size:
        raise Unreadable("too little")
    magic, version, count = _HEAD.unpack_from(data)
    if magic != _MAGIC or version != VERSION or not 0 < count <= MOST_SAMPLES:
        raise Unreadable("not of this version")
    size = _MOST_DETAIL + sum(_sizes(count))
    opener = zlib.decompressobj()
    try:
        body = opener.decompress(data[_HEAD.size :], size + 1)
    except zlib.error as error:
        raise Unreadable("not compressed") from error
    if len(body) != size or not opener.eof or opener.unused_data:
        raise Unreadable("size")
    return count, body


def _sizes(count: int) -> tuple[int, ...]:
    """Bytes of times, quality, hashes and thumbnails."""
    return count * 4, count, count * pdq.STORED * pdq.BITS // 8, count * THUMBNAIL**2


def _parts(body: bytes, count: int) -> list[bytes]:
    parts, start = [], _MOST_DETAIL
    for size in _sizes(count):
        parts.append(body[start : start + size])
        start += size
    return parts


def _detail(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
        detail: dict[str, Any] = {
            "duration": float(found["duration"]),
            "step": float(found["step"]),
            "sampling": str(found["sampling"]),
            "truncated": found["truncated"] is True,
        }
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unreadable("detail") from error
    sizes = 0 < detail["duration"] < 1e6 and 0 < detail["step"] < 1e4
    if not sizes or detail["sampling"] not in SAMPLINGS:
        raise Unreadable("detail")
    return detail
