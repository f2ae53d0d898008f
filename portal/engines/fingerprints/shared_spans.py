"""Which seconds two aligned videos share: the lines in time on which the keypoints that agree with a map lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import voting
from portal.engines.fingerprints.alignment import Alignment
from portal.engines.fingerprints.voting import Line

Floats = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]

_TOLERANCE: Final = 0.75  # s beside a line
_GAP: Final = 3.0  # s without a pair that separate two spans
_MOST: Final = 8  # lines of an alignment
_LEAST_PAIRS: Final = 8  # of a span
_BACKWARDS: Final = 1.3  # times the votes of the forward line that a backward one needs


@dataclass(frozen=True)
class Span:
    """Seconds `start`..`end` of the first video, shown along the line; `places`: distinct ones that say so."""

    line: Line
    start: float
    end: float
    places: int


def find_spans(found: Alignment, *, places: int, seconds: float, step: float) -> list[Span]:
    """The spans, each at least `seconds` long in both videos; `step`: seconds between two samples.

    One of them has at least so many places, the others of the same map at least half: places from moments that
    lie on no common line do not add up.
    """
    at_a, at_b, cells = found.at_a, found.at_b, found.cells
    spans: list[Span] = []
    for _ in range(_MOST):
        if len(at_a) < _LEAST_PAIRS:
            break
        line = _line(at_a, at_b)
        near = np.abs(at_b - line.at(at_a)) <= _TOLERANCE
        new = [
            span
            for span in _runs(line, at_a[near], cells[near], max(_GAP, 2.5 * step))
            if span.places >= places // 2 and min(1.0, abs(line.rate)) * (span.end - span.start) >= seconds
        ]
        spans += new
        left = ~(near | _between(new, at_a, at_b))
        at_a, at_b, cells = at_a[left], at_b[left], cells[left]
    return spans if any(span.places >= places for span in spans) else []


def pairs_of(span: Span, found: Alignment) -> Chosen:
    """Which pairs of the alignment the span was found by."""
    near = np.abs(found.at_b - span.line.at(found.at_a)) <= _TOLERANCE
    return near & (found.at_a >= span.start) & (found.at_a <= span.end)


def _line(at_a: Floats, at_b: Floats) -> Line:
    weight = _weights(at_a, at_b)
    forward = voting.fullest_line(at_a, at_b, weight)
    backward = voting.fullest_line(at_a, -at_b, weight)
    if backward.votes > _BACKWARDS * forward.votes and np.ptp(at_a) > 2 * _TOLERANCE:
        turned = voting.straighten_line(at_a, -at_b, weight, backward, _TOLERANCE)
        return Line(-turned.rate, -turned.offset, turned.votes)
    return voting.straighten_line(at_a, at_b, weight, forward, _TOLERANCE)


def _weights(at_a: Floats, at_b: Floats) -> Floats:
    """Two samples weigh as the root of the keypoints they share: what stands still is alike everywhere."""
    _, sample, count = np.unique(np.stack([at_a, at_b]), axis=1, return_inverse=True, return_counts=True)
    return np.asarray(1 / np.sqrt(count[sample.reshape(-1)]), np.float64)


def _runs(line: Line, at_a: Floats, cells: npt.NDArray[np.int64], gap: float) -> Iterator[Span]:
    order = np.argsort(at_a, kind="stable")
    for run in np.split(order, np.flatnonzero(np.diff(at_a[order]) > gap) + 1):
        if len(run) >= _LEAST_PAIRS:
            yield Span(line, float(at_a[run].min()), float(at_a[run].max()), len(np.unique(cells[run])))


def _between(spans: list[Span], at_a: Floats, at_b: Floats) -> Chosen:
    """The pairs whose seconds both lie within one of the spans."""
    gone = np.zeros(len(at_a), bool)
    for span in spans:
        first, last = sorted((span.line.at(span.start), span.line.at(span.end)))
        gone |= (at_a >= span.start) & (at_a <= span.end) & (at_b >= first - _TOLERANCE) & (at_b <= last + _TOLERANCE)
    return gone
