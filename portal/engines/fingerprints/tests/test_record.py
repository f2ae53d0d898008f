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

from portal.engines.fingerprints import Fingerprint, Unreadable


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
    )


@given(st.integers(0, 2**31), st.integers(1, 200), st.booleans())
def test_a_fingerprint_survives_packing(seed: int, count: int, truncated: bool) -> None:
    made = replace(fingerprint(seed, count), truncated=truncated)
    again = Fingerprint.unpack(made.pack())
    for name in ("duration", "step", "sampling", "truncated", "version"):
        assert getattr(again, name) == getattr(made, name)
    for name in ("times", "quality", "hashes", "thumbnails"):
        assert np.array_equal(getattr(again, name), getattr(made, name)), name


def _forged(
    count: int = 3, *, version: int = 2, magic: bytes = b"CTFP", size: int | None = None, **detail: Any
) -> bytes:
    known = {"duration": 3.0, "step": 1.0, "sampling": "keyframes", "truncated": False} | detail
    length = 4096 + count * 389 if size is None else size
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
        _forged(size=4096 + 3 * 389 - 1),
        _forged(size=4096 + 3 * 389 + 1),
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
    ],
)
def test_nothing_else_is_unpacked(data: bytes) -> None:
    with pytest.raises(Unreadable):
        Fingerprint.unpack(data)


def test_times_that_do_not_rise_are_refused() -> None:
    made = fingerprint(1, 5)
    with pytest.raises(Unreadable):
        Fingerprint.unpack(replace(made, times=made.times[::-1]).pack())
