"""How much of a video could be recognised in another: dark, plain or blurred seconds cannot."""

from typing import Final

import numpy as np

from portal.engines.fingerprints.record import Fingerprint

_ENOUGH: Final = 15  # keypoints from which a picture is recognisable


def usable_share(video: Fingerprint, *, quality: int) -> float:
    """The share of samples, 0..1, whose hash is distinctive enough or whose picture has enough keypoints."""
    distinctive = video.quality >= quality
    looked_at, times = video.keypoints.looked_at, video.keypoints.times
    if not len(looked_at):
        return float(distinctive.mean())
    count = np.searchsorted(times, looked_at, "right") - np.searchsorted(times, looked_at, "left")
    last = np.clip(np.searchsorted(looked_at, video.times + 1e-6) - 1, 0, None)
    return float((distinctive | (count[last] >= _ENOUGH)).mean())
