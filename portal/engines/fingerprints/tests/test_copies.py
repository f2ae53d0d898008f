"""Edited copies are found and confirmed; distinct films are not found; what looks like a copy is not confirmed."""

import itertools
from functools import cache

import numpy as np
import pytest

from portal.engines import fingerprints
from portal.engines.fingerprints import Fingerprint
from portal.engines.fingerprints.tests import moving, specimens
from portal.engines.fingerprints.tests.reads import fingerprint as _fingerprint

# Code of what was done that must be told, beside nothing else that was not done.
TOLD = {
    "cropped": {"cropped"},
    "bordered": {"bordered"},
    "strip": {"bordered"},
    "rotated": {"rotated", "cropped"},
    "picture_in_picture": {"picture_in_picture"},
    "side_by_side": {"side_by_side"},
    "mirrored_and_cropped": {"mirrored", "cropped"},
    "captioned": {"bordered"},
    "faster": {"faster"},
    "reversed": {"reversed"},
}


@cache
def _film(place: int, take: int = 0) -> Fingerprint:
    return _fingerprint(moving.encoded(moving.film(place, take=take)))


@cache
def _copy(edit: str) -> Fingerprint:
    return _fingerprint(moving.encoded(moving.EDITS[edit](moving.film(1), moving.film(2))))


@pytest.mark.parametrize("edit", sorted(TOLD))
def test_an_edited_copy_is_found_confirmed_and_described(edit: str) -> None:
    found = fingerprints.compare_fingerprints(_film(1), _copy(edit))
    assert found.grade == fingerprints.MOTION_CONFIRMED
    surest = max(found.segments, key=lambda each: (each.grade == found.grade, each.a_end - each.a_start))
    assert surest.grade == fingerprints.MOTION_CONFIRMED
    assert set(surest.transformations) == TOLD[edit]
    assert surest.a_start == pytest.approx(0.0, abs=1.0)
    assert surest.a_end == pytest.approx(8.0, abs=1.0)
    assert surest.b_start == pytest.approx(0.0, abs=1.0)
    assert surest.rate == pytest.approx(0.8 if edit == "faster" else 1.0, abs=0.03)


def test_an_excerpt_within_another_video_is_found() -> None:
    found = fingerprints.compare_fingerprints(_film(1), _copy("excerpt"))
    assert found.grade == fingerprints.MOTION_CONFIRMED
    surest = max(found.segments, key=lambda each: each.a_end - each.a_start)
    assert (surest.a_start, surest.a_end) == pytest.approx((2.0, 7.5), abs=1.0)
    assert (surest.b_start, surest.b_end) == pytest.approx((2.5, 8.0), abs=1.0)


@pytest.mark.parametrize("edit", ["picture_in_picture", "mirrored_and_cropped", "faster", "reversed", "excerpt"])
def test_the_answer_is_the_same_from_either_side(edit: str) -> None:
    there = fingerprints.compare_fingerprints(_film(1), _copy(edit))
    back = fingerprints.compare_fingerprints(_copy(edit), _film(1))
    assert (there.grade, there.rhythm) == (back.grade, back.rhythm)
    assert there.score == pytest.approx(back.score, abs=0.001)
    assert (there.usable_a, there.usable_b) == (back.usable_b, back.usable_a)
    assert len(there.segments) == len(back.segments)
    seen_back = sorted(back.segments, key=lambda each: (each.b_start, each.a_start))
    for one, other in zip(there.segments, seen_back, strict=True):
        assert (one.grade, one.motion, one.places, one.hits) == (other.grade, other.motion, other.places, other.hits)
        assert [one.a_start, one.a_end] == pytest.approx([other.b_start, other.b_end], abs=0.001)
        assert [one.b_start, one.b_end] == pytest.approx([other.a_start, other.a_end], abs=0.001)
        assert one.rate * other.rate == pytest.approx(1, abs=0.001)


def test_the_same_video_gives_the_same_bytes_and_the_same_answer() -> None:
    data = moving.encoded(moving.film(1))
    first, second = _fingerprint(data), _fingerprint(data)
    assert first.pack() == second.pack()
    copy = _copy("rotated")
    assert fingerprints.compare_fingerprints(first, copy).as_dict() == (
        fingerprints.compare_fingerprints(second, copy).as_dict()
    )


def test_a_video_that_is_repeated_is_confirmed_each_time() -> None:
    pictures = moving.film(1, seconds=5)
    found = fingerprints.compare_fingerprints(
        _fingerprint(moving.encoded(pictures)), _fingerprint(moving.encoded(pictures * 2))
    )
    sure = [each for each in found.segments if each.grade == fingerprints.MOTION_CONFIRMED]
    assert [(round(each.b_start), round(each.b_end)) for each in sure] == [(0, 5), (5, 10)]
    assert all("repeated" in each.transformations for each in sure)


def test_a_video_that_runs_forward_and_back_is_confirmed_both_ways() -> None:
    pictures = moving.film(1, seconds=6)
    there_and_back = [*pictures, *pictures[::-1]]
    found = fingerprints.compare_fingerprints(
        _fingerprint(moving.encoded(pictures)), _fingerprint(moving.encoded(there_and_back))
    )
    sure = [each for each in found.segments if each.grade == fingerprints.MOTION_CONFIRMED]
    assert ["reversed" in each.transformations for each in sorted(sure, key=lambda each: each.b_start)] == [False, True]
    assert all("repeated" in each.transformations for each in sure)


def test_distinct_videos_share_nothing() -> None:
    for one, other in itertools.combinations((1, 2, 3, 4), 2):
        found = fingerprints.compare_fingerprints(_film(one), _film(other))
        assert (found.grade, found.segments) == (fingerprints.NONE, ()), (one, other)


def test_another_take_in_the_same_place_is_not_confirmed() -> None:
    found = fingerprints.compare_fingerprints(_film(1), _film(1, take=1))
    assert found.grade == fingerprints.IMAGERY
    assert max(each.places for each in found.segments) >= fingerprints.THRESHOLDS.places


@pytest.mark.parametrize("draw", [moving.scrolled, moving.typed, moving.faded], ids=lambda draw: draw.__name__)
def test_one_template_with_other_text_is_not_confirmed(draw: object) -> None:
    assert callable(draw)
    made = [_fingerprint(moving.encoded(draw(seed))) for seed in (1, 2)]
    found = fingerprints.compare_fingerprints(*made)
    assert found.grade == fingerprints.IMAGERY
    # Keypoints see the template; it is motion that tells the two apart.
    assert max(each.places for each in found.segments) > 2 * fingerprints.THRESHOLDS.places
    assert all(each.motion is not None and each.motion < fingerprints.THRESHOLDS.motion for each in found.segments)


def test_dark_footage_is_recognised_by_its_raised_contrast() -> None:
    dark = [(picture * 0.12).astype(np.uint8) for picture in moving.film(1)]
    found = fingerprints.compare_fingerprints(_film(1), _fingerprint(moving.encoded(dark)))
    assert found.usable_b > 0.9
    assert found.grade == fingerprints.MOTION_CONFIRMED


def test_none_is_said_only_where_a_copy_could_have_been_seen() -> None:
    plain = _fingerprint(specimens.plain())
    found = fingerprints.compare_fingerprints(_film(1), plain)
    assert (found.grade, found.usable_a, found.usable_b) == (fingerprints.NOT_COMPARABLE, 1.0, 0.0)
