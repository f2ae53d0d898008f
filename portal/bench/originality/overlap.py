"""Measures of how well found segments fit the true ones.

A segment is (a_start, a_end, b_start, b_end), in seconds of a work and of a copy. `segment_micro_ap` is the measure of the
matching track of the Video Similarity Challenge 2022, `overlap_figures` the overlap-aware precision and recall of VCSL:
on each of the two axes the union of what was found and of what is true, and the geometric mean of both axes.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Segment = tuple[float, float, float, float]
Span = tuple[float, float]


@dataclass(frozen=True)
class Pair:
    """What is true of a pair, and what was found, each segment with its confidence."""

    truth: tuple[Segment, ...]
    found: tuple[tuple[float, Segment], ...]


def length(spans: Iterable[Span]) -> float:
    """Seconds that the spans cover together."""
    total, reached = 0.0, -math.inf
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def shared_length(left: Sequence[Span], right: Sequence[Span]) -> float:
    """Seconds that both cover."""
    return length(left) + length(right) - length([*left, *right])


def segment_iou(truth: Sequence[Segment], found: Sequence[Segment]) -> tuple[float, float]:
    """Intersection over union of the seconds, in the work and in the copy."""
    ratios = []
    for axis in (0, 1):
        left, right = _spans(truth, axis), _spans(found, axis)
        ratios.append(shared_length(left, right) / (length([*left, *right]) or 1.0))
    return ratios[0], ratios[1]


def overlap_figures(pairs: Iterable[Pair]) -> tuple[float, float, float]:
    """Precision, recall and F: precision over the pairs in which something was found, recall over those that share."""
    precisions, recalls = [], []
    for pair in pairs:
        found = [segment for _, segment in pair.found]
        if found:
            precisions.append(_covered_share(found, pair.truth))
        if pair.truth:
            recalls.append(_covered_share(pair.truth, found))
    precision, recall = (sum(each) / len(each) if each else 0.0 for each in (precisions, recalls))
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1.0)


def segment_micro_ap(pairs: Sequence[Pair]) -> float:
    """Area under precision over recall of seconds, as ever less confident segments are let in."""
    wanted = [sum(length(_spans(pair.truth, axis)) for pair in pairs) for axis in (0, 1)]
    let_in = sorted(
        ((confidence, number, segment) for number, pair in enumerate(pairs) for confidence, segment in pair.found),
        key=lambda each: -each[0],
    )
    known = [_Growing(pair.truth) for pair in pairs]
    shared, told, recall, area = [0.0, 0.0], [0.0, 0.0], 0.0, 0.0
    for _, group in itertools.groupby(let_in, key=lambda each: each[0]):
        for _, number, segment in group:
            for axis, (more_shared, more_told) in enumerate(known[number].add(segment)):
                shared[axis] += more_shared
                told[axis] += more_told
        reached = math.sqrt(max(0.0, shared[0] * shared[1]) / ((wanted[0] * wanted[1]) or 1.0))
        precision = math.sqrt(max(0.0, shared[0] * shared[1]) / ((told[0] * told[1]) or 1.0))
        area, recall = area + precision * (reached - recall), reached
    return area


class _Growing:
    """One pair, as segments are let in."""

    def __init__(self, truth: Sequence[Segment]) -> None:
        self._truth = truth
        self._found: list[Segment] = []
        self._shared, self._told = [0.0, 0.0], [0.0, 0.0]

    def add(self, segment: Segment) -> list[tuple[float, float]]:
        """By how much the shared and the told seconds grow, on both axes."""
        self._found.append(segment)
        # A true segment counts once something found overlaps it on both axes.
        touched = [each for each in self._truth if any(_overlap(each, found) for found in self._found)]
        grown = []
        for axis in (0, 1):
            found = _spans(self._found, axis)
            shared, told = shared_length(found, _spans(touched, axis)), length(found)
            grown.append((shared - self._shared[axis], told - self._told[axis]))
            self._shared[axis], self._told[axis] = shared, told
        return grown


def _overlap(left: Segment, right: Segment) -> bool:
    return all(max(left[at], right[at]) < min(left[at + 1], right[at + 1]) for at in (0, 2))


def _covered_share(whole: Sequence[Segment], by: Sequence[Segment]) -> float:
    shares = []
    for axis in (0, 1):
        own = _spans(whole, axis)
        shares.append(shared_length(own, _spans(by, axis)) / (length(own) or 1.0))
    return math.sqrt(max(0.0, shares[0] * shares[1]))


def _spans(segments: Iterable[Segment], axis: int) -> list[Span]:
    return [(segment[2 * axis], segment[2 * axis + 1]) for segment in segments]
