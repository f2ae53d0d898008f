"""Whether two ways of writing a whole name are one name, and the words that names are compared by. Pure functions.

Case, width, accents, strokes, punctuation, the order of words, titles, and traditional characters make no difference.
"""

import re
from collections import Counter

from certification.search_ngrams import folded_words, has_cjk

# What people write after or before their name and registers do not, or the other way round.
TITLES = frozenset({"dr", "md", "do", "rn", "np", "pa", "phd", "mr", "mrs", "ms", "prof"})
# Of these, those that are names of people as well; in a whole name they count as such.
_ALSO_NAMES = frozenset({"do", "np", "pa"})
_HYPHENS = re.compile(r"[.\-\u2010\u2011\u2013·・•‧∙⋅]")


def is_same_whole_name(one: str, other: str) -> bool:
    """Whether two whole names are one name."""
    if not folded_words(one) or not folded_words(other):
        return one.strip() == other.strip()
    if joined_name(one) == joined_name(other):
        return True
    # A double name is written with a hyphen, with a space, or in one.
    return any(_is_same_counted(read(one), read(other)) for read in (name_words, _single_words))


def name_words(text: str) -> list[str]:
    """The words of a name; a Chinese name is one word however it is spaced."""
    words = folded_words(text)
    return ["".join(words)] if has_cjk(text) and words else words


def joined_name(text: str) -> str:
    """All letters of a name, or of another text that is compared in the same way."""
    return "".join(folded_words(text))


def _single_words(text: str) -> list[str]:
    return name_words(_HYPHENS.sub(" ", text))


def _is_same_counted(one: list[str], other: list[str]) -> bool:
    """Whether the words are the same in any order, but for titles."""
    left, right = Counter(one), Counter(other)
    differing = [*(left - right), *(right - left)]
    return all(word in TITLES - _ALSO_NAMES for word in differing) and bool(left & right)
