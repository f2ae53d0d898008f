"""What is taken of each picture, and when."""

from functools import partial

import numpy as np
import pytest

from portal.engines.fingerprints import channels, details
from portal.engines.fingerprints.channels import Keypoints
from portal.engines.fingerprints.details import DetailCollector
from portal.engines.fingerprints.keypoints import PER_PICTURE, KeypointFinder
from portal.engines.fingerprints.tests import moving


def _picture(seed: int, wide: int = 360, high: int = 202) -> np.ndarray:
    return moving.noise(seed, (wide, high))[..., 0].copy()


def test_each_kind_has_its_own_clock() -> None:
    collector, shown = DetailCollector(4.0), []
    for number in range(100):

        def take(number: int = number) -> np.ndarray:
            shown.append(number)
            return _picture(1)

        collector.show(number / 25, (number + 1) / 25, take, alone=False)
    assert collector.keypoints().looked_at.tolist() == pytest.approx(np.arange(0, 4, 0.5), abs=0.04)
    assert len(collector.luma()) == 50
    assert len(collector.changes()) == 50
    assert len(shown) == len(set(shown)) < 60  # each picture is scaled once, and only if something needs it


def test_a_repeated_picture_is_no_change_and_another_one_is() -> None:
    collector = DetailCollector(2.0)
    for number, seed in enumerate([1, 1, 2, 2]):
        collector.show(number * 0.08, (number + 1) * 0.08, partial(_picture, seed), alone=False)
    changes = collector.changes().tolist()
    assert [changes[0], changes[1], changes[3]] == [channels.NO_CHANGE] * 3
    assert 0 < changes[2] < channels.NO_CHANGE


def test_of_keyframes_only_keypoints_are_taken_each_at_its_own_second() -> None:
    collector = DetailCollector(100.0)
    for second in (0.0, 7.3, 15.1):
        collector.show(second, second + 7, lambda: _picture(1), alone=True)
    assert collector.keypoints().looked_at.tolist() == [0.0, 7.3, 15.1]
    assert (len(collector.luma()), len(collector.changes())) == (0, 0)


@pytest.mark.parametrize("size", [(202, 360), (360, 1), (1, 360), (360, 90)])
def test_a_video_that_changes_its_size_keeps_the_first(size: tuple[int, int]) -> None:
    collector = DetailCollector(2.0)
    collector.show(0.0, 0.6, lambda: _picture(1), alone=False)
    collector.show(0.6, 2.0, lambda: np.ascontiguousarray(_picture(2, 360, 360)[: size[1], : size[0]]), alone=False)
    assert collector.luma().shape == (25, 90, 160)
    assert collector.keypoints().size == (360, 202)


def _found(picture: np.ndarray, side: int) -> Keypoints:
    finder = KeypointFinder(side)
    finder.look(0.0, picture)
    return finder.keypoints()


def test_keypoints_of_a_smaller_picture_lie_at_the_places_of_the_whole_one() -> None:
    picture = _picture(1)
    whole, smaller = _found(picture, 360), _found(picture, details.KEYPOINT_SIDE)
    assert (whole.size, len(smaller)) == (smaller.size, PER_PICTURE)
    apart = np.hypot(*(smaller.places[:, None] - whole.places[None]).transpose(2, 0, 1)).min(axis=1)
    assert np.median(apart) < 1
    assert smaller.places.max(axis=0) == pytest.approx(whole.places.max(axis=0), abs=12)


def test_plain_pictures_are_searched_whole() -> None:
    plain = np.full((202, 360), 90, np.uint8)
    plain[60:140, 100:220] = 180
    assert _found(plain, details.KEYPOINT_SIDE).places.tolist() == _found(plain, 360).places.tolist()
    assert len(_found(plain, 360)) > 0


@pytest.mark.parametrize("size", [(360, 1), (1, 360), (360, 20)])
def test_a_picture_narrower_than_any_keypoint_has_none(size: tuple[int, int]) -> None:
    collector = DetailCollector(2.0)
    collector.show(0.0, 2.0, lambda: np.ascontiguousarray(_picture(2, 360, 360)[: size[1], : size[0]]), alone=False)
    assert len(collector.keypoints()) == 0
    assert collector.keypoints().looked_at.tolist() == [0.0]


def test_what_is_kept_of_long_videos_is_bounded() -> None:
    for duration in (10.0, 60.0, 180.0, 600.0, 1800.0, 3 * 3600.0):
        side = details.luma_side(duration)
        assert duration / channels.LUMA_STEP * side * side <= channels.MOST_LUMA
        assert duration / details.keypoint_step(duration) * 250 <= channels.MOST_KEYPOINTS
