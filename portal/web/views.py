"""The landing page, the help pages, and the switches that every page has."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from portal.web import form_owners, navigation, operator_texts
from portal.web.context import THEMES
from portal.web.plain_problems import API, problem_answer

YEAR = 365 * 24 * 3600


@require_GET
def landing_page(request: HttpRequest) -> HttpResponse:
    """The landing page."""
    return render(request, "web/landing.html")


@require_GET
def about_page(request: HttpRequest) -> HttpResponse:
    """How a decision comes about, in plain words."""
    return render(request, "web/about.html")


@require_GET
def terms_page(request: HttpRequest) -> HttpResponse:
    """The operator's terms of use, and what the portal does whatever they say."""
    missing = _("The operator of this site has not published terms of use yet.")
    return _operator_page(request, "terms", _("Terms of use"), missing)


@require_GET
def privacy_page(request: HttpRequest) -> HttpResponse:
    """The operator's privacy notice, and what the portal does with personal data in any case."""
    missing = _("The operator of this site has not published a privacy notice yet.")
    return _operator_page(request, "privacy", _("Privacy"), missing)


@require_GET
def contact_page(request: HttpRequest) -> HttpResponse:
    """Who runs the site, and where to write."""
    missing = _("The operator of this site has not yet stated who they are. You can write to the address below.")
    return _operator_page(request, "contact", _("Contact"), missing)


@require_GET
def robots_text(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the public pages. A demo, whose people do not exist, is read by none."""
    context = {"public": not settings.DEMO, "sitemap": request.build_absolute_uri(reverse("certification:sitemap"))}
    return render(request, "web/robots.txt", context, content_type="text/plain; charset=utf-8")


@require_GET
@login_required
def home_redirect(request: HttpRequest) -> HttpResponse:
    """Send everybody to where their day begins."""
    return redirect(navigation.home_url_name(request.user))


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
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
def switch_theme(request: HttpRequest) -> HttpResponse:
    """Set light, dark, or as the device."""
    choice = request.POST.get("theme", "")
    response = redirect(_next(request))
    if choice in THEMES:
        response.set_cookie("theme", choice, max_age=YEAR, samesite="Lax")
    return response


@never_cache
@require_GET
def session_report(request: HttpRequest) -> HttpResponse:
    """Who is here, for pages that wait until their reader has signed in again: marks of owners, and a fresh token."""
    return JsonResponse({"owners": form_owners.owners_here(request), "token": get_token(request)})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses to read: too much at once (413), or nonsense (400)."""
    too_big = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    status = 413 if too_big else 400
    if request.path.startswith(API):
        return problem_answer(
            status, _("This is larger than allowed.") if too_big else _("This request cannot be read.")
        )
    return render(request, f"{status}.html", status=status)


def _operator_page(request: HttpRequest, name: str, title: str, missing: str) -> HttpResponse:
    found = operator_texts.operator_text(name)
    context = {
        "title": title,
        "text": found.text if found else "",
        "written_in": found.language if found else "",
        "missing": missing,
        "facts": f"web/_{name}_facts.html",
    }
    return render(request, "web/operator_text.html", context)


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"
