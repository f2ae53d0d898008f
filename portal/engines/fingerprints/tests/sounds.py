"""Films with sound: one or two tones whose loudness is given second by second, and boxes of Content Credentials."""

import io
import struct
from collections.abc import Sequence
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

HERTZ = 16_000
STORE = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


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


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def labelled(label: str, *content: bytes) -> bytes:
    """A JUMBF superbox."""
    return box(b"jumb", box(b"jumd", bytes(16) + b"\x03" + label.encode() + b"\0") + b"".join(content))


def cbor(value: object) -> bytes:
    """Texts, lists and maps, all short."""
    if isinstance(value, str):
        data = value.encode()
        return (bytes([0x60 + len(data)]) if len(data) < 24 else bytes([0x78, len(data)])) + data
    if isinstance(value, dict):
        return bytes([0xA0 + len(value)]) + b"".join(cbor(each) for pair in value.items() for each in pair)
    assert isinstance(value, list)
    return bytes([0x80 + len(value)]) + b"".join(map(cbor, value))


def manifest() -> bytes:
    """A manifest store of a picture that says a model made it."""
    made = {"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/x/trainedAlgorithmicMedia"}
    actions = labelled("c2pa.actions", box(b"cbor", cbor({"actions": [made]})))
    claim = labelled("c2pa.claim", box(b"cbor", cbor({"claim_generator": "Camera\x00 One/2.1", "dc:title": "x"})))
    signature = labelled("c2pa.signature", box(b"cbor", b"\xd2\x84"))
    assertions = labelled("c2pa.assertions", actions, labelled("c2pa.hash.data", box(b"cbor", cbor({}))))
    return labelled("c2pa", labelled("urn:c2pa:1", assertions, claim, signature))


def in_mp4(film: bytes, store: bytes) -> bytes:
    return film + box(b"uuid", STORE + bytes(4) + b"manifest\0" + bytes(8) + store)


def in_jpeg(store: bytes) -> bytes:
    """The head of a JPEG with the store in two segments."""
    half = 8 + (len(store) - 8) // 2
    parts = [store[:half], store[:8] + store[half:]]
    head = b"".join(
        b"\xff\xeb" + struct.pack(">H", len(part) + 10) + b"JP\0\1" + struct.pack(">I", number) + part
        for number, part in enumerate(parts, 1)
    )
    return b"\xff\xd8" + head + b"\xff\xda"
