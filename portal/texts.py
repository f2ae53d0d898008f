"""The rule for texts that people write: how short and how long they may be."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.errors import Invalid


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
