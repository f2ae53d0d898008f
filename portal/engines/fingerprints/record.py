"""What is kept of a video, and its packed form."""

import hashlib
import itertools
import json
import math
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import channels, pdq
from portal.engines.fingerprints.channels import Keypoints

VERSION: Final = 4  # of everything that shapes a fingerprint; videos are fingerprinted anew when it grows
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
_EFFORT: Final = 3  # of compression, 1..9; 6 takes twice as long for 5 % less


class Unreadable(ValueError):
    """The bytes are not a fingerprint of this version."""


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """Samples of a video: times, PDQ hashes and their quality, thumbnails; and what channels.py describes.

    `times` in seconds (float64 [n], rising), `quality` (uint8 [n]), `hashes` (uint64 [n, 4, 4], see pdq.py),
    `thumbnails` (luma, uint8 [n, 16, 16]). `duration` in seconds; `step`: seconds between samples, where `sampling` is
    not KEYFRAMES; `truncated`: the video goes on after the last sample, or parts of it were not decoded. `box`: top,
    bottom, left and right of what is not black border, as shares of the picture's sides. `luma`: small pictures (uint8
    [k, height, width]), one for each LUMA_STEP from second 0; `changes`: how much the picture changed in each
    RHYTHM_STEP (uint8 [r], see rhythm.py). Both end early where only keyframes were decoded.
    """

    duration: float
    step: float
    sampling: str
    truncated: bool
    times: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]
    hashes: pdq.Hashes
    thumbnails: npt.NDArray[np.uint8]
    box: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)
    keypoints: Keypoints = field(default_factory=channels.no_keypoints)
    luma: npt.NDArray[np.uint8] = field(default_factory=channels.no_luma)
    changes: npt.NDArray[np.uint8] = field(default_factory=channels.no_changes)
    version: int = VERSION

    def digest(self) -> bytes:
        """Equal for equal fingerprints; orders any two others, whichever is named first."""
        digest = hashlib.sha256(repr((self.duration, self.step, self.sampling, self.box)).encode())
        for part in (self.times, self.hashes, self.keypoints.places, self.luma):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.digest()

    @property
    def is_still(self) -> bool:
        """Whether it is that of a still picture."""
        return len(self.times) == 1

    @property
    def shown_seconds(self) -> float:
        """How long there is a picture: `duration` counts from zero of the clock, the picture may start later."""
        return self.duration - float(self.times[0])

    def pack(self) -> bytes:
        """The fingerprint as bytes: about 300 a sample, 100 a keypoint."""
        points = self.keypoints
        detail = {key: getattr(self, key) for key in ("duration", "step", "sampling", "truncated", "box")}
        detail |= {"size": points.size, "keypoints": len(points), "looked_at": len(points.looked_at)}
        detail |= {"luma": self.luma.shape, "changes": len(self.changes)}
        parts = [
            json.dumps(detail).encode().ljust(_MOST_DETAIL),
            np.round(self.times * 1000).astype("<u4").tobytes(),
            self.quality.tobytes(),
            self.hashes.astype("<u8").tobytes(),
            _differences(self.thumbnails).tobytes(),
            np.round(points.looked_at * 1000).astype("<u4").tobytes(),
            np.round(points.times * 1000).astype("<u4").tobytes(),
            np.round(points.places * channels.PLACE).astype("<u2").tobytes(),
            points.descriptors.tobytes(),
            _differences(self.luma).tobytes(),
            self.changes.tobytes(),
        ]
        return _HEAD.pack(_MAGIC, self.version, len(self.times)) + zlib.compress(b"".join(parts), _EFFORT)

    @classmethod
    def unpack(cls, data: bytes) -> "Fingerprint":
        """What `pack` wrote; raises Unreadable for anything else. Every size in it is checked."""
        count, detail, body = _opened(data)
        parts = _parts(body, _sizes(count, detail))
        times = np.frombuffer(parts[0], "<u4").astype(np.float64) / 1000
        if not (np.diff(times) > 0).all() or times[-1] > detail["duration"] + 1:
            raise Unreadable("times")
        square = (count, THUMBNAIL, THUMBNAIL)
        return cls(
            times=times,
            quality=np.frombuffer(parts[1], np.uint8),
            hashes=np.frombuffer(parts[2], "<u8").astype(np.uint64).reshape(count, pdq.STORED, -1),
            thumbnails=_summed(np.frombuffer(parts[3], np.uint8).reshape(square)),
            keypoints=_keypoints(parts[4:8], detail),
            luma=_summed(np.frombuffer(parts[8], np.uint8).reshape(detail["luma"])),
            changes=np.frombuffer(parts[9], np.uint8),
            **{key: detail[key] for key in ("duration", "step", "sampling", "truncated", "box")},
        )


def _differences(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Each picture minus the one before, modulo 256: neighbours are alike, so these compress better."""
    return np.diff(pictures, axis=0, prepend=np.zeros_like(pictures[:1]))


def _summed(differences: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.cumsum(differences, axis=0, dtype=np.uint8)


def _keypoints(parts: list[bytes], detail: dict[str, Any]) -> Keypoints:
    looked_at, times = (np.frombuffer(part, "<u4").astype(np.float64) / 1000 for part in parts[:2])
    places = np.frombuffer(parts[2], "<u2").reshape(-1, 2).astype(np.float32) / np.float32(channels.PLACE)
    rising = all(
        (np.diff(each) >= 0).all() and not (each > detail["duration"] + 1).any() for each in (looked_at, times)
    )
    if not rising or (places > max(detail["size"])).any():
        raise Unreadable("keypoints")
    descriptors = np.frombuffer(parts[3], np.uint8).reshape(-1, channels.DESCRIPTOR)
    return Keypoints(detail["size"], times, places, descriptors, looked_at)


def _opened(data: bytes) -> tuple[int, dict[str, Any], bytes]:
    """Number of samples, the sizes and figures of the rest, and the rest."""
    if len(data) < _HEAD.size:
        raise Unreadable("too little")
    magic, version, count = _HEAD.unpack_from(data)
    if magic != _MAGIC or version != VERSION or not 0 < count <= MOST_SAMPLES:
        raise Unreadable("not of this version")
    opener = zlib.decompressobj()
    try:
        detail = _detail(opener.decompress(data[_HEAD.size :], _MOST_DETAIL))
        size = sum(_sizes(count, detail))
        body = opener.decompress(opener.unconsumed_tail, size + 1)
    except zlib.error as error:
        raise Unreadable("not compressed") from error
    if len(body) != size or not opener.eof or opener.unused_data:
        raise Unreadable("size")
    return count, detail, body


def _sizes(count: int, detail: dict[str, Any]) -> tuple[int, ...]:
    """Bytes of each part, in the order in which they are packed."""
    points = detail["keypoints"]
    return (
        *(count * 4, count, count * pdq.STORED * pdq.BITS // 8, count * THUMBNAIL**2),
        *(detail["looked_at"] * 4, points * 4, points * 4, points * channels.DESCRIPTOR),
        *(math.prod(detail["luma"]), detail["changes"]),
    )


def _parts(body: bytes, sizes: tuple[int, ...]) -> list[bytes]:
    ends = list(itertools.accumulate(sizes))
    return [body[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _detail(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
        detail: dict[str, Any] = {
            "duration": float(found["duration"]),
            "step": float(found["step"]),
            "sampling": str(found["sampling"]),
            "truncated": found["truncated"] is True,
            "box": tuple(float(each) for each in found["box"]),
            "size": tuple(int(each) for each in found["size"]),
            "luma": tuple(int(each) for each in found["luma"]),
        }
        detail |= {key: int(found[key]) for key in ("keypoints", "looked_at", "changes")}
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise Unreadable("detail") from error
    if not _is_possible(detail):
        raise Unreadable("detail")
    return detail


def _is_possible(detail: dict[str, Any]) -> bool:
    box, size, luma = detail["box"], detail["size"], detail["luma"]
    return (
        0 < detail["duration"] < 1e6
        and 0 < detail["step"] < 1e4
        and detail["sampling"] in SAMPLINGS
        and len(box) == 4
        and 0 <= box[0] < box[1] <= 1
        and 0 <= box[2] < box[3] <= 1
        and len(size) == 2
        and all(0 < side <= channels.PICTURE for side in size)
        and len(luma) == 3
        and luma[0] >= 0
        and min(luma[1:]) > 0
        and math.prod(luma) <= channels.MOST_LUMA
        and 0 <= detail["keypoints"] <= channels.MOST_KEYPOINTS
        and 0 <= detail["looked_at"] <= MOST_SAMPLES
        and 0 <= detail["changes"] <= channels.MOST_CHANGES
    )
