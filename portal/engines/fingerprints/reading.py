"""Videos read frame by frame, within the child: opened, measured, decoded; what is damaged is skipped.

Headers are believed in nothing but the size of a frame, which the decoder is held to; how long a
video is, is measured on its packets.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from portal.engines.fingerprints import limits, sniffing
from portal.engines.fingerprints.limits import Limits
from portal.engines.limited_process import Refused

_BUFFER: Final = 1 << 18  # bytes read at a time
_MOST_PACKETS: Final = 4_000_000
_FEW: Final = 3  # frames


@dataclass(frozen=True)
class OpenVideo:
    """An opened video: its one picture stream, where it starts and how long it is, in seconds.

    `cut`: its header tells of more than the file holds.
    """

    container: InputContainer
    stream: VideoStream
    media_type: str
    start: float
    duration: float
    frames: int
    cut: bool
    has_audio: bool


class Decoder:
    """Frames of a video with their second, in the order they are shown; `broken` counts what did not decode."""

    def __init__(self, video: OpenVideo, bounds: Limits) -> None:
        self._video = video
        self._most = bounds.errors
        self.broken = 0

    def skip(self, kind: str) -> None:
        """Decode no more than: DEFAULT (all), NONREF (what others refer to), NONKEY (keyframes)."""
        self._video.stream.codec_context.skip_frame = kind  # type: ignore[assignment]

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """From the start; seconds only grow, and none lies outside the video."""
        last = -0.001
        for packet in read_packets(self._video.container, self._video.stream):
            for frame in self._decoded(packet):
                at = self._placed(frame, last)
                if last < at <= self._video.duration:
                    last = at
                    yield at, frame
            if self.broken >= self._most:
                return

    def _placed(self, frame: VideoFrame, last: float) -> float:
        if frame.pts is None:
            return last + self._video.duration / self._video.frames
        return frame.time - self._video.start

    def _decoded(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        try:
            return self._video.stream.decode(packet)
        except (av.FFmpegError, ValueError):
            self.broken += 1
            return []


def prepare() -> None:
    """Import the whole library, which otherwise does so when it meets a kind of stream, while files can be opened."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name != "av.__main__":
            importlib.import_module(module.name)


def open_video(file: IO[bytes], bounds: Limits) -> OpenVideo:
    """The video in `file`; raises Refused."""
    file.seek(0)
    media_type = sniffing.detect_video_type(file.read(sniffing.HEAD))
    file.seek(0)
    container = _open(file, media_type, bounds)
    stream = _pictures(container)
    if stream.codec_context.width * stream.codec_context.height > bounds.pixels:
        raise Refused(limits.TOO_MANY_PIXELS, f"{stream.codec_context.width}x{stream.codec_context.height}")
    # The size may change within the video: the decoder refuses such a frame by itself.
    stream.codec_context.options = {"max_pixels": str(bounds.pixels)}
    stream.codec_context.thread_count = 1
    start, end, frames = _measured(container, stream)
    video = OpenVideo(
        container=container,
        stream=stream,
        media_type=media_type,
        start=start,
        duration=end - start,
        frames=frames,
        cut=_claimed(stream) > end - start + 1,
        has_audio=bool(container.streams.audio),
    )
    _judge(video, bounds)
    rewind_video(video)
    return video


def rewind_video(video: OpenVideo) -> None:
    """Back to the first frame."""
    video.container.seek(0, backward=True, any_frame=False)
    video.stream.codec_context.flush_buffers()


def read_packets(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream]]":
    """The packets of the stream up to the end, or to where the file cannot be read on."""
    source = container.demux(stream)
    for _ in range(_MOST_PACKETS):
        try:
            packet = next(source)
        except (StopIteration, av.FFmpegError):
            return
        yield packet


def _open(file: IO[bytes], media_type: str, bounds: Limits) -> InputContainer:
    """The container; its first frames are tried by the library itself, within the same bounds."""
    options, kind = {"max_pixels": str(bounds.pixels), "threads": "1"}, limits.ACCEPTED[media_type]
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as said:
            container = av.open(file, "r", format=kind, options=options, buffer_size=_BUFFER, io_open=_no_other_file)
    except (av.FFmpegError, ValueError) as error:
        raise Refused(limits.BROKEN, type(error).__name__) from error
    finally:
        av.logging.set_level(None)
    # The decoder's error for a frame beyond the limit carries no size, only this message.
    if any("max pixel count" in line for _, _, line in said):
        raise Refused(limits.TOO_MANY_PIXELS, "said by the decoder")
    return container


def _no_other_file(*_: Any) -> None:
    raise PermissionError


def _pictures(container: InputContainer) -> VideoStream:
    """The stream to look at: neither a cover nor one that nothing here decodes; the others are not read."""
    found = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not found:
        raise Refused(limits.NO_VIDEO)
    # A stream that nothing decodes has no context, whatever its type says.
    usable = [stream for stream in found if getattr(stream.codec_context, "width", 0)]
    if not usable or usable[0].time_base is None:
        raise Refused(limits.BROKEN, "no decoder")
    for other in container.streams:
        if other is not usable[0]:
            other.discard = Discard.all
    return usable[0]


def _measured(container: InputContainer, stream: VideoStream) -> tuple[float, float, int]:
    """First and last second and the number of packets, by reading the file to its end."""
    start, end, count, base = None, 0, 0, float(stream.time_base or 0)
    for packet in read_packets(container, stream):
        stamp = packet.pts if packet.pts is not None else packet.dts
        if not packet.size or stamp is None:
            continue
        count += 1
        start = stamp if start is None else min(start, stamp)
        end = max(end, stamp + max(packet.duration or 0, 0))
    if start is None:
        raise Refused(limits.BROKEN, "no packets")
    return start * base, end * base, count


def _claimed(stream: VideoStream) -> float:
    return float((stream.duration or 0) * (stream.time_base or 0))


def _judge(video: OpenVideo, bounds: Limits) -> None:
    if video.duration > bounds.longest:
        raise Refused(limits.TOO_LONG, f"{video.duration:.0f} s")
    if video.duration < bounds.shortest or video.frames < _FEW:
        raise Refused(limits.TOO_SHORT, f"{video.duration:.2f} s")
