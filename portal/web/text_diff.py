"""Two texts beside each other, with what they share and what only one of them has."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_CHARACTERS: Final = 8000  # of each text that are compared
# A word, a single sign of a script without spaces, or anything else one by one.
_PIECE: Final = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]|\w+|\s+|.", re.DOTALL)
_MOST_PIECES: Final = 2000  # comparing takes up to their square, some tenths of a second


@dataclass(frozen=True)
class TextPart:
    """A run of text; `is_shared`: the other text has it in the same order."""

    text: str
    is_shared: bool


@dataclass(frozen=True)
class TextDiff:
    """Both texts in parts; `share`: how much of what was compared is shared, 0..1; `is_cut`: the ends were too long to compare."""

    left: list[TextPart]
    right: list[TextPart]
    share: float
    is_cut: bool


def compare_texts(left: str, right: str) -> TextDiff:
    """The two texts, compared word by word, or sign by sign where a script has no spaces. Case plays no part."""
    first, second = _pieces(left), _pieces(right)
    plain = [[each.casefold() for each in side] for side in (first, second)]
    found = difflib.SequenceMatcher(None, plain[0], plain[1], autojunk=False)
    blocks = [block for block in found.get_matching_blocks() if "".join(first[block.a : block.a + block.size]).strip()]
    is_cut = any(len("".join(pieces)) < len(text) for pieces, text in ((first, left), (second, right)))
    return TextDiff(
        [*_parts(first, [(block.a, block.size) for block in blocks]), *_rest(left, first)],
        [*_parts(second, [(block.b, block.size) for block in blocks]), *_rest(right, second)],
        _share(first, second, sum(block.size for block in blocks)),
        is_cut,
    )


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text[:MOST_CHARACTERS])[:_MOST_PIECES]


def _rest(text: str, pieces: list[str]) -> list[TextPart]:
    """What was too long to compare: shown, and not marked."""
    rest = text[sum(map(len, pieces)) :]
    return [TextPart(rest, is_shared=False)] if rest else []


def _parts(pieces: list[str], shared: list[tuple[int, int]]) -> Iterator[TextPart]:
    place = 0
    for start, size in [*shared, (len(pieces), 0)]:
        for is_shared, run in ((False, pieces[place:start]), (True, pieces[start : start + size])):
            if run:
                yield TextPart("".join(run), is_shared)
        place = start + size


def _share(first: list[str], second: list[str], shared: int) -> float:
    total = len(first) + len(second)
    return 2 * shared / total if total else 1.0
