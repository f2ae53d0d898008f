"""What is taken of a video beside the samples for its hashes, in the same decoding pass, within the child.

Each picture that is needed is scaled once to channels.PICTURE px, for keypoints, small pictures and the rhythm alike.
"""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import channels, rhythm
from portal.engines.fingerprints.channels import LUMA_STEP, PICTURE, RHYTHM_STEP, Keypoints
from portal.engines.fingerprints.keypoints import KeypointFinder

Luma = npt.NDArray[np.uint8]
TakePicture = Callable[[], Luma]

# (duration in s, longer side of the small pictures in px of videos up to that duration); longer videos have none.
_LUMA_SIDES: Final = ((60.0, 160), (180.0, 96), (600.0, 64), (1800.0, 40))
_OFTEN: Final = 30.0  # s; videos up to here are searched for keypoints twice a second
_MOST_PICTURES: Final = 300  # searched for keypoints
KEYPOINT_SIDE: Final = 288  # px of the longer side of the picture that is searched; 360 take twice as long
_RHYTHM_SIZE: Final = (64, 36)  # px of the pictures whose difference is measured
_LONGEST_RHYTHM: Final = 3 * 3600.0  # s


def keypoint_step(duration: float) -> float:
    """Seconds between two pictures that are searched for keypoints."""
    return max(0.5 if duration <= _OFTEN else 1.0, duration / _MOST_PICTURES)


def luma_side(duration: float) -> int:
    """The longer side of the small pictures in px; 0 where none are kept."""
    return next((side for longest, side in _LUMA_SIDES if duration <= longest), 0)


class DetailCollector:
    """Takes what it needs of the pictures of one video, which are shown to it one after the other."""

    def __init__(self, duration: float) -> None:
        self._side = luma_side(duration)
        self._steps = {"keypoints": keypoint_step(duration), "luma": LUMA_STEP, "rhythm": RHYTHM_STEP}
        self._taken = dict.fromkeys(self._steps, 0)
        self._finder = KeypointFinder(KEYPOINT_SIDE)
        self._luma: list[Luma] = []
        self._changes: list[int] = []
        self._shape: tuple[int, int] | None = None
        self._last: npt.NDArray[np.int16] | None = None

    def show(self, start: float, until: float, take: TakePicture, *, alone: bool) -> None:
        """Take what is due of the picture, which `take` makes; `alone`: its end is unknown, only `start` is exact."""
        picture: Luma | None = None
        for kind, step in self._steps.items():
            if alone and kind != "keypoints":
                continue
            for second in self._due(kind, step, start, until, alone=alone):
                picture = self._of_one_size(take()) if picture is None else picture
                self._take(kind, second, picture)

    def _of_one_size(self, picture: Luma) -> Luma:
        """A video may change its size; its pictures here do not."""
        self._shape = self._shape or (picture.shape[0], picture.shape[1])
        if picture.shape == self._shape:
            return picture
        return np.asarray(cv2.resize(picture, self._shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)

    def keypoints(self) -> Keypoints:
        """Those of all pictures looked at."""
        return self._finder.keypoints()

    def luma(self) -> Luma:
        """The small pictures, from second 0."""
        return np.stack(self._luma) if self._luma else channels.no_luma()

    def changes(self) -> Luma:
        """The rhythm, from second 0."""
        return np.array(self._changes, np.uint8)

    def _due(self, kind: str, step: float, start: float, until: float, *, alone: bool) -> list[float]:
        """The moments at which this kind is due while the picture is shown; keypoints are due once, at its start."""
        first = self._taken[kind]
        count = max(0, int(np.ceil((until - 1e-6) / step)) - first)
        self._taken[kind] = first + count
        if alone or (kind == "keypoints" and count):
            return [start] if count else []
        return [(first + number) * step for number in range(count)]

    def _take(self, kind: str, second: float, picture: Luma) -> None:
        if kind == "keypoints":
            self._finder.look(second, picture)
        elif kind == "luma":
            self._keep_luma(picture)
        elif second <= _LONGEST_RHYTHM:
            self._keep_change(picture)

    def _keep_luma(self, picture: Luma) -> None:
        if not self._side or (len(self._luma) + 1) * self._side**2 > channels.MOST_LUMA:
            return
        share = self._side / PICTURE
        size = (max(1, round(picture.shape[1] * share)), max(1, round(picture.shape[0] * share)))
        self._luma.append(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8))

    def _keep_change(self, picture: Luma) -> None:
        small = cv2.resize(picture, _RHYTHM_SIZE, interpolation=cv2.INTER_AREA)
        levels = np.asarray(small, np.int16)
        change = 0.0 if self._last is None else float(np.abs(levels - self._last).mean())
        self._changes.append(rhythm.as_byte(change))
        self._last = levels
