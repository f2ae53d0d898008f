"""What the templates of complaints need beside the common components."""

from django import template

register = template.Library()


@register.filter
def clocked(seconds: float | None) -> str:
    """A time in a film, in seconds, as m:ss or h:mm:ss."""
    whole = int(seconds or 0)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
