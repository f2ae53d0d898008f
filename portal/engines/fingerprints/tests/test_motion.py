"""What counts as motion, and how much of it confirms a copy."""

import numpy as np
import pytest

from portal.engines.fingerprints import THRESHOLDS, findings, warped_motion
from portal.engines.fingerprints.channels import LUMA_STEP
from portal.engines.fingerprints.tests.still_ground import film, video
from portal.engines.fingerprints.voting import Line
from portal.engines.fingerprints.warped_motion import AlignedMotion, Motion

CELLS = np.array([(x, y) for y in range(6) for x in range(9)], np.float32)


@pytest.mark.parametrize(
    ("likeness", "windows", "elsewhere", "confirmed"),
    [
        (0.76, 3, 0.0, True),
        (0.74, 9, 0.0, False),
        (0.84, 2, 0.0, False),
        (0.86, 2, 0.0, True),
        (0.99, 1, 0.0, False),
        (0.9, 9, 0.74, False),
        (0.9, 9, 0.7, True),
    ],
)
def test_motion_confirms_where_it_is_alike_often_and_at_one_offset_only(
    likeness: float, windows: int, elsewhere: float, confirmed: bool
) -> None:
    moved = Motion(likeness, windows, elsewhere=elsewhere)
    assert findings._confirms(moved, THRESHOLDS) is confirmed


@pytest.mark.parametrize(
    ("likeness", "windows", "confirmed"),
    [(0.76, 6, True), (0.76, 5, False), (0.79, 3, False), (0.81, 3, True), (0.84, 2, False), (0.86, 2, True)],
)
def test_short_stretches_must_be_alike_in_more_windows_or_more_alike(
    likeness: float, windows: int, confirmed: bool
) -> None:
    assert findings._confirms(Motion(likeness, windows, short=True), THRESHOLDS) is confirmed


def test_what_whole_rows_and_columns_have_in_common_is_no_motion() -> None:
    rows = 5 * np.sin(np.arange(20)[:, None] + 2 * CELLS[:, 1])
    columns = 5 * np.cos(np.arange(20)[:, None] + 2 * CELLS[:, 0])
    common = (rows - rows.mean(axis=1, keepdims=True) + columns - columns.mean(axis=1, keepdims=True)).astype(
        np.float32
    )
    assert np.abs(warped_motion._without_lines(common, CELLS)).max() < 1e-4
    own = np.zeros_like(common)
    own[:, 20] = 30
    assert warped_motion._without_lines(common + own, CELLS)[:, 20].min() > 15


def test_what_stands_still_is_no_motion() -> None:
    still = video(np.repeat(_noise(1), 60, axis=0))
    assert np.abs(warped_motion._moving(still, 20 * CELLS + 20, np.arange(60))).max() == 0


def test_the_whole_of_a_long_span_is_compared_where_the_second_video_is_slower() -> None:
    pictures = _noise(1500)
    first, second = video(pictures), video(np.repeat(pictures, 2, axis=0))
    whole = 0.0, 1500 * LUMA_STEP
    found = AlignedMotion(first, second, np.eye(2, 3)).compare(Line(2.0, 0.0), whole)
    assert found is not None
    assert found.windows > 70
    assert found.likeness > 0.8


@pytest.mark.parametrize("rate", [0.8, 0.87, 1.13, 1.25])
def test_another_speed_is_as_alike_as_the_same(rate: float) -> None:
    pictures = film(1, 200)
    shown = pictures[np.arange(0, 199 / 1.0, 1 / rate).astype(np.int64)]
    found = AlignedMotion(video(pictures), video(shown), np.eye(2, 3)).compare(Line(rate, 0.0), (0.0, 200 * LUMA_STEP))
    assert found is not None
    assert found.likeness > THRESHOLDS.motion
    assert found.rate == pytest.approx(rate, abs=0.01)


def _noise(count: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, 9, 16), dtype=np.uint8)


@pytest.mark.parametrize(
    ("moved", "rule", "needed"),
    [
        (Motion(0.8, 3), "windows", 0.75),
        (Motion(0.8, 6, short=True), "windows", 0.75),
        (Motion(0.8, 3, short=True), "short_stretch", 0.8),
        (Motion(0.8, 2), "few_windows", 0.85),
        (Motion(0.8, 1), "too_few_windows", None),
        (Motion(0.9, 5, elsewhere=0.8), "repetition", 1.0),
        (Motion(0.9, 5, elsewhere=0.5), "windows", 0.75),
    ],
)
def test_the_rule_and_the_threshold_that_applied_are_known(moved: Motion, rule: str, needed: float | None) -> None:
    assert findings._rule(moved, THRESHOLDS) == (rule, needed)
