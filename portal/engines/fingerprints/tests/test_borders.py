"""Black borders are found over a whole film, and what is merely dark is not taken for one."""

import numpy as np
import pytest

from portal.engines.fingerprints import borders, pdq
from portal.engines.fingerprints.tests.pictures import picture

SIDE = 96


def _film(level: float = 1.0) -> np.ndarray:
    """Twelve pictures, uint8 [12, 96, 96], none of their pixels black."""
    grown = np.stack([np.kron(picture(seed), np.ones((3, 3), np.uint8))[::2, ::2] for seed in range(12)])
    return (20 + grown * level * 0.9).astype(np.uint8)


def _bordered(film: np.ndarray, top: int, bottom: int, left: int, right: int) -> np.ndarray:
    framed = np.random.default_rng(1).integers(0, 4, film.shape, dtype=np.uint8)  # what compression leaves of black
    framed[:, top:bottom, left:right] = film[:, top:bottom, left:right]
    return framed


@pytest.mark.parametrize("box", [(12, 84, 0, 96), (0, 96, 20, 76), (10, 86, 10, 86), (6, 80, 0, 96)])
def test_borders_are_cut_off(box: tuple[int, int, int, int]) -> None:
    assert borders.inner_box(_bordered(_film(), *box)) == pytest.approx(box, abs=0.3)


def test_a_video_that_fades_from_black_keeps_its_borders_found() -> None:
    film = _bordered(_film(), 12, 84, 0, 96)
    film[:4] = 0
    assert borders.inner_box(film) == pytest.approx((12, 84, 0, 96), abs=0.3)


@pytest.mark.parametrize("part", [0.25, 0.5, 0.75])
def test_a_border_may_end_within_a_pixel(part: float) -> None:
    film = _bordered(_film(), 12, 84, 0, 96)
    film[:, 12] = film[:, 13] * part
    assert borders.inner_box(film)[0] == pytest.approx(13 - part, abs=0.1)


def _disc() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.where((y - 48) ** 2 + (x - 48) ** 2 < 30**2, _film(), 0).astype(np.uint8)


@pytest.mark.parametrize(
    "film",
    [
        _film(),
        _film(0.1),
        np.zeros((12, SIDE, SIDE), np.uint8),
        _bordered(_film(), 20, 96, 0, 96),  # black on one side only
        _bordered(_film(), 40, 56, 0, 96),  # a strip of light
        _disc(),
    ],
    ids=["plain", "dark", "black", "one side", "strip", "disc in the dark"],
)
def test_what_is_dark_is_no_border(film: np.ndarray) -> None:
    assert borders.inner_box(film) == (0, SIDE, 0, SIDE)


def test_a_picture_without_its_border_has_the_hash_of_the_picture() -> None:
    film = _film()
    small = borders.crop_to_box(film, (0, SIDE, 0, SIDE), 72)
    framed = np.zeros_like(film)
    framed[:, 12:84, 12:84] = small
    box = borders.inner_box(framed)
    assert box == pytest.approx((12, 84, 12, 84), abs=0.3)
    whole = pdq.pdq_hashes(borders.crop_to_box(film, (0, SIDE, 0, SIDE), pdq.SIDE))[:, 0]
    inner = pdq.pdq_hashes(borders.crop_to_box(framed, box, pdq.SIDE))[:, 0]
    assert np.bitwise_count(whole ^ inner).sum(axis=1).max() <= 16


def test_scaling_by_area_keeps_what_is_even() -> None:
    assert (borders.crop_to_box(np.full((2, SIDE, SIDE), 77, np.uint8), (5, 90, 7, 60), 16) == 77).all()
    steps = np.repeat(np.arange(16, dtype=np.uint8), 6)[None, :, None] * np.ones((1, 1, SIDE), np.uint8)
    assert borders.crop_to_box(steps, (0, SIDE, 0, SIDE), 16)[0, :, 0].tolist() == list(range(16))
