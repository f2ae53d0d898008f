"""How names are found: the n-grams that a text is filed under, and those that a query asks for.

Chinese is written without spaces, so each run of it is filed under its characters and pairs; words of
other scripts are filed under every beginning of two letters and more, so that typing finds early. Accents, strokes,
case in every language, and traditional characters make no difference; nor do dots, hyphens and spaces within a name.
Marks are left out only where people often do not write them: Thai, Indian and other scripts write vowels with them.
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from itertools import pairwise

from portal.engines.papers import scripts

_CJK = "぀-ヿ㐀-䶿一-鿿豈-﫿가-힯"
# Signs that are written on, below or beside a letter; for regular expressions they are no part of a word.
_MARKS = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
_RUNS = re.compile(rf"[{_CJK}]+|(?:[^\W{_CJK}_][{_MARKS}]*)+")
_WITHIN_NAMES = re.compile(rf"(?<=[\w{_MARKS}])[·・•‧∙⋅.'’ʼ‘`\u200c\u200d\u2010\u2011-]+(?=\w)")
# Letters that Unicode does not take for another letter with a mark. Turkish has an i with and one without a dot.
_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"ƀ": "b", "ɨ": "i", "ɫ": "l", "ƶ": "z", "ґ": "г", "ғ": "г", "қ": "к", "ң": "н", "ҳ": "х", "ҷ": "ч"}
)
# First words of the Unicode names of letters whose marks are accents, or vowels that are rarely written.
_MARKS_ARE_OPTIONAL = frozenset({"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "CJK"})
# Of these, the marks without which a letter is another one, in whatever way the name is written.
_OTHER_LETTERS = frozenset(unicodedata.normalize("NFD", letter) for letter in "йўїѓќئ")
VERSION = 3  # of the rule; certificates are indexed again when it rises
_LONGEST = 20
_SHORTEST = 2


def ngrams_of_texts(*texts: str) -> list[str]:
    """Everything under which the texts can be found, sorted."""
    return sorted({gram for text in texts for run in _filed_runs(text) for gram in _indexed_ngrams(run)})


def ngrams_of_query(query: str) -> list[str]:
    """The n-grams that a row must have to fit the query; empty when the query is too short to search for."""
    runs = _RUNS.findall(_WITHIN_NAMES.sub("", _fold(query)))
    if sum(len(run) for run in runs) < _SHORTEST and not any(map(_is_cjk, runs)):
        return []
    return sorted({gram for run in runs for gram in _queried_ngrams(run)})


def has_cjk(text: str) -> bool:
    """Whether anything in the text is written in Chinese, Japanese or Korean letters."""
    return re.search(f"[{_CJK}]", text) is not None


def _filed_runs(text: str) -> Iterator[str]:
    """The runs of a text, and each together with the next one, as others may write them."""
    runs = _RUNS.findall(_fold(text))
    yield from runs
    yield from _RUNS.findall(_WITHIN_NAMES.sub("", _fold(text)))
    yield from (first + second for first, second in pairwise(runs) if _is_cjk(first) == _is_cjk(second))


def _fold(text: str, kept: Container[str] = ()) -> str:
    """The text with its letters made alike: width, case, accents but for those `kept`, strokes, Chinese characters."""
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(_without_optional_marks(plain, kept))
    return scripts.simplify(unicodedata.normalize("NFKC", bare).translate(_STROKES))


def _without_optional_marks(plain: str, kept: Container[str]) -> Iterator[str]:
    letter = ""
    for sign in plain:
        if unicodedata.category(sign) != "Mn":
            letter = sign
            yield sign
        elif letter + sign in kept or not _is_optional(letter, sign):
            yield sign


def _is_optional(letter: str, mark: str) -> bool:
    """Whether the mark makes no difference on this letter; variation selectors only choose a form of it."""
    script = unicodedata.name(letter, "").partition(" ")[0] if letter else ""
    return script in _MARKS_ARE_OPTIONAL or "VARIATION SELECTOR" in unicodedata.name(mark, "")


def _is_cjk(run: str) -> bool:
    return re.match(f"[{_CJK}]", run) is not None


def _indexed_ngrams(run: str) -> Iterator[str]:
    if _is_cjk(run):
        yield from run
        yield from _pairs(run)
    elif len(run) < _SHORTEST:
        yield run
    else:
        for end in range(_SHORTEST, min(len(run), _LONGEST) + 1):
            yield run[:end]


def _queried_ngrams(run: str) -> Iterator[str]:
    if _is_cjk(run):
        yield from _pairs(run) if len(run) > 1 else run
    else:
        yield run[:_LONGEST]


def _pairs(run: str) -> Iterator[str]:
    for start in range(len(run) - 1):
        yield run[start : start + 2]


def folded_words(text: str) -> list[str]:
    """The words of a text as names are compared, in its order: letters made alike, signs within names left out.

    Stricter than the search: marks that make another letter stay.
    """
    return _RUNS.findall(_WITHIN_NAMES.sub("", _fold(text, _OTHER_LETTERS)))
