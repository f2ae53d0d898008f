"""What somebody typed while their session had ended: kept until they have signed in again, then shown in the form.

It lies encrypted in the new, anonymous session, which keeps its content through signing in and ends with what it
holds if nobody signs in. It belongs to the account that was signed in last in this browser, as a cookie tells that
outlives the session; whoever else signs in does not see it, and it is deleted. Forms are kept a few times an hour for
each address, so that strangers cannot fill the sessions. Files are not kept: those that were sent earlier are stored
already.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from portal import clock, vault
from portal.web.middleware import Middleware

_KEY = "form_recovery"
_MOST = 64_000  # characters of one form
_KEEP_FOR = timedelta(hours=2)
_YEAR = 365 * 24 * 3600  # seconds
_LEFT_OUT = {"csrfmiddlewaretoken"}
_RATES = {"kept_form": "30/h/ip"}
_COOKIE = "form_owner"


class FormOwnerMiddleware(Middleware):
    """Has the browser remember whose forms it shows, for the time after their session has ended."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or "public" in response.get("Cache-Control", ""):
            return response
        owner = _owner_of(user.pk)
        if request.COOKIES.get(_COOKIE) != owner:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(_COOKIE, owner, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")
        return response


def keep_unsaved_form(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Keep what is sent to the page without a session; the sign-in leads back to it."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated and _COOKIE in request.COOKIES:
            _keep_form(request)
        return view(request, *args, **kwargs)

    return keeping


def submitted_data(request: HttpRequest) -> QueryDict | None:
    """A form's data: what was sent, or what was typed on this page before signing in; None for an empty form."""
    return request.POST if request.method == "POST" else take_unsaved_form(request)


def take_unsaved_form(request: HttpRequest) -> QueryDict | None:
    """What the person typed on this page before signing in, once; None if nothing waits."""
    waiting = request.session.get(_KEY)
    if waiting and not _is_owner(waiting, request.user.pk):
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


def _keep_form(request: HttpRequest) -> None:
    typed = request.POST.copy()
    for name in _LEFT_OUT:
        typed.pop(name, None)
    if not any(typed.values()):
        return  # a button alone
    text = typed.urlencode()
    if len(text) > _MOST or not ratelimit.consume(request, app="portal.web", action="kept_form", config=_RATES):
        return
    sealed = vault.encrypt_text(json.dumps(text), bound_to=_bound_to(request.path))
    about = {"path": request.path, "owner": request.COOKIES[_COOKIE], "at": clock.now().isoformat()}
    request.session[_KEY] = {**about, "sealed": sealed}
    request.session.set_expiry(_KEEP_FOR)
    messages.info(request, _("You were signed out. What you typed is kept and restored when you sign in."))


@receiver(user_logged_in)
def _live_on(request: HttpRequest | None, user: Any, **_kwargs: Any) -> None:
    """A session in which somebody signed in lasts as long as any other, and holds no form of somebody else."""
    if request is None or _KEY not in request.session:
        return
    request.session.set_expiry(None)
    if not _is_owner(request.session[_KEY], user.pk):
        del request.session[_KEY]


def _owner_of(person: int) -> str:
    """What the browser remembers of a person; nobody can tell from it who they are."""
    return salted_hmac("web.form_recovery.owner", str(person)).hexdigest()


def _is_owner(waiting: dict[str, str], person: int | None) -> bool:
    return person is not None and constant_time_compare(waiting.get("owner", ""), _owner_of(person))


def _bound_to(path: str) -> str:
    return f"web.form_recovery:{path}"
