"""Words of sounds: most of a copy's find the original's, at another speed and pitch too; those of another sound do not."""

import numpy as np
import numpy.typing as npt
import pytest

from portal.engines.fingerprints import NEAR, SoundFingerprint, VisualWords, sound_words
from portal.engines.fingerprints.sound_cells import BANDS, HERTZ, ROWS, levels_of_samples, make_cells
from portal.engines.fingerprints.sound_lines import rows_at, shift_bands


def heard(seed: int, seconds: float = 30.0, noise: float = 0.0) -> SoundFingerprint:
    """Notes, four a second, and noise."""
    drawn = np.random.default_rng(seed)
    step = HERTZ // 4
    notes = 2.0 ** (drawn.integers(0, 40, int(seconds * 4)) / 12) * 240
    wave = np.concatenate([np.sin(np.arange(step) * 2 * np.pi * note / HERTZ) for note in notes])
    wave = 0.4 * wave + noise * np.random.default_rng(seed + 1).normal(0, 1, len(wave))
    return of_cells(make_cells(levels_of_samples(wave.astype(np.float32))))


def of_cells(cells: npt.NDArray[np.int8]) -> SoundFingerprint:
    return SoundFingerprint(len(cells) / ROWS, cells, silent=False, truncated=False)


def moments_in_common(kept: SoundFingerprint, asked: SoundFingerprint) -> int:
    """Moments of the sound asked for that find one of the kept sound, as the library counts them."""
    one, other = sound_words.words_of_kept_sound(kept), sound_words.words_of_asked_sound(asked)
    by_word = dict(zip(one.words.tolist(), one.signatures.tolist(), strict=True))
    near = [
        point
        for word, signature, point in zip(*(part.tolist() for part in _columns(other)), strict=True)
        if word in by_word and (by_word[word] ^ signature).bit_count() <= NEAR
    ]
    return len(set(near))


def _columns(some: VisualWords) -> tuple[npt.NDArray[np.generic], ...]:
    return some.words, some.signatures, some.points


def test_a_copy_is_found_and_another_sound_is_not() -> None:
    original = heard(1)
    count = len(sound_words.words_of_kept_sound(original))
    assert count > 100
    assert moments_in_common(original, heard(1, noise=0.03)) > 0.3 * count
    assert moments_in_common(original, of_cells(original.cells[100:200])) > 10
    assert moments_in_common(original, heard(2)) <= 5


@pytest.mark.parametrize("rate", [0.8, 0.93, 1.1, 1.25])
def test_at_another_speed(rate: float) -> None:
    original = heard(1)
    places = np.arange(0, len(original.cells) - 1, 1 / rate)
    faster = of_cells(np.rint(rows_at(original.cells, places)).astype(np.int8))
    assert moments_in_common(original, faster) > 30


@pytest.mark.parametrize("pitch", [-4, -1, 3])
def test_at_another_pitch(pitch: int) -> None:
    original = heard(1)
    assert moments_in_common(original, of_cells(shift_bands(original.cells, pitch))) > 60


@pytest.mark.parametrize("rows", [0, 1, 24, 25])
def test_short_and_silent_sounds_have_no_words_or_few(rows: int) -> None:
    silent = of_cells(np.zeros((rows, BANDS), np.int8))
    assert len(sound_words.words_of_kept_sound(silent)) == len(sound_words.words_of_asked_sound(silent)) == 0
    loud = of_cells(heard(3).cells[:rows])
    assert len(sound_words.words_of_kept_sound(loud)) <= 1
    sound_words.words_of_asked_sound(loud)


def test_words_are_once_each_in_rising_order_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    some = sound_words.words_of_kept_sound(heard(1))
    assert (np.diff(some.words) > 0).all()
    assert some.words.max() < 1 << 18
    monkeypatch.setattr(sound_words, "_MOST_KEPT", 50)
    monkeypatch.setattr(sound_words, "_MOST_ASKED", 450)
    assert len(sound_words.words_of_kept_sound(heard(1))) <= 50
    assert len(sound_words.words_of_asked_sound(heard(1))) <= 450
