"""What somebody sent while their session had ended, or while somebody else was signed in: never carried out, never lost.

Where scripts run, the page stays as it is with all that was typed, and says beside the form why nothing was sent
(portal/static/portal/js/forms.js): the script announces what it sends by a cookie, and is answered with 204, or with 401 and 409
where it sent the form itself. Without scripts the form is kept until its writer has signed in again.

A kept form lies encrypted in the new, anonymous session, which keeps its content through signing in and ends with what it
holds if nobody signs in. It belongs to whom its page was made for (portal/web/form_owners.py), or to the account that
was signed in last in this browser, as a cookie tells that outlives the session; whoever else signs in does not see it,
and it is deleted. Forms are kept a few times an hour for each address, so that strangers cannot fill the sessions.
Passwords and files are not kept: files that were sent earlier are stored already.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from portal import clock, vault
from portal.web.form_owners import FIELD, claimed_owner, is_owner_here, mark_owner, page_owner
from portal.web.middleware import Middleware

REFUSED_HEADER = "X-Form-Refused"
SIGNED_OUT, OTHER_ACCOUNT = "signed-out", "other-account"
_KEY = "form_recovery"
_MOST = 64_000  # characters of one form
_KEEP_FOR = timedelta(hours=2)
_YEAR = 365 * 24 * 3600  # seconds
_SECRET_PARTS = ("password", "secret", "csrfmiddlewaretoken", FIELD, "form_draft")
_RATES = {"kept_form": "30/h/ip"}
_COOKIE = "form_owner"
_SENT_COOKIE = "form_sent"  # set by forms.js to a number of its own before it sends a form
_SENT_SECONDS = 60
_NUMBER = re.compile(r"[0-9a-z]{1,20}")
_OWNER = re.compile(r"[0-9a-f]{40}")  # as mark_owner() makes them
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# Whoever is here may send these from any page.
_OF_NOBODY = frozenset({"web:language", "web:theme", "account_logout", "account_login", "demo:sign_in"})


class FormRecoveryMiddleware(Middleware):
    """Has the browser remember whose forms it shows, and answers forms of people who are not signed in any more."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_sign_in_asked(request, response):
            return _answer_signed_out(request, response)
        if request.method == "POST" and request.session.get(_KEY, {}).get("path") == request.path:
            del request.session[_KEY]  # sent meanwhile from a page that had stayed
        return _remember_owner(request, response)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: list[Any], _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse a form whose page was made for another account than the one that is signed in."""
        if request.method != "POST" or request.content_type not in _FORM_TYPES or getattr(view, "csrf_exempt", False):
            return None
        owner = claimed_owner(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not owner or name in _OF_NOBODY or not request.user.is_authenticated or is_owner_here(request, owner):
            return None
        page = render(request, "errors/other_account.html", status=HTTPStatus.CONFLICT)
        return _refuse_form(request, OTHER_ACCOUNT, HTTPStatus.CONFLICT) or page


def ask_for_link(response: HttpResponse) -> HttpResponse:
    """Mark the page that says that its link must be opened again: for forms it is like a sign-in page."""
    response.asks_for_link = True  # type: ignore[attr-defined]
    return response


def submitted_data(request: HttpRequest) -> QueryDict | None:
    """A form's data: what was sent, or what was typed on this page before signing in; None for an empty form."""
    return request.POST if request.method == "POST" else take_unsaved_form(request)


def take_unsaved_form(request: HttpRequest) -> QueryDict | None:
    """What the person typed on this page before signing in, once; None if nothing waits."""
    waiting = request.session.get(_KEY)
    if waiting and not is_owner_here(request, waiting.get("owner", "")):
        del request.session[_KEY]
        return None
    if request.method != "GET" or not waiting or waiting["path"] != request.path:
        return None
    del request.session[_KEY]
    if datetime.fromisoformat(waiting["at"]) < clock.now() - _KEEP_FOR:
        return None
    try:
        text = vault.decrypt_text(waiting["sealed"], bound_to=_bound_to(request.path))
    except vault.Tampered:
        return None  # its key was taken away meanwhile
    messages.info(request, _("You were signed out. What you typed is restored here, but not saved yet."))
    return QueryDict(json.loads(text))


def is_form_waiting(request: Any) -> bool:
    """Whether take_unsaved_form() may give something for this page."""
    session = getattr(request, "session", None)
    waiting = session.get(_KEY) if session else None
    return waiting is not None and waiting["path"] == request.path


def _is_sign_in_asked(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer is the way to sign in, for a form or a piece of a page."""
    if not (request.method == "POST" or _is_scripted(request)) or request.user.is_authenticated:
        return False
    if not (_is_scripted(request) or claimed_owner(request) or _COOKIE in request.COOKIES):
        return False  # nobody was signed in here
    asked = response.get("Location", "").partition("?")[0] == reverse("account_login")
    return asked or getattr(response, "asks_for_link", False)


def _answer_signed_out(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not _is_scripted(request):
        _keep_form(request)
    return _refuse_form(request, SIGNED_OUT, HTTPStatus.UNAUTHORIZED) or response


def _refuse_form(request: HttpRequest, why: str, status: HTTPStatus) -> HttpResponse | None:
    """An answer that leaves the page as it is and tells its script why; None where no script waits for it."""
    if _is_scripted(request):
        return HttpResponse(status=status, headers={REFUSED_HEADER: why})
    number = request.COOKIES.get(_SENT_COOKIE, "")
    if not _NUMBER.fullmatch(number):
        return None
    stays = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={REFUSED_HEADER: why})
    secure = settings.SESSION_COOKIE_SECURE
    stays.set_cookie(_SENT_COOKIE, f"{number}.{why}", max_age=_SENT_SECONDS, secure=secure, samesite="Lax")
    return stays


def _is_scripted(request: HttpRequest) -> bool:
    """Whether a script has sent it, which reads the answer itself."""
    return "HX-Request" in request.headers or "X-Upload" in request.headers


def _remember_owner(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    owner = page_owner(request)
    if owner and request.COOKIES.get(_COOKIE) != owner and "public" not in response.get("Cache-Control", ""):
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(_COOKIE, owner, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def _keep_form(request: HttpRequest) -> None:
    typed = request.POST.copy()
    for name in [name for name in typed if any(part in name.lower() for part in _SECRET_PARTS)]:
        typed.pop(name)
    if not any(typed.values()):
        return  # a button alone
    text = typed.urlencode()
    owner = claimed_owner(request) or request.COOKIES.get(_COOKIE)
    if not owner or not _OWNER.fullmatch(owner) or len(text) > _MOST:
        return
    if not ratelimit.consume(request, app="portal.web", action="kept_form", config=_RATES):
        return
    sealed = vault.encrypt_text(json.dumps(text), bound_to=_bound_to(request.path))
    request.session[_KEY] = {"path": request.path, "owner": owner, "at": clock.now().isoformat(), "sealed": sealed}
    request.session.set_expiry(_KEEP_FOR)
    messages.info(request, _("You were signed out. What you typed is kept and restored when you sign in."))


@receiver(user_logged_in)
def _live_on(request: HttpRequest | None, user: Any, **_kwargs: Any) -> None:
    """A session in which somebody signed in lasts as long as any other, and holds no form of somebody else."""
    if request is None or _KEY not in request.session:
        return
    request.session.set_expiry(None)
    if not constant_time_compare(request.session[_KEY].get("owner", ""), mark_owner(user.pk)):
        del request.session[_KEY]


def _bound_to(path: str) -> str:
    return f"web.form_recovery:{path}"
