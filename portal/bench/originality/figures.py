"""The figures of a run, from what was said of its pairs."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.bench.originality import overlap, peers
from portal.bench.originality.further_attacks import FURTHER
from portal.bench.originality.pairs import Pair, Pairs
from portal.bench.originality.tasks import Judged, Video
from portal.bench.originality.works import REPORTED, SET, Work
from portal.engines import fingerprints

_ANY: Final = frozenset(
    {fingerprints.IDENTICAL, fingerprints.MOTION_CONFIRMED, fingerprints.IMAGERY, fingerprints.STATIC}
)
_CONFIRMED: Final = frozenset({fingerprints.IDENTICAL, fingerprints.MOTION_CONFIRMED})


@dataclass(frozen=True)
class Told:
    """A pair and what was said of it; `work` is the one with which the video was compared."""

    video: Video
    judged: Judged
    work: Work

    @property
    def found(self) -> bool:
        """The same imagery or better."""
        return self.judged.grade in _ANY

    @property
    def confirmed(self) -> bool:
        return self.judged.grade in _CONFIRMED

    @property
    def iou(self) -> tuple[float, float]:
        """In the work and in the copy."""
        return overlap.segment_iou(self.video.truth, [segment for _, segment in self.judged.found])

    def as_pair(self, *, copy: bool) -> overlap.Pair:
        return overlap.Pair(self.video.truth if copy else (), self.judged.found)


@dataclass(frozen=True)
class Results:
    """What was said of each kind of pairs; `hard` and `distinct` share no second, `further` counts into no other figure."""

    copies: Sequence[Told]
    hard: Sequence[Told]
    distinct: Sequence[Told]
    further: Sequence[Told] = ()

    def figures(self) -> dict[str, Any]:
        """Those of the part reported, and in `set_part` the recall on the other."""
        reported = [each for each in self.copies if each.video.work.part == REPORTED]
        ious = [each.iou for each in reported if each.found]
        everything = [each.as_pair(copy=True) for each in reported]
        everything += [each.as_pair(copy=False) for each in (*self.hard, *self.distinct)]
        precision, recall, together = overlap.overlap_figures(everything)
        return {
            **_recall(reported),
            "false_any_distinct": _count(self.distinct, lambda each: each.found),
            "false_confirmed_distinct": _count(self.distinct, lambda each: each.confirmed),
            "similar_distinct": _count(self.distinct, lambda each: each.judged.grade == fingerprints.SIMILAR),
            "false_any_hard": _count(self.hard, lambda each: each.found),
            "false_confirmed_hard": _count(self.hard, lambda each: each.confirmed),
            "distinct_pairs": len(self.distinct),
            "hard_pairs": len(self.hard),
            "segment_iou": _mean(sum(each) / 2 for each in ious),
            "segment_iou_work": _mean(each[0] for each in ious),
            "segment_iou_copy": _mean(each[1] for each in ious),
            "segment_uap": round(overlap.segment_micro_ap(everything), 4),
            "vcsl_precision": round(precision, 4),
            "vcsl_recall": round(recall, 4),
            "vcsl_f": round(together, 4),
            "pair_cpu_s": _mean((each.judged.cpu for each in reported), 3),
            "distinct_pair_cpu_s": _mean((each.judged.cpu for each in self.distinct), 3),
            "attacks": _by(reported, lambda each: each.video.attack),
            "further_attacks": self._further(reported),
            "kinds": _by(reported, lambda each: each.video.work.kind),
            "hard_kinds": _false_by(self.hard, _hard_kind),
            "distinct_kinds": _false_by(self.distinct, _kinds_of),
            "set_part": _recall([each for each in self.copies if each.video.work.part == SET]),
        }

    def _further(self, reported: Sequence[Told]) -> dict[str, Any]:
        """As `attacks`; where the engine has a word for the attack, how often it was said, and of which other copies."""
        told = _by(self.further, lambda each: each.video.attack)
        for attack in told:
            if code := FURTHER[attack].says:
                own = [each for each in self.further if each.video.attack == attack]
                others = [
                    each for each in (*reported, *self.further) if each.video.attack != attack and _says(code)(each)
                ]
                kinds = Counter(each.video.attack for each in others)
                told[attack] |= {"said": _count(own, _says(code)), "said_of_others": dict(sorted(kinds.items()))}
        return told

    def peers(self) -> dict[str, Any]:
        """Recall and false pairs of the peers on the same pairs."""
        reported = [each for each in self.copies if each.video.work.part == REPORTED]
        return {name: self._peer(reported, name) for name in (peers.RULE, peers.DIHEDRAL)}

    def _peer(self, reported: Sequence[Told], name: str) -> dict[str, Any]:
        says = _peer_says(name)
        return {
            "recall": _share(reported, says),
            "copies": len(reported),
            "false_distinct": _count(self.distinct, says),
            "false_hard": _count(self.hard, says),
        }


def join(pairs: Pairs, judged: Sequence[Judged]) -> Results:
    """Results by kind of pair; a pair that was not reached is left out."""
    said = {(each.work, each.video): each for each in judged}

    def told(chosen: Iterable[Pair]) -> list[Told]:
        keys = ((work, video, (work.name, video.name)) for work, video in chosen)
        return [Told(video, said[key], work.work) for work, video, key in keys if key in said]

    return Results(told(pairs.copies), told(pairs.hard), told(pairs.distinct), told(pairs.further))


def _recall(told: Sequence[Told]) -> dict[str, Any]:
    """Confirmed are counted among the works in which things move: of the others motion cannot tell."""
    moving = [each for each in told if each.video.work.moves]
    return {
        "recall_any": _share(told, lambda each: each.found),
        "recall_confirmed": _share(moving, lambda each: each.confirmed),
        "copies": len(told),
        "copies_moving": len(moving),
    }


def _by(told: Sequence[Told], key: Callable[[Told], str]) -> dict[str, Any]:
    """Recall and counts of each attack, or of each kind of work."""
    groups: dict[str, list[Told]] = {}
    for each in told:
        groups.setdefault(key(each), []).append(each)
    return {name: _recall(group) | _detail(group) for name, group in sorted(groups.items())}


def _detail(group: Sequence[Told]) -> dict[str, Any]:
    ious = [each.iou for each in group if each.found]
    return {
        "found": _count(group, lambda each: each.found),
        "confirmed": _count(group, lambda each: each.confirmed and each.video.work.moves),
        "iou_work": _mean(each[0] for each in ious),
        "iou_copy": _mean(each[1] for each in ious),
        **{name: _share(group, _peer_says(name)) for name in (peers.RULE, peers.DIHEDRAL)},
    }


def _kinds_of(told: Told) -> str:
    """Works of one drawn kind may share shapes, those of two kinds nothing."""
    return told.work.kind if told.work.kind == told.video.work.kind else "two kinds"


def _hard_kind(told: Told) -> str:
    return told.work.kind if told.work.is_grouped(told.video.work) else f"{told.work.kind}, template only"


def _false_by(told: Sequence[Told], key: Callable[[Told], str]) -> dict[str, Any]:
    kinds = sorted({key(each) for each in told})
    groups = {kind: [each for each in told if key(each) == kind] for kind in kinds}
    return {
        kind: {
            "pairs": len(group),
            "any": _count(group, lambda each: each.found),
            "confirmed": _count(group, lambda each: each.confirmed),
        }
        for kind, group in groups.items()
    }


def _says(code: str) -> Callable[[Told], bool]:
    return lambda each: code in each.judged.said


def _peer_says(name: str) -> Callable[[Told], bool]:
    return lambda each: each.judged.peers[name]


def _count(told: Iterable[Told], what: Callable[[Told], bool]) -> int:
    return sum(1 for each in told if what(each))


def _share(told: Sequence[Told], what: Callable[[Told], bool]) -> float | None:
    return round(_count(told, what) / len(told), 4) if told else None


def _mean(values: Iterable[float], digits: int = 4) -> float | None:
    known = list(values)
    return round(statistics.fmean(known), digits) if known else None
