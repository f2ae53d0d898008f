"""What the templates of complaints need beside the common components."""

from typing import Any

from django import template
from django.template import RequestContext
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from complaints.models import Complaint
from complaints.wording.terms import ORIENTATIONS, clock_time, joined_texts, transformation_text
from portal import vault
from portal.evidence.blobs import StorageDown
from portal.media.models import Kind, MediaFile
from portal.media.playback import shown_text
from portal.web.text_passages import MOST_CHARACTERS, TextPassages, lay_out_texts, part_number

register = template.Library()
register.filter(clock_time)
SHOWN_CHARACTERS = 20_000  # of a text, on a page; all of it can be downloaded


@register.filter
def kind_text(kind: str) -> str | Promise:
    """What a work is, in words."""
    return Kind(kind).label


@register.simple_tag
def place_text(place: tuple[float, float], kind: str) -> str:
    """From and to within a work: characters of a text, counted from 1, and else times."""
    if kind == Kind.TEXT:
        return _("characters %(first)d–%(last)d") % {"first": round(place[0]) + 1, "last": round(place[1])}
    return _("%(start)s–%(end)s") % {"start": clock_time(place[0]), "end": clock_time(place[1])}


@register.filter
def video_pair(complaint: Complaint) -> list[dict[str, Any]]:
    """The two videos, each with its name in URLs, its label and its video."""
    named = (("original", _("Original"), complaint.original), ("copy", _("Alleged copy"), complaint.copy))
    return [{"name": name, "label": label, "media": work.media if work else None} for name, label, work in named]


@register.simple_tag(takes_context=True)
def work_text(context: RequestContext, media: MediaFile | None, complaint: Complaint) -> str:
    """The beginning of a work that is a text, for a page whose reader may see it; the look is logged. "" if it cannot be read."""
    if media is None or context.request is None:
        return ""
    try:
        return shown_text(context.request, media, why=f"complaint {complaint.number}", most=SHOWN_CHARACTERS)
    except (StorageDown, vault.Tampered):
        return ""


@register.simple_tag(takes_context=True)
def text_passages(context: RequestContext, complaint: Complaint, match: dict[str, Any]) -> TextPassages | None:
    """What two texts have in common, for a page whose reader may see both; the looks are logged. None if one cannot be read."""
    works, request, texts = (complaint.original, complaint.copy), context.request, []
    for work in works:
        if work is None or work.media is None:
            return None
        try:
            texts.append(shown_text(request, work.media, why=f"complaint {complaint.number}", most=MOST_CHARACTERS))
        except (StorageDown, vault.Tampered):
            return None
    rows = [stretch.segment for stretch in match["picture"]["stretches"]]
    passages = [((round(row.a_start), round(row.a_end)), (round(row.b_start), round(row.b_end))) for row in rows]
    number = part_number(request.GET.get("text"))
    return lay_out_texts((texts[0], texts[1]), passages, match["evidence"]["runs"], number) if all(texts) else None


@register.filter
def transformation_texts(codes: list[str]) -> str:
    """What was changed in the copy, each change in words, as the language separates the members of a list."""
    return joined_texts([transformation_text(code) for code in codes])


@register.filter
def precise_time(seconds: float | None) -> str:
    """A time in a video with its hundredths, as m:ss.cc or h:mm:ss.cc."""
    whole = round((seconds or 0) * 100)
    return f"{clock_time(whole // 100)}.{whole % 100:02}"


@register.filter
def percentage(share: float) -> int:
    """A share of 0..1 in hundredths."""
    return round(share * 100)


@register.filter
def orientation_text(code: str) -> str | Promise:
    """How the copy shows the original, in words."""
    return ORIENTATIONS.get(code, code)
