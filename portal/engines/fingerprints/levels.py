"""How loud a video or a sound is, twenty times a second, and where one of two is silent.

`read_levels` runs within the child; comparing is numpy alone. A level is a byte: 0 stands for -60 dB of full scale or
less, 255 for full scale, in equal steps of dB.
"""

import math
import time
from collections.abc import Iterator
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from portal.engines.fingerprints import limits, reading, sniffing
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.reading import OpenVideo
from portal.engines.fingerprints.sound_reading import decode_sound, find_heard_stream
from portal.engines.limited_process import Refused

RATE: Final = 20  # levels a second
FLOOR: Final = -60.0  # dB
# What comparing two sounds says.
SOUND_SAME: Final = "sound_same"
SOUND_REPLACED: Final = "sound_replaced"
SOUND_REMOVED: Final = "sound_removed"
SOUND_ADDED: Final = "sound_added"
SOUND_UNCLEAR: Final = "sound_unclear"
NO_SOUND: Final = "no_sound"

_SILENT: Final = 8  # a level up to which nothing is heard
_AUDIBLE: Final = 0.02  # share of louder levels below which a stretch is silent
_MOST_CHANNELS: Final = 64

Levels = npt.NDArray[np.uint8]


def read_levels(video: OpenVideo, bounds: Limits) -> tuple[Levels, bool]:
    """Levels from second 0 to the end of the video, and whether all of its sound was read; none without sound."""
    stream = find_heard_stream(video.container)
    count = math.ceil(video.duration * RATE)
    if stream is None:
        return np.zeros(0, np.uint8), True
    zero = video.zero * float(video.stream.time_base or 0)
    levels, complete = _measured(video.container, stream, zero, count, bounds)
    return np.pad(levels, (0, count - len(levels))), complete


def read_levels_of_sound(file: IO[bytes], bounds: Limits) -> tuple[Levels, bool]:
    """The same of a file of sound alone; second 0 is where it begins. Raises Refused."""
    file.seek(0)
    media_type = sniffing.detect_playable_type(file.read(sniffing.HEAD))
    file.seek(0)
    container = reading.open_container(file, media_type, bounds)
    stream = find_heard_stream(container)
    if stream is None:
        raise Refused(limits.NO_SOUND)
    return _measured(container, stream, None, math.ceil((bounds.longest + bounds.lead) * RATE), bounds)


def compare_silence(a: Levels, b: Levels, line: tuple[float, float, float, float]) -> str:
    """NO_SOUND, SOUND_ADDED or SOUND_REMOVED; "" where both are heard.

    `line`: seconds of the first from and to, the second of the other at which the first begins, and its seconds
    for one of the first, which may be negative.
    """
    start, end, there, rate = line
    moments = np.arange(start, end, 1 / RATE)
    silent = _is_silent(_at(a, moments)), _is_silent(_at(b, there + (moments - start) * rate))
    return {(True, True): NO_SOUND, (True, False): SOUND_ADDED, (False, True): SOUND_REMOVED}.get(silent, "")


def _measured(
    container: InputContainer, stream: AudioStream, zero: float | None, most: int, bounds: Limits
) -> tuple[Levels, bool]:
    """At most so many levels, up to the last that has sound, and whether all of it was read."""
    power, heard, complete = np.zeros(most), np.zeros(most), True
    started = time.process_time()
    for second, frame in _frames(container, stream, zero, bounds):
        _add(frame, second, power, heard)
        if time.process_time() - started > bounds.decoding_seconds:
            complete = False
            break
    count = int(np.flatnonzero(heard)[-1]) + 1 if heard.any() else 0
    decibels = 10 * np.log10(np.maximum(power[:count] / np.maximum(heard[:count], 1), 1e-12))
    return np.rint(np.clip(1 - decibels / FLOOR, 0, 1) * 255).astype(np.uint8), complete


def _frames(
    container: InputContainer, stream: AudioStream, zero: float | None, bounds: Limits
) -> Iterator[tuple[float, AudioFrame]]:
    """Frames of sound with their second; `zero`: second 0 on the clock of the file, None for where its sound begins."""
    second, base = 0.0, float(stream.time_base or 0)
    for frame in decode_sound(container, stream, bounds):
        if zero is None:
            zero = (frame.pts or 0) * base
        second = second if frame.pts is None else frame.pts * base - zero
        yield second, frame
        second += frame.samples / max(frame.sample_rate, 1)


def _add(frame: AudioFrame, second: float, power: npt.NDArray[np.float64], heard: npt.NDArray[np.float64]) -> None:
    """Count the squares of the frame's samples, a mean over its channels, into the windows that they fall into."""
    channels = len(frame.layout.channels)
    if not 0 < channels <= _MOST_CHANNELS or frame.sample_rate <= 0:
        return
    samples = frame.to_ndarray()
    planes = samples if frame.format.is_planar else samples.reshape(-1, channels).T
    squares = (_in_full_scale(planes) ** 2).mean(axis=0)
    places = np.floor((second + np.arange(len(squares)) / frame.sample_rate) * RATE)
    inside = (places >= 0) & (places < len(power))
    numbers = places[inside].astype(np.int64)
    np.add.at(power, numbers, squares[inside])
    np.add.at(heard, numbers, 1)


def _in_full_scale(samples: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    kind = samples.dtype
    if kind == np.uint8:
        return (samples.astype(np.float64) - 128) / 128
    if np.issubdtype(kind, np.integer):
        return samples.astype(np.float64) / -float(np.iinfo(kind).min)
    return np.nan_to_num(np.clip(samples.astype(np.float64), -1, 1))


def _at(levels: Levels, moments: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Levels at these seconds; silence outside."""
    places = np.floor(moments * RATE + 1e-6).astype(np.int64)
    inside = (places >= 0) & (places < len(levels))
    found = np.zeros(len(moments))
    found[inside] = levels[places[inside]]
    return found


def _is_silent(levels: npt.NDArray[np.float64]) -> bool:
    return not len(levels) or float((levels > _SILENT).mean()) < _AUDIBLE
