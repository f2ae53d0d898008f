"""Odd films: what people upload by mistake, and what the ill-willed make."""

import io
import struct
import zlib
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from portal.sandbox import drawing


def frames(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data), "r") as source:
        return [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]


def encoded(
    pictures: Iterable[tuple[float, np.ndarray]],
    *,
    codec: str = "libx264",
    kind: str = "mp4",
    aspect: str = "",
    **options: str,
) -> bytes:
    """Pictures with their seconds; the index comes last. `aspect`: width of a pixel for its height, as "2/1"."""
    written = io.BytesIO()
    with av.open(written, "w", format=kind) as target:
        stream: VideoStream | None = None
        for second, picture in pictures:
            if stream is None:
                stream = cast("VideoStream", target.add_stream(codec, rate=25, options={"crf": "30", **options}))
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = Fraction(1, 1000)
                if aspect:
                    stream.sample_aspect_ratio = Fraction(aspect)
            frame = VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(second * 1000), Fraction(1, 1000)
            target.mux(stream.encode(frame))
        assert stream is not None
        target.mux(stream.encode(None))
    return written.getvalue()


def timed(data: bytes, clock: Callable[[int], float]) -> list[tuple[float, np.ndarray]]:
    return [(clock(number), picture) for number, picture in enumerate(frames(data))]


def plain(seconds: float = 4.0, colour: tuple[int, int, int] = (40, 90, 160)) -> bytes:
    picture = np.full((90, 160, 3), colour, np.uint8)
    return encoded((number / 12, picture) for number in range(round(seconds * 12)))


def sound(*, cover: bool = False) -> bytes:
    """Two seconds of silence, with a cover picture if asked."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as target:
        stream = target.add_stream("aac", rate=44100)
        if cover:
            _paint(target, _cover(target))
        for start in range(0, 88200, 1024):
            frame = AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44100, start
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return written.getvalue()


def with_cover(data: bytes) -> bytes:
    """The film with a cover picture as its first picture stream."""
    written = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(written, "w", format="mp4") as target:
        # Every stream has to be there before the first packet is written.
        picture = _cover(target)
        stream = target.add_stream_from_template(source.streams.video[0])
        _paint(target, picture)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return written.getvalue()


def _cover(target: OutputContainer) -> VideoStream:
    picture = target.add_stream("mjpeg", rate=1)
    picture.width, picture.height, picture.pix_fmt = 320, 240, "yuvj420p"
    picture.disposition = Disposition.attached_pic
    return picture


def _paint(target: OutputContainer, picture: VideoStream) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    target.mux(picture.encode(VideoFrame.from_ndarray(noise, format="rgb24")))
    target.mux(picture.encode(None))


def huge(side: int, *, said: int | None = None, count: int = 3) -> bytes:
    """A film of `side` x `side` px in a file of some hundred kB; its header says `said` instead."""
    written, page = io.BytesIO(), _png(side)
    with av.open(written, "w", format="mov") as target:
        stream = target.add_stream("png", rate=1)
        stream.width = stream.height = said or side
        stream.pix_fmt = "rgb24"
        for number in range(count):
            packet = Packet(page)
            packet.stream, packet.time_base = stream, Fraction(1)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            target.mux(packet)
    return written.getvalue()


def png(picture: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(picture).save(written, "PNG")
    return written.getvalue()


def _png(side: int) -> bytes:
    size, part = side * (side * 3 + 1), 1 << 20
    # All bytes are zero: a megabyte is compressed once and said again.
    squeezer = zlib.compressobj(wbits=-15)
    again = squeezer.compress(bytes(part)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    rest = squeezer.compress(bytes(size % part)) + squeezer.flush()
    body = b"\x78\x9c" + again * (size // part) + rest + struct.pack(">HH", size % 65521, 1)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def turned_by_header(data: bytes) -> bytes:
    """The MP4 with a display matrix that turns it a quarter clockwise, as phones held upright write it."""
    place = data.index(b"tkhd") + 4 + 40
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    return data[:place] + matrix + data[place + len(matrix) :]


def flipped(data: bytes, count: int) -> bytes:
    """The MP4 with so many bits of its pictures flipped; its index, at the front, stays whole."""
    changed, first = bytearray(data), data.index(b"mdat") + 2000
    for place in np.random.default_rng(3).integers(first, len(data), count):
        changed[place] ^= 1 << (place % 8)
    return bytes(changed)


def drawn(subject: str = "city", *, seconds: float = 6.0) -> bytes:
    return drawing.draw_video(subject, seconds=seconds, width=240, height=136)
