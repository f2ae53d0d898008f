"""Motion compared in thumbnails, where there are no small pictures (warped_motion.py): of videos over half an hour.

Along a stretch the thumbnails of both videos are brought to the same moments and the same
orientation, what stands still within a few seconds is subtracted, and what is left is correlated
over small shifts in time.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import pdq
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.voting import Line

Floats = npt.NDArray[np.float64]
Pictures = npt.NDArray[np.float32]  # [samples, pixels]

_TICK: Final = 0.25  # s between the moments compared
_BLOCK: Final = 24  # moments within which stillness is measured
_LEAST: Final = 5  # moments without a cut from which there is a median to subtract
_MOST: Final = 200  # blocks, spread over the stretch
_SHIFTS: Final = np.arange(-0.75, 0.7501, 0.125)  # s
_NEAR: Final = 1.3  # s; farther than that from a sample nothing is known of a moment
_CUT: Final = 0.6  # correlation of neighbouring thumbnails below which the shot has changed


@dataclass(frozen=True)
class ThumbnailMotion:
    """`likeness` -1..1 of what moves in the two; `energy`: how much moves in the stiller one, in luma levels."""

    likeness: float
    energy: float


def compare_thumbnails(
    a: Fingerprint, b: Fingerprint, orientation: int, line: Line, span: tuple[float, float]
) -> ThumbnailMotion | None:
    """Of the seconds `span` of `a`; None where there are too few samples to say."""
    blocks = _blocks(a, orientation, span)
    if not blocks:
        return None
    moving_a = np.concatenate([_moving(shown) for _, shown in blocks])
    power_a = float((moving_a**2).mean())
    best = ThumbnailMotion(-1.0, 0.0)
    for shift in _SHIFTS:
        seen = [_at(b, line.at(moments) + shift) for moments, _ in blocks]
        if any(part is None for part in seen):
            continue
        moving_b = np.concatenate([_moving(part) for part in seen if part is not None])
        power_b = float((moving_b**2).mean())
        likeness = float((moving_a * moving_b).mean() / max(np.sqrt(power_a * power_b), 1e-9))
        if likeness > best.likeness:
            best = ThumbnailMotion(likeness, float(np.sqrt(min(power_a, power_b))))
    return best if best.likeness > -1 else None


def _blocks(a: Fingerprint, orientation: int, span: tuple[float, float]) -> list[tuple[Floats, Pictures]]:
    """Moments and pictures of `a`, turned as `b` shows them, in pieces without a cut."""
    moments = np.arange(span[0], span[1] + 1e-6, _TICK)
    starts = np.arange(0, len(moments), _BLOCK)
    if len(starts) > _MOST:
        starts = starts[np.linspace(0, len(starts) - 1, _MOST).astype(np.int64)]
    found = []
    for start in starts:
        part = moments[start : start + _BLOCK]
        shown = _at(a, part, orientation)
        if shown is not None:
            cuts = np.flatnonzero(_likeness(shown[:-1], shown[1:]) < _CUT) + 1
            pieces = np.split(np.arange(len(part)), cuts)
            found += [(part[piece], shown[piece]) for piece in pieces if len(piece) >= _LEAST]
    return found


def _at(video: Fingerprint, moments: Floats, orientation: int = 0) -> Pictures | None:
    """The video's thumbnails at those moments, between two samples a mixture; None where no sample is near."""
    after = np.clip(np.searchsorted(video.times, moments), 1, len(video.times) - 1)
    before = after - 1
    if np.minimum(np.abs(moments - video.times[before]), np.abs(moments - video.times[after])).max() > _NEAR:
        return None
    share = np.clip((moments - video.times[before]) / (video.times[after] - video.times[before]), 0, 1)[:, None]
    first, second = (
        pdq.turn_pictures(video.thumbnails[at], orientation).reshape(len(at), -1) for at in (before, after)
    )
    mixed: Pictures = ((1 - share) * first + share * second).astype(np.float32)
    return mixed


def _moving(shown: Pictures) -> Pictures:
    return np.asarray(shown - np.median(shown, axis=0), np.float32)


def _likeness(left: Pictures, right: Pictures) -> Floats:
    left, right = left - left.mean(axis=1, keepdims=True), right - right.mean(axis=1, keepdims=True)
    power = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    return np.asarray((left * right).sum(axis=1) / np.maximum(power, 1e-9), np.float64)
