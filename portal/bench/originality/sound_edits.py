"""What copyists do to sound: encoding, telephone bands, noise, rooms, tempo, pitch, pieces, voices over it.

Sound is float32 in -1..1, one channel, HERTZ samples a second.
"""

import io
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.filter import Graph
from av.filter.context import FilterContext

from portal.bench.originality import time_edits
from portal.bench.originality.overlap import Segment

HERTZ: Final = 22_050
Sound = npt.NDArray[np.float32]
Made = tuple[Sound, tuple[Segment, ...]]
Edit = Callable[[random.Random, Sound, Sound], Made]
_CHUNK: Final = 4096


def read_sound(data: bytes, *, start: float = 0.0, end: float = 1e9) -> Sound:
    """Seconds `start`..`end` of the sound in a file of the benchmark's own."""
    resampler, parts, most = AudioResampler("flt", "mono", HERTZ), [np.zeros(0, np.float32)], (end + 1) * HERTZ
    with av.open(io.BytesIO(data), "r") as opened:
        for frame in opened.decode(audio=0):
            frame.pts = None
            parts += [_samples(each) for each in resampler.resample(frame)]
            if sum(map(len, parts)) > most:
                break
    whole = np.concatenate(parts)
    return whole[round(start * HERTZ) : round(min(end, len(whole) / HERTZ) * HERTZ)]


def _samples(frame: AudioFrame) -> Sound:
    return np.asarray(frame.to_ndarray()[0], np.float32)


def encode_sound(sound: Sound, *, kind: str = "wav", codec: str = "pcm_s16le", bits: int = 0) -> bytes:
    """A file with the sound, of `bits` a second where the codec takes a rate."""
    written = io.BytesIO()
    with av.open(written, "w", format=kind) as target:
        stream = cast("AudioStream", target.add_stream(codec, rate=HERTZ))
        stream.layout = "mono"
        if bits:
            stream.bit_rate = bits
        resampler = AudioResampler(stream.format.name, "mono", HERTZ)
        fifo = AudioFifo()
        for frame in resampler.resample(_frame(sound)):
            fifo.write(frame)
        size = stream.frame_size or _CHUNK
        while (part := fifo.read(size, partial=True)) is not None:
            target.mux(stream.encode(part))
        target.mux(stream.encode(None))
    return written.getvalue()


def add_sound(video: bytes, sound: Sound) -> bytes:
    """The MP4 with this sound, as AAC; its pictures stay as they were encoded."""
    heard = encode_sound(sound, kind="ipod", codec="aac", bits=96_000)
    written = io.BytesIO()
    with ExitStack() as stack:
        sources = [stack.enter_context(av.open(io.BytesIO(data), "r")) for data in (video, heard)]
        target = stack.enter_context(av.open(written, "w", format="mp4"))
        streams = [target.add_stream_from_template(source.streams[0]) for source in sources]
        for source, stream in zip(sources, streams, strict=True):
            for packet in source.demux(source.streams[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
    return written.getvalue()


def filtered(sound: Sound, filters: Sequence[tuple[str, str]]) -> Sound:
    """The sound through filters of ffmpeg, (name, arguments) each."""
    graph = Graph()
    first = graph.add_abuffer(sample_rate=HERTZ, format="flt", layout="mono", time_base=None)
    last: FilterContext = first
    for name, arguments in (*filters, ("aresample", str(HERTZ)), ("aformat", "sample_fmts=flt:channel_layouts=mono")):
        step = graph.add(name, arguments)
        last.link_to(step)
        last = step
    end = graph.add("abuffersink")
    last.link_to(end)
    graph.configure()
    parts = [np.zeros(0, np.float32)]
    for start in range(0, len(sound), _CHUNK):
        first.push(_frame(sound[start : start + _CHUNK], start))
        parts += _pulled(end)
    first.push(None)
    return np.concatenate([*parts, *_pulled(end)])


def _pulled(end: FilterContext) -> list[Sound]:
    found = []
    while True:
        try:
            found.append(_samples(cast("AudioFrame", end.pull())))
        except (av.BlockingIOError, av.EOFError):
            return found


def _frame(sound: Sound, at: int = 0) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound[None], np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.pts = HERTZ, at
    return frame


def _seconds(sound: Sound) -> float:
    return len(sound) / HERTZ


def _whole(sound: Sound, edited: Sound) -> Made:
    """The copy holds all of the sound, evenly drawn out or drawn together."""
    return edited, ((0.0, _seconds(sound), 0.0, _seconds(edited)),)


def _cut(sound: Sound, start: float, end: float) -> Sound:
    return sound[round(start * HERTZ) : round(end * HERTZ)]


def _loud(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2))) or 1e-3


def _mixed(sound: Sound, over: Sound, decibels: float) -> Sound:
    """`over` added, `decibels` louder than the sound."""
    laid = np.resize(over, len(sound)) if len(over) else np.zeros_like(sound)
    mixed = sound + laid * np.float32(_loud(sound) / _loud(laid) * 10 ** (decibels / 20))
    return (mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32)


def _mp3(_chance: random.Random, sound: Sound, _other: Sound) -> Made:
    coded = read_sound(encode_sound(sound, kind="mp3", codec="libmp3lame", bits=32_000))
    return _whole(sound, coded[: len(sound)])


def _phone(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    low, high = chance.randint(280, 350), chance.randint(3000, 3500)
    return _whole(
        sound,
        filtered(
            sound, [("highpass", f"f={low}"), ("highpass", f"f={low}"), ("lowpass", f"f={high}"), ("aresample", "8000")]
        ),
    )


def _noise(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    hiss = np.random.default_rng(chance.getrandbits(32)).standard_normal(len(sound)).astype(np.float32)
    return _whole(sound, _mixed(sound, hiss, -chance.uniform(8, 14)))


def _reverb(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    """A room that decays by 60 dB in .5 to 1.2 s."""
    lasts = chance.uniform(0.5, 1.2)
    noise = np.random.default_rng(chance.getrandbits(32)).standard_normal(round(lasts * HERTZ))
    tail = noise * 10 ** (-3 * np.arange(len(noise)) / len(noise))
    tail[0] = np.sqrt((tail**2).sum()) * chance.uniform(0.6, 1.2)
    size = 1 << (len(sound) + len(tail)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]
    return _whole(sound, (wet / np.abs(wet).max() * 0.9).astype(np.float32))


def _louder(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    """Compressed and distorted, as by a loudspeaker."""
    return _whole(sound, np.tanh(sound / _loud(sound) * chance.uniform(0.8, 2)).astype(np.float32))


def _faster(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    return _whole(sound, filtered(sound, [("atempo", f"{chance.uniform(1.05, 1.25):.4f}")]))


def _slower(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    return _whole(sound, filtered(sound, [("atempo", f"{chance.uniform(0.8, 0.95):.4f}")]))


def _tape(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    """Faster and higher, or slower and lower."""
    speed = chance.choice([chance.uniform(0.82, 0.96), chance.uniform(1.04, 1.22)])
    return _whole(sound, filtered(sound, [("asetrate", str(round(HERTZ * speed))), ("aresample", str(HERTZ))]))


def _pitch(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    """Up to two semitones higher or lower, in the same time."""
    tones = chance.choice([-1, 1]) * chance.uniform(0.5, 2)
    hertz = round(HERTZ * 2 ** (tones / 12))
    steps = [("asetrate", str(hertz)), ("aresample", str(HERTZ)), ("atempo", f"{HERTZ / hertz:.5f}")]
    return _whole(sound, filtered(sound, steps))


def _trim(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    return _pieces(time_edits.trim(chance, _seconds(sound)), sound, sound)


def _excerpt(chance: random.Random, sound: Sound, other: Sound) -> Made:
    """Five to eight seconds within another sound."""
    lasts = min(_seconds(sound), chance.uniform(5.0, 8.0))
    start, cut = chance.uniform(0, _seconds(sound) - lasts), chance.uniform(0.3, 0.7) * _seconds(other)
    piece = time_edits.Piece
    pieces = (piece(0.0, cut, foreign=True), piece(start, start + lasts), piece(cut, _seconds(other), foreign=True))
    return _pieces(pieces, sound, other)


def _reorder(chance: random.Random, sound: Sound, _other: Sound) -> Made:
    return _pieces(time_edits.reorder(chance, _seconds(sound)), sound, sound)


def _under(chance: random.Random, sound: Sound, other: Sound) -> Made:
    """Another sound over it, as loud or louder."""
    return _whole(sound, _mixed(sound, other, chance.uniform(0, 6)))


def _beside(chance: random.Random, sound: Sound, other: Sound) -> Made:
    """Another sound beneath it."""
    return _whole(sound, _mixed(sound, other, -chance.uniform(6, 12)))


def _repost(chance: random.Random, sound: Sound, other: Sound) -> Made:
    """Trimmed, its tempo changed, noise added, encoded once more."""
    cut, ((start, end, _, _),) = _trim(chance, sound, other)
    hurried = _faster(chance, cut, other)[0]
    coded = _mp3(chance, _noise(chance, hurried, other)[0], other)[0]
    return coded, ((start, end, 0.0, _seconds(coded)),)


def _pieces(pieces: tuple[time_edits.Piece, ...], sound: Sound, other: Sound) -> Made:
    parts = [_cut(other if each.foreign else sound, each.start, each.end) for each in pieces]
    return np.concatenate(parts), time_edits.true_segments(pieces)


EDITS: Final[dict[str, Edit]] = {
    "mp3_32k": _mp3,
    "phone_band": _phone,
    "noise": _noise,
    "reverb": _reverb,
    "distorted": _louder,
    "faster": _faster,
    "slower": _slower,
    "tape_speed": _tape,
    "pitch": _pitch,
    "trim": _trim,
    "excerpt": _excerpt,
    "reorder": _reorder,
    "beneath_it_another": _beside,
    "under_another": _under,
    "repost": _repost,
}
WITH_ANOTHER: Final = frozenset({"excerpt", "beneath_it_another", "under_another"})


def edit_sound(name: str, seed: str, sound: Sound, other: Sound) -> Made:
    """The copy that the edit makes, and where it holds the sound; the seed decides all chance."""
    return EDITS[name](random.Random(seed), sound, other)  # noqa: S311 -- a benchmark's choices, no secret
