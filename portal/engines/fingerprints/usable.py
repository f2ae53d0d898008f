"""How much of a video could be recognised in another: dark, plain or blurred seconds could not."""

from typing import Final

import numpy as np

from portal.engines.fingerprints.record import Fingerprint

_ENOUGH: Final = 15  # keypoints of a picture


def usable_share(video: Fingerprint, *, quality: int) -> float:
    """The share of samples, 0..1, whose hash is distinctive enough or whose picture has enough keypoints."""
    distinctive = video.quality >= quality
    looked_at = video.keypoints.looked_at
    if not len(looked_at):
        return float(distinctive.mean())
    rich = np.array([np.count_nonzero(video.keypoints.times == second) >= _ENOUGH for second in looked_at])
    nearest = np.clip(np.searchsorted(looked_at, video.times + 1e-6) - 1, 0, None)
    return float((distinctive | rich[nearest]).mean())
