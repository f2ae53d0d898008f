"""The components of the design language, as template tags; `/ui` shows each in every state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import HttpRequest
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal import clock
from portal.web import navigation

register = template.Library()

TONES = ("ok", "info", "warn", "bad", "muted")
_GLYPHS = {
    "ok": "check-circle-fill",
    "info": "info-circle-fill",
    "warn": "exclamation-triangle-fill",
    "bad": "x-circle-fill",
    "muted": "dash-circle",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon of the sprite; the text beside it carries the meaning."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("portal/icons.svg"),
        name,
    )


@register.simple_tag
def pill(label: str, tone: str = "muted", glyph: str = "") -> SafeString:
    """A state in a word or two, with an icon, so that colour is never the only sign."""
    return format_html('<span class="pill tone-{}">{}{}</span>', tone, icon(glyph or _GLYPHS[tone]), label)


@register.simple_tag
def moment(at: datetime | None, show: str = "both") -> SafeString | str:
    """A point in time: the date and time, and how far from now. `show`: both, date, or relative."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    absolute = formats.date_format(local, "DATE_FORMAT" if show == "date" else "DATETIME_FORMAT")
    relative = _relative(at)
    text = {"both": f"{absolute} ({relative})", "date": absolute, "relative": relative}[show]
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), absolute, text)


def _relative(at: datetime) -> str:
    # humanize counts from the system's clock; a demo's clock may stand elsewhere.
    return str(naturaltime(at - (clock.now() - datetime.now(at.tzinfo))))


@register.simple_block_tag
def callout(content: str, tone: str = "info", title: str = "") -> str:
    """A notice. `tone` is one of TONES; `bad` is read out at once."""
    context = {"content": content, "tone": tone, "title": title, "glyph": _GLYPHS[tone]}
    return render_to_string("components/callout.html", context)


@register.simple_block_tag
def page_header(content: str, title: str, lead: str = "", back: str = "", back_url: str = "") -> str:
    """Title, one sentence below it, a way back, and inside the block the page's one primary action."""
    context = {"content": content, "title": title, "lead": lead, "back": back, "back_url": back_url}
    return render_to_string("components/page_header.html", context)


@register.simple_block_tag
def card(content: str, title: str = "", id: str = "") -> str:  # noqa: A002 -- the attribute's name
    """A surface with an optional heading."""
    return render_to_string("components/card.html", {"content": content, "title": title, "id": id})


@register.simple_block_tag
def empty(content: str, title: str, glyph: str = "inbox") -> str:
    """What stands where a list has no rows: why, and what to do."""
    return render_to_string("components/empty.html", {"content": content, "title": title, "glyph": glyph})


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Where one is in a form of several pages; items have label, url, done, current."""
    return {"steps": items}


@register.inclusion_tag("components/timeline.html")
def timeline(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What happened and what comes; items have title, at or when, by, text, tone (done, now, next, bad)."""
    return {"items": items}


@register.inclusion_tag("components/pager.html")
def pager(page: Any) -> dict[str, Any]:
    """Next and previous of a `portal.web.pagination.Page`."""
    return {"page": page}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """All errors of a form at its top, each linked to its field."""
    return {"form": form}


@register.inclusion_tag("components/bars.html")
def bars(rows: Sequence[tuple[str, int]], title: str) -> dict[str, Any]:
    """A bar chart of (label, value >= 0) with the same figures as a table."""
    width, height, base = 640, 170, 140
    slot = width / max(len(rows), 1)
    top = max((value for _label, value in rows), default=0) or 1
    drawn = []
    for n, (label, value) in enumerate(rows):
        tall = round(value / top * (base - 20), 1)
        drawn.append(
            {
                "label": label,
                "value": value,
                "x": round(n * slot + slot * 0.15, 1),
                "width": round(slot * 0.7, 1),
                "y": round(base - tall, 1),
                "height": tall,
                "middle": round(n * slot + slot / 2, 1),
                "top": round(base - tall - 5, 1),
            }
        )
    return {"bars": drawn, "title": title, "width": width, "height": height, "base": base, "label_y": base + 18}


@register.simple_tag(takes_context=True, name="navigation")
def navigation_entries(context: RequestContext) -> list[dict[str, Any]]:
    """The main menu for the person of this request."""
    request: HttpRequest | None = context.get("request")
    return navigation.entries(request) if request is not None and hasattr(request, "user") else []
