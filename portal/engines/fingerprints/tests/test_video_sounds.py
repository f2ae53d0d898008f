"""The sound of videos beside their pictures: the same, replaced, the same without the picture, and against sound alone."""

import functools
import tempfile

import numpy as np
import pytest

from portal.bench.originality import sound_edits
from portal.bench.originality.sound_edits import HERTZ
from portal.engines.fingerprints import (
    Comparison,
    Fingerprint,
    SoundFingerprint,
    add_sound,
    compare_along,
    compare_fingerprints,
    compare_sound_of_videos,
    fingerprint_sound,
    fingerprint_video,
    levels,
    unheard_sound,
)
from portal.engines.fingerprints.tests import sounds
from portal.engines.fingerprints.tests.test_sounds import drawn, print_of
from portal.sandbox import drawing

LINE = (1.0, 9.0, 1.0, 1.0)


@functools.cache
def film(subject: str) -> bytes:
    return drawing.draw_video(subject, seconds=10, width=240, height=136, rate=12)


@functools.cache
def read(subject: str, voice: int, late: float = 0.0) -> tuple[Fingerprint, SoundFingerprint]:
    """A film with the voice of that seed, 0: none, that begins `late`."""
    data = film(subject)
    if voice:
        wave = np.r_[np.zeros(round(late * HERTZ)), drawn("voice", voice)][: 10 * HERTZ]
        data = sounds.with_wave(data, wave, HERTZ)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return fingerprint_video(file), fingerprint_sound(file)


def compared(one: tuple[Fingerprint, SoundFingerprint], other: tuple[Fingerprint, SoundFingerprint]) -> Comparison:
    return add_sound(compare_fingerprints(one[0], other[0]), one[1], other[1])


def codes(found: Comparison) -> set[str]:
    return {code for each in found.segments for code in each.transformations}


def test_the_same_picture_and_sound_are_no_change() -> None:
    found = compared(read("orchard", 1), read("orchard", 1, 0.2))
    assert found.grade == "motion_confirmed"
    assert not codes(found) & {"sound_replaced", "sound_only"}
    assert found.versions["sound"] == 1


def test_another_voice_over_the_same_picture_is_sound_replaced() -> None:
    a, b = read("orchard", 1), read("orchard", 2)
    for found in (compared(a, b), compared(b, a)):
        assert found.grade == "motion_confirmed"
        assert codes(found) == {"sound_replaced"}


def test_the_same_voice_over_another_picture_is_sound_only_and_at_most_similar() -> None:
    a, b = read("orchard", 1), read("city", 1, 2.0)
    assert compare_fingerprints(a[0], b[0]).grade == "none"
    found, back = compared(a, b), compared(b, a)
    assert (found.grade, back.grade) == ("similar", "similar")
    assert codes(found) == codes(back) == {"sound_only"}
    (segment,), (other,) = found.segments, back.segments
    assert (segment.a_start, segment.b_start) == (other.b_start, other.a_start)
    assert segment.b_start - segment.a_start == pytest.approx(2, abs=0.2)
    assert segment.grade == "similar"
    assert found.score > 0.5


def test_other_pictures_and_sounds_stay_none_and_no_sound_changes_nothing() -> None:
    assert compared(read("orchard", 1), read("city", 2)).grade == "none"
    for one, other in ((read("orchard", 0), read("orchard", 1)), (read("orchard", 0), read("orchard", 0))):
        found = compared(one, other)
        assert found.grade == "motion_confirmed"
        assert not codes(found)


def test_the_sound_of_a_video_is_found_in_a_file_of_sound_alone() -> None:
    found = compare_sound_of_videos(read("orchard", 1)[1], print_of("voice"))
    assert (found.grade, codes(found)) == ("similar", {"sound_only"})
    assert compare_sound_of_videos(read("orchard", 2)[1], print_of("voice")).grade == "none"


def test_along_a_line_sound_is_the_same_another_or_unclear() -> None:
    one, other = print_of("voice"), print_of("voice", 2)
    assert compare_along(one, one, LINE) == (levels.SOUND_SAME, 1.0)
    assert compare_along(one, other, LINE)[0] == levels.SOUND_REPLACED
    assert compare_along(one, one, (1.0, 9.0, 3.0, 1.0))[0] == levels.SOUND_REPLACED
    assert compare_along(one, unheard_sound(12.0), LINE) == (levels.SOUND_UNCLEAR, None)
    assert compare_along(one, one, (1.0, 4.0, 1.0, 1.0)) == (levels.SOUND_UNCLEAR, None)
    with tempfile.TemporaryFile() as file:
        file.write(sound_edits.encode_sound(drawn("voice")[::-1]))
        backwards = fingerprint_sound(file)
    assert compare_along(one, backwards, (1.0, 9.0, 11.0, -1.0))[0] == levels.SOUND_SAME
