"""A sticker that two videos share is told apart from imagery in common."""

import numpy as np
import pytest

from portal.engines.fingerprints import channels
from portal.engines.fingerprints.alignment import Alignment
from portal.engines.fingerprints.channels import Keypoints
from portal.engines.fingerprints.common_area import common_area

WIDE, HIGH = 360, 202
MOMENTS = np.repeat(np.arange(0.0, 10.0, 0.5), 60)


def _points(seed: int, width: float = WIDE, height: float = HIGH) -> Keypoints:
    """Sixty keypoints at each moment, anywhere in a part of that size."""
    places = np.random.default_rng(seed).uniform((0, 0), (width, height), (len(MOMENTS), 2)).astype(np.float32)
    none = channels.no_keypoints().descriptors
    return Keypoints((WIDE, HIGH), MOMENTS, places, none, np.unique(MOMENTS))


def _aligned(a: Keypoints, b: Keypoints, chosen: np.ndarray) -> Alignment:
    cells = np.zeros(int(chosen.sum()), np.int64)
    moments = MOMENTS[chosen]
    return Alignment(np.eye(2, 3), False, 20, moments, moments, a.places[chosen], b.places[chosen], cells)


def _area(a: Keypoints, b: Keypoints, chosen: np.ndarray) -> float:
    return common_area(a, b, _aligned(a, b, chosen), np.ones(int(chosen.sum()), bool))


def _beside(points: Keypoints, share: float) -> np.ndarray:
    """Which lie in a corner of that share of both sides; the corner moves about from moment to moment."""
    corner = np.random.default_rng(int(share * 100)).uniform(0, 1 - share, (20, 2)) * (WIDE, HIGH)
    inside = points.places - np.repeat(corner, 60, axis=0)
    return np.asarray(((inside >= 0) & (inside <= share * np.array([WIDE, HIGH]))).all(axis=1))


@pytest.mark.parametrize(("share", "most"), [(0.25, 0.12), (0.3, 0.15)])
def test_a_sticker_that_moves_about_is_a_small_area(share: float, most: float) -> None:
    a = _points(1)
    assert _area(a, a, _beside(a, share)) < most


def test_a_few_places_all_over_the_picture_are_all_of_it() -> None:
    a = _points(1)
    assert _area(a, a, np.arange(len(MOMENTS)) % 5 == 0) > 0.4


def test_the_whole_of_one_picture_within_the_other_is_all_of_it() -> None:
    within = _points(1, WIDE / 4, HIGH / 4)
    a = Keypoints(within.size, within.times, within.places * 4, within.descriptors, within.looked_at)
    half = np.arange(len(MOMENTS)) % 2 == 0
    ground = _points(2).places
    b = Keypoints(a.size, MOMENTS, np.where(half[:, None], within.places, ground), a.descriptors, a.looked_at)
    assert _area(a, b, half) > 0.8


def test_too_few_pairs_to_tell_are_no_small_area() -> None:
    a = _points(1)
    assert _area(a, a, np.arange(len(MOMENTS)) % 60 < 2) == 1.0
    assert _area(a, a, np.zeros(len(MOMENTS), bool)) == 1.0
