"""Copies of sounds: how many are found, and how many sounds that have nothing in common are said to be alike."""

import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from portal.bench.measuring import processor_seconds
from portal.bench.originality import drawn_sounds, footage, overlap, sound_edits
from portal.bench.originality.overlap import Segment
from portal.bench.originality.sound_edits import HERTZ, Sound
from portal.bench.originality.tasks import Crew
from portal.engines import fingerprints
from portal.engines.fingerprints import SoundFingerprint

_TAKES: Final = 2  # works of one group
_SHORTEST: Final = 4.5  # s of a sound out of a video
_LOUD: Final = 0.01  # mean amplitude from which something is heard

Work = tuple[str, str, Path]  # name, group, file of its sound


@dataclass(frozen=True)
class HeardSound:
    """A work or a copy of one, read; `other`: the work that is heard in it, too. `seconds` of it and of reading it."""

    work: str
    group: str
    attack: str
    other: str
    truth: tuple[Segment, ...]
    made: SoundFingerprint
    seconds: float
    cpu: float


@dataclass(frozen=True)
class _Told:
    kind: str  # copy, hard or distinct
    copy: HeardSound
    grade: str
    found: tuple[Segment, ...]
    cpu: float


def measure(crew: Crew, folder: Path, seed: int, options: dict[str, Any], videos: dict[str, Path]) -> dict[str, Any]:
    """The figures of a run; `options`: `sounds` (works drawn), `sound_pairs` (distinct pairs); `videos` out of packages."""
    works = _works(folder, seed, options["sounds"], videos)
    orders = [(work, works[(number + len(works) // 2) % len(works)], seed) for number, work in enumerate(works)]
    heard = [
        each for row in crew.results(make_and_read, orders, "sounds and their copies made and read") for each in row
    ]
    rows = _pairs(heard, seed, options["sound_pairs"])
    told = [each for row in crew.results(judge_row, rows, "rows of sounds compared") for each in row]
    return _figures(heard, told)


def _works(folder: Path, seed: int, most: int, videos: dict[str, Path]) -> list[Work]:
    """Drawn ones, kinds in turn, two of each group; and the sound of videos out of packages that have some."""
    works = []
    for number in range(most):
        group = f"{drawn_sounds.KINDS[number // _TAKES % len(drawn_sounds.KINDS)]}-{number // _TAKES}"
        look = random.Random(f"{seed} sound {group}")  # noqa: S311 -- a drawing, not a secret
        take = random.Random(f"{seed} sound {number}")  # noqa: S311
        sound = drawn_sounds.draw_sound(group.partition("-")[0], look, take, take.uniform(9.0, 18.0))
        works.append(_kept(folder, f"{group}-{number % _TAKES}", group, sound))
    for package in footage.packages():
        for each in package.works:
            heard = _sound_of(videos.get(each.name), each.start, each.end)
            if heard is not None:
                works.append(_kept(folder, each.name, each.group or each.name, heard))
    return works


def _sound_of(path: Path | None, start: float, end: float) -> Sound | None:
    if path is None:
        return None
    try:
        sound = sound_edits.read_sound(path.read_bytes(), start=start, end=end)
    except (IndexError, OSError):  # it has none
        return None
    return sound if len(sound) >= _SHORTEST * HERTZ and float(abs(sound).mean()) >= _LOUD else None


def _kept(folder: Path, name: str, group: str, sound: Sound) -> Work:
    path = folder / f"{name}.sound"
    path.write_bytes(sound_edits.encode_sound(sound))
    return name, group, path


def make_and_read(order: tuple[Work, Work, int]) -> list[HeardSound]:
    """The work, and a copy of it by each edit."""
    (name, group, path), (other, _, beside), seed = order
    sound, second = (sound_edits.read_sound(each.read_bytes()) for each in (path, beside))
    length = len(sound) / HERTZ
    heard = [_read((name, group, "", ""), sound, ((0.0, length, 0.0, length),))]
    for attack in sound_edits.EDITS:
        edited, truth = sound_edits.edit_sound(attack, f"{seed} {name} {attack}", sound, second)
        there = other if attack in sound_edits.WITH_ANOTHER else ""
        heard.append(_read((name, group, attack, there), edited, truth))
    return heard


def _read(names: tuple[str, str, str, str], sound: Sound, truth: tuple[Segment, ...]) -> HeardSound:
    with tempfile.TemporaryFile() as file:
        file.write(sound_edits.encode_sound(sound))
        file.flush()
        made: list[SoundFingerprint] = []
        cpu = processor_seconds(lambda: made.append(fingerprints.fingerprint_sound(cast("BinaryIO", file))))
    return HeardSound(*names, truth, made[0], len(sound) / HERTZ, cpu)


Row = tuple[HeardSound, list[tuple[str, HeardSound]]]


def _pairs(heard: Sequence[HeardSound], seed: int, most: int) -> list[Row]:
    """Each work with its copies, with those of its group (hard), and with others up to `most` in all (distinct)."""
    chance = random.Random(f"{seed} pairs of sounds")  # noqa: S311 -- a sample, not a secret
    works = [each for each in heard if not each.attack]
    rows = []
    for work in works:
        others = [each for each in heard if work.work not in {each.work, each.other}]
        groups = {each.work: each.group for each in works}
        hard = [each for each in others if work.group in {each.group, groups.get(each.other)}]
        distinct = [each for each in others if work.group not in {each.group, groups.get(each.other)}]
        share = min(len(distinct), -(-most // len(works)))
        kinds = [("copy", each) for each in heard if each.work == work.work and each.attack]
        kinds += [("hard", each) for each in hard]
        rows.append((work, kinds + [("distinct", each) for each in chance.sample(distinct, share)]))
    return rows


def judge_row(row: Row) -> list[_Told]:
    """What the engine says of a work and each of the others."""
    work, others = row
    told = []
    for kind, other in others:
        found: list[fingerprints.Comparison] = []
        cpu = processor_seconds(lambda: found.append(fingerprints.compare_sounds(work.made, other.made)))  # noqa: B023 -- called at once
        segments = tuple((each.a_start, each.a_end, each.b_start, each.b_end) for each in found[0].segments)
        told.append(_Told(kind, other, found[0].grade, segments, cpu))
    return told


def _figures(heard: Sequence[HeardSound], told: Sequence[_Told]) -> dict[str, Any]:
    copies = [each for each in told if each.kind == "copy"]
    return {
        **_recall(copies),
        **_false(told, "distinct"),
        **_false(told, "hard"),
        "works": sum(1 for each in heard if not each.attack),
        "pair_cpu_s": _mean(each.cpu for each in told),
        "read_x": round(sum(each.seconds for each in heard) / sum(each.cpu for each in heard), 1),
        "attacks": _by(copies, lambda each: each.copy.attack),
        "kinds": _by(copies, lambda each: each.copy.group.partition("-")[0]),
    }


def _recall(copies: Sequence[_Told]) -> dict[str, Any]:
    found = [each for each in copies if each.grade == fingerprints.SIMILAR]
    ious = [sum(overlap.segment_iou(each.copy.truth, each.found)) / 2 for each in found]
    unheard = sum(1 for each in copies if each.grade == fingerprints.NOT_COMPARABLE)
    recall = round(len(found) / len(copies), 4) if copies else None
    return {"recall": recall, "copies": len(copies), "found": len(found), "not_comparable": unheard, "iou": _mean(ious)}


def _false(told: Sequence[_Told], kind: str) -> dict[str, int]:
    those = [each for each in told if each.kind == kind]
    return {
        f"false_{kind}": sum(1 for each in those if each.grade == fingerprints.SIMILAR),
        f"{kind}_pairs": len(those),
    }


def _by(copies: Sequence[_Told], key: Callable[[_Told], str]) -> dict[str, Any]:
    names = sorted({key(each) for each in copies})
    return {name: _recall([each for each in copies if key(each) == name]) for name in names}


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(sum(known) / len(known), 4) if known else None
