"""Drawn films are films, and the same each time."""

import io

import av
import numpy as np
import pytest

from portal.sandbox import drawing


def _pictures(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data), "r") as film:
        return [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]


@pytest.mark.parametrize("subject", drawing.SUBJECTS)
def test_a_video_is_drawn_again_byte_for_byte(subject: str) -> None:
    drawn = drawing.draw_video(subject, seconds=2, width=160, height=90)
    assert drawn == drawing.draw_video(subject, seconds=2, width=160, height=90)
    assert len(_pictures(drawn)) == 24


def test_shots_change_and_things_move() -> None:
    pictures = np.stack(_pictures(drawing.draw_video("city", seconds=10, width=160, height=90, still=True))).astype(int)
    steps = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2))
    assert steps.argmax() == 59
    assert np.median(steps) > 0.5
    assert steps.max() > 5 * np.median(steps)


def test_another_take_shows_the_same_place_and_other_movement() -> None:
    first, second = (
        np.stack(_pictures(drawing.draw_video("city", seconds=4, still=True, take=take))) for take in (0, 1)
    )
    assert np.corrcoef(np.median(first, axis=0).ravel(), np.median(second, axis=0).ravel())[0, 1] > 0.9
    assert (np.abs(first.astype(int) - second) > 40).mean() > 0.01


def test_a_copy_is_edited_as_asked() -> None:
    film = drawing.draw_video("orchard", seconds=4, width=160, height=90)
    original = _pictures(film)
    mirrored = _pictures(drawing.edit_video(film, mirror=True))
    assert np.abs(mirrored[20][:, ::-1].astype(int) - original[20]).mean() < 8
    assert _pictures(drawing.edit_video(film, rotate=90))[0].shape == (160, 90)
    assert _pictures(drawing.edit_video(film, width=320, height=180))[0].shape == (180, 320)
    assert len(_pictures(drawing.edit_video(film, start=1.0, end=3.0))) == 24
    assert len(_pictures(drawing.edit_video(film, speed=2.0))) == 24
    assert len(_pictures(drawing.edit_video(film, rate=24))) in range(94, 97)
    assert _pictures(drawing.edit_video(film, border=0.2))[5][:14].max() < 40
    assert np.mean(_pictures(drawing.edit_video(film, brightness=-0.5))) < 0.6 * np.mean(original)
