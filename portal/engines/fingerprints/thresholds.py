"""Where likeness begins; stored beside every comparison."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Thresholds:
    """The first four are for hashes, the others for what was found by either hashes or keypoints."""

    bits: int = 31  # PDQ distance up to which two samples are alike
    quality: int = 50  # PDQ quality from which a sample is looked at; plain pictures have less
    hits: int = 3  # alike samples on a line
    seconds: float = 0.9  # from the first to the last of them, in both videos
    places: int = 14  # distinct places whose keypoints agree with one map
    motion: float = 0.65  # correlation of what moves within the picture, from which it is the same recording
    windows: int = 3  # in which something must move, to say so
    small_motion: float = 0.85  # the same for videos too long to have anything but thumbnails of 16 px
    energy: float = 1.0  # luma levels; below, nothing moves
    rhythm: float = 8.0  # deviations above chance from which the rhythm is alike
    usable: float = 0.3  # share of a video that must be recognisable before "none" is said


THRESHOLDS: Final = Thresholds()
