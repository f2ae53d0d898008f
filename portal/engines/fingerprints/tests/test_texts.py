"""Texts compared: what survives edits, and what is refused."""

import random
import unicodedata
from collections.abc import Callable

import pytest

from portal.engines.fingerprints import Refused, compare_texts, limits, read_text, shared_runs

_CHANCE = random.Random(5)  # noqa: S311 -- drawn words
_WORDS = ["".join(_CHANCE.choices("abcdefghijklmnoprstuvwy", k=_CHANCE.randint(3, 9))) for _ in range(3000)]


def _text(seed: int, words: int = 150) -> str:
    chance = random.Random(seed)  # noqa: S311 -- drawn words
    return " ".join(chance.choices(_WORDS, k=words)).capitalize() + "."


def _swapped(text: str) -> str:
    chance = random.Random(9)  # noqa: S311 -- drawn words
    return " ".join("other" if chance.random() < 0.1 else word for word in text.split())


_EDITS: dict[str, tuple[Callable[[str], str], float]] = {
    "upper": (str.upper, 0.99),
    "punctuation": (lambda text: text.replace(" ", " \U0001f3ac, "), 0.99),
    "wide letters": (lambda text: "".join(chr(ord(s) + 0xFEE0) if s.isalpha() else s for s in text), 0.99),
    "look-alikes": (lambda text: text.translate(str.maketrans("aeopc", "\u0430\u0435\u043e\u0440\u0441")), 0.99),
    "small capitals": (lambda text: text.translate(str.maketrans("aeo", "\u1d00\u1d07\u1d0f")), 0.99),
    "Armenian and phonetic twins": (
        lambda text: text.translate(str.maketrans("oaug", "\u0585\u0251\u057d\u0261")),
        0.99,
    ),
    "marks": (lambda text: text.translate(str.maketrans("iae", "\u0131\u1ea1\u1eb9")), 0.99),
    "Greek capitals": (
        lambda text: text.upper().translate(str.maketrans("AEIOT", "\u0391\u0395\u0399\u039f\u03a4")),
        0.99,
    ),
    "digits": (lambda text: text.translate(str.maketrans("oi", "01")), 0.99),
    "blank letters": (lambda text: "\u3164".join(text[at : at + 4] for at in range(0, len(text), 4)), 0.99),
    "blank jamo": (lambda text: "\u115f".join(text[at : at + 4] for at in range(0, len(text), 4)), 0.99),
    "copied 17 times, and more": (lambda text: " ".join([text] * 17) + _text(79, 4500), 0.99),
    "copied 17 times": (lambda text: " ".join([text] * 17), 0.99),
    "truncated": (lambda text: text[: len(text) // 3], 0.99),
    "embedded": (lambda text: _text(77) + text + _text(78), 0.99),
    "a tenth of the words": (_swapped, 0.7),
    "reordered": (lambda text: text[len(text) // 2 :] + text[: len(text) // 2], 0.95),
}


@pytest.mark.parametrize("edit", _EDITS)
def test_an_edited_copy_is_similar_from_either_side(edit: str) -> None:
    change, least = _EDITS[edit]
    a, b = read_text(_text(1).encode()), read_text(change(_text(1)).encode())
    found, back = compare_texts(a, b), compare_texts(b, a)
    assert found.grade == back.grade == "similar"
    assert found.score == back.score >= least
    assert {(s.a_start, s.a_end, s.b_start, s.b_end) for s in found.segments} == {
        (s.b_start, s.b_end, s.a_start, s.a_end) for s in back.segments
    }
    assert found == compare_texts(a, b)


def test_a_passage_is_placed_in_characters_of_the_text_as_it_was_given() -> None:
    excerpt = "\u201cThe ferry \u2014 leaves the OLD harbour at a quarter past six\u201d"
    found = compare_texts(read_text(excerpt.encode()), read_text((_text(3) + excerpt + _text(4)).encode()))
    [segment] = found.segments
    text = _text(3) + excerpt
    assert text[int(segment.b_start) : int(segment.b_end)] == excerpt.strip("\u201c\u201d")


def test_a_chinese_copy_is_found() -> None:
    text = "港口的渡轮每天早上六点一刻离开旧码头，船上只有三个渔民和一只黄狗，他们从不说话，只看着远处的灯塔慢慢亮起来又暗下去。"
    found = compare_texts(read_text(text.encode()), read_text(("转载：" + text.replace("，", " ")).encode()))
    assert (found.grade, found.score) == ("similar", 1.0)


@pytest.mark.parametrize(
    ("hidden", "codes"), [("\u3164", ("hidden_signs",)), ("\u200b", ("hidden_signs",)), ("\u200d", ()), ("", ())]
)
def test_signs_within_words_of_the_copy_that_cannot_be_seen_are_told(hidden: str, codes: tuple[str, ...]) -> None:
    text = _text(1)
    copy = hidden.join(text[at : at + 4] for at in range(0, len(text), 4)) + "!"
    there = compare_texts(read_text(text.encode()), read_text(copy.encode()))
    assert [each.transformations for each in there.segments] == [codes]
    back = compare_texts(read_text(copy.encode()), read_text(text.encode()))
    assert [each.transformations for each in back.segments] == [()]


def test_a_soft_hyphen_or_two_are_no_hidden_signs() -> None:
    text = _text(1)
    copy = text[:3] + "\u00ad" + text[3:] + "!"
    assert compare_texts(read_text(text.encode()), read_text(copy.encode())).segments[0].transformations == ()


def test_hangul_is_the_same_composed_and_decomposed() -> None:
    text = (
        "항구의 나룻배는 매일 아침 여섯 시 십오 분에 낡은 부두를 떠난다. 배에는 어부 세 사람과 누런 개 한 마리뿐이다."
    )
    found = compare_texts(read_text(text.encode()), read_text(unicodedata.normalize("NFD", text).encode()))
    assert (found.grade, found.score) == ("similar", 1.0)
    assert len(read_text(text.encode()).codes) == sum(map(str.isalnum, text))


def test_what_is_frequent_in_both_texts_is_no_passage() -> None:
    refrain = "and so they sang the song again "
    texts = [read_text((refrain * times + _text(seed)).encode()) for times, seed in ((200, 50), (17, 51), (2, 52))]
    assert (compare_texts(*texts[:2]).grade, compare_texts(*texts[:2]).segments) == ("not_comparable", ())
    assert compare_texts(texts[0], texts[2]).grade == "similar"


def test_distinct_texts_from_one_vocabulary_share_nothing() -> None:
    texts = [read_text(_text(seed).encode()) for seed in range(20, 45)]
    grades = {compare_texts(a, b).grade for number, a in enumerate(texts) for b in texts[:number]}
    assert grades == {"none"}


def test_the_same_text_is_identical_and_a_short_or_repetitive_one_is_not_comparable() -> None:
    long = read_text(_text(1).encode())
    assert (compare_texts(long, long).grade, compare_texts(long, long).score) == ("identical", 1.0)
    for poor in ("Hello there", "ha " * 5000, "...!!!"):
        found = compare_texts(long, read_text(poor.encode()))
        assert (found.grade, found.segments) == ("not_comparable", ())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", limits.EMPTY, id="nothing"),
        pytest.param(b" \n\t", limits.EMPTY, id="spaces"),
        pytest.param(b"<!DOCTYPE html><p>Hello", limits.UNKNOWN_TYPE, id="html"),
        pytest.param(b"\xef\xbb\xbf <svg onload='x'>", limits.UNKNOWN_TYPE, id="svg"),
        pytest.param(b"caf\xe9", limits.UNKNOWN_TYPE, id="latin-1"),
        pytest.param(b"one\x1b[31m", limits.UNKNOWN_TYPE, id="escape"),
        pytest.param(b"a" * ((1 << 20) + 1), limits.TOO_LARGE, id="bytes"),
        pytest.param("\ufdfa".encode() * 20_000, limits.TOO_LARGE, id="one sign for eighteen"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_text(data)
    assert caught.value.code == code


def test_unchanged_runs_are_told_in_characters_of_both_texts_whichever_comes_first() -> None:
    one = "“The kiln at the river” was lit before dawn, and nobody slept until noon."
    other = "So: the KILN at the river was cold before dawn, and nobody slept until noon!"
    first, second = read_text(one.encode()), read_text(other.encode())
    runs = shared_runs(first, second)
    assert [tuple(run) for run in runs] == [tuple(run[::-1]) for run in shared_runs(second, first)]
    assert [one[slice(*run.a)] for run in runs] == [
        "The kiln at the river” was",
        "before dawn, and nobody slept until noon",
    ]
    assert other[slice(*runs[0].b)] == "the KILN at the river was"
