"""A planted copy is found where it was planted; noise holds none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.engines import fingerprints
from portal.engines.fingerprints import Fingerprint, channels, pdq, transformations
from portal.engines.fingerprints.tests import test_record
from portal.engines.fingerprints.transformations import orientation_map


def fingerprint(seed: int, count: int = 80) -> Fingerprint:
    """Samples of noise, with hashes and thumbnails only."""
    return replace(
        test_record.fingerprint(seed, count),
        box=(0.0, 1.0, 0.0, 1.0),
        keypoints=channels.no_keypoints(),
        luma=channels.no_luma(),
        changes=channels.no_changes(),
    )


def _planted(a: Fingerprint, *, rate: float, offset: float, noise: int, orientation: int = 0) -> Fingerprint:
    """Noise, in which moment `t` of `a` is seen at `rate * t + offset`, with `noise` bits of each hash changed."""
    chance = np.random.default_rng(noise + 17)
    b = fingerprint(1000 + noise, len(a.times) * 3)
    shown = (b.times - offset) / rate
    inside = np.flatnonzero((shown >= 0) & (shown <= a.times[-1]))
    source = np.rint(shown[inside] / a.step).astype(int)
    hashes, thumbnails = b.hashes.copy(), b.thumbnails.copy()
    oriented = pdq.orient_hashes(a.hashes)
    for stored in range(pdq.STORED):
        turned = orientation_map(stored) @ orientation_map(orientation)
        number = transformations.nearest_orientation(np.column_stack([turned, [0, 0]]))
        bits = np.unpackbits(oriented[number][source].view(np.uint8), axis=1)
        for row in bits:
            row[chance.choice(256, noise, replace=False)] ^= 1
        hashes[inside, stored] = np.packbits(bits, axis=1).view(np.uint64)
    thumbnails[inside] = pdq.turn_pictures(a.thumbnails[source], orientation)
    return replace(b, hashes=hashes, thumbnails=thumbnails)


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([1.0, 1.0, 0.8, 0.87, 0.95, 1.04, 1.1, 1.25, 1.5, 2.0]),
    offset=st.floats(0, 18),
    noise=st.integers(0, 24),
    orientation=st.integers(0, 7),
)
def test_a_planted_copy_is_found_with_its_rate_and_place(
    rate: float, offset: float, noise: int, orientation: int
) -> None:
    a = fingerprint(5)
    b = _planted(a, rate=rate, offset=offset, noise=noise, orientation=orientation)
    found = fingerprints.compare_fingerprints(a, b)
    longest = max(found.segments, key=lambda each: each.a_end - each.a_start)
    assert longest.orientation == pdq.ORIENTATIONS[orientation]
    assert longest.rate == pytest.approx(rate, abs=0.02)
    assert longest.a_start == pytest.approx(0, abs=0.8)
    assert longest.a_end == pytest.approx(a.duration, abs=0.8)
    assert longest.b_start == pytest.approx(offset, abs=0.8)
    assert longest.b_end == pytest.approx(rate * a.duration + offset, abs=0.8)
    assert found.score > 0.7


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**30), st.integers(1, 300), st.integers(1, 300))
def test_noise_holds_no_copy(seed: int, first: int, second: int) -> None:
    found = fingerprints.compare_fingerprints(fingerprint(seed, first), fingerprint(seed + 1, second))
    assert (found.grade, found.score, found.segments) == ("none", 0.0, ())


def test_two_hits_are_no_copy_and_neither_are_three_at_one_moment() -> None:
    a, b = fingerprint(1), fingerprint(2)
    b.hashes[10:12] = a.hashes[40:42]
    assert fingerprints.compare_fingerprints(a, b).grade == fingerprints.NONE
    b.hashes[12] = a.hashes[42]  # 0.5 s
    assert fingerprints.compare_fingerprints(a, b).grade == fingerprints.NONE
    b.hashes[13:15] = a.hashes[43:45]
    assert fingerprints.compare_fingerprints(a, b).grade != fingerprints.NONE


def test_a_copy_is_cut_where_something_else_was_put_in() -> None:
    a, b = fingerprint(1, 160), fingerprint(2, 160)
    b.hashes[:60], b.hashes[100:] = a.hashes[:60], a.hashes[100:]
    spans = [(each.a_start, each.a_end) for each in fingerprints.compare_fingerprints(a, b).segments]
    assert spans == [(0.0, 15.0), (25.0, 40.0)]


def test_parts_in_another_order_are_found_each() -> None:
    a, b = fingerprint(1, 160), fingerprint(2, 160)
    b.hashes[:80], b.hashes[80:] = a.hashes[80:], a.hashes[:80]
    spans = [(each.a_start, each.b_start, each.rate) for each in fingerprints.compare_fingerprints(a, b).segments]
    assert spans == [(0.0, 20.0, 1.0), (20.0, 0.0, 1.0)]


def test_plain_samples_match_nothing() -> None:
    a = fingerprint(1)
    b = replace(a, quality=np.full(len(a.times), 49, np.uint8))
    for found in (fingerprints.compare_fingerprints(a, b), fingerprints.compare_fingerprints(b, b)):
        assert (found.grade, found.segments, found.usable_b) == (fingerprints.NOT_COMPARABLE, (), 0.0)


def test_a_video_that_stands_still_is_static_and_compared_in_bounded_time() -> None:
    a = fingerprint(1, 2000)
    still = replace(
        a, hashes=np.repeat(a.hashes[:1], 2000, axis=0), thumbnails=np.repeat(a.thumbnails[:1], 2000, axis=0)
    )
    found = fingerprints.compare_fingerprints(still, still)
    assert found.grade == fingerprints.STATIC
    assert found.score > 0.9
    assert len(found.segments) == 1


def test_a_comparison_says_how_it_was_made() -> None:
    a = fingerprint(1)
    said = fingerprints.compare_fingerprints(a, a).as_dict()
    assert said["versions"] == {"fingerprint": 4, "comparison": 4}
    assert said["thresholds"]["bits"] == 31
    assert said["score"] == 1.0
    stricter = replace(fingerprints.THRESHOLDS, seconds=60.0)
    assert fingerprints.compare_fingerprints(a, a, thresholds=stricter).grade == fingerprints.NONE
