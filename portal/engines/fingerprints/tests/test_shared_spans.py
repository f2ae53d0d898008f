"""Lines in time need enough places of their own."""

import numpy as np
import pytest

from portal.engines.fingerprints import shared_spans
from portal.engines.fingerprints.alignment import Alignment

PLACES = 14


def alignment(*lines: tuple[float, int]) -> Alignment:
    """For each (offset in s, places): eight seconds of the first video, half a second apart, each place seen at all of them."""
    at_a: list[float] = []
    at_b: list[float] = []
    cells: list[int] = []
    for number, (offset, places) in enumerate(lines):
        for moment in 48.0 * number + np.arange(0, 8, 0.5):
            at_a += [float(moment)] * places
            at_b += [float(moment) + offset] * places
            cells += range(1000 * number, 1000 * number + places)
    total = sum(places for _, places in lines)
    nowhere = np.zeros((len(at_a), 2), np.float32)
    return Alignment(np.eye(2, 3), False, total, np.array(at_a), np.array(at_b), nowhere, nowhere, np.array(cells))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (((0.0, 14),), [14]),
        (((0.0, 13),), []),
        (((0.0, 9), (-20.0, 9)), []),
        (((0.0, 14), (-20.0, 9)), [14, 9]),
        (((0.0, 14), (-20.0, 6)), [14]),
    ],
    ids=["enough", "too_few", "enough_on_two_lines_only", "a_further_line_with_half", "a_further_line_with_less"],
)
def test_one_line_needs_all_places_and_further_ones_half(lines: tuple[tuple[float, int], ...], told: list[int]) -> None:
    spans = shared_spans.find_spans(alignment(*lines), places=PLACES, seconds=0.9, step=0.5)
    assert sorted((span.places for span in spans), reverse=True) == told
