"""Whether a declared name is the one of a register's record. Pure functions.

Whole names are compared as everywhere (certification/names.py). Where a register has a name in parts, middle names may be
left out or shortened to a letter; given and family name may not.
"""

from collections import Counter

from certification.names import TITLES, is_same_whole_name, joined_name, name_words
from certification.registers.answers import Record
from certification.search_ngrams import has_cjk


def is_same_name(declared: str, record: Record) -> bool:
    """Whether a declared name is the record's, or another one under which the record has the person."""
    if record.former_name and is_same_whole_name(declared, record.former_name):
        return True
    if record.name:
        return is_same_whole_name(declared, record.name)
    return _is_same_in_parts(declared, record)


def _is_same_in_parts(declared: str, record: Record) -> bool:
    if has_cjk(declared):
        return joined_name(declared) == joined_name(record.family + record.given)
    left = Counter(name_words(declared))
    needed = Counter(name_words(record.given)) + Counter(name_words(record.family))
    if not needed:
        return False
    if needed - left:
        # Given names are written with a hyphen, with a space or in one.
        whole = {joined_name(record.given + record.family), joined_name(record.full_name)}
        return joined_name(declared) in whole
    middle = Counter(name_words(record.middle))
    return all(word in TITLES or _is_part(word, middle) for word in (left - needed).elements())


def _is_part(word: str, middle: Counter[str]) -> bool:
    """Whether a word is one of the middle names that are left, or the first letter of one; either may be a letter only."""
    for name, count in middle.items():
        short = 1 in (len(word), len(name)) and word[0] == name[0]
        if count and (word == name or short):
            middle[name] -= 1
            return True
    return False
