"""What people are shown of a video: pictures at exact moments, warped onto another, loudness, Content Credentials."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest
from PIL import Image

from portal.engines import fingerprints
from portal.engines.fingerprints import Moment, Refused, VideoEvidence, child, levels
from portal.engines.fingerprints.tests import moving, remuxing, signed, sounds, specimens

SECONDS = 8


@contextmanager
def opened(data: bytes) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield cast("BinaryIO", file)


def drawn(data: bytes, *moments: Moment) -> VideoEvidence:
    with opened(data) as file:
        return fingerprints.draw_video_evidence(file, moments)


def array(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)), np.float64)


def numbered(count: int = 40) -> bytes:
    """Pictures of a grey that says which one it is, five a second."""
    return specimens.encoded((number / 5, np.full((90, 160, 3), 20 + 5 * number, np.uint8)) for number in range(count))


@pytest.fixture(scope="module")
def film() -> bytes:
    return moving.encoded(moving.film(3, seconds=SECONDS))


@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_the_picture_is_the_one_on_the_screen_at_that_second(shift: float) -> None:
    film = remuxing.shifted(numbered(), shift) if shift else numbered()
    found = drawn(film, *(Moment(second) for second in (shift + 5.0, shift + 1.31, shift + 0.2))).pictures
    numbers = [round((array(each.picture).mean() - 20) / 5) for each in found if each]
    assert numbers == [25, 6, 1]
    assert [each.at for each in found if each] == pytest.approx([shift + 5, shift + 1.2, shift + 0.2], abs=0.01)


def test_a_moment_after_the_end_shows_the_last_picture_and_one_before_the_start_the_first() -> None:
    found = drawn(remuxing.shifted(numbered(), 1.0), Moment(500.0), Moment(0.2)).pictures
    assert [round((array(each.picture).mean() - 20) / 5) for each in found if each] == [39, 0]


def test_a_picture_is_turned_as_its_header_says() -> None:
    found = drawn(specimens.turned_by_header(specimens.drawn()), Moment(1.0)).pictures[0]
    assert found is not None
    assert (found.width, found.height) == (136, 240)


def test_a_mirrored_and_cropped_copy_is_brought_onto_the_original(film: bytes) -> None:
    pictures = moving.film(3, seconds=SECONDS)
    edited = [np.asarray(Image.fromarray(picture[18:162, 32:288][:, ::-1]).resize((320, 180))) for picture in pictures]
    # x of the copy, in parts of its longer side: what lies at .1 of the original comes last.
    affine = (-1.25, 0.0, 1.125, 0.0, 1.25, -18 / 144 * 180 / 320)
    left = drawn(film, Moment(3.0)).pictures[0]
    copy = moving.encoded(edited)
    assert left is not None
    right = drawn(copy, Moment(3.0, affine, (left.width, left.height))).pictures[0]
    assert right is not None
    inside = (slice(24, 156), slice(38, 282))
    shown, original = array(right.warped), array(left.picture)
    assert shown.shape == original.shape
    assert np.abs(shown - original)[inside].mean() < 8
    assert np.abs(array(right.picture) - original)[inside].mean() > 25
    assert np.abs(shown[:, :16] - 127).mean() < 12  # the copy does not show this part


def test_loudness_follows_the_sound(film: bytes) -> None:
    loud = sounds.loudness(1, SECONDS)
    a = drawn(sounds.with_sound(film, loud))
    assert len(a.levels) == SECONDS * levels.RATE
    assert a.complete
    said = np.array([np.mean(a.levels[place * 4 : place * 4 + 4]) for place in range(1, len(loud) - 1)])
    assert np.corrcoef(said, np.log(loud[1:-1]))[0, 1] > 0.9


def test_silence_is_told_from_sound(film: bytes) -> None:
    line, one, mute = (
        (0.0, 8.0, 0.0, 1.0),
        drawn(sounds.with_sound(film, [0.5] * SECONDS * 5)).levels,
        drawn(film).levels,
    )
    assert not len(mute)
    assert levels.compare_silence(one, mute, line) == levels.SOUND_REMOVED
    assert levels.compare_silence(mute, one, line) == levels.SOUND_ADDED
    assert levels.compare_silence(mute, mute, line) == levels.NO_SOUND
    assert not levels.compare_silence(one, one, (0.0, 8.0, 7.95, -1.0))


def test_the_same_video_gives_the_same_bytes(film: bytes) -> None:
    moment = Moment(2.0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (320, 180))
    one, other = drawn(film, moment), drawn(film, moment)
    assert one.pictures == other.pictures
    assert (one.levels == other.levels).all()


def test_credentials_come_with_the_pictures_and_a_fault_in_them_costs_no_picture(film: bytes) -> None:
    with_credentials = signed.sign(film, "video/mp4")
    assert drawn(with_credentials).credentials["signer"] == signed.SIGNER
    damaged = bytearray(with_credentials)
    damaged[with_credentials.index(b"c2pa.actions") + 100] ^= 255
    found = drawn(bytes(damaged), Moment(1.0))
    assert found.credentials == {"status": "unreadable"}
    assert found.pictures[0] is not None


@pytest.mark.parametrize("data", [b"", b"no film", specimens.sound()])
def test_what_is_no_video_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        drawn(data, Moment(1.0))


def test_a_damaged_video_gives_what_can_be_seen(film: bytes) -> None:
    found = drawn(film[:60000] + bytes(2000) + film[62000:], Moment(0.5), Moment(7.9))
    assert found.pictures[0] is not None


@pytest.mark.parametrize(
    "head",
    [
        "{}",
        '{"stills": [], "levels": 0, "complete": true}',
        '{"stills": [{"at": 1, "width": 9, "height": 9, "bytes": [3, 0]}], "levels": 9, "complete": true}',
        '{"stills": [{"at": "NaN", "width": 9, "height": 9, "bytes": [3, 0]}], "levels": 0, "complete": true}',
        '{"stills": [{"at": 1, "width": 9e9, "height": 9, "bytes": [3, 0]}], "levels": 0, "complete": true}',
        '{"stills": [{"at": 1, "width": 9, "height": 9, "bytes": [2, 1]}], "levels": 0, "complete": true}',
        '{"stills": [null], "levels": 3}',
    ],
)
def test_a_wrong_answer_is_not_believed(head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program.py"
    answer = head.encode() + b"\n\xff\xd8\xff"
    program.write_text(f"import sys\nsys.stdout.buffer.write({answer!r})")
    monkeypatch.setattr(child, "_WORKER", program)
    with pytest.raises(Refused):
        drawn(b"x" * 1000, Moment(1.0))
