"""The sound of a file decoded, within the child, into its fingerprint: of a video, or of a file of sound alone.

Seconds are those of players, as in reading.py: the sound of a video is placed on the clock of its pictures. Headers are
believed in nothing; memory grows by 48 bytes for a row, of which there are ROWS a second.
"""

import time
from collections.abc import Iterator
from typing import IO, Any, Final, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition

from portal.engines.fingerprints import limits, reading, sniffing, sound_cells
from portal.engines.fingerprints.decoding import METER
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.reading import OpenVideo, read_packets
from portal.engines.fingerprints.sound_cells import BANDS, HERTZ, HOP, Floats
from portal.engines.fingerprints.sound_record import SoundFingerprint
from portal.engines.limited_process import Refused

_OUT_OF_STEP: Final = 0.1  # s between a frame's stamp and the end of the one before, from which the stamp counts
_AT_ONCE: Final = 256 * HOP  # samples measured together
_MOST_CHANNELS: Final = 64
_SILENT: Final = 70  # a level, in half decibels above -100, up to which nothing is heard


def fingerprint_opened(file: IO[bytes], bounds: Limits) -> SoundFingerprint:
    """The fingerprint of the sound in the file; raises Refused. A video without sound has one without rows."""
    file.seek(0)
    media_type = sniffing.detect_playable_type(file.read(sniffing.HEAD))
    video = _opened_video(file, media_type, bounds)
    if video is not None:
        zero = video.zero * float(video.stream.time_base or 0)
        return _fingerprint(video.container, zero, video.duration, bounds)
    file.seek(0)
    container = reading.open_container(file, media_type, bounds)
    return _fingerprint(container, None, None, bounds)


def find_heard_stream(container: InputContainer) -> AudioStream | None:
    """The track that players play: the first default one, else the first."""
    tracks = [
        each
        for each in container.streams.audio
        if each.time_base is not None and getattr(each.codec_context, "sample_rate", None)
    ]
    default = [each for each in tracks if each.disposition & Disposition.default]
    return next(iter(default or tracks), None)


def decode_sound(container: InputContainer, stream: AudioStream, bounds: Limits) -> Iterator[AudioFrame]:
    """The frames of a track from the start of the file; what does not decode is skipped."""
    for other in container.streams:
        other.discard = Discard.default if other.index == stream.index else Discard.all
    try:
        container.seek(0)
    except av.FFmpegError:
        return
    broken = 0
    for packet in read_packets(container, cast("Any", stream)):
        try:
            with METER.running():
                frames = stream.decode(packet)
            yield from frames
        except (av.FFmpegError, ValueError):
            broken += 1
            if broken > bounds.errors:
                return


def _opened_video(file: IO[bytes], media_type: str, bounds: Limits) -> OpenVideo | None:
    """The video, whose pictures set the clock; None where there are none."""
    if media_type not in limits.ACCEPTED:
        return None
    try:
        return reading.open_video(file, bounds)
    except Refused as refused:
        if refused.code not in {limits.NO_VIDEO, limits.TOO_SHORT}:
            raise
        return None


def _fingerprint(
    container: InputContainer, zero: float | None, lasts: float | None, bounds: Limits
) -> SoundFingerprint:
    """`zero`: second 0 on the clock of the file, None for where its sound begins. `lasts`: seconds, None for to its end."""
    stream = find_heard_stream(container)
    if stream is None:
        if lasts is None:
            raise Refused(limits.NO_SOUND)
        return SoundFingerprint(lasts, np.zeros((0, BANDS), np.int8), silent=True, truncated=False)
    track = _Track(stream, zero, lasts, bounds)
    for frame in decode_sound(container, stream, bounds):
        if not track.take(frame):
            break
    found = track.finish()
    if lasts is None and found.duration < bounds.shortest:
        raise Refused(limits.TOO_SHORT if found.duration else limits.BROKEN, f"{found.duration:.2f} s")
    return found


class _Track:
    """Frames put in their place in time, resampled and measured as they come."""

    def __init__(self, stream: AudioStream, zero: float | None, lasts: float | None, bounds: Limits) -> None:
        self._base = float(stream.time_base or 0)
        self._zero, self._lasts, self._bounds = zero, lasts, bounds
        self._resampler: tuple[tuple[Any, ...], AudioResampler] | None = None
        self._held: AudioFrame | None = None
        self._second = 0.0  # of the frame that is held
        self._line = _Line(round(HERTZ * min(lasts or bounds.longest + 1, bounds.longest + bounds.lead)))
        self._started = time.process_time()
        self._complete = True

    def take(self, frame: AudioFrame) -> bool:
        """Whether more is wanted. A stamp out of step counts only where the next one goes on from it."""
        if not 0 < len(frame.layout.channels) <= _MOST_CHANNELS or frame.sample_rate <= 0 or not frame.samples:
            return True
        if self._held is not None:
            self._place(self._held, self._stamp(frame))
        elif self._zero is None:
            self._zero = (frame.pts or 0) * self._base
        self._held = frame
        if self._line.is_full and self._lasts is None:
            raise Refused(limits.TOO_LONG, "sound")
        if time.process_time() - self._started > 2 * self._bounds.decoding_seconds:
            self._complete = False
        return self._complete and not self._line.is_full

    def finish(self) -> SoundFingerprint:
        if self._held is not None:
            self._place(self._held, None)
        levels, samples = self._line.finish()
        duration = samples / HERTZ if self._lasts is None else self._lasts
        return SoundFingerprint(
            round(duration, 3),
            sound_cells.make_cells(levels),
            silent=not bool((levels > _SILENT).any()),
            truncated=not self._complete,
        )

    def _stamp(self, frame: AudioFrame) -> float | None:
        return None if frame.pts is None else frame.pts * self._base - (self._zero or 0.0)

    def _place(self, frame: AudioFrame, following: float | None) -> None:
        stamp, lasts = self._stamp(frame), frame.samples / frame.sample_rate
        second = self._second
        if stamp is not None and abs(stamp - second) > _OUT_OF_STEP:
            goes_on = following is not None and abs(following - stamp - lasts) <= _OUT_OF_STEP
            second = stamp if goes_on else second
        self._line.add(second, self._resampled(frame))
        self._second = second + lasts

    def _resampled(self, frame: AudioFrame) -> Floats:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or self._resampler[0] != kind:
            self._resampler = kind, AudioResampler("flt", "mono", HERTZ)
        frame.pts = None
        try:
            parts = [each.to_ndarray()[0] for each in self._resampler[1].resample(frame)]
        except (av.FFmpegError, ValueError):
            self._resampler = None
            parts = [np.zeros(frame.samples * HERTZ // frame.sample_rate, np.float32)]
        whole = np.concatenate([np.zeros(0, np.float32), *parts])
        return np.asarray(np.clip(np.nan_to_num(whole), -1, 1), np.float32)


class _Line:
    """Samples on one clock, measured as they come; what is missing between them is silence."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._levels = [np.zeros((0, BANDS), np.uint8)]
        self._waiting: list[Floats] = []
        self._waits = 0
        self._count = 0

    @property
    def is_full(self) -> bool:
        return self._count >= self._most

    def add(self, second: float, samples: Floats) -> None:
        place = min(max(round(second * HERTZ), -len(samples)), self._most)
        gap = place - self._count
        if gap > _OUT_OF_STEP * HERTZ:
            self._silence(gap)
        elif gap < -_OUT_OF_STEP * HERTZ or (gap < 0 and place < 0):
            samples = samples[-gap:]
        self._append(samples[: max(0, self._most - self._count)])

    def finish(self) -> tuple[sound_cells.Levels, int]:
        self._transform()
        return np.concatenate(self._levels), self._count

    def _silence(self, samples: int) -> None:
        """Rows of silence are written as such: nothing is transformed however long it is."""
        self._transform()
        rows, rest = divmod(samples, HOP)
        self._levels.append(np.zeros((rows, BANDS), np.uint8))
        self._count += rows * HOP
        self._append(np.zeros(rest, np.float32))

    def _append(self, samples: Floats) -> None:
        self._waiting.append(samples)
        self._waits += len(samples)
        self._count += len(samples)
        if self._waits >= _AT_ONCE:
            self._transform()

    def _transform(self) -> None:
        waiting = np.concatenate([np.zeros(0, np.float32), *self._waiting])
        rows = sound_cells.count_rows(len(waiting))
        self._levels.append(sound_cells.levels_of_samples(waiting))
        self._waiting = [waiting[rows * HOP :]]
        self._waits = len(self._waiting[0])
