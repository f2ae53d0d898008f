"""Edited copies of videos, and the encoder."""

import io
import itertools
import math
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, ImageEnhance, ImageOps

_TURNS: Final = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


def edit_video(
    data: bytes,
    *,
    mirror: bool = False,
    rotate: int = 0,
    width: int | None = None,
    height: int | None = None,
    crf: int = 32,
    start: float = 0.0,
    end: float | None = None,
    speed: float = 1.0,
    brightness: float = 0.0,
    border: float = 0.0,
    rate: float | None = None,
) -> bytes:
    """The video again, edited: seconds [start, end), mirrored, turned (90, 180, 270 degrees), rescaled.

    `brightness` -1..1 darkens or brightens, `border` is the black share of each side (0.1: a tenth), `rate`
    in frames a second, `speed` 2.0 halves the duration.
    """
    size: tuple[int, int] | None = None

    def edited(picture: Image.Image) -> Image.Image:
        nonlocal size
        picture = ImageOps.mirror(picture) if mirror else picture
        picture = picture.transpose(_TURNS[rotate]) if rotate else picture
        size = size or (width or picture.width & ~1, height or picture.height & ~1)
        picture = picture.resize(size, Image.Resampling.BILINEAR)
        picture = ImageEnhance.Brightness(picture).enhance(1 + brightness) if brightness else picture
        return _bordered(picture, border) if border else picture

    with av.open(io.BytesIO(data), "r") as source:
        own = source.streams.video[0].average_rate or Fraction(12)
    frame_rate = Fraction(rate).limit_denominator(1000) if rate else own
    timed = _read(data, start, math.inf if end is None else end, speed)
    pictures = (edited(picture) for picture in _paced(timed, frame_rate))
    first = next(pictures)
    return encode_video(itertools.chain([first], pictures), first.size, frame_rate, crf=crf)


def encode_video(pictures: Iterator[Image.Image], size: tuple[int, int], rate: Fraction, *, crf: int) -> bytes:
    """Pictures of one size as an MP4, H.264, yuv420p, its index at the front."""
    with tempfile.TemporaryDirectory() as folder:  # the index moves to the front of a file, never of a buffer
        path = Path(folder, "video.mp4")
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        with av.open(path, "w", format="mp4", options=options) as target:
            stream = target.add_stream("libx264", rate=rate)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            # With mbtree the bytes differ from run to run, whatever the number of threads.
            stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "1", "g": str(round(rate * 4))}
            stream.options |= {"x264-params": "mbtree=0"}
            for picture in pictures:
                target.mux(stream.encode(VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")))
            target.mux(stream.encode(None))
        return path.read_bytes()


def _read(data: bytes, start: float, end: float, speed: float) -> Iterator[tuple[float, Image.Image]]:
    """Pictures with their second in the copy."""
    with av.open(io.BytesIO(data), "r") as source:
        for frame in source.decode(video=0):
            second = float(frame.time or 0)
            if start <= second < end:
                yield (second - start) / speed, Image.fromarray(frame.to_ndarray(format="rgb24"))


def _paced(timed: Iterator[tuple[float, Image.Image]], rate: Fraction) -> Iterator[Image.Image]:
    """Pictures at a steady rate: each is shown until the next one's second has come."""
    count = 0
    for second, picture in timed:
        while count / rate <= second + 1e-6:
            count += 1
            yield picture


def _bordered(picture: Image.Image, share: float) -> Image.Image:
    wide, high = picture.size
    inner = picture.resize((round(wide * (1 - 2 * share)), round(high * (1 - 2 * share))), Image.Resampling.BILINEAR)
    canvas = Image.new("RGB", picture.size)
    canvas.paste(inner, ((wide - inner.width) // 2, (high - inner.height) // 2))
    return canvas
