"""Words of comparisons that pages, files and other texts have in common."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ORIENTATIONS = {
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
    **{code: text for code, text in ORIENTATIONS.items() if code != "upright"},
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


def clock_time(seconds: float | None) -> str:
    """A time in a video, in seconds, to the nearest one, as m:ss or h:mm:ss."""
    whole = round(seconds or 0)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def transformation_text(code: str) -> str:
    """One change in words."""
    return str(_TRANSFORMATIONS.get(code, code))


def joined_texts(texts: list[str]) -> str:
    """A list as the language separates its members."""
    return _(", ").join(texts)
