"""Long videos looked at more closely. Short ones stand for long ones: most of their keypoints and all small pictures are dropped."""

import tempfile
from dataclasses import replace

import numpy as np
import pytest

from portal.engines import fingerprints
from portal.engines.fingerprints import Comparison, Fingerprint, Refused, Segment, Window, channels, closer
from portal.engines.fingerprints.tests import moving

SECONDS = 48.0


def printed(data: bytes, window: tuple[float, float] | None = None) -> Fingerprint:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return fingerprints.fingerprint_video(file, window=window)


def thinned(whole: Fingerprint) -> Fingerprint:
    """As if the video were long: a picture in eight seconds is searched for keypoints, none kept for motion."""
    points = whole.keypoints
    kept = points.looked_at[::8]
    which = np.isin(points.times, kept)
    few = replace(
        points,
        times=points.times[which],
        places=points.places[which],
        descriptors=points.descriptors[which],
        looked_at=kept,
    )
    return replace(whole, keypoints=few, luma=channels.no_luma())


@pytest.fixture(scope="module")
def films() -> dict[str, bytes]:
    """One film of four places, a cropped copy of it that starts 5.4 s later, and another take of the same places."""
    pictures = [each for place in range(4) for each in moving.film(80 + place, take=place, seconds=SECONDS / 4)]
    again = [each for place in range(4) for each in moving.film(80 + place, take=20 + place, seconds=SECONDS / 4)]
    late = round(5.4 * moving.RATE)
    return {
        "film": moving.encoded(pictures),
        "copy": moving.encoded([moving.cropped(each) for each in pictures[late:]]),
        "take": moving.encoded([moving.cropped(each) for each in again[late:]]),
    }


@pytest.fixture(autouse=True)
def short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closer, "LENGTH", 8.0)
    monkeypatch.setattr(closer, "_APART", 14.0)


def looked(films: dict[str, bytes], copy: str) -> tuple[tuple[Window, ...], Comparison, Comparison]:
    a, b = thinned(printed(films["film"])), thinned(printed(films[copy]))
    found = fingerprints.compare_fingerprints(a, b)
    windows = fingerprints.windows_to_look_at(found, a, b)
    looks = [
        (each, fingerprints.compare_fingerprints(printed(films["film"], each.a), printed(films[copy], each.b)))
        for each in windows
    ]
    return windows, found, fingerprints.look_closer(found, a, b, looks)


@pytest.mark.slow
def test_an_edited_copy_of_a_long_video_is_confirmed_by_a_closer_look(films: dict[str, bytes]) -> None:
    windows, found, closely = looked(films, "copy")
    assert found.grade != "motion_confirmed"
    assert len(windows) >= 2
    assert closely.grade == "motion_confirmed"
    seconds = sum(each.a_end - each.a_start for each in closely.segments if each.grade == "motion_confirmed")
    assert seconds > 0.7 * (SECONDS - 5.4)
    for each in closely.segments:
        if each.grade == "motion_confirmed":
            assert each.a_start - each.b_start == pytest.approx(5.4, abs=0.3)
            assert "cropped" in each.transformations


@pytest.mark.slow
def test_another_take_of_a_long_video_is_not_confirmed_by_a_closer_look(films: dict[str, bytes]) -> None:
    _windows, _found, closely = looked(films, "take")
    assert closely.grade != "motion_confirmed"


def test_a_window_is_fingerprinted_as_a_video_of_its_own(films: dict[str, bytes]) -> None:
    whole, part = printed(films["film"]), printed(films["film"], (20.0, 30.0))
    assert part.duration == pytest.approx(10.0)
    assert part.times[0] < 0.1
    assert len(part.luma) == 125
    first = round(20.0 / channels.LUMA_STEP)
    apart = np.abs(part.luma.astype(int) - whole.luma[first : first + 125]).mean()
    assert apart < 4
    assert Fingerprint.unpack(part.pack()).digest() == part.digest()


@pytest.mark.parametrize("window", [(47.5, 60.0), (100.0, 140.0), (20.0, 20.0), (30.0, 20.0)])
def test_seconds_that_the_video_does_not_have_are_refused(films: dict[str, bytes], window: tuple[float, float]) -> None:
    with pytest.raises(Refused, match="too_short"):
        printed(films["film"], window)


def test_videos_that_were_sampled_densely_are_not_looked_at_again(films: dict[str, bytes]) -> None:
    a, b = printed(films["film"]), printed(films["copy"])
    assert not fingerprints.windows_to_look_at(fingerprints.compare_fingerprints(a, b), a, b)


def test_a_short_video_whose_picture_rarely_changes_is_not_taken_for_a_long_one() -> None:
    luma = np.zeros((round(60 / channels.LUMA_STEP), 4, 4), np.uint8)
    few = replace(
        changing(60), luma=luma, keypoints=replace(channels.no_keypoints(), looked_at=np.arange(0.0, 60.0, 10))
    )
    assert not fingerprints.windows_to_look_at(NOTHING, few, few)


def changing(seconds: float, seed: int = 1) -> Fingerprint:
    """A long video of which only the rhythm is known."""
    count = round(seconds / channels.RHYTHM_STEP)
    changes = np.random.default_rng(seed).integers(40, 140, count, dtype=np.uint8)
    one = np.zeros(1)
    return Fingerprint(
        duration=seconds,
        step=1.0,
        sampling="reference_frames",
        truncated=False,
        times=one,
        quality=np.zeros(1, np.uint8),
        hashes=np.zeros((1, 4, 4), np.uint64),
        thumbnails=np.zeros((1, 16, 16), np.uint8),
        changes=changes,
    )


def confirmed(start: float, end: float, offset: float = 0.0) -> Segment:
    return Segment(
        *(start, end, start + offset, end + offset, 1.0, "upright", 0, None, 0.9, "motion_confirmed"),
        places=30,
        transformations=("cropped",),
    )


def backwards(whole: Fingerprint) -> Fingerprint:
    return replace(whole, changes=whole.changes[::-1].copy())


def reversed_(start: float, end: float, last: float) -> Segment:
    """Confirmed seconds of a film of `last` seconds that the other one shows backwards from its end."""
    seen = replace(confirmed(start, end), b_start=last - end, b_end=last - start)
    return replace(seen, transformations=("reversed",), backwards=True)


NOTHING = Comparison("none", 0.0, (), fingerprints.THRESHOLDS, {})


def test_the_rhythm_alone_tells_where_to_look() -> None:
    a = changing(1200)
    b = replace(a, duration=900.0, changes=a.changes[3750:])  # from second 300
    windows = fingerprints.windows_to_look_at(NOTHING, a, b)
    assert 4 <= len(windows) <= closer.MOST
    for each in windows:
        assert 300 <= each.a[0] < each.a[1] <= 1200
        assert each.b[0] <= each.a[0] - 300
        assert each.a[1] - 300 <= each.b[1] <= 900
    assert not fingerprints.windows_to_look_at(NOTHING, a, changing(900, seed=2))


@pytest.mark.parametrize(("other", "joined"), [(1, 1), (2, 2)])
def test_windows_are_joined_and_extended_where_the_rhythm_beside_them_is_alike(other: int, joined: int) -> None:
    a, between = changing(600), changing(600, seed=other)
    changes = a.changes.copy()
    changes[1500:5000] = between.changes[1500:5000]  # seconds 120..400
    looks = [
        (Window((start, start + 40), (start, start + 40)), replace(NOTHING, segments=(confirmed(0, 40),)))
        for start in (80.0, 400.0)
    ]
    found = fingerprints.look_closer(NOTHING, a, replace(a, changes=changes), looks)
    assert len(found.segments) == joined
    spans = [(each.a_start, each.a_end) for each in found.segments]
    assert spans == ([(0.0, 600.0)] if joined == 1 else [(0.0, 120.0), (400.0, 600.0)])
    assert found.grade == "motion_confirmed"


def test_windows_of_different_offsets_stay_apart_and_what_they_cover_goes() -> None:
    a = changing(600)
    coarse = replace(confirmed(70, 130), grade="imagery", motion=None)
    looks = [
        (Window((80.0, 120.0), (80.0, 120.0)), replace(NOTHING, segments=(confirmed(0, 40),))),
        (Window((400.0, 440.0), (405.0, 445.0)), replace(NOTHING, segments=(confirmed(0, 40),))),
    ]
    found = fingerprints.look_closer(replace(NOTHING, segments=(coarse,)), a, a, looks)
    assert [(each.a_start, each.b_start) for each in found.segments] == [(0.0, 0.0), (400.0, 405.0)]
    assert found.score > 0


def test_nothing_confirmed_changes_nothing() -> None:
    a = changing(600)
    look = (Window((0.0, 40.0), (0.0, 40.0)), replace(NOTHING, segments=(replace(confirmed(0, 40), grade="imagery"),)))
    found = fingerprints.look_closer(NOTHING, a, a, [look])
    assert (found.grade, found.segments, found.versions["windows"]) == ("none", (), 1)


def turned(segment: Segment) -> Segment:
    """Seen from the other video."""
    return replace(
        segment,
        a_start=segment.b_start,
        a_end=segment.b_end,
        b_start=segment.a_start,
        b_end=segment.a_end,
        rate=round(1 / segment.rate, 6),
    )


@pytest.mark.parametrize("by", ["rhythm", "segment"])
def test_a_reversed_copy_is_looked_at_where_it_shows_the_same(by: str) -> None:
    a = changing(1200)
    b = backwards(a) if by == "rhythm" else changing(1200, seed=2)
    imagery = replace(reversed_(100, 1100, 1200), grade="imagery", motion=None, transformations=())
    found = NOTHING if by == "rhythm" else replace(NOTHING, grade="imagery", segments=(imagery,))
    windows = fingerprints.windows_to_look_at(found, a, b)
    assert len(windows) >= 4
    for each in windows:
        assert each.b[0] <= 1200 - each.a[1]
        assert 1200 - each.a[0] <= each.b[1]
        assert each.b[1] - each.b[0] <= closer.LENGTH + 17


@pytest.mark.parametrize(("other", "joined"), [(1, 1), (2, 2)])
def test_windows_of_a_reversed_copy_are_joined_and_extended(other: int, joined: int) -> None:
    a, between = changing(600), changing(600, seed=other)
    changes = a.changes.copy()
    changes[1500:5000] = between.changes[1500:5000]  # seconds 120..400
    b = backwards(replace(a, changes=changes))
    looks = []
    for start in (80.0, 400.0):
        window = Window((start, start + 40), (600 - start - 48, 600 - start + 8))
        looks.append((window, replace(NOTHING, segments=(reversed_(0, 40, 48),))))
    found = fingerprints.look_closer(NOTHING, a, b, looks)
    spans = [(each.a_start, each.a_end, each.b_start, each.b_end) for each in found.segments]
    assert spans == (
        [(0.0, 600.0, 0.0, 600.0)] if joined == 1 else [(0.0, 120.0, 480.0, 600.0), (400.0, 600.0, 0.0, 200.0)]
    )
    assert [each.by_rhythm for each in found.segments] == ([520.0] if joined == 1 else [80.0, 160.0])


@pytest.mark.slow
def test_a_reversed_copy_of_a_long_video_is_confirmed_by_a_closer_look() -> None:
    pictures = [each for place in range(4) for each in moving.film(80 + place, take=place, seconds=SECONDS / 4)]
    films = {"film": moving.encoded(pictures), "back": moving.encoded(pictures[::-1])}
    windows, _found, closely = looked(films, "back")
    assert windows
    assert closely.grade == "motion_confirmed"
    sure = [each for each in closely.segments if each.grade == "motion_confirmed"]
    assert all("reversed" in each.transformations for each in sure)
    assert all(each.a_start + each.b_end == pytest.approx(SECONDS, abs=0.5) for each in sure)
    assert sum(each.a_end - each.a_start for each in sure) > 0.5 * SECONDS


@pytest.mark.parametrize("rate", [1.0, 0.9])
def test_whichever_video_comes_first_the_same_seconds_are_looked_at_and_found(rate: float) -> None:
    a, b = changing(2000), changing(1500, seed=2)
    coarse = replace(confirmed(100, 1500), b_end=100 + 1400 * rate, rate=rate, grade="imagery", motion=None)
    found = replace(NOTHING, grade="imagery", segments=(coarse,))
    other = replace(found, segments=(turned(coarse),))
    windows = fingerprints.windows_to_look_at(found, a, b)
    assert windows
    assert set(fingerprints.windows_to_look_at(other, b, a)) == {each.turned() for each in windows}
    looks = []
    for each in windows:
        seen = replace(confirmed(2, 30, 6.0), b_end=8 + 28 * rate, rate=rate)
        looks.append((each, replace(NOTHING, segments=(seen,))))
    swapped = [(each.turned(), replace(look, segments=(turned(look.segments[0]),))) for each, look in looks]
    one = fingerprints.look_closer(found, a, b, looks)
    two = fingerprints.look_closer(other, b, a, swapped)
    assert {_seconds(each) for each in one.segments} == {_seconds(turned(each)) for each in two.segments}
    for found_one, found_two in zip(one.segments, two.segments, strict=True):
        assert found_one.rate * found_two.rate == pytest.approx(1, abs=1e-4)
    assert (one.grade, one.score, one.versions) == (two.grade, two.score, two.versions)


def _seconds(each: Segment) -> tuple[float, ...]:
    return each.a_start, each.a_end, each.b_start, each.b_end


def test_it_is_told_in_how_many_windows_motion_was_confirmed_and_what_the_rhythm_alone_says() -> None:
    a = changing(600)
    looks = [
        (Window((80.0, 120.0), (80.0, 120.0)), replace(NOTHING, segments=(confirmed(0, 40),))),
        (Window((300.0, 340.0), (300.0, 340.0)), NOTHING),
    ]
    found = fingerprints.look_closer(NOTHING, a, changing(600, seed=2), looks)
    assert (found.versions["windows"], found.versions["windows_confirmed"]) == (2, 1)
    assert [each.by_rhythm for each in found.segments] == [0.0]
    assert [each.by_rhythm for each in fingerprints.look_closer(NOTHING, a, a, looks).segments] == [560.0]


def test_seconds_that_the_rhythm_alone_tells_are_those_of_the_first_video() -> None:
    slow = replace(confirmed(0, 50), b_end=100.0, rate=2.0, by_rhythm=10.0)
    other = closer._turned(replace(NOTHING, segments=(slow,))).segments[0]
    assert (other.a_end, other.rate, other.by_rhythm) == (100.0, 0.5, 20.0)
