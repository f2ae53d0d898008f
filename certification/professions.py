"""Which professions a text names. A program finds words; what somebody means by them is for a person to judge."""

import re
import unicodedata

from certification.models import Profession


def professions_in_text(text: str) -> list[Profession]:
    """The professions that a text names, by the words of each, in the order of their codes."""
    spelt = _normalised(text)
    rows = Profession.objects.order_by("code")
    return [row for row in rows if any(_names(spelt, word) for word in row.words)]


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


# A character of a word in a script that divides words.
_OF_WORD = r"[^\W\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]"


def _names(text: str, word: str) -> bool:
    """Whether a text has the word: on its own in scripts that divide words, anywhere in those that do not."""
    spelt = _normalised(word)
    edges = (rf"(?<!{_OF_WORD})", rf"(?!{_OF_WORD})") if spelt.isascii() else ("", "")
    return re.search(edges[0] + re.escape(spelt) + edges[1], text) is not None
