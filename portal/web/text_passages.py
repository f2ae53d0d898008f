"""Two texts on a page: the passages that both have, beside each other, and both texts in full by parts, with these marked.

Nothing is compared here: where the passages are was found by the job that compared the texts, and what within them is
unchanged by the one that sealed the evidence.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.web.text_diff import TextPart

MOST_CHARACTERS: Final = 1 << 20  # of a text; longer ones are refused when they are checked
_FIRST: Final = 8  # passages that are shown at once, the longest ones
_MOST: Final = 60  # that are shown at all
_LONGEST: Final = 2400  # characters of a passage that are shown
_AROUND: Final = 60  # characters shown before and after a passage
_PART: Final = 6000  # characters of either text in a part of both

Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """One passage in both texts, marked where it is unchanged; places: its first and last character in either, from 1.

    `is_cut`: it is longer than what is shown.
    """

    number: int
    left: list[TextPart]
    right: list[TextPart]
    left_place: Span
    right_place: Span
    is_cut: bool


@dataclass(frozen=True)
class TextPassages:
    """`shown` and `more`: passages in the order of the original; `left_out`: how many are not shown.

    `left`, `right`: part `number` of `count` of either text.
    """

    shown: list[Passage]
    more: list[Passage]
    left_out: int
    left: list[TextPart]
    right: list[TextPart]
    number: int
    count: int

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1


def lay_out_texts(
    texts: tuple[str, str], passages: Sequence[tuple[Span, Span]], runs: Iterable[Sequence[int]], number: int
) -> TextPassages:
    """Both texts for a page. `passages`: from and to in either, in the order of the first. `runs`: a_start, a_end, b_start, b_end of what is unchanged, or none; `number`: of the part, from 1."""
    unchanged = sorted(((run[0], run[1]), (run[2], run[3])) for run in runs)
    starts = [a[0] for a, _b in unchanged]
    marks = [_within(each, unchanged, starts) for each in passages]
    longest = sorted(range(len(passages)), key=lambda place: (passages[place][0][0] - passages[place][0][1], place))[
        :_MOST
    ]
    made = {place: _passage(place + 1, texts, passages[place], marks[place]) for place in longest}
    count = max(1, *(-(-len(text) // _PART) for text in texts))
    number = min(max(number, 1), count)
    part = (number - 1) * _PART, number * _PART
    return TextPassages(
        shown=[made[place] for place in sorted(longest[:_FIRST])],
        more=[made[place] for place in sorted(longest[_FIRST:])],
        left_out=len(passages) - len(longest),
        left=_parts(texts[0], part, [a for row in marks for a, _b in row]),
        right=_parts(texts[1], part, [b for row in marks for _a, b in row]),
        number=number,
        count=count,
    )


def part_number(said: Any) -> int:
    """The number of a part as an address gives it; 1 for anything else."""
    text = str(said or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 1


def _within(
    passage: tuple[Span, Span], unchanged: list[tuple[Span, Span]], starts: list[int]
) -> list[tuple[Span, Span]]:
    """What of a passage is unchanged, of what begins at `starts`, in order; all of it where that was not measured."""
    (start, end), (first, last) = passage
    some = unchanged[bisect_left(starts, start) : bisect_left(starts, end)]
    found = [(a, b) for a, b in some if a[1] <= end and first <= b[0] and b[1] <= last]
    return found or [passage]


def _passage(number: int, texts: tuple[str, str], spans: tuple[Span, Span], marks: list[tuple[Span, Span]]) -> Passage:
    shown = [
        _parts(text, (max(start - _AROUND, 0), min(end, start + _LONGEST) + _AROUND), [mark[side] for mark in marks])
        for side, (text, (start, end)) in enumerate(zip(texts, spans, strict=True))
    ]
    is_cut = any(end - start > _LONGEST + _AROUND for start, end in spans)
    left, right = ((start + 1, end) for start, end in spans)
    return Passage(number, shown[0], shown[1], left, right, is_cut)


def _parts(text: str, shown: Span, marked: Iterable[Span]) -> list[TextPart]:
    """The characters from and to, in runs that are marked or not."""
    place, last = shown[0], min(shown[1], len(text))
    found = []
    for run in sorted(marked):
        start, end = max(run[0], place), min(run[1], last)
        if start < end:
            found += [TextPart(text[place:start], is_shared=False), TextPart(text[start:end], is_shared=True)]
            place = end
    found.append(TextPart(text[place:last], is_shared=False))
    return [part for part in found if part.text]
