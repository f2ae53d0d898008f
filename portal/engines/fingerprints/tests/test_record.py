"""What is packed is what is unpacked, and nothing else is believed."""

import json
import struct
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.engines.fingerprints import VERSION, Fingerprint, Unreadable
from portal.engines.fingerprints.channels import Keypoints


def fingerprint(seed: int, count: int = 80, *, step: float = 0.25) -> Fingerprint:
    """Samples of noise, no two alike."""
    chance = np.random.default_rng(seed)
    return Fingerprint(
        duration=count * step,
        step=step,
        sampling="every_frame",
        truncated=False,
        times=np.arange(count, dtype=np.float64) * step,
        quality=np.full(count, 100, np.uint8),
        hashes=chance.integers(0, 2**64, (count, 4, 4), dtype=np.uint64),
        thumbnails=chance.integers(0, 256, (count, 16, 16), dtype=np.uint8),
        box=(0.125, 0.875, 0.0, 1.0),
        keypoints=_keypoints(chance, count * step),
        luma=chance.integers(0, 256, (round(count * step / 0.08), 9, 16), dtype=np.uint8),
        changes=chance.integers(0, 256, round(count * step / 0.08), dtype=np.uint8),
    )


def _keypoints(chance: np.random.Generator, duration: float) -> Keypoints:
    looked_at = np.arange(0, duration, 0.5)
    return Keypoints(
        size=(360, 202),
        times=np.repeat(looked_at, 3),
        places=(chance.integers(0, 200 * 64, (len(looked_at) * 3, 2)) / 64).astype(np.float32),
        descriptors=chance.integers(0, 256, (len(looked_at) * 3, 128), dtype=np.uint8),
        looked_at=looked_at,
    )


@given(st.integers(0, 2**31), st.integers(1, 200), st.booleans())
def test_a_fingerprint_survives_packing(seed: int, count: int, truncated: bool) -> None:
    made = replace(fingerprint(seed, count), truncated=truncated)
    again = Fingerprint.unpack(made.pack())
    for name in ("duration", "step", "sampling", "truncated", "version", "box"):
        assert getattr(again, name) == getattr(made, name)
    for name in ("times", "quality", "hashes", "thumbnails", "luma", "changes"):
        assert np.array_equal(getattr(again, name), getattr(made, name)), name
    assert again.keypoints.size == made.keypoints.size
    for name in ("times", "places", "descriptors", "looked_at"):
        assert np.array_equal(getattr(again.keypoints, name), getattr(made.keypoints, name)), name
    assert again.digest() == made.digest()


def _whole(count: int) -> int:
    """Bytes of samples, two keypoints in three pictures, four small pictures and five figures."""
    return 4096 + count * 389 + 3 * 4 + 2 * (4 + 4 + 128) + 4 * 9 * 16 + 5


def _forged(
    count: int = 3, *, version: int = VERSION, magic: bytes = b"CTFP", size: int | None = None, **detail: Any
) -> bytes:
    known: dict[str, Any] = {"duration": 3.0, "step": 1.0, "sampling": "keyframes", "truncated": False}
    known |= {"box": [0, 1, 0, 1], "size": [360, 200], "luma": [4, 9, 16], "changes": 5}
    known |= {"keypoints": 2, "looked_at": 3} | detail
    length = _whole(count) if size is None else size
    times = np.arange(count, dtype="<u4") * 1000
    body = json.dumps(known).encode().ljust(4096) + times.tobytes()
    return struct.pack("<4sHI", magic, version, count) + zlib.compress(body.ljust(length, b"\0")[:length])


def test_the_forgery_below_would_be_right() -> None:
    assert Fingerprint.unpack(_forged()).times.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"CTFP",
        b"\x80\x04K\x01.",  # a pickle
        _forged(magic=b"CTFQ"),
        _forged(version=1),
        _forged(0),
        _forged(70_000, size=5000),
        _forged(size=_whole(3) - 1),
        _forged(size=_whole(3) + 1),
        _forged(size=2**26),  # a bomb: not one byte more is unpacked than is due
        _forged()[:-5],
        _forged() + b"more",
        _forged()[:10] + b"not compressed",
        _forged(duration=float("nan")),
        _forged(duration=-1),
        _forged(duration="long"),
        _forged(duration=0.5),  # shorter than its samples
        _forged(step=0),
        _forged(sampling="thorough"),
        _forged(box=[0.5, 0.5, 0, 1]),
        _forged(box=[0, 1]),
        _forged(luma=[1 << 20, 64, 64]),
        _forged(luma=[-4, -9, 16]),
        _forged(keypoints=1 << 40),
        _forged(keypoints=-1),
        _forged(looked_at=float("inf")),
        _forged(changes=1 << 30),
    ],
)
def test_nothing_else_is_unpacked(data: bytes) -> None:
    with pytest.raises(Unreadable):
        Fingerprint.unpack(data)


def test_times_that_do_not_rise_are_refused() -> None:
    made = fingerprint(1, 5)
    with pytest.raises(Unreadable):
        Fingerprint.unpack(replace(made, times=made.times[::-1]).pack())


def test_keypoints_outside_the_picture_are_refused() -> None:
    made = fingerprint(1, 5)
    outside = replace(made.keypoints, places=made.keypoints.places + np.float32(300))
    with pytest.raises(Unreadable):
        Fingerprint.unpack(replace(made, keypoints=outside).pack())
