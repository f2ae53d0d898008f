"""Sounds compared after real edits; hostile files of sound are refused or read as far as they go, within the limits."""

import dataclasses
import functools
import io
import random
import struct
import tempfile

import av
import numpy as np
import pytest

from portal.bench.originality import drawn_sounds, sound_edits
from portal.bench.originality.sound_edits import HERTZ, Sound
from portal.engines.fingerprints import (
    LIMITS,
    Comparison,
    Refused,
    SoundFingerprint,
    Unreadable,
    child,
    compare_sounds,
    fingerprint_sound,
    limits,
)
from portal.engines.fingerprints.sound_cells import BANDS

KINDS = drawn_sounds.KINDS


@functools.cache
def drawn(kind: str, seed: int = 1, seconds: float = 12.0) -> Sound:
    look, take = random.Random(f"{kind}{seed}"), random.Random(f"take {kind}{seed}")  # noqa: S311 -- a drawing
    return drawn_sounds.draw_sound(kind, look, take, seconds)


def printed(data: bytes) -> SoundFingerprint:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return fingerprint_sound(file)


@functools.cache
def print_of(kind: str, seed: int = 1) -> SoundFingerprint:
    return printed(sound_edits.encode_sound(drawn(kind, seed)))


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        printed(data)
    return caught.value.code


def spans(found: Comparison) -> list[tuple[float, float, float, float]]:
    return [(each.a_start, each.a_end, each.b_start, each.b_end) for each in found.segments]


_CERTAIN = [name for name in sound_edits.EDITS if name not in {"under_another", "reorder"}]


@pytest.mark.parametrize(("edit", "kind"), [(edit, KINDS[place % 3]) for place, edit in enumerate(_CERTAIN)])
def test_an_edited_copy_is_found_where_it_is_from_either_side(edit: str, kind: str) -> None:
    a, other = print_of(kind), drawn(KINDS[KINDS.index(kind) - 1], 2)
    edited, truth = sound_edits.edit_sound(edit, f"{kind} {edit}", drawn(kind), other)
    b = printed(sound_edits.encode_sound(edited))
    found, back = compare_sounds(a, b), compare_sounds(b, a)
    assert found.grade == back.grade == "similar"
    assert spans(found) == [(each[2], each[3], each[0], each[1]) for each in spans(back)]
    longest = max(found.segments, key=lambda each: each.a_end - each.a_start)
    assert np.abs(np.subtract((longest.a_start, longest.a_end, longest.b_start, longest.b_end), truth[0])).max() < 1.0
    rate = (truth[0][3] - truth[0][2]) / (truth[0][1] - truth[0][0])
    assert longest.rate == pytest.approx(rate, rel=0.02)
    assert found.score > 0.3


def test_speed_and_pitch_are_told_from_the_side_of_the_first() -> None:
    tune = drawn("tune")
    higher = sound_edits.filtered(tune, [("asetrate", str(round(HERTZ * 1.12))), ("aresample", str(HERTZ))])
    b = printed(sound_edits.encode_sound(higher))
    assert compare_sounds(print_of("tune"), b).segments[0].transformations == ("faster", "higher")
    assert compare_sounds(b, print_of("tune")).segments[0].transformations == ("slower", "lower")


def test_other_sounds_are_none_even_of_the_same_instruments_or_speaker() -> None:
    prints = [print_of(kind, seed) for kind in KINDS for seed in (1, 2, 3)]
    pairs = [(a, b) for number, a in enumerate(prints) for b in prints[:number]]
    assert {compare_sounds(a, b).grade for a, b in pairs} == {"none"}
    look = random.Random("one speaker")  # noqa: S311 -- a drawing
    state = look.getstate()
    takes = []
    for seed in range(2):
        look.setstate(state)
        voice = drawn_sounds.draw_sound("voice", look, random.Random(seed), 12.0)  # noqa: S311
        takes.append(printed(sound_edits.encode_sound(voice)))
    assert compare_sounds(*takes).grade == "none"


def test_the_same_file_gives_the_same_bytes_and_packing_keeps_them() -> None:
    data = sound_edits.encode_sound(drawn("voice"))
    one, other = printed(data), printed(data)
    assert one.pack() == other.pack()
    again = SoundFingerprint.unpack(one.pack())
    assert (again.cells == one.cells).all()
    assert (again.duration, again.silent, again.truncated) == (one.duration, one.silent, one.truncated)
    assert again.digest() == one.digest()


@pytest.mark.parametrize("change", [b"", b"CTFS", b"cut", b"more", b"rows"], ids=lambda each: each.decode() or "empty")
def test_what_is_no_fingerprint_is_unreadable(change: bytes) -> None:
    packed = print_of("voice").pack()
    damaged = {b"cut": packed[:-9], b"more": packed + b"x", b"rows": packed[:6] + b"\xff\xff\xff\x7f" + packed[10:]}
    with pytest.raises(Unreadable):
        SoundFingerprint.unpack(damaged.get(change, change))


def test_silence_and_what_is_too_short_are_not_comparable() -> None:
    silent = printed(sound_edits.encode_sound(np.zeros(HERTZ * 8, np.float32)))
    assert silent.silent
    short = printed(sound_edits.encode_sound(drawn("voice")[: 2 * HERTZ]))
    for each in (silent, short):
        assert compare_sounds(each, print_of("voice")).grade == "not_comparable"
        assert compare_sounds(print_of("voice"), each).grade == "not_comparable"
    hum = np.sin(2 * np.pi * 100 * np.arange(HERTZ * 8) / HERTZ).astype(np.float32)
    assert compare_sounds(printed(sound_edits.encode_sound(hum)), print_of("voice")).grade == "not_comparable"


@pytest.mark.parametrize(
    ("kind", "codec"),
    [("mp3", "libmp3lame"), ("flac", "flac"), ("ogg", "flac"), ("adts", "aac"), ("ipod", "aac"), ("matroska", "flac")],
    ids=lambda each: each,
)
def test_every_kind_of_file_holds_the_same_sound(kind: str, codec: str) -> None:
    found = compare_sounds(
        print_of("tune"), printed(sound_edits.encode_sound(drawn("tune"), kind=kind, codec=codec, bits=96_000))
    )
    assert found.grade == "similar"
    assert found.segments[0].a_end - found.segments[0].a_start > 11


def wave(sound: np.ndarray, hertz: int, channels: int = 1) -> bytes:
    plain = (np.clip(sound, -1, 1) * 32767).astype("<i2")
    plain = np.repeat(plain[:, None], channels, 1).tobytes()
    head = struct.pack("<IHHIIHH", 16, 1, channels, hertz, hertz * 2 * channels, 2 * channels, 16)
    return (
        b"RIFF"
        + struct.pack("<I", len(plain) + 36)
        + b"WAVEfmt "
        + head
        + b"data"
        + struct.pack("<I", len(plain))
        + plain
    )


@pytest.mark.parametrize(("hertz", "channels"), [(8000, 1), (48_000, 2), (192_000, 6)])
def test_any_rate_and_number_of_channels(hertz: int, channels: int) -> None:
    tune = drawn("tune")
    places = np.arange(0, len(tune) - 1, HERTZ / hertz)
    b = printed(wave(np.interp(places, np.arange(len(tune)), tune), hertz, channels))
    found = compare_sounds(print_of("tune"), b)
    assert found.grade == "similar"
    assert found.segments[0].rate == pytest.approx(1, abs=0.005)


def test_a_header_that_claims_ninety_hours_is_not_believed() -> None:
    data = bytearray(wave(drawn("voice"), HERTZ))
    data[4:8] = data[40:44] = struct.pack("<I", 0xFFFFFFF0)
    found = printed(bytes(data))
    assert found.duration == pytest.approx(12, abs=0.2)
    assert compare_sounds(found, print_of("voice")).grade == "similar"


def test_a_corrupt_tail_leaves_what_comes_before_it() -> None:
    coded = sound_edits.encode_sound(drawn("tune"), kind="mp3", codec="libmp3lame", bits=64_000)
    half = len(coded) // 2
    noise = np.random.default_rng(1).integers(0, 256, half, dtype=np.uint8).tobytes()
    found = compare_sounds(print_of("tune"), printed(coded[:half] + noise))
    assert found.grade == "similar"
    assert 4 < max(each.a_end for each in found.segments) < 9


def test_what_is_no_sound_is_refused() -> None:
    assert refusal_of(b"") == limits.EMPTY
    assert refusal_of(b"Dear all, ") == limits.UNKNOWN_TYPE
    assert refusal_of(b"ID3" + bytes(500)) == limits.BROKEN
    assert refusal_of(b"OggS" + bytes(500)) == limits.BROKEN
    assert refusal_of(wave(np.zeros(0), HERTZ)) == limits.BROKEN
    assert refusal_of(wave(drawn("voice")[: HERTZ // 2], HERTZ)) == limits.TOO_SHORT


def test_sound_longer_than_the_limit_is_refused_and_a_small_limit_of_memory_holds() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(wave(drawn("voice"), HERTZ))
        with pytest.raises(Refused) as caught:
            child.fingerprint_sound(file, bounds=dataclasses.replace(LIMITS, longest=5.0))
    assert caught.value.code == limits.TOO_LONG
    with tempfile.TemporaryFile() as file:
        file.write(wave(np.tile(drawn("voice"), 100), HERTZ, 6))
        made = child.fingerprint_sound(file, bounds=dataclasses.replace(LIMITS, child_memory=512 << 20))
    assert made.duration == pytest.approx(1200, abs=1)


def test_of_several_tracks_the_default_one_is_heard() -> None:
    data = io.BytesIO()
    with av.open(data, "w", format="matroska") as target:
        streams = [target.add_stream("pcm_s16le", rate=HERTZ, layout="mono") for _ in range(2)]
        streams[1].disposition = av.stream.Disposition.default
        streams[0].disposition = av.stream.Disposition(0)
        for stream, kind in zip(streams, ("voice", "tune"), strict=True):
            plain = (drawn(kind) * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(plain[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = HERTZ, 0
            target.mux(stream.encode(frame))
            target.mux(stream.encode(None))
    made = printed(data.getvalue())
    assert compare_sounds(made, print_of("tune")).grade == "similar"
    assert compare_sounds(made, print_of("voice")).grade == "none"


def test_a_gap_in_the_clock_is_silence() -> None:
    data = io.BytesIO()
    sound = (drawn("voice") * 32767).astype(np.int16)
    with av.open(data, "w", format="matroska") as target:
        stream = target.add_stream("pcm_s16le", rate=HERTZ, layout="mono")
        for start, shift in ((0, 0), (6 * HERTZ, 5 * HERTZ)):
            for first in range(start, start + 6 * HERTZ, 1024):
                part = sound[first : min(first + 1024, start + 6 * HERTZ)]
                frame = av.AudioFrame.from_ndarray(part[None], format="s16", layout="mono")
                frame.sample_rate, frame.pts = HERTZ, first + shift
                target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    made = printed(data.getvalue())
    assert made.duration == pytest.approx(17, abs=0.1)
    found = compare_sounds(print_of("voice"), made)
    late = [each for each in found.segments if each.a_start > 4]
    assert late[0].b_start - late[0].a_start == pytest.approx(5, abs=0.2)


def test_comparing_is_for_jobs() -> None:
    from portal.engines import limited_process

    empty = SoundFingerprint(1.0, np.zeros((0, BANDS), np.int8), silent=True, truncated=False)
    with limited_process.answering_request(), pytest.raises(limited_process.OnRequestThread):
        compare_sounds(empty, empty)
