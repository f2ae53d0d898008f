"""Films with sound: one or two tones whose loudness is given second by second."""

import io
from collections.abc import Sequence
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

HERTZ = 16_000


def with_sound(film: bytes, loudness: Sequence[float], *, kind: str = "mp4", codec: str = "aac") -> bytes:
    """The film with a tone, its loudness 0..1 given for each fifth of a second."""
    wave = np.repeat(np.asarray(loudness, np.float64), HERTZ // 5)
    wave *= np.sin(np.arange(len(wave)) * 2 * np.pi * 440 / HERTZ)
    return with_wave(film, wave, HERTZ, kind=kind, codec=codec)


def with_wave(film: bytes, wave: npt.NDArray[Any], hertz: int, *, kind: str = "mp4", codec: str = "aac") -> bytes:
    """The film with these samples, -1..1."""
    written = io.BytesIO()
    with av.open(io.BytesIO(film), "r") as source, av.open(written, "w", format=kind) as target:
        picture = target.add_stream_from_template(source.streams.video[0])
        sound = cast("AudioStream", target.add_stream(codec, rate=hertz, layout="mono"))
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = picture
                target.mux(packet)
        for start in range(0, len(wave), 1024):
            frame = AudioFrame.from_ndarray(
                wave[None, start : start + 1024].astype(np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = hertz, start
            target.mux(sound.encode(frame))
        target.mux(sound.encode(None))
    return written.getvalue()


def loudness(seed: int, seconds: float) -> list[float]:
    """Of speech: loud and soft for a fifth of a second each."""
    chance = np.random.default_rng(seed)
    return [float(level) for level in chance.choice([0.02, 0.1, 0.4, 0.9], round(seconds * 5))]
