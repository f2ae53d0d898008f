"""Lines in time that only what moves can tell."""

import numpy as np
import pytest

from portal.engines.fingerprints import motion_lines, warped_motion
from portal.engines.fingerprints.channels import LUMA_STEP
from portal.engines.fingerprints.tests.still_ground import BACKWARDS, film, video
from portal.engines.fingerprints.voting import Line

Found = tuple[Line, float, float]


def _lines(first: np.ndarray, second: np.ndarray) -> list[Found]:
    products = warped_motion.AlignedMotion(video(first), video(second), np.eye(2, 3)).whole()
    assert products is not None
    return list(motion_lines.find_lines(products))


def _at(found: Found) -> tuple[float, float, float, float]:
    """Start and end in small pictures, rate, and where the second video shows the start."""
    line, start, end = found
    return start / LUMA_STEP, end / LUMA_STEP, line.rate, line.at(start) / LUMA_STEP


def test_parts_in_another_order_lie_on_lines_of_their_own() -> None:
    pictures = film(1, 150)
    found = _lines(pictures, np.concatenate([pictures[90:], pictures[:50], pictures[50:90]]))
    told = sorted(_at(each) for each in found)
    assert len(told) == 2  # the last two parts follow each other in both
    assert told[0] == pytest.approx((0, 90, 1.0, 60), abs=10)
    assert told[1] == pytest.approx((90, 150, 1.0, 0), abs=10)


def test_an_excerpt_at_another_speed_is_found_within_another_video() -> None:
    pictures, other = film(1, 150), film(2, 60)
    faster = pictures[np.round(np.arange(40, 130, 1.15)).astype(np.int64)]
    found = _lines(pictures, np.concatenate([other, faster, other]))
    start, end, rate, shown = _at(found[0])
    assert (start, end) == pytest.approx((40, 130), abs=12)
    assert rate == pytest.approx(1 / 1.15, abs=0.04)
    assert shown == pytest.approx(60 + (start - 40) / 1.15, abs=3)


def test_forward_and_backward_are_two_lines() -> None:
    pictures = film(1, 100)
    found = _lines(pictures, np.concatenate([pictures, pictures[::BACKWARDS]]))
    assert {round(line.rate, 1) for line, _start, _end in found[:2]} == {1.0, -1.0}
    assert min(end - start for _line, start, end in found[:2]) > 80 * LUMA_STEP


def test_another_take_before_the_same_ground_has_no_line() -> None:
    assert _lines(film(1, 120), film(2, 120)) == []


def test_a_still_video_has_no_line() -> None:
    assert _lines(np.repeat(film(1, 1), 60, axis=0), np.repeat(film(1, 1), 60, axis=0)) == []
