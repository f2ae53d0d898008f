"""The library of works among very many videos: time of a question, and edited copies among the first ten candidates.

The same figures as those of `bench originality`, of drawn works alone; portal/bench/originality/retrieval.py says how the
distractors are made.
"""

import random
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from portal.bench import library_kinds
from portal.bench.measuring import Say, Stopwatch, machine_facts
from portal.bench.originality import attacks, retrieval, tasks, works
from portal.bench.originality.tasks import Crew, Order, Video
from portal.bench.originality.works import Work


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--seed", type=int, default=1, help="decides works, copies and distractors")
    parser.add_argument("--frames", type=int, default=1_000_000, help="pictures in the library, distractors included")
    parser.add_argument("--works", type=int, default=40, help="at most so many drawn works")
    parser.add_argument("--copies", type=int, default=4, help="copies of each work, of attacks in turn")
    parser.add_argument(
        "--kind", choices=("video", "audio", "text"), default="video", help="of works; other kinds have --distractors"
    )
    parser.add_argument("--distractors", type=int, default=20_000, help="sounds or texts around the works")
    parser.add_argument("--processes", type=int, default=2, help="processes that make works and copies")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Draw works, make copies, fill a library, ask it."""
    if options["kind"] != "video":
        told = library_kinds.run(options, say)
        settings = {name: options[name] for name in ("seed", "kind", "works", "distractors")}
        return told | {"settings": settings, "machine": machine_facts()}
    with tempfile.TemporaryDirectory() as folder, tasks.workers(options["processes"]) as pool:
        originals, copies = _videos(options, Path(folder), Crew(pool, say, Stopwatch()))
        told = retrieval.measure(
            originals, copies, frames=options["frames"], seed=options["seed"], say=say, keep=options["keep"]
        )
    shown = ("seed", "frames", "works", "copies", "processes")
    return told | {"settings": {name: options[name] for name in shown}, "machine": machine_facts()}


def _videos(options: dict[str, Any], folder: Path, crew: Crew) -> tuple[list[Video], list[Video]]:
    drawn = [work for work in works.all_works() if work.kind != "filmed" and work.part == works.REPORTED]
    orders: list[tuple[Work, int, Path, dict[str, Path]]] = [
        (work, options["seed"], folder, {}) for work in works.fewer(drawn, options["works"])
    ]
    originals: list[Video] = crew.results(tasks.make_work, orders, "works made and read")
    chance = random.Random(f"{options['seed']} library")  # noqa: S311 -- a sample, not a secret
    copied = [video for video in originals if not video.work.second]
    wanted = []
    for video, kinds in zip(copied, attacks.deal(chance, len(copied), options["copies"]), strict=True):
        others = [each for each in copied if not each.resembles(video.work)]
        wanted += [Order(video, kind, chance.choice(others), f"{options['seed']} {kind}") for kind in kinds]
    return originals, crew.results(tasks.make_copy, wanted, "copies made and read")
