"""When the pictures of a video are shown: the time stamps of its packets, without those that contradict the others."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_SIDE: Final = 8  # packets before and after one with which it is compared
_REORDERED: Final = 20  # intervals by which a picture may come early or late in the file
_FAR: Final = 10  # times the length of all other pictures that a first or last picture may be away from them
_FREEZE: Final = 60.0  # s that it may be away in addition
_MOST_SUSPECTS: Final = 5000  # stamps that jump; with more of them the whole clock is broken

Stamps = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Span:
    """From the first to the end of the last of `count` pictures, in units of the stream's time base.

    `step`: the usual time between two.
    """

    start: int
    end: int
    count: int
    step: int


def determine_span(stamps: Stamps, durations: Stamps, second: float) -> Span | None:
    """The span of the packets in the order of the file; `second` in units of their stamps. None without a packet."""
    if not len(stamps):
        return None
    step = max(1, int(np.median(np.diff(np.sort(stamps)))) if len(stamps) > 1 else 1)
    wild = _contradicted(stamps, max(_REORDERED * step, round(second)))
    kept = ~np.isin(stamps, list(wild)) if wild else np.ones(len(stamps), bool)
    for place in (np.flatnonzero(kept)[0], np.flatnonzero(kept)[-1]):
        if kept.sum() > 2 and _is_far(stamps, kept, int(place), second):
            kept[place] = False
    times, lengths = stamps[kept], durations[kept]
    most = _FAR * int(np.ptp(times)) + round(_FREEZE * second)
    ends = times + np.where((lengths > 0) & (lengths <= most), lengths, 0)
    return Span(int(times.min()), int(ends.max()), len(stamps), step)


def _contradicted(stamps: Stamps, most: int) -> set[int]:
    """Stamps that lie more than `most` outside the range of the packets before and after them."""
    jumps = np.flatnonzero(np.abs(np.diff(stamps)) > most)
    suspects = np.unique(np.concatenate((jumps, jumps + 1)))
    if len(suspects) > _MOST_SUSPECTS:
        return set()
    return {int(stamps[place]) for place in suspects if _is_contradicted(stamps, int(place), most)}


def _is_contradicted(stamps: Stamps, place: int, most: int) -> bool:
    sides = [stamps[max(0, place - _SIDE) : place], stamps[place + 1 : place + 1 + _SIDE]]
    around = [float(np.median(side)) for side in sides if len(side)]
    stamp = int(stamps[place])
    if len(around) == 2:
        return not min(around) - most <= stamp <= max(around) + most
    # The first picture may be shown long before the others and the last long after, but not the other way round.
    return stamp > around[0] + most if place == 0 else stamp < around[0] - most


def _is_far(stamps: Stamps, kept: npt.NDArray[np.bool_], place: int, second: float) -> bool:
    others = kept.copy()
    others[place] = False
    rest, stamp = stamps[others], int(stamps[place])
    away = max(int(rest.min()) - stamp, stamp - int(rest.max()))
    return away > _FAR * int(np.ptp(rest)) + _FREEZE * second
