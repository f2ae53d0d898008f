"""What a fingerprint keeps of a video beside its hashes: keypoints, small pictures for motion, the rhythm of changes.

Times are seconds of the video's own clock. Sizes are px of the picture as players show it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

DESCRIPTOR: Final = 128  # bytes of a keypoint's descriptor
PLACE: Final = 64  # units of a px in which places are stored
PICTURE: Final = 360  # px of the longer side of the pictures in which keypoints are looked for
MOST_KEYPOINTS: Final = 80_000
MOST_LUMA: Final = 48 << 20  # bytes of all small pictures of a video
MOST_CHANGES: Final = 1 << 18  # figures of the rhythm of a video
LUMA_STEP: Final = 0.08  # s between two small pictures
RHYTHM_STEP: Final = 0.08  # s between two figures of the rhythm
NO_CHANGE: Final = 255  # of the rhythm: nothing was measured

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Keypoints:
    """SIFT keypoints of all samples of a video.

    `size`: width and height of the picture, its longer side PICTURE; `times` [n], rising; `places` (x, y) in px [n, 2];
    `descriptors` RootSIFT, times 512 [n, 128]. `looked_at`: seconds of all samples, those without a keypoint included.
    """

    size: tuple[int, int]
    times: npt.NDArray[np.float64]
    places: Floats
    descriptors: Bytes
    looked_at: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times)


def no_keypoints() -> Keypoints:
    """For a video in which none were looked for."""
    return Keypoints(
        (PICTURE, PICTURE),
        np.zeros(0),
        np.zeros((0, 2), np.float32),
        np.zeros((0, DESCRIPTOR), np.uint8),
        np.zeros(0),
    )


def no_luma() -> Bytes:
    """For a video without small pictures."""
    return np.zeros((0, 1, 1), np.uint8)


def no_changes() -> Bytes:
    """For a video whose rhythm was not measured."""
    return np.zeros(0, np.uint8)
