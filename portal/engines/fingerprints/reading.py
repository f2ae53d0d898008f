"""Videos read frame by frame, within the child: opened, measured, decoded; what is damaged is skipped.

Which of several tracks is shown is taken from headers. The size of a frame is that of the stream itself, to whose bound
the decoder is held, whatever the container claims. The duration is measured on the packets. Seconds are those of players: they start at zero of the file's clock,
and what an edit list hides does not count.
"""

import importlib
import itertools
import pkgutil
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final, cast

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from portal.engines.fingerprints import limits, showing, sniffing, timing
from portal.engines.fingerprints.decoding import METER
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.timing import Span
from portal.engines.limited_process import Refused

_BUFFER: Final = 1 << 18  # bytes read at a time
_MOST_PACKETS: Final = 4_000_000
_TRIED_PACKETS: Final = 100  # in which a frame is looked for, where a container claims too large ones
_FEW: Final = 3  # pictures; a stream with fewer is a still
_LATE: Final = 20  # pictures after the end of a part, which end the reading: one alone may have a wrong stamp
_LEAST_PART: Final = 1.0  # s
_STILLS: Final = Disposition.attached_pic | Disposition.timed_thumbnails


@dataclass(frozen=True)
class OpenVideo:
    """An opened video: its one picture stream, the second of its first picture and that of its end.

    `zero`: second 0, in units of the stream's time base. `aspect`: width of a stored pixel for its height. `cut`: its
    header promises more than the file holds. `partial`: only a part of it is read (see cut_out()).
    """

    container: InputContainer
    stream: VideoStream
    media_type: str
    span: Span
    zero: int
    start: float
    duration: float
    aspect: float
    cut: bool
    has_audio: bool
    partial: bool = False

    @property
    def frames(self) -> int:
        """How many pictures the file holds."""
        return self.span.count


@dataclass(frozen=True)
class _Track:
    """One stream of pictures, with the stamps and the durations of its packets."""

    stream: VideoStream
    stamps: "array[int]" = field(default_factory=lambda: array("q"))
    durations: "array[int]" = field(default_factory=lambda: array("q"))

    def note(self, packet: "Packet[Any]") -> None:
        stamp = packet.pts if packet.pts is not None else packet.dts
        # What an edit list hides is decoded, because other pictures depend on it, but not shown.
        if stamp is not None and not packet.is_discard:
            self.stamps.append(stamp)
            self.durations.append(max(packet.duration or 0, 0))

    @property
    def moves(self) -> bool:
        return len(self.stamps) >= _FEW

    @property
    def size(self) -> int:
        return self.stream.codec_context.width * self.stream.codec_context.height


class Decoder:
    """Frames of a video with their second, in the order they are shown.

    `broken` counts the packets that did not decode, `pixels` those of all frames that did.
    """

    def __init__(self, video: OpenVideo, bounds: Limits) -> None:
        self._video = video
        self._most = bounds.errors
        self.broken = 0
        self.pixels = 0

    def skip(self, kind: str) -> None:
        """Decode no more than: DEFAULT (all), NONREF (what others refer to), NONKEY (keyframes)."""
        self._video.stream.codec_context.skip_frame = kind  # type: ignore[assignment]

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """From the start; seconds only grow, and none lies outside the video."""
        last, held = self._video.start - 0.001, None
        for at, frame in self._stamped():
            if held is not None:
                if at <= last:
                    continue
                # A picture cannot be shown later than the one that comes after it: its stamp is wrong.
                last = held[0] if held[0] < at else (last + at) / 2
                yield last, held[1]
            held = at, frame
        if held is not None and held[0] > last:
            yield held

    def _stamped(self) -> Iterator[tuple[float, VideoFrame]]:
        """Frames in the order in which they are shown, with their seconds within the video."""
        video, base = self._video, float(self._video.stream.time_base or 0)
        at, late = video.start - video.span.step * base, 0
        for packet in read_packets(video.container, video.stream):
            for frame in self._decoded(packet):
                at = at + video.span.step * base if frame.pts is None else (frame.pts - video.zero) * base
                late += at > video.duration
                if video.start <= at <= video.duration:
                    yield at, frame
            if self.broken >= self._most or (video.partial and late > _LATE):
                return

    def _decoded(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        try:
            with METER.running():
                frames = self._video.stream.decode(packet)
        except (av.FFmpegError, ValueError):
            self.broken += 1
            return []
        self.pixels += sum(frame.width * frame.height for frame in frames)
        return frames


def prepare() -> None:
    """Import the whole library before the child can no longer open files: it does so as it meets kinds of streams."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name != "av.__main__":
            importlib.import_module(module.name)
    importlib.import_module("numpy.ma")  # a median imports it


def open_video(file: IO[bytes], bounds: Limits) -> OpenVideo:
    """The video in `file`; raises Refused."""
    file.seek(0)
    media_type = sniffing.detect_video_type(file.read(sniffing.HEAD))
    file.seek(0)
    container = open_container(file, media_type, bounds)
    track = _shown_track(_read_tracks(container))
    if track.size > bounds.pixels:
        raise Refused(limits.TOO_MANY_PIXELS, f"{track.size} px")
    video = _timed(container, track, media_type, bounds)
    _judge(video, bounds)
    video = _rewound(video, file, bounds)
    _look_at_only(video.container, video.stream, bounds)
    return video


def cut_out(video: OpenVideo, start: float, end: float) -> OpenVideo:
    """The seconds `start`..`end` of an opened video as a video of its own, whose second 0 is `start`.

    Raises Refused where the video has no such seconds, or its index does not lead there.
    """
    base = float(video.stream.time_base or 0)
    first, last = max(start, video.start), min(end, video.duration)
    if last - first < _LEAST_PART:
        raise Refused(limits.TOO_SHORT, f"{last - first:.2f} s")
    zero = video.zero + round(start / base)
    try:
        video.container.seek(video.zero + round(first / base), backward=True, any_frame=False, stream=video.stream)
    except av.FFmpegError as error:
        raise Refused(limits.BROKEN, "index") from error
    video.stream.codec_context.flush_buffers()
    return replace(video, zero=zero, start=first - start, duration=last - start, cut=False, partial=True)


def _rewound(video: OpenVideo, file: IO[bytes], bounds: Limits) -> OpenVideo:
    """The video, back at its first frame."""
    try:
        video.container.seek(0, backward=True, any_frame=False)
    except av.FFmpegError:  # its index is damaged
        index = video.stream.index
        video.container.close()
        file.seek(0)
        again = open_container(file, video.media_type, bounds)
        return replace(video, container=again, stream=cast("VideoStream", again.streams[index]))
    video.stream.codec_context.flush_buffers()
    return video


def read_packets(container: InputContainer, *streams: VideoStream) -> "Iterator[Packet[VideoStream]]":
    """The packets of the streams up to the end, or to where the file cannot be read on."""
    source = METER.counted(cast("Iterator[Packet[VideoStream]]", container.demux(*streams)))
    for _ in range(_MOST_PACKETS):
        try:
            packet = next(source)
        except (StopIteration, av.FFmpegError):
            return
        yield packet


def open_container(file: IO[bytes], media_type: str, bounds: Limits) -> InputContainer:
    """The container; its first frames are tried by the library itself, within the same bounds."""
    container, too_large = _open(file, media_type, bounds)
    if not too_large:
        return container
    # Said of what the container claims, too: frames that decode are within the bound.
    if not _decodes(container, bounds):
        raise Refused(limits.TOO_MANY_PIXELS, "said by the decoder")
    container.close()
    file.seek(0)
    return _open(file, media_type, bounds)[0]


def _open(file: IO[bytes], media_type: str, bounds: Limits) -> tuple[InputContainer, bool]:
    """The container, and whether a frame was said to be too large."""
    options, kind = {"max_pixels": str(bounds.pixels), "threads": "1"}, limits.DEMUXERS[media_type]
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as said, METER.running():
            container = av.open(file, "r", format=kind, options=options, buffer_size=_BUFFER, io_open=_no_other_file)
    except (av.FFmpegError, ValueError) as error:
        raise Refused(limits.BROKEN, type(error).__name__) from error
    finally:
        av.logging.set_level(None)
    # The decoder's error for a frame beyond the limit carries no size, only this message.
    return container, any("max pixel count" in line for _, _, line in said)


def _decodes(container: InputContainer, bounds: Limits) -> bool:
    """Whether one of the first packets of a stream of pictures gives a frame within the bound."""
    streams = [stream for stream in container.streams.video if getattr(stream.codec_context, "width", 0)]
    for stream in streams:
        _bound_decoder(stream, bounds)
    for packet in itertools.islice(read_packets(container, *streams), _TRIED_PACKETS if streams else 0):
        try:
            if packet.stream.decode(packet):
                return True
        except (av.FFmpegError, ValueError):
            continue
    return False


def _no_other_file(*_: Any) -> None:
    raise PermissionError


def _read_tracks(container: InputContainer) -> list[_Track]:
    """The streams of pictures that can be decoded, covers and thumbnails left out, read to the end of the file."""
    found = [stream for stream in container.streams.video if not stream.disposition & _STILLS]
    if not found:
        raise Refused(limits.NO_VIDEO)
    # A stream that nothing decodes has no context, whatever its type says.
    tracks = {
        stream.index: _Track(stream)
        for stream in found
        if getattr(stream.codec_context, "width", 0) and stream.time_base is not None
    }
    if not tracks:
        raise Refused(limits.BROKEN, "no decoder")
    for other in container.streams:
        if other.index not in tracks:
            other.discard = Discard.all
    for packet in read_packets(container, *(track.stream for track in tracks.values())):
        # The empty packets at the end bear any number.
        if packet.size and packet.stream_index in tracks:
            tracks[packet.stream_index].note(packet)
    return list(tracks.values())


def _shown_track(tracks: Sequence[_Track]) -> _Track:
    """The one that players show: the first of the default ones that is not a still, else the largest."""
    for track in tracks:
        if track.moves and track.stream.disposition & Disposition.default:
            return track
    return max(tracks, key=lambda track: (track.moves, track.size, len(track.stamps)))


def _look_at_only(container: InputContainer, stream: VideoStream, bounds: Limits) -> None:
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    _bound_decoder(stream, bounds)


def _bound_decoder(stream: VideoStream, bounds: Limits) -> None:
    """Have the decoder refuse a frame that is too large: the size may change within the video."""
    stream.codec_context.options = {"max_pixels": str(bounds.pixels)}
    stream.codec_context.thread_count = 1


def _timed(container: InputContainer, track: _Track, media_type: str, bounds: Limits) -> OpenVideo:
    """The track with its place in time."""
    base = float(track.stream.time_base or 0)
    span = timing.determine_span(
        np.frombuffer(track.stamps, np.int64), np.frombuffer(track.durations, np.int64), 1 / base
    )
    if span is None:
        raise Refused(limits.BROKEN, "no packets")
    # Players start at zero of the clock even where the first picture comes later; a recording of a broadcast may
    # start hours after it.
    zero = 0 if 0 <= span.start * base <= bounds.lead else span.start
    return OpenVideo(
        container=container,
        stream=track.stream,
        media_type=media_type,
        span=span,
        zero=zero,
        start=(span.start - zero) * base,
        duration=(span.end - zero) * base,
        aspect=showing.pixel_aspect(track.stream),
        cut=_claimed(track.stream) > (span.end - span.start) * base + 1,
        has_audio=bool(container.streams.audio),
    )


def _claimed(stream: VideoStream) -> float:
    return float((stream.duration or 0) * (stream.time_base or 0))


def _judge(video: OpenVideo, bounds: Limits) -> None:
    seconds = video.duration - video.start
    if seconds > bounds.longest:
        raise Refused(limits.TOO_LONG, f"{seconds:.0f} s")
    if seconds < bounds.shortest or video.frames < _FEW:
        raise Refused(limits.TOO_SHORT, f"{seconds:.2f} s")
