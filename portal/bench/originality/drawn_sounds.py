"""Sounds drawn anew for each seed: tunes, voices, and noises of a place. Two of one group share instruments or speaker.

float32 in -1..1, one channel, HERTZ samples a second.
"""

import random
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.bench.originality.sound_edits import HERTZ, Sound

_SCALES: Final = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10))
_LOUDEST: Final = 0.8

Wave = npt.NDArray[np.float64]


def draw_sound(kind: str, look: random.Random, take: random.Random, seconds: float) -> Sound:
    """`look` decides what two of one group share, `take` the rest."""
    drawn = _KINDS[kind](look, take, seconds)
    return (drawn / max(float(np.abs(drawn).max()), 1e-9) * _LOUDEST).astype(np.float32)


def _tune(look: random.Random, take: random.Random, seconds: float) -> Wave:
    """A melody over chords and a drum, in one key and tempo."""
    scale, root, beat = look.choice(_SCALES), look.uniform(110, 196), look.uniform(0.22, 0.4)
    timbre = [look.uniform(0.1, 1) / number for number in range(1, 8)]
    chords = [look.randrange(len(scale)) for _ in range(4)]
    sound, at, step = np.zeros(round(seconds * HERTZ)), 0.0, 0
    while at < seconds:
        if take.random() < 0.8:
            tone = scale[take.randrange(len(scale))] + 12 * take.choice([1, 1, 2])
            _add(sound, at, _note(root * 2 ** (tone / 12), beat * take.choice([0.9, 1.8]), timbre), 0.5)
        if step % 4 == 0:
            for third in (0, 2, 4):
                tone = scale[(chords[step // 4 % 4] + third) % len(scale)]
                _add(sound, at, _note(root * 2 ** (tone / 12), beat * 4, timbre), 0.2)
        if step % 2 == 0:
            _add(sound, at, _burst(take, 0.12), 0.25)
        at, step = at + beat, step + 1
    return sound


def _voice(look: random.Random, take: random.Random, seconds: float) -> Wave:
    """Syllables of one speaker: a buzz through two moving resonances, hisses, pauses."""
    pitch, throat = look.uniform(90, 220), look.uniform(0.85, 1.2)
    sound, at = np.zeros(round(seconds * HERTZ)), 0.0
    while at < seconds:
        lasts = take.uniform(0.09, 0.28)
        if take.random() < 0.25:
            _add(sound, at, _burst(take, lasts * 0.5), 0.15)
        _add(sound, at, _syllable(take, lasts, pitch * take.uniform(0.85, 1.2), throat), take.uniform(0.5, 1))
        at += lasts + (take.uniform(0.2, 0.6) if take.random() < 0.15 else take.uniform(0, 0.05))
    return sound


def _place(look: random.Random, take: random.Random, seconds: float) -> Wave:
    """Noise that swells, calls and knocks at random moments."""
    count = round(seconds * HERTZ)
    noise = np.random.default_rng(take.getrandbits(32)).standard_normal(count)
    sound = np.convolve(noise, np.ones(look.randint(2, 9)) / 8, mode="same")
    sound *= 0.05 + 0.05 * np.interp(np.arange(count), np.linspace(0, count, 12), [take.random() for _ in range(12)])
    at = 0.0
    while at < seconds:
        at += take.uniform(0.1, 0.7)
        if take.random() < 0.5:
            _add(sound, at, _call(take, look.uniform(700, 2500)), take.uniform(0.2, 0.8))
        else:
            _add(sound, at, _burst(take, take.uniform(0.05, 0.25)), take.uniform(0.2, 0.8))
    return sound


_KINDS: Final[dict[str, Callable[[random.Random, random.Random, float], Wave]]] = {
    "tune": _tune,
    "voice": _voice,
    "place": _place,
}
KINDS: Final = tuple(_KINDS)


def _add(sound: Wave, at: float, part: Wave, loud: float) -> None:
    start = round(at * HERTZ)
    room = sound[start : start + len(part)]
    room += loud * part[: len(room)]


def _moments(seconds: float) -> Wave:
    return np.arange(round(seconds * HERTZ)) / HERTZ


def _note(hertz: float, seconds: float, timbre: list[float]) -> Wave:
    at = _moments(seconds)
    tones = sum(loud * np.sin(2 * np.pi * hertz * number * at) for number, loud in enumerate(timbre, 1))
    return np.asarray(tones * np.minimum(at / 0.01, 1) * np.exp(-2.5 * at / seconds))


def _burst(take: random.Random, seconds: float) -> Wave:
    at = _moments(seconds)
    noise = np.random.default_rng(take.getrandbits(32)).standard_normal(len(at))
    smooth = np.convolve(noise, np.ones(take.randint(1, 6)), mode="same")
    return np.asarray(smooth / 3 * np.exp(-5 * at / seconds))


def _call(take: random.Random, hertz: float) -> Wave:
    at = _moments(take.uniform(0.1, 0.5))
    bend = hertz * take.uniform(0.6, 1.6) + hertz * take.uniform(-0.5, 0.5) * np.sin(take.uniform(5, 40) * at)
    return np.asarray(np.sin(2 * np.pi * np.cumsum(bend) / HERTZ) * np.sin(np.pi * at / at[-1]))


def _syllable(take: random.Random, seconds: float, pitch: float, throat: float) -> Wave:
    at = _moments(seconds)
    glide = pitch * (1 + take.uniform(-0.15, 0.15) * at / seconds)
    phase = 2 * np.pi * np.cumsum(glide) / HERTZ
    low, high = throat * take.uniform(280, 800), throat * take.uniform(900, 2400)
    to_low, to_high = low * take.uniform(0.8, 1.25), high * take.uniform(0.8, 1.25)
    sound = np.zeros(len(at))
    for number in range(1, int(3800 / pitch)):
        hertz = number * pitch
        share = at / seconds
        first, second = low + (to_low - low) * share, high + (to_high - high) * share
        loud = 1 / (1 + ((hertz - first) / 90) ** 2) + 0.6 / (1 + ((hertz - second) / 130) ** 2)
        sound += loud * np.sin(number * phase)
    return np.asarray(sound * np.sin(np.pi * at / max(seconds, 1e-9)) ** 0.5)
