"""What the templates of complaints need beside the common components."""

from typing import Any

from django import template
from django.template import RequestContext
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Complaint
from portal import vault
from portal.evidence.blobs import StorageDown
from portal.media.models import Kind, MediaFile
from portal.media.playback import shown_text
from portal.web.text_passages import MOST_CHARACTERS, TextPassages, lay_out_texts, part_number

register = template.Library()
SHOWN_CHARACTERS = 20_000  # of a text, on a page; all of it can be downloaded


@register.filter
def clock_time(seconds: float | None) -> str:
    """A time in a video, in seconds, to the nearest one, as m:ss or h:mm:ss."""
    whole = round(seconds or 0)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


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


_ORIENTATIONS = {
    "upright": gettext_lazy("as the original"),
    "mirrored": gettext_lazy("mirrored"),
    "upside_down": gettext_lazy("upside down and mirrored"),
    "turned_180": gettext_lazy("rotated by 180 degrees"),
    "turned_left": gettext_lazy("rotated to the left"),
    "turned_right": gettext_lazy("rotated to the right"),
    "transposed": gettext_lazy("rotated to the left and mirrored"),
    "transversed": gettext_lazy("rotated to the right and mirrored"),
}


_TRANSFORMATIONS = {
    **{code: text for code, text in _ORIENTATIONS.items() if code != "upright"},
    "rotated": gettext_lazy("slightly rotated"),
    "cropped": gettext_lazy("cropped"),
    "bordered": gettext_lazy("with a border or strip"),
    "picture_in_picture": gettext_lazy("as a picture within the picture"),
    "side_by_side": gettext_lazy("beside another picture"),
    "stretched": gettext_lazy("stretched"),
    "faster": gettext_lazy("faster"),
    "slower": gettext_lazy("slower"),
    "reversed": gettext_lazy("backwards"),
    "repeated": gettext_lazy("more than once"),
    "higher": gettext_lazy("higher in pitch"),
    "lower": gettext_lazy("lower in pitch"),
    "sound_replaced": gettext_lazy("sound replaced"),
    "sound_only": gettext_lazy("only the sound is the same"),
    "small_area": gettext_lazy("only a small part of the picture is the same"),
    "hidden_signs": gettext_lazy("with characters in it that cannot be seen"),
}


@register.filter
def transformation_texts(codes: list[str]) -> str:
    """What was changed in the copy, each change in words, as the language separates the members of a list."""
    return joined_texts([transformation_text(code) for code in codes])


def transformation_text(code: str) -> str:
    """One change in words."""
    return str(_TRANSFORMATIONS.get(code, code))


def joined_texts(texts: list[str]) -> str:
    """A list as the language separates its members."""
    return _(", ").join(texts)


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
    return _ORIENTATIONS.get(code, code)
