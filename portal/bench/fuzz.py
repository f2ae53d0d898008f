"""Damaged works read as the portal reads uploads: how each ends, and whether anything crashes, hangs or grows.

Works of every kind and format that is accepted are damaged (fuzz_files.py); file number N of a kind and a seed is always the
same. Each is read and compared with the undamaged work, in the children and within the limits of the product. `read` counts
files with a fingerprint, `found` those of them that match, as the library of works counts it; every other name is a code of
refusal, for which pages have a sentence. Defects, which should all be 0: `crash` (the child ended without an answer), `hang`
(it had to be stopped), `fault` (an exception that nobody expected, here or in the child), `wrong` (its answer does not add up).
"""

import resource
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final, cast

from complaints.policies.library import is_match
from portal.bench import fuzz_files
from portal.bench.measuring import Say, machine_facts
from portal.engines import fingerprints
from portal.engines.fingerprints import LIMITS, Comparison, Fingerprint, Limits, Refused

DEFECTS: Final = ("crash", "hang", "fault", "wrong")
VIDEO: Final = "video"
_EVERY: Final = 200  # files between two lines of progress


@dataclass(frozen=True)
class Outcome:
    """How one file ended, after how many seconds."""

    kind: str
    number: int
    damage: str
    result: str
    seconds: float
    found: bool = False


@dataclass(frozen=True)
class _Kind:
    """Works of one kind: undamaged ones by name, how one is read, and how two are compared."""

    sources: Callable[[], dict[str, bytes]]
    read: Callable[[BinaryIO, Limits], Any]
    compare: Callable[[Any, Any], Comparison]


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--files", type=int, default=2000, help="how many damaged videos are read")
    parser.add_argument("--others", type=int, default=500, help="and how many each of pictures, sounds and texts")
    parser.add_argument("--first", type=int, default=0, help="number of the first one, to read a certain file again")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other files")
    parser.add_argument(
        "--seconds",
        type=int,
        default=60,
        help="after which reading a work of some seconds is stopped; more on a busy machine",
    )
    parser.add_argument("--processes", type=int, default=2, help="files that are read at once")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Read damaged files of each kind; the count of each outcome."""
    kinds, outcomes = {}, []
    for name in _KINDS:
        made = _read_kind(name, options["files" if name == VIDEO else "others"], options, say)
        kinds[name] = {"files": len(made), "outcomes": _counts(made), "found": sum(outcome.found for outcome in made)}
        outcomes += made
    return _figures(outcomes) | {"kinds": kinds, "machine": machine_facts()}


def _read_kind(name: str, files: int, options: dict[str, Any], say: Say) -> list[Outcome]:
    kind, seconds = _KINDS[name], options["seconds"]
    bounds = replace(
        LIMITS, probe_seconds=seconds, fingerprint_seconds=seconds, wall_seconds=seconds, decoding_seconds=seconds / 4
    )
    works, outcomes = kind.sources(), list[Outcome]()
    whole = {work: _read(kind, data, bounds) for work, data in works.items()}

    def read(number: int) -> Outcome:
        damaged = fuzz_files.damaged_file(works, number, seed=options["seed"])
        return _outcome(name, number, damaged, whole[damaged[0].split()[0]], bounds)

    with ThreadPoolExecutor(options["processes"]) as pool:
        for outcome in pool.map(read, range(options["first"], options["first"] + files)):
            outcomes.append(outcome)
            if outcome.result in DEFECTS:
                say(f"{name} {outcome.number} ({outcome.damage}): {outcome.result} after {outcome.seconds:.1f} s")
            if len(outcomes) % _EVERY == 0:
                say(f"{len(outcomes)} of {files} files of {name}: {_counts(outcomes)}")
    return outcomes


def _counts(outcomes: list[Outcome]) -> dict[str, int]:
    counts = Counter(outcome.result for outcome in outcomes)
    return dict(counts.most_common()) | {name: counts[name] for name in DEFECTS}


def _figures(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "files": len(outcomes),
        "outcomes": _counts(outcomes),
        "found": sum(outcome.found for outcome in outcomes),
        "slowest_seconds": round(max((outcome.seconds for outcome in outcomes), default=0.0), 2),
        "most_memory_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
        "defects": [vars(outcome) for outcome in outcomes if outcome.result in DEFECTS],
    }


def _outcome(name: str, number: int, damaged: tuple[str, bytes], whole: Any, bounds: Limits) -> Outcome:
    started, found, (damage, data) = time.monotonic(), False, damaged
    try:
        made = _read(_KINDS[name], data, bounds)
        found = is_match(name, _KINDS[name].compare(whole, made))
        result = "read"
    except Refused as refused:
        result = _refusal(refused, time.monotonic() - started, bounds)
    except Exception as error:  # noqa: BLE001 -- a defect to count, not the end of the run
        damage, result = f"{damage}: {error!r}"[:300], "fault"
    return Outcome(name, number, damage, result, round(time.monotonic() - started, 2), found)


def _refusal(refused: Refused, seconds: float, bounds: Limits) -> str:
    if refused.detail == "no answer":
        return "hang" if seconds >= bounds.wall_seconds else "crash"
    if refused.detail.startswith("fault"):
        return "fault"
    return "wrong" if refused.detail == "answer does not add up" else refused.code


def _read(kind: _Kind, data: bytes, bounds: Limits) -> Any:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        return kind.read(cast("BinaryIO", file), bounds)


def _read_video(file: BinaryIO, bounds: Limits) -> Fingerprint:
    fingerprints.probe_video(file, bounds=bounds)
    return fingerprints.fingerprint_video(file, bounds=bounds)


def _compare_pictures(a: Fingerprint, b: Fingerprint) -> Comparison:
    """Two stills; or two animations, as videos. A damaged animation of which one picture is left matches no longer."""
    if a.is_still and b.is_still:
        return fingerprints.compare_images(a, b)
    return fingerprints.compare_fingerprints(a, b)


_KINDS: Final = {
    VIDEO: _Kind(fuzz_files.source_videos, _read_video, fingerprints.compare_fingerprints),
    "image": _Kind(
        fuzz_files.source_pictures,
        lambda file, bounds: fingerprints.fingerprint_image(file, bounds=bounds),
        _compare_pictures,
    ),
    "audio": _Kind(
        fuzz_files.source_sounds,
        lambda file, bounds: fingerprints.fingerprint_sound(file, bounds=bounds),
        fingerprints.compare_sounds,
    ),
    "text": _Kind(
        fuzz_files.source_texts,
        lambda file, _bounds: fingerprints.read_text(file.read()),
        fingerprints.compare_texts,
    ),
}
