"""Real films, through the real child process: copies are found, others are not, bad files get one code each."""

import io
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portal.engines import fingerprints
from portal.engines.fingerprints import LIMITS, Comparison, Fingerprint, Limits, limits
from portal.engines.fingerprints.limits import MIB
from portal.engines.fingerprints.tests import specimens
from portal.engines.fingerprints.tests.reads import fingerprint as _fingerprint
from portal.engines.fingerprints.tests.reads import opened
from portal.engines.fingerprints.tests.reads import probe as _probe
from portal.engines.limited_process import Refused
from portal.sandbox import drawing


def _code(data: bytes, bounds: Limits = LIMITS, door: Callable[[bytes, Limits], object] = _probe) -> str:
    with pytest.raises(Refused) as caught:
        door(data, bounds)
    return caught.value.code


@pytest.fixture(scope="module")
def film() -> bytes:
    return drawing.draw_video("city", seconds=12)


@pytest.fixture(scope="module")
def original(film: bytes) -> Fingerprint:
    return _fingerprint(film)


@pytest.mark.parametrize(
    ("edit", "orientation"),
    [
        ({"mirror": True, "crf": 36}, "mirrored"),
        ({"start": 2.0, "end": 11.0}, "upright"),
        ({"border": 0.1, "mirror": True}, "mirrored"),
        pytest.param({"width": 240, "height": 136, "crf": 38}, "upright", marks=pytest.mark.slow),
        pytest.param({"rotate": 90}, "turned_left", marks=pytest.mark.slow),
        pytest.param({"brightness": 0.2, "rate": 25}, "upright", marks=pytest.mark.slow),
        pytest.param({"speed": 1.1}, "upright", marks=pytest.mark.slow),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_an_edited_copy_is_found(film: bytes, original: Fingerprint, edit: dict[str, Any], orientation: str) -> None:
    found = fingerprints.compare_fingerprints(original, _fingerprint(drawing.edit_video(film, **edit)))
    assert found.grade == fingerprints.MOTION_CONFIRMED
    assert found.score > 0.8
    assert len(found.segments) == 1
    segment, start, speed = found.segments[0], edit.get("start", 0.0), edit.get("speed", 1.0)
    assert segment.orientation == orientation
    assert segment.rate == pytest.approx(1 / speed, abs=0.005)
    assert segment.a_start == pytest.approx(start, abs=0.6)
    assert segment.a_end == pytest.approx(edit.get("end", 12.0), abs=0.6)
    assert segment.b_start == pytest.approx(0, abs=0.6)
    assert segment.b_end == pytest.approx((edit.get("end", 12.0) - start) / speed, abs=0.6)


def test_other_videos_are_not_called_copies(original: Fingerprint) -> None:
    for subject in drawing.SUBJECTS:
        if subject != "city":
            other = _fingerprint(specimens.drawn(subject))
            assert fingerprints.compare_fingerprints(original, other).grade == fingerprints.NONE, subject


def test_another_recording_of_the_same_place_is_not_confirmed_by_motion() -> None:
    takes = [_fingerprint(drawing.draw_video("city", width=240, height=136, still=True, take=take)) for take in (0, 1)]
    assert fingerprints.compare_fingerprints(*takes).grade == fingerprints.IMAGERY


def test_a_still_video_is_static() -> None:
    picture = specimens.frames(specimens.drawn(seconds=1))[6]
    still = specimens.encoded((number / 12, picture) for number in range(60))
    copy = drawing.edit_video(still, mirror=True)
    found = fingerprints.compare_fingerprints(_fingerprint(still), _fingerprint(copy))
    assert found.grade == fingerprints.STATIC
    assert found.segments[0].rate == 1.0
    assert found.score > 0.9


def test_a_video_of_one_colour_matches_nothing() -> None:
    plain = _fingerprint(specimens.plain())
    assert (plain.quality < 50).all()
    found = fingerprints.compare_fingerprints(plain, plain)
    assert (found.grade, found.segments, found.usable_a) == (fingerprints.NOT_COMPARABLE, (), 0.0)


def test_a_probe_tells_what_the_video_is(film: bytes) -> None:
    with opened(film) as file:
        file.seek(100)
        found = fingerprints.probe_video(file, name="anything.txt")
        assert file.tell() == 100
    poster = Image.open(io.BytesIO(found.poster))
    assert (found.media_type, found.codec, found.width, found.height) == ("video/mp4", "h264", 480, 270)
    assert found.duration == pytest.approx(12, abs=0.1)
    assert found.frame_rate == pytest.approx(12, abs=0.1)
    assert (found.playable, found.has_audio) == (True, False)
    assert (poster.format, poster.size) == ("JPEG", (480, 270))
    assert np.asarray(poster.convert("L")).std() > 20


@pytest.mark.parametrize(
    ("kind", "codec", "media_type", "playable"),
    [
        ("webm", "libvpx-vp9", "video/webm", True),
        pytest.param("matroska", "libx264", "video/x-matroska", False, marks=pytest.mark.slow),
        pytest.param("mov", "libx264", "video/quicktime", True, marks=pytest.mark.slow),
        pytest.param("mp4", "mpeg4", "video/mp4", False, marks=pytest.mark.slow),
        ("avi", "mpeg4", "video/x-msvideo", False),
    ],
)
def test_other_kinds_of_videos_are_read(kind: str, codec: str, media_type: str, playable: bool) -> None:
    film = specimens.drawn(seconds=4)
    options = {"deadline": "realtime", "cpu-used": "8"} if codec.startswith("libvpx") else {}
    data = specimens.encoded(specimens.timed(film, lambda number: number / 12), codec=codec, kind=kind, **options)
    found = _probe(data)
    assert (found.media_type, found.playable) == (media_type, playable)
    assert found.duration == pytest.approx(4, abs=0.2)
    assert fingerprints.compare_fingerprints(_fingerprint(film), _fingerprint(data)).score > 0.8


def test_a_poster_is_not_blank_and_not_large() -> None:
    pictures = specimens.frames(drawing.draw_video("potter", seconds=2, width=960, height=540))
    fade = [(number / 12, np.zeros_like(pictures[0])) for number in range(18)]
    late = [(1.5 + number / 12, picture) for number, picture in enumerate(pictures)]
    poster = Image.open(io.BytesIO(_probe(specimens.encoded([*fade, *late])).poster))
    assert poster.size == (640, 360)
    assert np.asarray(poster).mean() > 20


def test_a_video_turned_by_its_header_is_read_as_players_show_it() -> None:
    film = specimens.drawn()
    turned = specimens.turned_by_header(film)
    found = _probe(turned)
    assert (found.width, found.height) == (136, 240)
    assert Image.open(io.BytesIO(found.poster)).size == (136, 240)
    compared = fingerprints.compare_fingerprints(
        _fingerprint(drawing.edit_video(film, rotate=270)), _fingerprint(turned)
    )
    assert [each.orientation for each in compared.segments] == ["upright"]


def test_frames_are_sampled_when_they_are_shown() -> None:
    # The same pictures, the first third of them shown three times as long.
    film = specimens.drawn(seconds=10)
    slow = specimens.encoded(
        specimens.timed(film, lambda number: number / 4 if number < 40 else 10 + (number - 40) / 12)
    )
    found = fingerprints.compare_fingerprints(_fingerprint(film), _fingerprint(slow))
    # The whole-number rates that are voted for end at 2: the slowed third is another film, the rest is found in its place.
    longest = max(found.segments, key=lambda each: each.hits)
    assert longest.b_start - longest.a_start == pytest.approx(10 - 40 / 12, abs=0.3)
    assert len(_fingerprint(slow).times) == pytest.approx(4 * (10 + 80 / 12), abs=3)


def test_a_cover_is_not_the_video() -> None:
    film = specimens.drawn()
    found = fingerprints.compare_fingerprints(_fingerprint(film), _fingerprint(specimens.with_cover(film)))
    assert found.score > 0.95


def test_flipped_bits_cost_some_frames_and_not_the_video(film: bytes, original: Fingerprint) -> None:
    damaged = _fingerprint(specimens.flipped(film, 8))
    found = fingerprints.compare_fingerprints(original, damaged)
    assert found.grade == fingerprints.MOTION_CONFIRMED
    assert found.score > 0.5


def test_half_a_video_is_read_as_far_as_it_goes_and_says_so(film: bytes, original: Fingerprint) -> None:
    half = _fingerprint(film[: len(film) // 2])
    assert half.truncated
    assert not original.truncated
    assert 3 < half.duration < 10
    assert fingerprints.compare_fingerprints(original, half).score > 0.8


def test_a_video_of_too_many_pixels_is_read_by_its_keyframes_however_fast_the_machine_is(
    film: bytes, original: Fingerprint
) -> None:
    most = 480 * 270 * 14
    heavy = _fingerprint(film, replace(LIMITS, decoding_pixels=most, decoding_seconds=1000.0))
    assert heavy.sampling == "keyframes"
    assert len(heavy.times) < len(original.times) / 4
    slow = _fingerprint(film, replace(LIMITS, decoding_pixels=most, decoding_seconds=0.0))
    assert slow.pack() == heavy.pack()
    assert _fingerprint(film, replace(LIMITS, decoding_seconds=0.0)).pack() == original.pack()


@pytest.mark.slow
def test_ten_hours_are_read_by_their_keyframes_and_a_copy_from_the_middle_is_found(film: bytes) -> None:
    # Two pictures a minute around twelve seconds of the film, each second of which is a keyframe.
    odd = specimens.frames(specimens.drawn("potter", seconds=2))
    picture = np.asarray(Image.fromarray(odd[0]).resize((480, 270)))
    around = [(second, picture) for second in np.arange(0, 36_000, 30.0) if not 18_000 <= second < 18_012]
    inside = specimens.timed(film, lambda number: 18_000 + number / 12)
    long = _fingerprint(specimens.encoded(sorted(around + inside, key=lambda each: each[0]), g="12", bf="0"))
    assert long.sampling == "keyframes"
    assert long.duration == pytest.approx(35_970, abs=31)
    found = fingerprints.compare_fingerprints(long, _fingerprint(film))
    assert found.grade != fingerprints.NONE
    assert found.segments[0].a_start == pytest.approx(18_000, abs=3)


def test_samples_are_capped_and_the_video_said_to_be_truncated(film: bytes) -> None:
    capped = _fingerprint(film, replace(LIMITS, samples=20))
    assert capped.truncated
    assert len(capped.times) <= 21


BAD = {
    "empty": (b"", limits.EMPTY),
    "text": (b"Dear all, the film is attached. " * 50, limits.UNKNOWN_TYPE),
    "noise": (np.random.default_rng(1).bytes(50_000), limits.UNKNOWN_TYPE),
    "playlist": (b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", limits.UNKNOWN_TYPE),
    "mp4 of nothing": (b"\0\0\0\x18ftypisom" + b"\0" * 5000, limits.BROKEN),
    "webm of nothing": (b"\x1a\x45\xdf\xa3" + b"webm" * 500, limits.BROKEN),
    "avi of nothing": (b"RIFF\xff\xff\0\0AVI " + b"LIST" * 500, limits.BROKEN),
    "sound": (specimens.sound(), limits.NO_VIDEO),
    "sound with a cover": (specimens.sound(cover=True), limits.NO_VIDEO),
    "half a second": (specimens.plain(0.5), limits.TOO_SHORT),
}


@pytest.mark.parametrize(("data", "code"), BAD.values(), ids=BAD)
def test_a_bad_file_has_one_code(data: bytes, code: str) -> None:
    assert _code(data) == code


@pytest.mark.parametrize("said", [16_000, 320])
def test_a_frame_that_is_too_large_is_not_decoded_whatever_the_header_says(said: int) -> None:
    data = specimens.huge(16_000, said=said)
    assert len(data) < 3 * MIB
    # One such frame takes 768 MB, the child itself half of this cage: it could not decode even one.
    assert _code(data, replace(LIMITS, child_memory=768 * MIB)) == limits.TOO_MANY_PIXELS


def test_the_size_is_that_of_the_pictures_whatever_the_container_claims(film: bytes) -> None:
    place = film.index(b"avc1", film.index(b"stsd")) + 28
    claimed = film[:place] + struct.pack(">HH", 7680, 4320) + film[place + 4 :]
    assert (_probe(claimed).width, _probe(claimed).height) == (_probe(film).width, _probe(film).height)
    assert (_fingerprint(claimed).hashes == _fingerprint(film).hashes).all()


def test_8k_is_too_large_and_ninety_hours_are_too_long() -> None:
    assert _code(specimens.huge(5760)) == limits.TOO_MANY_PIXELS  # as many pixels as 7680 x 4320
    pictures = specimens.timed(specimens.plain(1), lambda number: number * 30 * 3600.0)[:4]
    assert _code(specimens.encoded(pictures, kind="matroska")) == limits.TOO_LONG


@pytest.mark.parametrize("rate", [240, 1])
def test_many_and_few_frames_a_second_are_read(rate: int) -> None:
    shown = specimens.timed(drawing.draw_video("city", seconds=24 if rate == 240 else 1), lambda number: number / rate)
    data = specimens.encoded(shown)
    assert _probe(data).frame_rate == pytest.approx(rate, rel=0.1)
    made = _fingerprint(data)
    assert made.duration == pytest.approx(len(shown) / rate, abs=1.1)
    assert fingerprints.compare_fingerprints(made, made).grade != fingerprints.NONE


def test_a_video_whose_index_was_lost_is_broken() -> None:
    data = specimens.encoded(specimens.timed(specimens.drawn(seconds=3), lambda number: number / 12))
    assert data.index(b"moov") > data.index(b"mdat")
    assert _code(data[: data.index(b"moov") - 100]) == limits.BROKEN


@pytest.mark.parametrize("door", [_probe, _fingerprint])
@pytest.mark.parametrize(
    ("bound", "code"),
    [
        ({"longest": 10.0}, limits.TOO_LONG),
        ({"file_bytes": 1000}, limits.TOO_LARGE),
        ({"pixels": 100_000}, limits.TOO_MANY_PIXELS),
        ({"child_memory": 60 * MIB}, limits.TOO_HEAVY),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bounds_are_kept(
    film: bytes, door: Callable[[bytes, Limits], object], bound: dict[str, Any], code: str
) -> None:
    assert _code(film, replace(LIMITS, **bound), door) == code


def test_the_grade_of_equal_files_is_for_callers_to_give() -> None:
    found: Comparison = fingerprints.identical_comparison(12.5)
    assert json.loads(json.dumps(found.as_dict()))["segments"][0] | {"a_end": 12.5, "grade": "identical"}
    assert (found.grade, found.score) == (fingerprints.IDENTICAL, 1.0)
