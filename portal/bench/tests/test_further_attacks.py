"""`manage.py bench originality`: the copies that are reported apart, and that the others stay those of earlier runs."""

import io
import random
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from portal.bench.originality import attacks, figures, further_attacks, high_range, peers, tasks, time_edits, works
from portal.bench.originality.clips import Clip, encode_clip
from portal.bench.originality.further_attacks import FURTHER
from portal.bench.originality.tasks import Judged, Order, Video
from portal.bench.originality.works import REPORTED, Work
from portal.engines.fingerprints import showing

DEALT = [
    ["side_by_side", "strip", "crop_4_16", "subtitle"],
    ["slower", "reorder", "excerpt", "border"],
]  # before there were any others


def moving_clip(*, seconds: float = 2.0) -> Clip:
    """A bright square that goes to the right over a grey ground."""
    pictures = np.full((round(seconds * 12), 54, 96, 3), 120, np.uint8)
    for number, picture in enumerate(pictures):
        left = round(80 * number / len(pictures))
        picture[20:34, left : left + 14] = 250
    return Clip(pictures, 12.0)


def frames_of(data: bytes) -> list[Any]:
    with av.open(io.BytesIO(data), "r") as video:
        return list(video.decode(video=0))


def places(data: bytes) -> list[int]:
    """Where the square is in each picture."""
    shown = (showing.luma_of(frame, frame.width, frame.height) for frame in frames_of(data))
    return [int(picture[27].astype(int).argmax()) for picture in shown]


@pytest.mark.parametrize("attack", sorted(FURTHER))
def test_every_copy_can_be_watched_and_is_as_long_as_its_truth(attack: str) -> None:
    work = moving_clip()
    made = [further_attacks.make_copy(attack, seed, work, work)[0] for seed in ("7", "7")]
    data, truth = further_attacks.make_copy(attack, "7", work, work)
    assert made == [data, data]
    with av.open(io.BytesIO(data), "r") as video:
        rate = float(video.streams.video[0].average_rate or 0)
    assert len(frames_of(data)) / rate == pytest.approx(sum(each[3] - each[2] for each in truth), abs=0.3)
    assert all(0 <= each[0] < each[1] <= 2.0 + 1e-6 for each in truth)


def test_a_reversed_copy_shows_the_last_picture_first() -> None:
    data, truth = further_attacks.make_copy("reversed", "1", moving_clip(), moving_clip())
    found = places(data)
    assert found[0] > 70
    assert found[-1] < 8
    assert sorted(found, reverse=True) == found
    assert len(truth) == 1


def test_a_looped_copy_shows_the_same_seconds_again() -> None:
    for number in range(30):
        pieces = time_edits.looped(random.Random(number), 8.0)  # noqa: S311
        assert 2 <= len(pieces) <= 4
        assert len(set(pieces)) == 1
        assert 2.0 <= pieces[0].seconds <= 8.0
        assert len(time_edits.true_segments(pieces)) == len(pieces)


def test_a_dark_copy_has_about_a_quarter_of_the_brightness() -> None:
    for seed in range(5):
        data, _truth = further_attacks.make_copy("dark", str(seed), moving_clip(), moving_clip())
        mean = frames_of(data)[3].to_ndarray(format="rgb24").mean()
        assert 0.17 < mean / moving_clip().pictures[3].mean() < 0.33


@pytest.mark.parametrize("curve", [high_range.PQ, high_range.HLG])
def test_a_copy_of_high_range_says_so_and_looks_like_its_twin(curve: int) -> None:
    work = moving_clip()
    pictures = (work.at(number / work.rate) for number in range(len(work.pictures)))
    light = high_range.Light(curve, 203.0)
    frames = frames_of(high_range.write_clip(pictures, work.size, work.rate, light, crf=12))
    assert len(frames) == len(work.pictures)
    assert {(frame.format.name, frame.color_trc, frame.color_primaries) for frame in frames} == {
        ("yuv420p10le", curve, 9)
    }
    shown = showing.luma_of(frames[5], *work.size)
    assert abs(int(np.median(shown)) - 120) < 12
    assert shown.max() > 220


def test_both_curves_and_several_whites_are_drawn() -> None:
    drawn = [high_range.draw_light(random.Random(number)) for number in range(40)]  # noqa: S311
    assert {light.curve for light in drawn} == {high_range.PQ, high_range.HLG}
    assert len({light.white for light in drawn}) == 40


def test_the_sounds_of_a_work_and_of_its_copy_have_nothing_in_common() -> None:
    own, another = further_attacks.draw_two_sounds("7", 6.0)
    again, _ = further_attacks.draw_two_sounds("7", 6.0)
    assert (own == again).all()
    assert len(own) == len(another)
    assert abs(float(np.corrcoef(own, another)[0, 1])) < 0.2


def test_the_attacks_of_earlier_runs_are_dealt_as_before() -> None:
    assert not FURTHER.keys() & attacks.ATTACKS.keys()
    dealt = list(attacks.deal(random.Random("90210 copies"), 2, 4))  # noqa: S311
    assert dealt == DEALT


@pytest.mark.parametrize(("attack", "said"), [("revoiced", True), ("own_sound", False)])
def test_only_of_a_copy_with_another_sound_is_it_said(attack: str, said: bool, tmp_path: Path) -> None:
    work = next(each for each in works.all_works() if each.name == "place-0-0")
    clip = works.make_clip(work, 5, {})
    path = tmp_path / "work.mp4"
    path.write_bytes(encode_clip(clip))
    video = Video("work", work, path, seconds=clip.seconds)
    voiced, copy = tasks.make_further(Order(video, attack, video, "5"))
    [judged] = tasks.judge_row((voiced, [copy]))
    assert (judged.work, judged.video) == (voiced.name, copy.name) == (f"work--{attack}--work", f"work--{attack}")
    assert judged.grade == "motion_confirmed"
    assert ("sound_replaced" in judged.said) is said


def test_further_attacks_count_into_no_other_figure() -> None:
    work = Work("w", "place", REPORTED, moves=True)

    def told(attack: str, grade: str, said: tuple[str, ...]) -> figures.Told:
        truth = ((0.0, 8.0, 0.0, 8.0),)
        judged = Judged(
            "w", attack, grade, 1.0, ((5.0, truth[0]),), 0.5, {peers.RULE: False, peers.DIHEDRAL: False}, said
        )
        return figures.Told(Video(attack, work, Path("none"), attack, None, truth), judged, work)

    copies = [told("crop", "motion_confirmed", ("cropped",)), told("trim", "motion_confirmed", ("repeated",))]
    further = [
        told("reversed", "motion_confirmed", ("reversed",)),
        told("reversed", "none", ()),
        told("looped", "imagery", ("reversed",)),
        told("dark", "none", ()),
    ]
    found = figures.Results(copies, [], [], further).figures()
    assert found == figures.Results(copies, [], []).figures() | {"further_attacks": found["further_attacks"]}
    apart = found["further_attacks"]
    assert (apart["reversed"]["recall_any"], apart["reversed"]["copies"]) == (0.5, 2)
    assert (apart["reversed"]["said"], apart["reversed"]["said_of_others"]) == (1, {"looped": 1})
    assert (apart["looped"]["said"], apart["looped"]["said_of_others"]) == (0, {"trim": 1})
    assert "said" not in apart["dark"]
