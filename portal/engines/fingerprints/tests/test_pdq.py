"""The hash equals the reference's, and turning a picture turns its hash."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.engines.fingerprints import pdq
from portal.engines.fingerprints.tests.pictures import COUNT, picture

# Written by pdqhash 0.2.8, its bits highest first, for the pictures of pictures.py.
VECTORS = json.loads(Path(__file__).with_name("pdq_vectors.json").read_text())
PICTURES = np.stack([picture(seed) for seed in range(COUNT)])


def _hex(words: np.ndarray) -> str:
    return words.astype("<u8").tobytes()[::-1].hex()


@pytest.mark.parametrize("number", range(len(pdq.ORIENTATIONS)), ids=pdq.ORIENTATIONS)
def test_hashes_equal_the_reference_in_every_orientation(number: int) -> None:
    found = pdq.orient_hashes(pdq.pdq_hashes(PICTURES))[number]
    assert [_hex(words) for words in found] == [
        VECTORS[str(seed)][pdq.ORIENTATIONS[number]] for seed in range(len(PICTURES))
    ]


def test_quality_equals_the_reference() -> None:
    assert pdq.pdq_quality(PICTURES).tolist() == [VECTORS[str(seed)]["quality"] for seed in range(len(PICTURES))]


@pytest.mark.parametrize("number", range(len(pdq.ORIENTATIONS)), ids=pdq.ORIENTATIONS)
def test_the_hash_of_a_turned_picture_is_the_turned_hash(number: int) -> None:
    turned = np.ascontiguousarray(pdq.turn_pictures(PICTURES, number))
    assert (pdq.pdq_hashes(turned)[:, 0] == pdq.orient_hashes(pdq.pdq_hashes(PICTURES))[number]).all()


def test_orientations_are_what_they_are_called() -> None:
    shown = np.array([[1, 2], [3, 4]], np.uint8)
    assert {name: pdq.turn_pictures(shown, number).tolist() for number, name in enumerate(pdq.ORIENTATIONS)} == {
        "upright": [[1, 2], [3, 4]],
        "mirrored": [[2, 1], [4, 3]],
        "upside_down": [[3, 4], [1, 2]],
        "turned_180": [[4, 3], [2, 1]],
        "transposed": [[1, 3], [2, 4]],
        "turned_left": [[2, 4], [1, 3]],
        "turned_right": [[3, 1], [4, 2]],
        "transversed": [[4, 2], [3, 1]],
    }


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_picture_has_no_quality(level: int) -> None:
    assert pdq.pdq_quality(np.full((1, 64, 64), level, np.uint8)).tolist() == [0]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=4, max_size=4), st.integers(0, 2**256 - 1))
def test_distances_count_differing_bits(words: list[int], change: int) -> None:
    left = np.array([words], np.uint64)
    right = left ^ np.array([[change >> 64 * word & (2**64 - 1) for word in range(4)]], np.uint64)
    assert pdq.hash_distances(left, right)[0, 0] == min(change.bit_count(), 255)
