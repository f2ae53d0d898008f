"""Whether two ways of writing a name are one name. Pure functions.

Case, width, accents, punctuation, the order of words, and traditional characters make no difference. Where a register has
a name in parts, middle names may be left out or shortened to a letter; given and family name may not.
"""

from collections import Counter

from certification.registers.answers import Record
from certification.search_ngrams import folded_words, has_cjk

# What people write after or before their name and registers do not, or the other way round.
_TITLES = frozenset({"dr", "md", "do", "rn", "np", "pa", "phd", "mr", "mrs", "ms", "prof"})
# Of these, those that are names of people as well; in a whole name they count as such.
_ALSO_NAMES = frozenset({"do", "np", "pa"})


def is_same_name(declared: str, record: Record) -> bool:
    """Whether a declared name is the record's, or another one under which the record has the person."""
    if record.former_name and _is_same_whole(declared, record.former_name):
        return True
    if record.name:
        return _is_same_whole(declared, record.name)
    return _is_same_in_parts(declared, record)


def _is_same_whole(one: str, other: str) -> bool:
    left, right = Counter(_words(one)), Counter(_words(other))
    if not left or not right:
        return False
    differing = [*(left - right), *(right - left)]
    titles = all(word in _TITLES - _ALSO_NAMES for word in differing) and bool(left & right)
    return titles or _joined(one) == _joined(other)


def _is_same_in_parts(declared: str, record: Record) -> bool:
    if has_cjk(declared):
        return _joined(declared) == _joined(record.family + record.given)
    left = Counter(_words(declared))
    needed = Counter(_words(record.given)) + Counter(_words(record.family))
    if not needed:
        return False
    if needed - left:
        # Given names are written with a hyphen, with a space or in one.
        whole = {_joined(record.given + record.family), _joined(record.full_name)}
        return _joined(declared) in whole
    middle = Counter(_words(record.middle))
    return all(word in _TITLES or _is_part(word, middle) for word in (left - needed).elements())


def _is_part(word: str, middle: Counter[str]) -> bool:
    """Whether a word is one of the middle names that are left, or the first letter of one; either may be a letter only."""
    for name, count in middle.items():
        short = 1 in (len(word), len(name)) and word[0] == name[0]
        if count and (word == name or short):
            middle[name] -= 1
            return True
    return False


def _words(text: str) -> list[str]:
    """The words of a name; a Chinese name is one word however it is spaced."""
    words = folded_words(text)
    return ["".join(words)] if has_cjk(text) and words else words


def _joined(text: str) -> str:
    return "".join(folded_words(text))
