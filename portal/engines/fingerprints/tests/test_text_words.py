"""Words of texts: two texts with a passage in common share some, others share none, and only whoever has the key makes them."""

import random

import numpy as np
import pytest

from portal.engines.fingerprints import WORD_COUNT, VisualWords, text_words, texts, words_of_text

KEY = b"k" * 32


def words(text: str, key: bytes = KEY) -> VisualWords:
    return words_of_text(texts.fold_text(text), key)


def pairs(some: VisualWords) -> set[tuple[int, int]]:
    return set(zip(some.words.tolist(), some.signatures.tolist(), strict=True))


def by_chance(seed: int, letters: int, alphabet: str = "etaoinshrdlucmfwyp") -> str:
    drawn = random.Random(seed)  # noqa: S311 -- a text
    return "".join(drawn.choice(alphabet) for _ in range(letters))


@pytest.mark.parametrize(
    "alphabet", ["etaoinshrdlucmfwyp", "的一是在不了有和人这中大为上个国我以要他"], ids=["latin", "chinese"]
)
@pytest.mark.parametrize("seed", range(20))
def test_a_passage_of_24_letters_is_enough(seed: int, alphabet: str) -> None:
    passage = by_chance(1000 + seed, text_words.RUN + text_words.WINDOW - 1, alphabet)
    one = by_chance(seed, 300, alphabet) + passage + by_chance(seed + 50, 200, alphabet)
    other = by_chance(seed + 100, 70, alphabet) + passage + by_chance(seed + 150, 400, alphabet)
    assert pairs(words(one)) & pairs(words(other))


def test_texts_that_share_no_run_share_no_word() -> None:
    assert not pairs(words(by_chance(1, 4000))) & pairs(words(by_chance(2, 4000)))


def test_case_spaces_and_signs_make_no_difference() -> None:
    text = "The kiln at the river was lit before dawn, and nobody slept."
    assert pairs(words(text)) == pairs(words(text.upper().replace(" ", "  ").replace(",", " – ")))


def test_another_key_gives_other_words() -> None:
    text = by_chance(3, 500)
    assert not pairs(words(text)) & pairs(words(text, b"another"))


def test_words_are_in_rising_order_once_each_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = by_chance(4, 6000)
    some = words(text)
    assert (np.diff(some.words) > 0).all()
    assert some.words.min() >= 0
    assert some.words.max() < WORD_COUNT
    # Winnowing keeps two of fourteen runs on average.
    assert 2 / 14 * 0.85 < len(some) / 6000 < 2 / 14 * 1.15
    monkeypatch.setattr(text_words, "_MOST", 100)
    assert len(words(text)) <= 100


@pytest.mark.parametrize(("letters", "count"), [(0, 0), (11, 0), (12, 1), (20, 1)])
def test_short_texts(letters: int, count: int) -> None:
    assert len(words(by_chance(5, letters))) == count
