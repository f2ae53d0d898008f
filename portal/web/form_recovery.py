"""What somebody typed while their session had ended: kept until they have signed in again, then shown in the form.

It lies encrypted in the new, anonymous session, which keeps its content through signing in. Files
are not kept: those that were sent earlier are stored already.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _

from portal import clock, vault

_KEY = "form_recovery"
_MOST = 64_000  # characters of one form
_KEEP_FOR = timedelta(hours=2)
_LEFT_OUT = {"csrfmiddlewaretoken"}


def keep_unsaved_form(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Keep what is sent to the page without a session; the sign-in leads back to it."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            _keep_form(request)
        return view(request, *args, **kwargs)

    return keeping


def submitted_data(request: HttpRequest) -> QueryDict | None:
    """A form's data: what was sent, or what was typed on this page before signing in; None for an empty form."""
    return request.POST if request.method == "POST" else take_unsaved_form(request)


def take_unsaved_form(request: HttpRequest) -> QueryDict | None:
    """What was typed on this page before signing in, once; None if nothing waits."""
    waiting = request.session.get(_KEY)
    if request.method != "GET" or not waiting or waiting["path"] != request.path:
        return None
    del request.session[_KEY]
    if datetime.fromisoformat(waiting["at"]) < clock.now() - _KEEP_FOR:
        return None
    text = vault.decrypt_text(waiting["sealed"], bound_to=_bound_to(request.path))
    messages.info(request, _("You had been signed out. What you typed is here again, but not saved yet."))
    return QueryDict(json.loads(text))


def _keep_form(request: HttpRequest) -> None:
    typed = request.POST.copy()
    for name in _LEFT_OUT:
        typed.pop(name, None)
    text = typed.urlencode()
    if len(text) > _MOST:
        return
    sealed = vault.encrypt_text(json.dumps(text), bound_to=_bound_to(request.path))
    request.session[_KEY] = {"path": request.path, "at": clock.now().isoformat(), "sealed": sealed}


def _bound_to(path: str) -> str:
    return f"web.form_recovery:{path}"
