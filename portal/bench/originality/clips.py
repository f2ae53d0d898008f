"""Clips: the pictures of a short video in memory, read and written."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from portal.sandbox import drawing

WIDTH: Final = 480  # px of the longer side of every work
MOST_RATE: Final = 30.0
CRF: Final = 26  # of works, before anything is done to them

Pictures = npt.NDArray[np.uint8]  # [frames, height, width, 3]


@dataclass(frozen=True)
class Clip:
    """Pictures at a steady rate, in frames a second."""

    pictures: Pictures
    rate: float

    @property
    def seconds(self) -> float:
        return len(self.pictures) / self.rate

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        return self.pictures.shape[2], self.pictures.shape[1]

    def at(self, second: float) -> Image.Image:
        """The picture shown at a second; the last one after the end."""
        number = int(second * self.rate + 1e-6)
        return Image.fromarray(self.pictures[min(max(number, 0), len(self.pictures) - 1)])


def read_clip(data: bytes, *, start: float = 0.0, end: float = 10.0) -> Clip:
    """Seconds start..end of a video, scaled to WIDTH and paced steadily."""
    with av.open(io.BytesIO(data), "r") as source:
        stream = source.streams.video[0]
        rate = min(float(stream.average_rate or 25), MOST_RATE)
        size = _scaled_size(stream.width, stream.height)
        shown: list[tuple[float, Pictures]] = []
        for frame in source.decode(video=0):
            second = float(frame.time or 0.0) - start
            if second >= end - start:
                break
            if second >= 0:
                scaled = frame.reformat(*size, "rgb24", interpolation="AREA", threads=1)
                shown.append((second, scaled.to_ndarray().astype(np.uint8, copy=False)))
    return Clip(np.stack(list(_paced(shown, rate))), rate)


def array_of(picture: Image.Image) -> Pictures:
    """One picture as an array."""
    return np.asarray(picture.convert("RGB"), np.uint8)


def stacked(pictures: list[Pictures]) -> Pictures:
    """Pictures of one size as one array."""
    return np.stack(pictures)


def write_clip(pictures: Iterator[Image.Image], size: tuple[int, int], rate: float, *, crf: int = CRF) -> bytes:
    """Pictures of one size as an MP4."""
    return drawing.encode_video(pictures, size, Fraction(rate).limit_denominator(1001), crf=crf)


def encode_clip(clip: Clip) -> bytes:
    """The clip as an MP4."""
    return write_clip((Image.fromarray(each) for each in clip.pictures), clip.size, clip.rate)


def enlarge(clip: Clip, width: int, seconds: float) -> bytes:
    """The clip with a longer side of `width` px, again and again for so many seconds, as an MP4."""
    size = _scaled_size(*clip.size, width)
    numbers = (number % len(clip.pictures) for number in range(round(seconds * clip.rate)))
    enlarged = (Image.fromarray(clip.pictures[number]).resize(size, Image.Resampling.BICUBIC) for number in numbers)
    return write_clip(enlarged, size, clip.rate)


def _scaled_size(width: int, height: int, longer: int = WIDTH) -> tuple[int, int]:
    share = longer / max(width, height)
    return round(width * share / 2) * 2, round(height * share / 2) * 2


def _paced(shown: list[tuple[float, Pictures]], rate: float) -> Iterator[Pictures]:
    """Each picture until the next one's second has come."""
    last = shown[-1][0] + 1 / rate
    number = 0
    for tick in range(max(round(last * rate), 1)):
        while number + 1 < len(shown) and shown[number + 1][0] <= tick / rate + 0.5 / rate:
            number += 1
        yield shown[number][1]
