"""Which signs of a text people can see. Pure functions.

Unicode has signs without a shape of their own: some belong to words, emoji and scripts, others only hide or reorder what
stands beside them. Sources: Unicode 15, chapters 9.2, 13.5, 23.2, 23.4 and 23.9; UAX 44, Default_Ignorable_Code_Point.
"""

import re
import unicodedata

# Marks of direction that messengers and keyboards add at the ends; nobody can see or delete them.
_DIRECTION = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\u200b\u2060"
_UNSEEN = re.compile(rf"[\s{_DIRECTION}]")
# Letters and signs that are drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U0001d159")
# Invisible signs that are right within words of their scripts: joiners, marks of direction, Mongolian's vowel separator.
_WITHIN_WORDS = frozenset("\u200c\u200d\u200e\u200f\u061c\u180e")
# Signs of number and verse that Unicode counts as format though they are drawn.
_DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# The flags of England, Scotland and Wales are a black flag, tags of letters and an end tag.
_TAGGED_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")
_MOST_MARKS = 8  # combining marks on one letter; Tibetan and Hebrew need up to six


def strip_unseen_ends(text: str) -> str:
    """The text without spaces and marks of direction at its ends."""
    start, end = 0, len(text)
    while start < end and _UNSEEN.match(text[start]):
        start += 1
    while end > start and _UNSEEN.match(text[end - 1]):
        end -= 1
    return text[start:end]


def is_visible_text(text: str) -> bool:
    """Whether the text shows something, and hides and reorders nothing."""
    plain = _TAGGED_FLAG.sub("\U0001f3f4", text)
    if any(_is_refused(sign) for sign in plain) or _most_marks(plain) > _MOST_MARKS:
        return False
    return any(_has_shape(sign) for sign in plain)


def _is_refused(sign: str) -> bool:
    if sign in _WITHIN_WORDS or sign in _DRAWN:
        return False
    return sign in _BLANK or unicodedata.category(sign) in _REFUSED_CATEGORIES


def _has_shape(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNPS" or sign in _DRAWN


def _most_marks(text: str) -> int:
    """The longest run of combining marks; variation selectors and joiners count, too."""
    longest = here = 0
    for sign in text:
        here = here + 1 if unicodedata.category(sign) in {"Mn", "Me", "Cf"} else 0
        longest = max(longest, here)
    return longest
