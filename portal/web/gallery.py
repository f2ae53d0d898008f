"""What the gallery at /ui shows: every component, in every state, with long words in both languages."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from portal import clock
from portal.web.pagination import Page
from portal.web.templatetags.ui import TONES

SECTIONS = [
    ("actions", _("Buttons and keys")),
    ("states", _("States and notices")),
    ("surfaces", _("Cards, facts, figures")),
    ("lists", _("Lists")),
    ("progress", _("Progress and time")),
    ("forms", _("Forms")),
    ("pictures", _("Pictures")),
]
LONG_EN = "Wirtschaftsprüfungsgesellschaftsangestelltenversicherung"
LONG_ZH = "中华人民共和国注册会计师全国统一考试专业阶段考试合格证书编号核验申请"


class SpecimenForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label=_("Name"), help_text=_("As printed on your documents."))
    area = forms.ChoiceField(label=_("Area"), choices=[("farming", _("Farming")), ("law", _("Law"))])
    issued_on = forms.DateField(label=_("Issued on"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(
        label=_("Applicant"),
        choices=[("person", _("A person")), ("organisation", _("An organisation"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea, required=False)
    paper = forms.FileField(label=_("Document"), help_text=_("PDF, JPEG, PNG or WebP, up to 20 MB."), required=False)
    agreed = forms.BooleanField(label=_("I have read what will be public"))


class SpecimenFilters(forms.Form):
    """What stands above a list."""

    q = forms.CharField(label=_("Search"), required=False)
    area = forms.ChoiceField(label=_("Area"), choices=[("", _("All")), ("law", _("Law"))], required=False)


@require_GET
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Every component in every state: what a page may be built from."""
    now = clock.now()
    context = {
        "sections": SECTIONS,
        "tones": TONES,
        "now": now,
        "week": timedelta(days=7),
        "long_en": LONG_EN,
        "long_zh": LONG_ZH,
        "form": SpecimenForm(prefix="good"),
        "bad_form": SpecimenForm({"bad-name": "", "bad-area": "law", "bad-issued_on": "2026-02-30"}, prefix="bad"),
        "filters": SpecimenFilters(request.GET),
        **_lists(),
        **_progress(now),
    }
    return render(request, "web/gallery.html", context)


def _lists() -> dict[str, Any]:
    return {
        "facts": [(_("Area"), _("Law")), (_("Holder"), LONG_EN), (_("Certificate"), LONG_ZH)],
        "tabs": [
            {"label": _("Waiting"), "url": "#lists", "current": True, "count": 12},
            {"label": _("Assigned"), "url": "#lists", "count": 0},
            {"label": _("Decided"), "url": "#lists"},
        ],
        "pages": Page([], next_url="#lists", previous_url="#lists"),
        "parts": [
            (_("Moved to the author"), 471, "ok"),
            (_("Followed both"), 229, "info"),
            (_("Stayed"), 200, "muted"),
        ],
        "bars": [(str(day), value) for day, value in enumerate((4, 7, 3, 9, 12, 5, 0), start=1)],
        "values": [4, 7, 3, 9, 12, 5, 8],
    }


def _progress(now: Any) -> dict[str, Any]:
    done = [{"label": _("About you"), "done": True, "url": "#"}, {"label": _("Credentials"), "done": True, "url": "#"}]
    return {
        "steps": [*done, {"label": _("Documents"), "current": True}, {"label": _("Check and submit")}],
        "timeline": [
            {"title": _("Submitted"), "at": now - timedelta(days=2)},
            {"title": _("Checks completed"), "at": now - timedelta(days=2) + timedelta(minutes=3)},
            {
                "title": _("Paused"),
                "at": now - timedelta(days=1),
                "tone": "warn",
                "text": _("We requested one more document."),
            },
            {"title": _("With a reviewer"), "at": now - timedelta(hours=1), "tone": "now"},
            {"title": _("Decision"), "when": _("expected within three working days"), "tone": "next"},
        ],
        "refused": [
            {"title": _("Submitted"), "at": now - timedelta(days=9), "by": "p_2k4m6n8p2r4t"},
            {
                "title": _("Rejected"),
                "at": now - timedelta(days=1),
                "tone": "bad",
                "text": _("Two reasons were given."),
            },
            {"title": _("You can appeal"), "when": _("for six months"), "tone": "next"},
        ],
    }
