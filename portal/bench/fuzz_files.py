"""Damaged works: small ones of every kind that is accepted, and ways in which files break or are broken. Same number, same file."""

import io
import random
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from portal.bench.originality.drawn_sounds import draw_sound
from portal.bench.originality.sound_edits import HERTZ, Sound
from portal.sandbox import drawing

_EXTREMES: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
_HEAD: Final = 3000  # bytes at either end, where most headers and indexes are
_QUICK: Final = {"deadline": "realtime", "cpu-used": "8"}

Damage = Callable[[bytearray, random.Random], None]


def source_videos() -> dict[str, bytes]:
    """Three seconds each: containers and codecs, with the index in front and behind, with sound, with two tracks."""
    pictures = _pictures(drawing.draw_video("city", seconds=3.0, width=160, height=90))
    return {
        "mp4": _encoded(pictures, "mp4", "libx264", movflags="faststart"),
        "mp4-index-last": _encoded(pictures, "mp4", "libx264"),
        "mp4-fragments": _encoded(pictures, "mp4", "libx264", movflags="frag_keyframe+empty_moov"),
        "mp4-sound": _encoded(pictures, "mp4", "libx264", sound="aac", movflags="faststart"),
        "mp4-trimmed": _encoded(pictures, "mp4", "libx264", start=-1.0, movflags="faststart"),
        "mp4-hevc": _encoded(pictures, "mp4", "libx265", movflags="faststart"),
        "mov-two-tracks": _encoded(pictures, "mov", "libx264", second=True, movflags="faststart"),
        "webm": _encoded(pictures, "webm", "libvpx-vp9"),
        "webm-sound": _encoded(pictures, "webm", "libvpx-vp9", sound="libopus"),
        "mkv": _encoded(pictures, "matroska", "libx264"),
        "mkv-mjpeg": _encoded(pictures, "matroska", "mjpeg"),
        "avi": _encoded(pictures, "avi", "mpeg4"),
        "avi-sound": _encoded(pictures, "avi", "mpeg4", sound="mp2"),
    }


def source_pictures() -> dict[str, bytes]:
    """A still picture in each format and with a profile and properties, and two animations."""
    pictures = [
        Image.fromarray(one) for one in _pictures(drawing.draw_video("city", seconds=3.0, width=320, height=180))
    ]
    first, later = pictures[0], pictures[4::4]
    properties = Image.Exif()
    properties[0x0112], properties[0x010E] = 6, "A city"  # turned, and what is seen
    return {
        "jpeg": _saved(first, "JPEG", quality=90),
        "jpeg-progressive": _saved(first, "JPEG", progressive=True, exif=properties.tobytes()),
        "png": _saved(first, "PNG"),
        "png-palette": _saved(first.quantize(64), "PNG"),
        "webp": _saved(first, "WEBP", quality=80),
        "webp-lossless": _saved(first, "WEBP", lossless=True),
        "gif": _saved(first, "GIF"),
        "gif-animated": _saved(first, "GIF", save_all=True, append_images=later, duration=330, loop=0),
        "webp-animated": _saved(first, "WEBP", save_all=True, append_images=later, duration=330, loop=0),
    }


def source_sounds() -> dict[str, bytes]:
    """A tune of eight seconds in each format."""
    tune = draw_sound("tune", random.Random(1), random.Random(2), 8.0)  # noqa: S311 -- the same tune every time
    return {
        "mp3": _encoded_sound(tune, "mp3", "libmp3lame"),
        "m4a": _encoded_sound(tune, "ipod", "aac"),
        "aac": _encoded_sound(tune, "adts", "aac"),
        "wav": _encoded_sound(tune, "wav", "pcm_s16le"),
        "ogg": _encoded_sound(tune, "ogg", "libopus"),
        "flac": _encoded_sound(tune, "flac", "flac"),
    }


def source_texts() -> dict[str, bytes]:
    """Texts in two languages and several encodings, with and without a mark at the start."""
    english = (
        "The kiln is heated slowly, so that the water in the clay can leave it. " * 3
        + "On the second day it is opened. " * 2
    )
    chinese = "先把窑慢慢加热，让泥里的水分散去，第二天再打开窑门取出陶器。" * 6
    return {
        "utf-8": f"{english}\n{chinese}".encode(),
        "utf-8-mark": english.encode("utf-8-sig"),
        "utf-8-chinese": chinese.encode(),
        "gb18030": chinese.encode("gb18030"),
        "utf-16-mark": chinese.encode("utf-16"),
        "windows-1252": english.replace("kiln", "“kiln”").encode("cp1252"),
    }


def damaged_file(works: dict[str, bytes], number: int, *, seed: int = 0) -> tuple[str, bytes]:
    """The damaged file of that number, and what was done to which work."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311 -- the same file every time
    name = chance.choice(sorted(works))
    data, done = bytearray(works[name]), [name]
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        damage = chance.choice(_DAMAGES)
        damage(data, chance)
        done.append(damage.__name__.strip("_"))
    return " ".join(done), bytes(data)


def _flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4, 16, 64, 512))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _flip_header_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 8))):
        if data:
            data[_header_place(data, chance)] ^= 1 << chance.randrange(8)


def _set_extreme(data: bytearray, chance: random.Random) -> None:
    """A number of a header becomes one that programmers forget."""
    size, place = chance.choice((1, 2, 4, 8)), _header_place(data, chance)
    value = chance.choice(_EXTREMES) & ((1 << 8 * size) - 1)
    data[place : place + size] = value.to_bytes(size, chance.choice(("big", "little")))


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _cut_start(data: bytearray, chance: random.Random) -> None:
    del data[: chance.choice((1, 8, 100, 1000))]


def _zero_run(data: bytearray, chance: random.Random) -> None:
    start, end = _run(data, chance)
    data[start:end] = bytes(end - start)


def _noise_run(data: bytearray, chance: random.Random) -> None:
    start, end = _run(data, chance)
    data[start:end] = chance.randbytes(end - start)


def _lose_run(data: bytearray, chance: random.Random) -> None:
    start, end = _run(data, chance)
    del data[start:end]


def _repeat_run(data: bytearray, chance: random.Random) -> None:
    start, end = _run(data, chance)
    data[end:end] = data[start:end] * chance.choice((1, 2, 20))


def _move_run(data: bytearray, chance: random.Random) -> None:
    start, end = _run(data, chance)
    run = data[start:end]
    del data[start:end]
    place = chance.randrange(len(data) + 1)
    data[place:place] = run


def _rename_box(data: bytearray, chance: random.Random) -> None:
    """A box of another name, of a size that stays."""
    names = (b"trak", b"mdia", b"stbl", b"stco", b"stts", b"ctts", b"elst", b"stsz", b"avcC", b"free", b"moof", b"tkhd")
    found = [place for name in names if (place := data.find(name)) >= 0]
    if found:
        place = chance.choice(found)
        data[place : place + 4] = chance.choice(names)


_DAMAGES: Final[tuple[Damage, ...]] = (
    _flip_bits, _flip_header_bits, _set_extreme, _set_extreme, _cut, _cut_start, _zero_run, _noise_run, _lose_run,
    _repeat_run, _move_run, _rename_box,
)  # fmt: skip


def _header_place(data: bytearray, chance: random.Random) -> int:
    within = min(_HEAD, len(data))
    place = chance.randrange(within) if within else 0
    return place if chance.random() < 0.7 else max(0, len(data) - 1 - place)


def _run(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 4, 16, 200, 2000)))


def _pictures(video: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(video), "r") as source:
        return [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def _encoded_sound(wave: Sound, kind: str, codec: str) -> bytes:
    written = io.BytesIO()
    with av.open(written, "w", format=kind) as target:
        stream = cast("AudioStream", target.add_stream(codec, rate=48000, layout="mono"))
        size = stream.codec_context.frame_size or 960
        resampled = av.AudioResampler(stream.format, "mono", 48000, frame_size=size)
        loud = (np.clip(wave, -1, 1) * 32767).astype(np.int16).reshape(1, -1)
        frame = AudioFrame.from_ndarray(loud, format="s16", layout="mono")
        frame.sample_rate, frame.pts = HERTZ, 0
        for part in (*resampled.resample(frame), *resampled.resample(None)):
            target.mux(stream.encode(part))
        target.mux(stream.encode(None))
    return written.getvalue()


def _encoded(
    pictures: list[np.ndarray],
    kind: str,
    codec: str,
    *,
    sound: str = "",
    second: bool = False,
    start: float = 0.0,
    **container: str,
) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "video")  # to put the index in front, the file is opened again by its name
        with av.open(str(written), "w", format=kind, container_options=container) as target:
            streams = [_picture_stream(target, codec, pictures[0]) for _ in range(1 + second)]
            if sound:
                _be_silent(target, sound, len(pictures) / 12)
            for number, picture in enumerate(pictures):
                frame = VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = round(start * 12) + number, Fraction(1, 12)
                for stream in streams:
                    target.mux(stream.encode(frame))
            for stream in streams:
                target.mux(stream.encode(None))
        return written.read_bytes()


def _picture_stream(target: OutputContainer, codec: str, picture: np.ndarray) -> VideoStream:
    options = _QUICK if codec.startswith("libvpx") else {"x265-params": "log-level=none"} if codec == "libx265" else {}
    stream = cast("VideoStream", target.add_stream(codec, rate=12, options=options))
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    return stream


def _be_silent(target: OutputContainer, codec: str, seconds: float) -> None:
    stream = cast("AudioStream", target.add_stream(codec, rate=48000, layout="mono"))
    resampled = av.AudioResampler(stream.format, "mono", 48000, frame_size=stream.codec_context.frame_size or 960)
    frame = AudioFrame.from_ndarray(np.zeros((1, round(seconds * 48000)), np.int16), format="s16", layout="mono")
    frame.sample_rate, frame.pts = 48000, 0
    for part in (*resampled.resample(frame), *resampled.resample(None)):
        target.mux(stream.encode(part))
    target.mux(stream.encode(None))
