"""The vocabulary is trained alike every time, and its centres are where the descriptors are."""

import io

import numpy as np
import pytest

from portal.bench.originality import vocabulary
from portal.engines.fingerprints.words import Descriptors


def works(*, spread: int = 4) -> list[Descriptors]:
    """Two works of 400 descriptors each, around eight points that lie far apart."""
    chance = np.random.default_rng(3)
    points = chance.integers(20, 230, (8, 128))
    around = points[chance.integers(0, 8, 800)] + chance.integers(-spread, spread + 1, (800, 128))
    rows = around.astype(np.uint8)
    return [rows[:400], rows[400:]]


def test_the_same_footage_gives_the_same_bytes() -> None:
    first, again = (vocabulary.pack(vocabulary.train(works(), centres=8)) for _twice in range(2))
    assert first == again
    assert first != vocabulary.pack(vocabulary.train(works(spread=9), centres=8))


def test_the_file_is_read_as_the_one_in_use_is() -> None:
    data = vocabulary.pack(vocabulary.train(works(), centres=16))
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        shapes = {name: (kept[name].shape, str(kept[name].dtype)) for name in kept}
        directions = kept["directions"].astype(float)
    assert shapes == {
        "upper": ((16, 64), "uint8"),
        "lower": ((16, 64), "uint8"),
        "mean": ((128,), "uint8"),
        "directions": ((128, 64), "int8"),
    }
    overlap = directions.T @ directions / 256**2
    assert np.abs(overlap - np.eye(64)).max() < 0.05


def test_centres_come_to_lie_where_the_descriptors_are() -> None:
    rows = np.concatenate(works())[:, :64]
    centres = vocabulary.k_means(rows, 24, np.random.default_rng(0)).astype(int)
    nearest = np.abs(rows.astype(int)[:, None] - centres[None]).max(axis=2).min(axis=1)
    assert nearest.max() <= 9


def test_too_few_keypoints_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        vocabulary.train([works()[0][:5]], centres=8)
