"""Films put into other containers without encoding again: shifted, with several tracks, with wild stamps, turned by their header."""

import io
import struct
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

NOTHING = Disposition(0)
DEFAULT = Disposition.default


def shifted(
    data: bytes, seconds: float, *, kind: str = "mp4", wild: Mapping[int, float] | None = None, silence: float = 0.0
) -> bytes:
    """The film, its stamps moved by so many seconds; what comes to lie before zero is hidden by an edit list.

    `wild`: number of a packet -> its second. `silence`: seconds of a sound track that begins at zero.
    """
    written = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(written, "w", format=kind) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        if silence:
            _be_silent(target, silence)
        for number, packet in enumerate(_packets(source)):
            base = packet.time_base
            assert packet.pts is not None
            assert packet.dts is not None
            packet.pts, packet.dts = packet.pts + round(seconds / base), packet.dts + round(seconds / base)
            if wild and number in wild:
                packet.pts = round(wild[number] / base)
            packet.stream = stream
            target.mux(packet)
    return written.getvalue()


def joined(films: Sequence[tuple[bytes, Disposition]], *, kind: str = "mp4") -> bytes:
    """The films as tracks of one file."""
    written = io.BytesIO()
    sources = [av.open(io.BytesIO(data), "r") for data, _ in films]
    with av.open(written, "w", format=kind) as target:
        streams: list[VideoStream] = []
        for source, (_, disposition) in zip(sources, films, strict=True):
            streams.append(target.add_stream_from_template(source.streams.video[0]))
            streams[-1].disposition = disposition
        for source, stream in zip(sources, streams, strict=True):
            for packet in _packets(source):
                packet.stream = stream
                target.mux(packet)
            source.close()
    return written.getvalue()


def still(picture: np.ndarray) -> bytes:
    """A track of one JPEG."""
    written = io.BytesIO()
    with av.open(written, "w", format="mov") as target:
        stream = target.add_stream("mjpeg", rate=1)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuvj420p"
        target.mux(stream.encode(VideoFrame.from_ndarray(picture, format="rgb24")))
        target.mux(stream.encode(None))
    return written.getvalue()


def disabled(data: bytes, number: int) -> bytes:
    """The MP4 with its track of that number switched off, as editors do with tracks that are not to be shown."""
    place = -1
    for _ in range(number):
        place = data.index(b"tkhd", place + 1)
    return data[: place + 4] + struct.pack(">I", 0) + data[place + 8 :]


def placed(data: bytes, a: int, b: int, c: int, d: int) -> bytes:
    """The MP4 with a display matrix: x' = a x + c y, y' = b x + d y."""
    place = data.index(b"tkhd") + 4 + 40
    matrix = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    return data[:place] + matrix + data[place + len(matrix) :]


def in_high_range(pictures: Sequence[np.ndarray], transfer: int, curve: Callable[[np.ndarray], np.ndarray]) -> bytes:
    """Grey pictures, light 0..1 in float, as a film of ten bits with that transfer; `curve` gives the signal 0..1."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as target:
        stream = target.add_stream("libx265", rate=12, options={"crf": "16", "x265-params": "log-level=none"})
        stream.height, stream.width = pictures[0].shape
        stream.pix_fmt = "yuv420p10le"
        stream.codec_context.color_trc = transfer
        stream.codec_context.color_primaries, stream.codec_context.colorspace = 9, 9
        for light in pictures:
            target.mux(stream.encode(_ten_bits(curve(light), transfer)))
        target.mux(stream.encode(None))
    return written.getvalue()


def _ten_bits(signal: np.ndarray, transfer: int) -> VideoFrame:
    frame = VideoFrame(signal.shape[1], signal.shape[0], "yuv420p10le")
    frame.color_trc = transfer
    levels = [np.rint(64 + signal * 876), np.full((signal.shape[0] // 2, signal.shape[1] // 2), 512)]
    for plane, values in zip(frame.planes, (levels[0], levels[1], levels[1]), strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), "<u2")
        rows[:, : plane.width] = values
        plane.update(rows.tobytes())
    return frame


def _packets(source: InputContainer) -> "list[Packet[VideoStream]]":
    return [packet for packet in source.demux(video=0) if packet.dts is not None]


def _be_silent(target: OutputContainer, seconds: float) -> None:
    stream = target.add_stream("libopus", rate=48000)
    for start in range(0, round(seconds * 48000), 960):
        frame = AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        target.mux(stream.encode(frame))
    target.mux(stream.encode(None))
