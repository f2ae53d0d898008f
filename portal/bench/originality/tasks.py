"""What the processes of a run do: make works and copies, read them with the engine, compare pairs."""

import functools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar, cast

import av
import numpy as np

from portal.bench.measuring import Stopwatch, processor_seconds
from portal.bench.originality import attacks, clips, further_attacks, peers, sound_edits, works
from portal.bench.originality.overlap import Segment
from portal.bench.originality.peers import Samples
from portal.bench.originality.works import Work
from portal.engines import fingerprints, isolation
from portal.engines.fingerprints import Comparison, Fingerprint, SoundFingerprint

T = TypeVar("T")
R = TypeVar("R")

_AT_ONCE: Final = 16  # items between two looks at the clock
_REFUSED: Final = "refused"  # in place of a grade, where the engine could not read a video
_HEARD: Final = ".heard"  # ending of the fingerprint of a video's sound
_UNRELATED: Final = 128.0  # bits between hashes of pictures that have nothing in common


@dataclass(frozen=True)
class Video:
    """A work, or a copy of one: `attack` and `other` (the second work that it shows) are empty for works."""

    name: str
    work: Work
    path: Path
    attack: str = ""
    other: Work | None = None
    truth: tuple[Segment, ...] = ()
    seconds: float = 0.0
    read_cpu: float = 0.0

    def resembles(self, work: Work) -> bool:
        """Whether it holds seconds of the work or of one that is alike."""
        return any(own.is_alike(work) for own in (self.work, self.other) if own)


@dataclass(frozen=True)
class Order:
    """A copy to make."""

    work: Video
    attack: str
    other: Video
    seed: str


@dataclass(frozen=True)
class Judged:
    """What the engine and its peers say of a work and another video."""

    work: str
    video: str
    grade: str
    score: float
    found: tuple[tuple[float, Segment], ...]
    cpu: float
    peers: dict[str, bool]
    said: tuple[str, ...] = ()  # codes of transformations.py, of all segments together


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes with one thread each: the number is read when numpy is imported, so they are started anew."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    end = isolation.die_with_parent
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=end, initargs=(os.getpid(),))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@dataclass(frozen=True)
class Crew:
    """The processes of a run, and the time since it began."""

    pool: ProcessPoolExecutor
    say: Callable[[str], object]
    clock: Stopwatch

    def results(self, work: Callable[[T], R], items: Sequence[T], what: str, *, until: float = math.inf) -> list[R]:
        """In the order of the items; after `until` seconds of the run no further ones are begun."""
        found: list[R] = []
        for start in range(0, len(items), _AT_ONCE):
            if self.clock.seconds > until:
                break
            found += self.pool.map(work, items[start : start + _AT_ONCE])
            self.say(f"{what}: {len(found)} of {len(items)}, {self.clock.seconds:.0f} s")
        return found


def make_work(order: tuple[Work, int, Path, dict[str, Path]]) -> Video:
    """Write the work's video, read it."""
    work, seed, folder, videos = order
    clip = works.make_clip(work, seed, videos)
    path = folder / f"{work.name}.mp4"
    path.write_bytes(clips.encode_clip(clip))
    return Video(work.name, work, path, seconds=clip.seconds, read_cpu=_read(path))


def make_copy(order: Order) -> Video:
    """Write a copy of the work's video, read it."""
    data, truth = attacks.make_copy(order.attack, order.seed, _clip(order.work.path), _clip(order.other.path))
    name = f"{order.work.name}--{order.attack}"
    path = order.work.path.with_name(f"{name}.mp4")
    path.write_bytes(data)
    shown = order.other.work if order.attack in attacks.WITH_ANOTHER else None
    return Video(name, order.work.work, path, order.attack, shown, truth, _seconds(path), _read(path))


def make_further(order: Order) -> tuple[Video, Video]:
    """A copy of a kind that is reported apart, and the work with which it is compared; both or none have a sound."""
    work, clip, voice = order.work, _clip(order.work.path), further_attacks.FURTHER[order.attack].sound
    data, truth = further_attacks.make_copy(order.attack, order.seed, clip, _clip(order.other.path))
    name = f"{work.name}--{order.attack}"
    path = work.path.with_name(f"{name}.mp4")
    if voice:
        own, another = further_attacks.draw_two_sounds(order.seed, clip.seconds)
        data = sound_edits.add_sound(data, own if voice == further_attacks.SAME else another)
        work = _voiced(work, own, f"{name}--work")
    path.write_bytes(data)
    copy = Video(name, work.work, path, order.attack, None, truth, _seconds(path), _read(path))
    if voice:
        _keep_sound(path)
    return work, copy


def _voiced(work: Video, sound: sound_edits.Sound, name: str) -> Video:
    """The work's video with a sound."""
    path = work.path.with_name(f"{name}.mp4")
    path.write_bytes(sound_edits.add_sound(work.path.read_bytes(), sound))
    cpu = _read(path)
    _keep_sound(path)
    return replace(work, name=name, path=path, read_cpu=cpu)


def judge_row(row: tuple[Video, list[Video]]) -> list[Judged]:
    """Compare one work with several videos."""
    work, others = row
    return [_judge(work, other) for other in others]


def judge_signature(pair: tuple[Video, Video]) -> bool:
    """What ffmpeg says of a pair."""
    return peers.ffmpeg_signature(pair[0].path, pair[1].path)


def _judge(work: Video, other: Video) -> Judged:
    a, b = read_fingerprint(work.path), read_fingerprint(other.path)
    if a is None or b is None:
        return Judged(work.name, other.name, _REFUSED, 0.0, (), 0.0, _ask_peers(work, other))
    told: list[Comparison] = []
    cpu = processor_seconds(lambda: told.append(_compared(a, b, work.path, other.path)))
    return Judged(
        work=work.name,
        video=other.name,
        grade=told[0].grade,
        score=told[0].score,
        found=tuple(_found(told[0])),
        cpu=cpu,
        peers=_ask_peers(work, other),
        said=tuple(sorted({code for each in told[0].segments for code in each.transformations})),
    )


def _compared(a: Fingerprint, b: Fingerprint, *paths: Path) -> Comparison:
    """By their pictures, and by their sound where both have one."""
    found = fingerprints.compare_fingerprints(a, b)
    heard = [path.with_suffix(_HEARD) for path in paths]
    if not all(path.exists() for path in heard):
        return found
    first, second = (SoundFingerprint.unpack(path.read_bytes()) for path in heard)
    return fingerprints.add_sound(found, first, second)


def _ask_peers(work: Video, other: Video) -> dict[str, bool]:
    samples = _samples(work.path), _samples(other.path)
    return {peers.RULE: peers.vpdq_rule(*samples), peers.DIHEDRAL: peers.pdq_dihedral(*samples)}


def _found(told: Comparison) -> Iterable[tuple[float, Segment]]:
    """The segments, each with its confidence: first the grade, then how alike it is."""
    for each in told.segments:
        likeness = [0.0 if each.distance is None else 1 - each.distance / _UNRELATED, each.motion or 0.0]
        rank = len(fingerprints.GRADES) - fingerprints.GRADES.index(each.grade)
        yield rank + min(max(0.0, *likeness), 0.999), (each.a_start, each.a_end, each.b_start, each.b_end)


def _read(path: Path) -> float:
    """Read a video as the product does, keep what comparing needs; processor seconds of the engine."""
    cpu = processor_seconds(lambda: _keep_fingerprint(path))
    samples = Samples.of(path)
    with path.with_suffix(".npz").open("wb") as kept:
        np.savez(kept, hashes=samples.hashes, quality=samples.quality)
    return cpu


def _keep_fingerprint(path: Path) -> None:
    """A video that is refused has none."""
    with path.open("rb") as file, suppress(fingerprints.Refused):
        path.with_suffix(".fingerprint").write_bytes(fingerprints.fingerprint_video(file).pack())


def _keep_sound(path: Path) -> None:
    with path.open("rb") as file, suppress(fingerprints.Refused):
        path.with_suffix(_HEARD).write_bytes(fingerprints.fingerprint_sound(file).pack())


@functools.lru_cache(maxsize=4)
def _clip(path: Path) -> clips.Clip:
    return clips.read_clip(path.read_bytes(), end=1e6)


def _seconds(path: Path) -> float:
    with av.open(path, "r") as video:
        return cast("int", video.duration) / 1e6


@functools.lru_cache(maxsize=200)
def read_fingerprint(path: Path) -> Fingerprint | None:
    """What was read of a video; None for one that the engine refused."""
    kept = path.with_suffix(".fingerprint")
    return Fingerprint.unpack(kept.read_bytes()) if kept.exists() else None


@functools.lru_cache(maxsize=1000)
def _samples(path: Path) -> Samples:
    with np.load(path.with_suffix(".npz")) as kept:
        return Samples(kept["hashes"], kept["quality"])
