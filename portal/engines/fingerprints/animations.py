"""Animated GIF and WebP, within the child: pictures with their durations, which sampling.py reads as those of a video."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from portal.engines.fingerprints.limits import Limits
from portal.engines.pictures import FAULTS, put_on_white

_SHORTEST: Final = 0.02  # s for which browsers show a picture at least
_USUAL: Final = 0.1  # s that they take instead of a shorter time
_SAME: Final = 2.0  # levels by which pictures of 32 px differ at most where nothing moves


@dataclass(frozen=True)
class Animation:
    """What sampling.py wants to know of a video."""

    duration: float
    start: float = 0.0
    aspect: float = 1.0
    cut: bool = False


class AnimationDecoder:
    """The pictures with their seconds, drawn anew one after the other; in place of reading.Decoder."""

    def __init__(self, image: Image.Image, bounds: Limits) -> None:
        self._image, self._bounds = image, bounds
        self.broken = 0
        self.pixels = 0

    def skip(self, kind: str) -> None:
        """Each picture needs the one before."""

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        second = 0.0
        for number in range(min(count_pictures(self._image), self._bounds.samples)):
            try:
                self._image.seek(number)
                picture = np.asarray(put_on_white(self._image), np.uint8)
            except FAULTS:
                self.broken += 1
                return
            self.pixels += self._image.width * self._image.height
            yield second, VideoFrame.from_ndarray(picture, format="rgb24")
            second += _lasts(self._image)


def shown_pictures(image: Image.Image, bounds: Limits, *, until: float) -> Iterator[tuple[float, Image.Image]]:
    """The pictures with the second from which each is shown, up to the one at `until`, in RGB."""
    second = 0.0
    for number in range(min(count_pictures(image), bounds.samples)):
        if second > until:
            return
        image.seek(number)
        yield second, put_on_white(image).convert("RGB")
        second += _lasts(image)


def count_pictures(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def read_animation(image: Image.Image, bounds: Limits) -> Animation | None:
    """The animation; None where it is one picture, is over within `bounds.shortest`, or nothing moves in it."""
    total, first, moves = 0.0, None, False
    for number in range(min(count_pictures(image), bounds.samples)):
        try:
            image.seek(number)
            small = np.asarray(put_on_white(image).convert("L").resize((32, 32), Image.Resampling.BOX), np.float32)
        except FAULTS:
            break
        first = small if first is None else first
        moves = moves or float(np.abs(small - first).mean()) > _SAME
        total += _lasts(image)
    image.seek(0)
    return Animation(total) if moves and bounds.shortest <= total <= bounds.longest else None


def _lasts(image: Image.Image) -> float:
    seconds = float(image.info.get("duration", 0) or 0) / 1000
    return seconds if seconds >= _SHORTEST else _USUAL
