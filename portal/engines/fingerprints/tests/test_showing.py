"""Films as players show them: which track, from which second, turned, with which pixels, in which tone."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portal.engines import fingerprints
from portal.engines.fingerprints import Fingerprint
from portal.engines.fingerprints.tests import remuxing, specimens
from portal.engines.fingerprints.tests.reads import fingerprint, probe
from portal.sandbox import drawing


@pytest.fixture(scope="module")
def film() -> bytes:
    return drawing.draw_video("city", seconds=12, width=240, height=136)


@pytest.fixture(scope="module")
def original(film: bytes) -> Fingerprint:
    return fingerprint(film)


@pytest.fixture(scope="module")
def other() -> bytes:
    return drawing.draw_video("potter", seconds=12, width=320, height=180)


def test_what_an_edit_list_hides_is_not_part_of_the_video(film: bytes, original: Fingerprint) -> None:
    trimmed = remuxing.shifted(film, -3.5)
    found = fingerprint(trimmed)
    assert probe(trimmed).duration == pytest.approx(8.5, abs=0.1)
    assert found.duration == pytest.approx(8.5, abs=0.1)
    compared = fingerprints.compare_fingerprints(original, found)
    assert compared.score > 0.9
    segment = compared.segments[0]
    assert (segment.a_start, segment.b_start) == pytest.approx((3.5, 0), abs=0.3)
    assert segment.b_end <= found.duration


@pytest.mark.parametrize(("kind", "silence"), [("mp4", 0.0), ("webm", 12.5), ("matroska", 0.0)])
def test_seconds_are_those_of_players_where_the_picture_starts_late(kind: str, silence: float) -> None:
    film = specimens.drawn(seconds=8)
    if kind == "webm":
        options = {"deadline": "realtime", "cpu-used": "8"}
        timed = specimens.timed(film, lambda number: number / 12)
        film = specimens.encoded(timed, codec="libvpx-vp9", kind="webm", **options)
    late = fingerprint(remuxing.shifted(film, 1.5, kind=kind, silence=silence))
    assert late.times[0] == pytest.approx(1.5, abs=0.05)
    assert late.duration == pytest.approx(9.5, abs=0.1)
    compared = fingerprints.compare_fingerprints(fingerprint(film), late)
    assert compared.score > 0.95
    assert compared.segments[0].b_start - compared.segments[0].a_start == pytest.approx(1.5, abs=0.1)


def test_seconds_before_the_picture_do_not_lower_the_score(film: bytes, original: Fingerprint) -> None:
    late = fingerprint(remuxing.shifted(film, 100.0, kind="matroska"))
    found = fingerprints.compare_fingerprints(original, late)
    assert found.score > 0.95
    assert (found.segments[0].b_start, found.segments[0].b_end) == pytest.approx((100, 112), abs=0.3)


def test_a_clock_that_has_run_for_hours_starts_with_the_picture() -> None:
    late = fingerprint(remuxing.shifted(specimens.drawn(seconds=4), 7200.0, kind="matroska"))
    assert (late.times[0], late.duration) == pytest.approx((0, 4), abs=0.1)


TRACKS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "second is default": lambda film, other: remuxing.joined(
        [(other, remuxing.NOTHING), (film, remuxing.DEFAULT)], kind="matroska"
    ),
    "first is switched off": lambda film, other: remuxing.disabled(
        remuxing.joined([(other, remuxing.DEFAULT), (film, remuxing.DEFAULT)]), 1
    ),
    "first of two default": lambda film, other: remuxing.joined([(film, remuxing.DEFAULT), (other, remuxing.DEFAULT)]),
    "still before it": lambda film, other: remuxing.joined(
        [(remuxing.still(specimens.frames(other)[0]), remuxing.DEFAULT), (film, remuxing.DEFAULT)], kind="mov"
    ),
    "largest of none": lambda film, other: remuxing.joined(
        [(drawing.edit_video(other, width=160, height=90), remuxing.NOTHING), (film, remuxing.NOTHING)], kind="matroska"
    ),
}


@pytest.mark.parametrize("tracks", TRACKS.values(), ids=TRACKS)
def test_the_track_that_players_show_is_read(
    film: bytes, other: bytes, original: Fingerprint, tracks: Callable[[bytes, bytes], bytes]
) -> None:
    found = fingerprints.compare_fingerprints(original, fingerprint(tracks(film, other)))
    assert found.grade == fingerprints.MOTION_CONFIRMED
    assert found.score > 0.92


@pytest.mark.parametrize("kind", ["mp4", "matroska"])
@pytest.mark.parametrize("second", [3.4, 8.0, 5000.0])
def test_one_wild_time_stamp_costs_nothing(film: bytes, original: Fingerprint, kind: str, second: float) -> None:
    found = fingerprint(remuxing.shifted(film, 0.0, kind=kind, wild={30: second}))
    assert found.duration == pytest.approx(12, abs=0.2)
    assert len(found.times) == pytest.approx(len(original.times), abs=2)
    # No picture stands in for those that follow the wild one.
    assert np.abs(found.thumbnails[:48].astype(int) - original.thumbnails[:48]).mean() < 3


MATRICES = {
    (1, 0, 0, 1): [0, 1, 2, 3], (-1, 0, 0, 1): [1, 0, 3, 2], (1, 0, 0, -1): [2, 3, 0, 1], (-1, 0, 0, -1): [3, 2, 1, 0],
    (0, 1, -1, 0): [2, 0, 3, 1], (0, -1, 1, 0): [1, 3, 0, 2], (0, 1, 1, 0): [0, 2, 1, 3], (0, -1, -1, 0): [3, 1, 2, 0],
}  # fmt: skip


@pytest.mark.parametrize(("matrix", "corners"), MATRICES.items(), ids=str)
def test_pictures_are_turned_and_mirrored_as_browsers_do(matrix: tuple[int, int, int, int], corners: list[int]) -> None:
    # The expected corners (top left, top right, bottom left, bottom right) are what Chromium paints.
    levels = np.array([40, 100, 160, 220], np.uint8)
    picture = np.repeat(np.repeat(levels.reshape(2, 2), 45, axis=0), 80, axis=1)[..., None].repeat(3, axis=2)
    data = remuxing.placed(specimens.encoded((number / 12, picture) for number in range(24)), *matrix)
    found, size = probe(data), (160, 90) if matrix[0] else (90, 160)
    poster = np.asarray(Image.open(io.BytesIO(found.poster)).convert("L"))
    assert (found.width, found.height) == size == poster.shape[::-1]
    wide, high = size
    seen = [poster[y, x] for y in (high // 4, 3 * high // 4) for x in (wide // 4, 3 * wide // 4)]
    assert seen == pytest.approx(levels[corners], abs=5)
    thumbnail = fingerprint(data).thumbnails[0]
    assert [thumbnail[y, x] for y in (4, 12) for x in (4, 12)] == pytest.approx(levels[corners], abs=5)


@pytest.mark.parametrize(("aspect", "size"), [("2/1", (480, 136)), ("1/2", (240, 272)), ("5000/1", (240, 136))])
def test_pixels_that_are_not_square_are_shown_square(film: bytes, aspect: str, size: tuple[int, int]) -> None:
    timed = specimens.timed(film, lambda number: number / 12)[:36]
    data = specimens.encoded(timed, aspect=aspect)
    found = probe(data)
    assert (found.width, found.height) == size
    assert Image.open(io.BytesIO(found.poster)).size == size


def _light(film: bytes) -> list[np.ndarray]:
    """Light of the pictures on a display, 1 = white."""
    grey = [np.asarray(Image.fromarray(frame).convert("L"), np.float64) for frame in specimens.frames(film)]
    return [(frame / 255) ** 2.2 for frame in grey]


def _pq(light: np.ndarray) -> np.ndarray:
    root = (light * 203 / 10_000) ** 0.1593017578125
    return np.asarray(((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root)) ** 78.84375)


def _hlg(light: np.ndarray) -> np.ndarray:
    scene = (light * 203 / 1000) ** (1 / 1.2)
    bright = 0.17883277 * np.log(12 * np.maximum(scene, 1 / 12) - 0.28466892) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright)


@pytest.mark.parametrize(("transfer", "curve"), [(16, _pq), (18, _hlg)], ids=["pq", "hlg"])
def test_high_dynamic_range_looks_like_its_ordinary_twin(
    transfer: int, curve: Callable[[np.ndarray], np.ndarray]
) -> None:
    film = specimens.drawn(seconds=4)
    high, twin = fingerprint(remuxing.in_high_range(_light(film), transfer, curve)), fingerprint(film)
    count = min(len(high.times), len(twin.times))
    apart: Any = np.abs(high.thumbnails[:count].astype(int) - twin.thumbnails[:count])
    assert apart.mean() < 6
    found = fingerprints.compare_fingerprints(twin, high)
    assert found.grade == fingerprints.MOTION_CONFIRMED
    assert found.score > 0.92
