"""Which pairs a run compares: copies with their works, hard pairs within groups, and distinct pairs."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.bench.originality.tasks import Video
from portal.bench.originality.works import REPORTED

Pair = tuple[Video, Video]


@dataclass
class Pairs:
    """Each pair is a work and another video."""

    copies: list[Pair] = field(default_factory=list)
    hard: list[Pair] = field(default_factory=list)
    distinct: list[Pair] = field(default_factory=list)


def choose_pairs(originals: Sequence[Video], copies: Sequence[Video], seed: int, *, hard: int, distinct: int) -> Pairs:
    """All copies; hard and distinct pairs of the part reported, drawn from the seed where there are more than asked for."""
    chance = random.Random(f"{seed} pairs")  # noqa: S311 -- a sample, not a secret
    by_name = {video.name: video for video in originals}
    chosen = Pairs(copies=[(by_name[copy.work.name], copy) for copy in copies])
    reported = [video for video in originals if video.work.part == REPORTED]
    edited = [video for video in copies if video.work.part == REPORTED]
    plain = [pair for pair in itertools.combinations(reported, 2) if _is_hard(*pair)]
    others = [pair for pair in itertools.product(reported, edited) if _is_hard(*pair)]
    chosen.hard = [*plain, *_drawn(others, hard - len(plain), chance)][:hard]
    unrelated = itertools.chain(itertools.combinations(reported, 2), itertools.product(reported, edited))
    chosen.distinct = _drawn([pair for pair in unrelated if not pair[1].shows(pair[0].work)], distinct, chance)
    return chosen


def rows(pairs: Sequence[Pair], most: int = 6) -> list[tuple[Video, list[Video]]]:
    """The pairs by their work, at most so many a row, in an order that does not depend on the names."""
    by_work: dict[str, tuple[Video, list[Video]]] = {}
    for work, video in pairs:
        by_work.setdefault(work.name, (work, []))[1].append(video)
    cut = [
        (start, (work, videos[start : start + most]))
        for work, videos in by_work.values()
        for start in range(0, len(videos), most)
    ]
    return [row for _, row in sorted(cut, key=lambda each: each[0])]


def _is_hard(work: Video, video: Video) -> bool:
    """Of one group, and without a second in common."""
    own, other = work.work, video.work
    shown = video.other is not None and (video.other.name == own.name)
    return bool(own.group) and own.group == other.group and own.name != other.name and not shown


def _drawn(pairs: list[Pair], most: int, chance: random.Random) -> list[Pair]:
    return chance.sample(pairs, max(0, most)) if len(pairs) > most else pairs
