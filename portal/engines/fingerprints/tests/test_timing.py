"""Which time stamps are believed."""

import numpy as np
import pytest

from portal.engines.fingerprints.timing import Span, determine_span

SECOND = 1000.0


def _span(seconds: list[float], lengths: list[float] | None = None) -> Span:
    stamps = np.array([round(each * SECOND) for each in seconds], np.int64)
    durations = np.array([round(each * SECOND) for each in lengths or [0.04] * len(seconds)], np.int64)
    found = determine_span(stamps, durations, SECOND)
    assert found is not None
    return found


def _regular(count: int = 250, step: float = 0.04) -> list[float]:
    return [number * step for number in range(count)]


def test_a_regular_video_is_believed() -> None:
    assert _span(_regular()) == Span(0, 10_000, 250, 40)


@pytest.mark.parametrize("step", [0.04, 1.0])
def test_pictures_that_wait_for_others_are_believed(step: float) -> None:
    # As of a pyramid of B pictures: a picture comes sixteen places early.
    order = [number for start in range(0, 240, 16) for number in (start + 15, *range(start, start + 15))]
    found = _span([number * step for number in order], [step] * 240)
    assert (found.start, found.end) == (0, round(240 * step * SECOND))


def test_a_first_picture_later_than_those_after_it_is_left_out() -> None:
    assert _span([50.0, *_regular()[1:]]).end == 10_000


@pytest.mark.parametrize("place", [0, 1, 100, 248])
@pytest.mark.parametrize("second", [90 * 3600.0, -5000.0])
def test_one_wild_stamp_is_left_out(place: int, second: float) -> None:
    seconds = _regular()
    seconds[place] = second
    found = _span(seconds)
    assert (found.end - found.start) / SECOND == pytest.approx(10, abs=0.1)


def test_a_wild_last_stamp_and_a_wild_length_are_left_out() -> None:
    assert _span([*_regular(), 90 * 3600.0]).end == 10_000
    assert _span(_regular(), [0.04] * 249 + [90 * 3600.0]).end == 249 * 40


@pytest.mark.parametrize(
    "seconds", [[*_regular(50), 60.0], [*_regular(50), 60.0, 60.04], [0.0, *(20 + n for n in _regular(50))]]
)
def test_a_picture_that_stands_still_for_long_is_believed(seconds: list[float]) -> None:
    found = _span(seconds)
    assert found.end - found.start == round((seconds[-1] + 0.04 - seconds[0]) * SECOND)


def test_slides_of_half_a_minute_are_believed() -> None:
    assert _span([0.0, 30.0, 60.0, 90.0], [30.0] * 4) == Span(0, 120_000, 4, 30_000)


def test_a_clock_without_order_is_measured_all_the_same() -> None:
    stamps = np.random.default_rng(4).integers(0, 1 << 40, 20_000)
    found = determine_span(stamps, np.zeros_like(stamps), SECOND)
    assert found is not None
    assert found.count == 20_000


def test_extreme_stamps_do_not_overflow() -> None:
    stamps = np.array([0, 40, 2**62, 120, -(2**62), 200, 240, 280, 320], np.int64)
    found = determine_span(stamps, np.full_like(stamps, 2**62), SECOND)
    assert found is not None
    assert found.start <= found.end


def test_no_packet_has_no_span() -> None:
    assert determine_span(np.zeros(0, np.int64), np.zeros(0, np.int64), SECOND) is None
