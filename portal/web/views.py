"""The front door, the switches that every page has, and the gallery of components."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.web import navigation
from portal.web.context import THEMES
from portal.web.templatetags.ui import TONES

YEAR = 365 * 24 * 3600


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, for somebody who has never been here."""
    return render(request, "web/landing.html")


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """How a decision comes about, in plain words."""
    return render(request, "web/about.html")


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to where her day begins."""
    return redirect(navigation.home_of(request.user))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Set the language of the pages, and of the mails of somebody who is signed in."""
    code = request.POST.get("language", "")
    response = redirect(_next(request))
    if code in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR, samesite="Lax")
        if request.user.is_authenticated and request.user.language != code:
            request.user.language = code
            request.user.save(update_fields=["language"])
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Set light, dark, or as the device."""
    choice = request.POST.get("theme", "")
    response = redirect(_next(request))
    if choice in THEMES:
        response.set_cookie("theme", choice, max_age=YEAR, samesite="Lax")
    return response


class SpecimenForm(forms.Form):
    """One field of every kind, for the gallery."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands on your papers."))
    area = forms.ChoiceField(label=_("Area"), choices=[("farming", _("Farming")), ("law", _("Law"))])
    kind = forms.ChoiceField(
        label=_("Who applies"),
        choices=[("person", _("A person")), ("organisation", _("An organisation"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label=_("I have read what will be public."))


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state: what a page may be built from."""
    now = clock.now()
    done = [{"label": _("About you"), "done": True, "url": "#"}, {"label": _("Credentials"), "done": True, "url": "#"}]
    context = {
        "tones": TONES,
        "form": SpecimenForm(),
        "bad_form": SpecimenForm({"name": "", "area": "law"}),
        "steps": [*done, {"label": _("Documents"), "current": True}, {"label": _("Check and submit")}],
        "timeline": [
            {"title": _("Submitted"), "at": now - timedelta(days=2)},
            {"title": _("Checks made"), "at": now - timedelta(days=2) + timedelta(minutes=3)},
            {"title": _("With a reviewer"), "at": now - timedelta(hours=1), "tone": "now"},
            {"title": _("Decision"), "when": _("expected within three working days"), "tone": "next"},
        ],
        "bars": [(str(day), value) for day, value in enumerate((4, 7, 3, 9, 12, 5, 0), start=1)],
        "now": now,
    }
    return render(request, "web/gallery.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses to read: too much at once (413), or nonsense (400)."""
    too_big = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    status = 413 if too_big else 400
    return render(request, f"{status}.html", status=status)


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"
