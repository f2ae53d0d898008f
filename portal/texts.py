"""The rule for texts that people write: how short and how long they may be; and how sentences are put together."""

import re
from typing import Final

from django.utils.functional import Promise, keep_lazy_text
from django.utils.translation import gettext as _

from portal.errors import Invalid

_AFTER_CHINESE: Final = re.compile(r"(?<=[一-鿿”》）])((?:</\w+>)*)([,.;:])(?=\s|<|$)")
_FULL_WIDTH: Final = str.maketrans(",.;:", "，。；：")
_SPACE_BESIDE_FULL_WIDTH: Final = re.compile(r"(?<=[，。；：？！])((?:</\w+>)*)\s+|\s+(?=（)")


def refuse_text(text: str, *, most: int, least: int = 0, missing: str | Promise = "") -> str | None:
    """Why a text cannot be kept: shorter than `least` characters without the blanks around it, or longer than `most`.

    `missing` is said of one that is too short, where a sentence says better what to write.
    """
    if len(text.strip()) < least:
        return str(missing) or _("Please write at least %(count)d characters.") % {"count": least}
    if len(text) > most:
        return _("Please write at most %(count)d characters.") % {"count": most}
    return None


def require_text(field: str, text: str, *, most: int, least: int = 0, missing: str | Promise = "") -> str:
    """The text without the blanks around it; raises Invalid at `field` where refuse_text() refuses it."""
    if refusal := refuse_text(text, most=most, least=least, missing=missing):
        raise Invalid.at(field, refusal)
    return text.strip()


def text_errors(texts: dict[str, tuple[str, int]]) -> dict[str, list[str]]:
    """Field to sentences for those of {field: (text, most characters)} that are too long."""
    found = {field: refuse_text(text, most=most) for field, (text, most) in texts.items()}
    return {field: [refusal] for field, refusal in found.items() if refusal}


@keep_lazy_text
def join_sentences(*parts: str | Promise) -> str:
    """The parts that say something, with a space between them. Lazy if a part is.

    After Chinese, punctuation becomes full-width and no space follows it, also where a tag ends in between; none stands
    before a full-width bracket.
    """
    text = " ".join(part.strip() for part in map(str, parts) if part)
    text = _AFTER_CHINESE.sub(lambda found: found[1] + found[2].translate(_FULL_WIDTH), text)
    return _SPACE_BESIDE_FULL_WIDTH.sub(lambda found: found[1] or "", text)
