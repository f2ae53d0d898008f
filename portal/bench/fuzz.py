"""Damaged videos read as the portal reads uploads: how each ends, and whether anything crashes, hangs or grows.

Videos of every kind that is accepted are damaged (fuzz_files.py); file number N of a seed is always the same. Each is
probed, then fingerprinted and compared with the undamaged video, in the children and within the limits of the
product. `read` counts files with a fingerprint, `found` those of them that are recognised; every other name is a code of refusal,
for which pages have a sentence. Defects, which should all be 0: `crash` (the child ended without an answer), `hang`
(it had to be stopped), `fault` (an exception that nobody expected), `wrong` (its answer does not add up).
"""

import resource
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final, cast

from portal.bench import fuzz_files
from portal.bench.measuring import Say, machine_facts
from portal.engines import fingerprints
from portal.engines.fingerprints import LIMITS, Fingerprint, Limits, Refused

DEFECTS: Final = ("crash", "hang", "fault", "wrong")
_EVERY: Final = 200  # files between two lines of progress


@dataclass(frozen=True)
class Outcome:
    """How one file ended, after how many seconds."""

    number: int
    damage: str
    result: str
    seconds: float
    found: bool = False


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--files", type=int, default=2000, help="how many damaged files are read")
    parser.add_argument("--first", type=int, default=0, help="number of the first one, to read a certain file again")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other files")
    parser.add_argument(
        "--seconds",
        type=int,
        default=60,
        help="after which reading a video of three seconds is stopped; more on a busy machine",
    )
    parser.add_argument("--processes", type=int, default=2, help="files that are read at once")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Read damaged files; the count of each outcome."""
    videos, seconds = fuzz_files.source_videos(), options["seconds"]
    bounds = replace(
        LIMITS, probe_seconds=seconds, fingerprint_seconds=seconds, wall_seconds=seconds, decoding_seconds=seconds / 4
    )
    whole = {name: _fingerprint(data, bounds) for name, data in videos.items()}
    say(f"{len(videos)} videos are drawn")
    numbers = range(options["first"], options["first"] + options["files"])

    def read(number: int) -> Outcome:
        damage, data = fuzz_files.damaged_file(videos, number, seed=options["seed"])
        return _outcome(number, damage, data, whole[damage.split()[0]], bounds)

    outcomes = []
    with ThreadPoolExecutor(options["processes"]) as pool:
        for outcome in pool.map(read, numbers):
            outcomes.append(outcome)
            if outcome.result in DEFECTS:
                say(f"file {outcome.number} ({outcome.damage}): {outcome.result} after {outcome.seconds:.1f} s")
            if len(outcomes) % _EVERY == 0:
                say(f"{len(outcomes)} of {len(numbers)} files: {_counts(outcomes)}")
    return _figures(outcomes) | {"machine": machine_facts()}


def _counts(outcomes: list[Outcome]) -> dict[str, int]:
    counts = Counter(outcome.result for outcome in outcomes)
    return dict(counts.most_common()) | {name: counts[name] for name in DEFECTS}


def _figures(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "files": len(outcomes),
        "outcomes": _counts(outcomes),
        "found": sum(outcome.found for outcome in outcomes),
        "slowest_seconds": round(max(outcome.seconds for outcome in outcomes), 2),
        "most_memory_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
        "defects": [vars(outcome) for outcome in outcomes if outcome.result in DEFECTS],
    }


def _outcome(number: int, damage: str, data: bytes, whole: Fingerprint, bounds: Limits) -> Outcome:
    started, found = time.monotonic(), False
    try:
        made = _fingerprint(data, bounds)
        found = fingerprints.compare_fingerprints(whole, made).grade != fingerprints.NONE
        result = "read"
    except Refused as refused:
        result = _refusal(refused, time.monotonic() - started, bounds)
    return Outcome(number, damage, result, round(time.monotonic() - started, 2), found)


def _refusal(refused: Refused, seconds: float, bounds: Limits) -> str:
    if refused.detail == "no answer":
        return "hang" if seconds >= bounds.wall_seconds else "crash"
    if refused.detail.startswith("fault"):
        return "fault"
    return "wrong" if refused.detail == "answer does not add up" else refused.code


def _fingerprint(data: bytes, bounds: Limits) -> Fingerprint:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        opened = cast("BinaryIO", file)
        fingerprints.probe_video(opened, bounds=bounds)
        return fingerprints.fingerprint_video(opened, bounds=bounds)
