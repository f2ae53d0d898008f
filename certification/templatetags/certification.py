"""What the templates of certification need beside the common components."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()

_GLYPHS = {
    "medicine": "heart-pulse",
    "law": "bank2",
    "finance": "briefcase",
    "education": "mortarboard",
    "farming": "tree",
    "cars": "car-front",
    "property": "house-door",
    "crafts": "tools",
}


@register.filter
def area_glyph(topic: str) -> str:
    """The icon of an area's topic."""
    return _GLYPHS.get(topic, "patch-check-fill")


@register.filter
def chosen(field: Any, pk: int) -> bool:
    """Whether the field's value, typed or stored, is the row with this key."""
    value = field.value()
    return str(getattr(value, "pk", value)) == str(pk)


@register.filter
def of(table: Mapping[int, Sequence[Any]], key: int) -> Sequence[Any]:
    """What a table of lists has for a key; nothing if it has nothing."""
    return table.get(key, ())


@register.simple_tag
def offer_sentence(read: str, typed: str) -> str:
    """What was read on a document, and what the applicant typed, if they typed anything."""
    if typed:
        return _("We read %(read)s. You typed %(typed)s.") % {"read": read, "typed": typed}
    return _("We read %(read)s. You have not entered this yet.") % {"read": read}
