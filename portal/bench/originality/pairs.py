"""Which pairs a run compares: copies with their works, hard pairs within groups and templates, and distinct pairs."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from portal.bench.originality.tasks import Video
from portal.bench.originality.works import REPORTED

Pair = tuple[Video, Video]
_LOOSE: Final = 4  # of so many hard pairs one may be of one template only


@dataclass
class Pairs:
    """Each pair is a work and another video. `further`: copies that are reported apart."""

    copies: list[Pair] = field(default_factory=list)
    hard: list[Pair] = field(default_factory=list)
    distinct: list[Pair] = field(default_factory=list)
    further: list[Pair] = field(default_factory=list)


def choose_pairs(originals: Sequence[Video], copies: Sequence[Video], seed: int, *, hard: int, distinct: int) -> Pairs:
    """All copies; hard and distinct pairs of the part reported, drawn from the seed where there are more than asked for."""
    chance = random.Random(f"{seed} pairs")  # noqa: S311 -- a sample, not a secret
    by_name = {video.name: video for video in originals}
    chosen = Pairs(copies=[(by_name[copy.work.name], copy) for copy in copies])
    reported = [video for video in originals if video.work.part == REPORTED]
    edited = [video for video in copies if video.work.part == REPORTED]
    chosen.hard = _hard(reported, edited, hard, chance)
    unrelated = itertools.chain(itertools.combinations(reported, 2), itertools.product(reported, edited))
    chosen.distinct = _drawn([pair for pair in unrelated if not pair[1].resembles(pair[0].work)], distinct, chance)
    return chosen


def _hard(reported: list[Video], edited: list[Video], most: int, chance: random.Random) -> list[Pair]:
    """Pairs of works of one group first, then their copies; at least a quarter, where there are so many, only of one template."""
    works, copies = list(itertools.combinations(reported, 2)), list(itertools.product(reported, edited))
    plain, others = (
        [(work, video) for work, video in every if _is_hard(work, video) and work.work.is_grouped(video.work)]
        for every in (works, copies)
    )
    loose = [
        (work, video)
        for work, video in (*works, *copies)
        if _is_hard(work, video) and not work.work.is_grouped(video.work)
    ]
    loose = _drawn(loose, max(most // _LOOSE, most - len(plain) - len(others)), chance)
    left = most - len(loose)
    return [*plain, *_drawn(others, left - len(plain), chance)][:left] + loose


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
    """Alike, and without a second in common."""
    own = work.work
    shown = own.name in {each.name for each in (video.work, video.other) if each}
    return own.is_alike(video.work) and not shown


def _drawn(pairs: list[Pair], most: int, chance: random.Random) -> list[Pair]:
    return chance.sample(pairs, max(0, most)) if len(pairs) > most else pairs
