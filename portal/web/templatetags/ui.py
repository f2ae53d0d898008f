"""The components of the design language, as template tags; `/ui` shows each in every state."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import segno
from django import template
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.duration import duration_iso_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.texts import join_sentences
from portal.web import charts, navigation
from portal.web.descriptions import render_description, render_inline
from portal.web.durations import distance_text, duration_text
from portal.web.form_recovery import is_form_waiting, take_unsaved_form
from portal.web.text_diff import compare_texts

register = template.Library()

TONES = ("ok", "info", "warn", "bad", "muted")
_GLYPHS = {
    "ok": "check-circle-fill",
    "info": "info-circle-fill",
    "warn": "exclamation-triangle-fill",
    "bad": "x-circle-fill",
    "muted": "dash-circle",
}


register.filter("described", render_description)
register.filter("described_inline", render_inline)


@register.simple_tag(takes_context=True)
def kept_form(context: RequestContext) -> list[tuple[str, str]]:
    """What was sent to this page while nobody was signed in and is in no form of it yet: names and values."""
    request = context.get("request")
    if request is None or not is_form_waiting(request):
        return []
    typed = take_unsaved_form(request)
    return [(name, value) for name, values in typed.lists() for value in values] if typed else []


@register.simple_tag
@cache
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
def avatar(name: Any, size: str = "") -> SafeString:
    """A person's initials in a circle; decorative, their name stands beside it. `size`: big, or nothing."""
    words = str(name).split()
    letters = "".join(word[0] for word in (words[0], words[-1])[: len(words)]) if words else "?"
    if words and ord(words[0][0]) > 0x2E7F:  # Chinese names: the last character is the given name's
        letters = words[0][-1]
    kind = " avatar-big" if size == "big" else ""
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', kind, letters.upper())


@lru_cache(maxsize=4096)
def _written(local: datetime, _zone: str, _language: str | None) -> tuple[str, str, str]:
    """A local time: with its minute, as a day alone, and exact to the second. Kept, since a list formats many.

    The zone is named, for the same moment in another zone is equal.
    """
    day_and_time = formats.date_format(local, "DATETIME_FORMAT")
    return day_and_time, formats.date_format(local, "DATE_FORMAT"), f"{day_and_time}:{local:%S} {local.tzname()}"


@register.simple_tag
def moment(at: datetime | None, show: str = "both") -> SafeString | str:
    """A point in time. `show`: both (the date and time, and how far from now), time, seconds, date, or relative.

    The exact time, to the second, is read by programs (`datetime`) and on hover (`title`).
    """
    if at is None:
        return "–"
    local = timezone.localtime(at)
    day_and_time, day, exact = _written(local, str(local.tzinfo), get_language())
    if show == "relative":
        text = distance_text(at)
    elif show == "date":
        text = day
    else:
        text = f"{day_and_time}:{local:%S}" if show == "seconds" else day_and_time
        text += " UTC" if local.tzname() == "UTC" else ""
        if show == "both":
            text = _("%(moment)s (%(distance)s)") % {"moment": text, "distance": distance_text(at)}
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, text)


@register.simple_tag
def duration(length: timedelta) -> SafeString:
    """A length of time in words, rounded to the nearest; to the second on hover and for programs."""
    exact = str(length - timedelta(microseconds=length.microseconds))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', duration_iso_string(length), exact, duration_text(length)
    )


@register.simple_tag
def qr(text: str, label: str, border: int = 1) -> SafeString:
    """A QR code of `text` (an address), `border` modules of white around it; `label` says to those who cannot see it what it is."""
    drawn = segno.make(text, error="m").svg_inline(omitsize=True, border=border, svgclass=None, lineclass=None)
    return format_html('<span class="qr" role="img" aria-label="{}">{}</span>', label, mark_safe(drawn))  # noqa: S308 -- segno's own drawing


@register.inclusion_tag("components/stacked_bar.html")
def stacked_bar(parts: Sequence[tuple[str, int, str]], title: str) -> dict[str, Any]:
    """One bar of several parts (label, value, tone of TONES) that make up a whole; the legend gives each number."""
    return {"segments": charts.stack_geometry(parts, width=600), "title": title, "width": 600, "height": 28}


@register.simple_block_tag
def path_step(content: str, title: str, glyph: str) -> str:
    """One step of a drawn path (`<ol class="drawn-path">`): a sign in a circle, a line to the next, title and text."""
    return render_to_string("components/path_step.html", {"content": content, "title": title, "glyph": glyph})


@register.inclusion_tag("components/copyable.html")
def copyable(text: str, label: str) -> dict[str, Any]:
    """A text to carry elsewhere, in a box that is marked with one click; `label` says what it is."""
    return {"text": text, "label": label}


@register.simple_block_tag
def sentences(content: str) -> SafeString:
    """Sentences one after the other, without the spaces between them where they are Chinese."""
    return mark_safe(join_sentences(content))  # noqa: S308 -- rendered by the template already


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


@register.simple_block_tag
def data_table(content: str, label: str) -> str:
    """A surface for a `<table class="table table-cards">` that scrolls by itself; `label` names it."""
    return render_to_string("components/data_table.html", {"content": content, "label": label})


@register.simple_block_tag
def figure(content: str, label: str, value: Any, url: str = "") -> str:
    """One number of a row of `.figures`, with its name and inside the block what it rests on."""
    context = {"content": content, "label": label, "value": value, "url": url}
    return render_to_string("components/figure.html", context)


@register.inclusion_tag("components/facts.html")
def facts(rows: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """A list of (term, value)."""
    return {"rows": rows}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Pages beside each other, as links; items have label, url, current, and perhaps count."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(context: RequestContext, form: Any) -> dict[str, Any]:
    """A form whose fields stand in the URL; changing it starts again at the first page."""
    request: HttpRequest = context["request"]
    names = {form.add_prefix(name) for name in form.fields}
    used = any(request.GET.get(name) for name in names)
    return {"form": form, "used": used, "path": request.path}


@register.inclusion_tag("components/meter.html")
def meter(value: float, most: float, label: str, text: str = "") -> dict[str, Any]:
    """How much of something is used; `text` replaces "value / most"."""
    return {"value": value, "most": most, "label": label, "text": text or f"{value} / {most}"}


@register.inclusion_tag("components/progress.html")
def progress(value: float | None, most: float, label: str) -> dict[str, Any]:
    """How far long work has come; None: it runs, and nobody knows how far."""
    return {"value": value, "most": most, "label": label}


@register.inclusion_tag("components/text_diff.html")
def text_diff(left: str, right: str, left_label: str, right_label: str) -> dict[str, Any]:
    """Two texts beside each other; what both have is marked."""
    diff = compare_texts(left, right)
    return {"diff": diff, "left_label": left_label, "right_label": right_label, "percent": round(100 * diff.share)}


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Where one is in a form of several pages; items have label, url, done, current."""
    return {"steps": items}


@register.inclusion_tag("components/timeline.html")
def timeline(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What happened and what comes; items have title, at or when, by, text, tone (done, now, next, warn, bad)."""
    return {"items": items}


@register.inclusion_tag("components/pager.html")
def pager(page: Any) -> dict[str, Any]:
    """Next and previous of a `portal.web.pagination.Page`."""
    return {"page": page}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """All errors of a page's forms at its top, each linked to its field. A form's `heading`, if it has one, is named too."""
    wrong = [form for form in forms if form and form.errors]
    return {"form": wrong[0] if wrong else None, "wrong": wrong}


@register.inclusion_tag("components/error_summary.html")
def error_summary_of(forms: Sequence[Any]) -> dict[str, Any]:
    """error_summary() of a list of forms."""
    return error_summary(*forms)


@register.filter
def is_waiting(form: Any) -> bool:
    """Whether all that keeps a form back is that its files are being opened, or a platform is being asked."""
    return _fault_codes(form) in ({"opening"}, {"asking"}, {"opening", "asking"})


@register.filter
def is_asking(form: Any) -> bool:
    """Whether a form waits for what a platform answers."""
    return "asking" in _fault_codes(form)


def _fault_codes(form: Any) -> set[str | None]:
    faults = form.errors.as_data() if isinstance(form, BaseForm) else {}
    return {error.code for errors in faults.values() for error in errors}


@register.inclusion_tag("components/bars.html")
def bars(rows: Sequence[tuple[str, float]], title: str) -> dict[str, Any]:
    """A bar chart of (label, value >= 0) with the same figures as a table."""
    width, base = 640, 170
    drawn = charts.bar_geometry(rows, width=width, base=base)
    return {"bars": drawn, "title": title, "width": width, "height": base + 30, "base": base, "label_y": base + 20}


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float], title: str) -> dict[str, Any]:
    """A line the size of a word; `title` says in words what it shows, with its first and last value."""
    drawn = charts.line_points(values, width=120, height=32)
    return {"points": " ".join(f"{x},{y}" for x, y in drawn), "last": drawn[-1] if drawn else None, "title": title}


@register.simple_tag(takes_context=True, name="navigation")
def navigation_entries(context: RequestContext) -> list[dict[str, Any]]:
    """The main menu for the person of this request."""
    request: HttpRequest | None = context.get("request")
    return navigation.menu_entries(request) if request is not None and hasattr(request, "user") else []
