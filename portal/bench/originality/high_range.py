"""Pictures of standard dynamic range written as phones write HDR: BT.2020, PQ or HLG, ten bits, H.265."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from PIL import Image

PQ: Final = 16  # numbers of ITU-T H.273, table 3
HLG: Final = 18
_BT_2020: Final = 9  # of its tables 2 and 4
_GAMMA: Final = 2.2  # of the display for which the pictures were made
_PEAK: Final = 1000.0  # cd/m2 of the display for which HLG is written
_PRIMARIES: Final = np.array(  # BT.709 to BT.2020 (ITU-R BT.2087)
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]], np.float32
)
_LUMA: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)

Numbers = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Light:
    """The curve, and how bright white is, in cd/m2."""

    curve: int
    white: float


def draw_light(chance: random.Random) -> Light:
    """Either curve; white is about the 203 cd/m2 of ITU-R BT.2408."""
    return Light(chance.choice((PQ, HLG)), chance.uniform(160.0, 240.0))


def write_clip(pictures: Iterator[Image.Image], size: tuple[int, int], rate: float, light: Light, *, crf: int) -> bytes:
    """Pictures of one size, of even sides, as an MP4."""
    written = io.BytesIO()
    # One thread, or the bytes differ from run to run.
    options = {"crf": str(crf), "preset": "veryfast", "x265-params": "log-level=none:pools=none:frame-threads=1"}
    with av.open(written, "w", format="mp4") as target:
        stream = target.add_stream("libx265", rate=Fraction(rate).limit_denominator(1001), options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = light.curve, _BT_2020, _BT_2020
        for picture in pictures:
            target.mux(stream.encode(_frame(picture, light)))
        target.mux(stream.encode(None))
    return written.getvalue()


def _frame(picture: Image.Image, light: Light) -> VideoFrame:
    frame = VideoFrame(picture.width, picture.height, "yuv420p10le")
    frame.color_trc = light.curve
    signal = _signal(np.asarray(picture.convert("RGB"), np.float32) / 255, light)
    luma = signal @ _LUMA
    blue, red = (signal[..., 2] - luma) / 1.8814, (signal[..., 0] - luma) / 1.4746
    planes = (64 + 876 * luma, 512 + 896 * _halved(blue), 512 + 896 * _halved(red))
    for plane, values in zip(frame.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), "<u2")
        rows[:, : plane.width] = np.clip(np.rint(values), 0, 1023)
        plane.update(rows.tobytes())
    return frame


def _signal(shown: Numbers, light: Light) -> Numbers:
    """The signal 0..1 of colours 0..1, so that a display shows them at that brightness."""
    lit = (shown**_GAMMA @ _PRIMARIES.T) * light.white  # cd/m2
    signal = _pq_signal(lit) if light.curve == PQ else _hlg_signal(lit)
    return np.asarray(signal, np.float32)


def _pq_signal(lit: Numbers) -> Numbers:
    """SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = (lit / 10_000) ** m1
    return np.asarray(((c1 + c2 * root) / (1 + c3 * root)) ** m2)


def _hlg_signal(lit: Numbers) -> Numbers:
    """ITU-R BT.2100, the display's own curve undone."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    shown = lit / _PEAK
    bright = np.maximum(shown @ _LUMA, 1e-6)[..., None]
    scene = shown * bright ** (1 / 1.2 - 1)
    high = a * np.log(np.maximum(12 * scene - b, 1e-6)) + c
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def _halved(values: Numbers) -> Numbers:
    """The mean of each two by two."""
    high, wide = values.shape
    return np.asarray(values.reshape(high // 2, 2, wide // 2, 2).mean(axis=(1, 3)))
