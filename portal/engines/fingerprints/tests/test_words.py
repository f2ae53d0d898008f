"""Visual words survive what edits do to descriptors, and are the same for a mirrored picture."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from portal.engines.fingerprints import NEAR, WORD_COUNT, words
from portal.engines.fingerprints.keypoints import KeypointFinder, Luma
from portal.engines.fingerprints.words import VisualWords


def picture(seed: int) -> Luma:
    """Shapes at random places, 360x202 px."""
    drawn = np.random.default_rng(seed)
    canvas = np.full((202, 360), 128, np.uint8)
    for _each in range(60):
        x, y, r = (int(drawn.integers(0, most)) for most in (360, 202, 30))
        level = int(drawn.integers(0, 256))
        if drawn.integers(2):
            cv2.circle(canvas, (x, y), r + 4, level, -1)
        else:
            cv2.rectangle(canvas, (x, y), (x + r + 5, y + r // 2 + 5), level, -1)
    return canvas


def descriptors(shown: Luma) -> Luma:
    finder = KeypointFinder()
    finder.look(0.0, shown)
    return finder.keypoints().descriptors


def in_common(kept: VisualWords, asked: VisualWords) -> int:
    """Keypoints of the question that have a near signature within the same word."""
    same = kept.words[:, None] == asked.words[None, :]
    near = np.bitwise_count(kept.signatures[:, None] ^ asked.signatures[None, :]) <= NEAR
    return len(np.unique(asked.points[(same & near).any(axis=0)]))


EDITS: dict[str, Callable[[Luma], Any]] = {
    "crop": lambda shown: cv2.resize(shown[20:180, 40:320], (360, 202)),
    "mirror": lambda shown: np.ascontiguousarray(shown[:, ::-1]),
    "darker": lambda shown: (shown * 0.7).astype(np.uint8),
    "turned": lambda shown: np.ascontiguousarray(np.rot90(shown)),
}


@pytest.mark.parametrize("edit", list(EDITS))
def test_an_edited_picture_shares_more_words_than_another_one(edit: str) -> None:
    kept = words.plain_words(descriptors(picture(1)))
    edited = words.words_of_picture(descriptors(np.asarray(EDITS[edit](picture(1)), np.uint8)))
    others = [in_common(kept, words.words_of_picture(descriptors(picture(seed)))) for seed in range(2, 6)]
    assert in_common(kept, edited) > 2 * max(*others, 5)


def test_words_are_in_range_and_repeatable() -> None:
    found = descriptors(picture(1))
    first, second = words.words_of_picture(found), words.words_of_picture(found)
    assert len(first) == 2 * len(found)
    assert first.words.min() >= 0
    assert first.words.max() < WORD_COUNT
    assert (first.signatures == second.signatures).all()
    assert (first.words == second.words).all()


def test_a_picture_without_keypoints_has_no_words() -> None:
    assert len(words.words_of_picture(np.zeros((0, 128), np.uint8))) == 0
