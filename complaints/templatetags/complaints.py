"""What the templates of complaints need beside the common components."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from complaints.models import Complaint

register = template.Library()


@register.filter
def clocked(seconds: float | None) -> str:
    """A time in a film, in seconds, as m:ss or h:mm:ss."""
    whole = int(seconds or 0)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


@register.filter
def films(complaint: Complaint) -> list[dict[str, Any]]:
    """The two films, each with its name in URLs, its label and its video."""
    named = (("original", _("Original"), complaint.original), ("copy", _("Alleged copy"), complaint.copy))
    return [{"name": name, "label": label, "media": work.media if work else None} for name, label, work in named]
