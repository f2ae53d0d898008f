"""Two texts compared: which passages of one are in the other, whatever case, spacing, punctuation or look-alike letters.

Texts are folded (look_alikes.py; letters and digits that can be seen only). Runs of equal 5-grams become passages, which
may have short changes within them. A paraphrase or a translation is not found. The grade is at most "similar".
Segments count characters of the texts as they were given, where those of videos count seconds.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from portal.engines import limited_process
from portal.engines.fingerprints import limits, look_alikes, pdq, text_encodings, transformations
from portal.engines.fingerprints.comparison import Comparison, Segment
from portal.engines.fingerprints.grades import IDENTICAL, NONE, NOT_COMPARABLE, SIMILAR
from portal.engines.fingerprints.thresholds import THRESHOLDS
from portal.engines.limited_process import Refused

VERSION: Final = 2
MOST_BYTES: Final = 1 << 20
MOST_CHARACTERS: Final = 200_000  # once folded; one sign may become eighteen
SHORTEST: Final = 20  # folded characters of a text that can be compared
_GRAM: Final = 5
_RUN: Final = 12  # folded characters of an unchanged run that counts
_GAP: Final = 40  # folded characters between two runs of one passage
_PASSAGE: Final = 40  # unchanged folded characters of a passage, or _NEARLY_ALL of the shorter text
_NEARLY_ALL: Final = 0.8
_MOST_TIMES: Final = 16  # a 5-gram that occurs more often in both texts says nothing
_SYLLABLE: Final = re.compile(
    "[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|.", re.DOTALL
)  # one sign, or Hangul by parts
# Signs within a word that show nothing and belong into none; those that join letters of Arabic or Indic scripts are not among them.
_HIDDEN: Final = re.compile(
    r"(?<=\w)[\u00ad\u034f\u115f\u1160\u200b\u2060-\u2064\u206a-\u206f\u2800\u3164\ufeff\uffa0\U0001d159\U000e0020-\U000e007f]+(?=\w)"
)
_MOST_HIDDEN: Final = 2  # of them in a passage, beyond those that the original has there; a soft hyphen is no trick

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FoldedText:
    """`codes`: the folded characters; `places`: which character of the text each came from; `length` of the text.

    `hidden`: places of signs within words that cannot be seen.
    """

    codes: Ints
    places: Ints
    length: int
    sha256: bytes
    hidden: Ints


class Run(NamedTuple):
    """From and to, in characters of the two texts as they were given: the same, whatever case, spacing and punctuation."""

    a: tuple[int, int]
    b: tuple[int, int]


@dataclass(frozen=True)
class _Passage:
    """First and last of the folded characters in both texts, and how many of them are unchanged."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    same: int


def read_text(data: bytes) -> FoldedText:
    """The text in a hostile file as it is compared. Raises Refused."""
    return fold_text(plain_text(data))


def plain_text(data: bytes) -> str:
    """The text in a hostile file as it is shown: without markup or control characters. Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused(limits.TOO_LARGE, str(len(data)))
    text = text_encodings.decode_text(data)
    if text.lstrip().startswith("<") or any(unicodedata.category(sign) == "Cc" for sign in set(text) - set("\t\n\r\f")):
        raise Refused(limits.UNKNOWN_TYPE, "markup or control characters")
    if not text.strip():
        raise Refused(limits.EMPTY)
    return text


def fold_text(text: str) -> FoldedText:
    """The text as it is compared. Raises Refused where it is too long."""
    codes: list[int] = []
    places: list[int] = []
    for found in _SYLLABLE.finditer(text):
        folded = look_alikes.fold_sign(found[0])
        codes += map(ord, folded)
        places += [found.start()] * len(folded)
        if len(codes) > MOST_CHARACTERS:
            raise Refused(limits.TOO_LARGE, "characters")
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    hidden = [found.start() for found in _HIDDEN.finditer(text)]
    return FoldedText(
        np.array(codes, np.int64), np.array(places, np.int64), len(text), sha256, np.array(hidden, np.int64)
    )


def compare_texts(a: FoldedText, b: FoldedText) -> Comparison:
    """What of `a` is in `b`; (a, b) and (b, a) have one answer. For jobs only."""
    limited_process.refuse_on_request_thread("compare_texts")
    if a.sha256 == b.sha256:
        return _judged(a, b, [_Passage(0, len(a.codes), 0, len(b.codes), len(a.codes))], (1.0, 1.0))
    swapped = b.sha256 < a.sha256
    passages, shares = _passages(b, a) if swapped else _passages(a, b)
    if swapped:
        passages = [_Passage(each.b_start, each.b_end, each.a_start, each.a_end, each.same) for each in passages]
        shares = shares[::-1]
    shortest = min(len(a.codes), len(b.codes))
    kept = [each for each in passages if each.same >= min(_PASSAGE, max(_RUN, _NEARLY_ALL * shortest))]
    return _judged(a, b, sorted(kept, key=lambda each: (each.a_start, each.b_start)), shares)


def shared_runs(a: FoldedText, b: FoldedText) -> tuple[Run, ...]:
    """The unchanged runs that the passages of compare_texts() consist of, in the order of `a`. For jobs only."""
    limited_process.refuse_on_request_thread("shared_runs")
    swapped = b.sha256 < a.sha256
    first, second = (b, a) if swapped else (a, b)
    grams = _grams(first.codes), _grams(second.codes)
    found = _kept_runs(_runs(*_pairs(*grams)))
    runs = [(_whole(first, each.a_start, each.a_end), _whole(second, each.b_start, each.b_end)) for each in found]
    return tuple(sorted(Run(*each[::-1]) if swapped else Run(*each) for each in runs))


def _judged(a: FoldedText, b: FoldedText, found: list[_Passage], shares: tuple[float, float]) -> Comparison:
    shortest = min(len(a.codes), len(b.codes))
    same = a.sha256 == b.sha256
    if same:
        grade = IDENTICAL
    elif shortest < SHORTEST:
        grade = NOT_COMPARABLE
    elif found:
        grade = SIMILAR
    else:
        grade = NONE if min(shares) >= THRESHOLDS.usable else NOT_COMPARABLE
    kept = found if grade in {IDENTICAL, SIMILAR} else []
    score = min(sum(each.same for each in kept) / max(shortest, 1), 1.0)
    return Comparison(
        grade=grade,
        score=1.0 if same else round(score, 4),
        segments=tuple(_segment(a, b, each, grade) for each in kept),
        thresholds=THRESHOLDS,
        versions={"fingerprint": VERSION, "comparison": VERSION},
        usable_a=round(shares[0], 3),
        usable_b=round(shares[1], 3),
    )


def _segment(a: FoldedText, b: FoldedText, found: _Passage, grade: str) -> Segment:
    first, second = _span(a, found.a_start, found.a_end), _span(b, found.b_start, found.b_end)
    hidden = _count_hidden(b, second) - _count_hidden(a, first)
    codes = (transformations.HIDDEN_SIGNS,) if hidden > _MOST_HIDDEN else ()
    upright = pdq.ORIENTATIONS[0]
    return Segment(*first, *second, 1.0, upright, found.same, None, None, grade, transformations=codes)


def _count_hidden(text: FoldedText, span: tuple[float, float]) -> int:
    return int(((text.hidden >= span[0]) & (text.hidden < span[1])).sum())


def _whole(text: FoldedText, start: int, end: int) -> tuple[int, int]:
    return int(text.places[start]), int(text.places[end - 1]) + 1


def _span(text: FoldedText, start: int, end: int) -> tuple[float, float]:
    if not len(text.codes):
        return 0.0, float(text.length)
    return float(text.places[start]), float(text.places[end - 1] + 1)


def _passages(a: FoldedText, b: FoldedText) -> tuple[list[_Passage], tuple[float, float]]:
    """Passages of a text in the other, and the share of each text that is distinctive."""
    grams = _grams(a.codes), _grams(b.codes)
    first, second = (float((_times(each, each) <= _MOST_TIMES).mean()) if len(each) else 0.0 for each in grams)
    return _chained(_runs(*_pairs(*grams))), (first, second)


def _grams(codes: Ints) -> Ints:
    """A number for each 5-gram; modulo 2**64, so that two may share one in theory, not in practice."""
    if len(codes) < _GRAM:
        return np.zeros(0, np.int64)
    total = np.zeros(len(codes) - _GRAM + 1, np.int64)
    for step in range(_GRAM):
        total = total * np.int64(1_000_003) + codes[step : len(codes) - _GRAM + 1 + step]
    return total


def _times(grams: Ints, within: Ints) -> Ints:
    """How often each gram occurs in the others."""
    order = np.sort(within)
    return np.searchsorted(order, grams, "right") - np.searchsorted(order, grams, "left")


def _pairs(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Places of equal 5-grams, but of those that are frequent in both texts: at most _MOST_TIMES for each place of either."""
    from_a = np.flatnonzero((_times(a, a) <= _MOST_TIMES) | (_times(a, b) <= _MOST_TIMES))
    order = np.argsort(b, kind="stable")
    low, high = (np.searchsorted(b[order], a[from_a], side) for side in ("left", "right"))
    count = high - low
    at_a = np.repeat(from_a, count)
    within = np.arange(len(at_a)) - np.repeat(np.cumsum(count) - count, count)
    return at_a, order[np.repeat(low, count) + within]


def _runs(at_a: Ints, at_b: Ints) -> list[_Passage]:
    """Unchanged runs of at least _RUN characters."""
    order = np.lexsort((at_a, at_a - at_b))
    at_a, at_b = at_a[order], at_b[order]
    if not len(at_a):
        return []
    broken = np.flatnonzero((np.diff(at_a) != 1) | (np.diff(at_a - at_b) != 0)) + 1
    starts, ends = np.r_[0, broken], np.r_[broken, len(at_a)]
    long = ends - starts + _GRAM - 1 >= _RUN
    return [
        _Passage(int(at_a[low]), int(at_a[low]) + size, int(at_b[low]), int(at_b[low]) + size, size)
        for low, size in zip(starts[long], (ends - starts + _GRAM - 1)[long].tolist(), strict=True)
    ]


def _kept_runs(runs: list[_Passage]) -> list[_Passage]:
    """The longest runs first, none over characters of the first text already taken."""
    taken, kept = np.zeros(max((each.a_end for each in runs), default=0), np.bool_), []
    for run in sorted(runs, key=lambda each: (-each.same, each.a_start, each.b_start)):
        if taken[run.a_start : run.a_end].mean() < 0.5:
            taken[run.a_start : run.a_end] = True
            kept.append(run)
    return kept


def _chained(runs: list[_Passage]) -> list[_Passage]:
    """Those that are kept, neighbours joined."""
    joined: list[_Passage] = []
    for run in sorted(_kept_runs(runs), key=lambda each: (each.a_start, each.b_start)):
        if joined and _follows(joined[-1], run):
            joined[-1] = _joined(joined[-1], run)
        else:
            joined.append(run)
    return joined


def _follows(last: _Passage, run: _Passage) -> bool:
    gap_a, gap_b = run.a_start - last.a_end, run.b_start - last.b_end
    return -_GRAM <= gap_a <= _GAP and -_GRAM <= gap_b <= _GAP


def _joined(last: _Passage, run: _Passage) -> _Passage:
    new = max(0, min(run.same, run.a_end - last.a_end, run.b_end - last.b_end))
    a_end, b_end = max(last.a_end, run.a_end), max(last.b_end, run.b_end)
    return _Passage(last.a_start, a_end, last.b_start, b_end, last.same + new)
