"""What was sent while a second factor was asked for: kept sealed for a short time, carried on afterwards.

allauth keeps the suspended POST in the session with all headers, cookies among them, as plain JSON. The serializer of the
session stores in its place what was typed only, without passwords, encrypted, and for `KEEP_FOR`; files are never kept.
"""

import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.sessions.serializers import JSONSerializer
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import resolve
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _

from portal import vault

KEEP_FOR = timedelta(minutes=30)
MOST = 64_000  # characters of one form
_RESUME = f"{__name__}.resume_request"
_SECRET_PARTS = ("password", "secret", "csrfmiddlewaretoken")


class SealingSerializer(JSONSerializer):
    """Stores sessions as JSON, a suspended request sealed."""

    def dumps(self, obj: Any) -> bytes:
        """The session as bytes."""
        state = obj.get(STATE_SESSION_KEY)
        if isinstance(state, dict) and "request" in state:
            obj = {**obj, STATE_SESSION_KEY: _seal_state(json.loads(state["request"]), obj.get("_auth_user_id", ""))}
        return super().dumps(obj)


def resume_request(request: HttpRequest, state: dict[str, Any]) -> HttpResponseBase:
    """Carry on with what was sent, as the person who is signed in; called by allauth once the factor was used.

    Nothing is carried out that was sent too long ago, from another page than the one that is gone back to, or by somebody else.
    """
    wanted = get_next_redirect_url(request, "next") or "/"
    try:
        kept = json.loads(vault.decrypt_text(state["sealed"], bound_to=_bound_to(str(request.user.pk))))
    except vault.Tampered:
        return HttpResponseRedirect(wanted)
    if kept["path"] != wanted:
        return HttpResponseRedirect(wanted)
    if kept["typed"] is None or state["until"] < time.time():
        messages.warning(request, _("What you typed could not be kept. Please type it again."))
        return HttpResponseRedirect(wanted)
    return _answer_again(request, kept["path"], kept["typed"])


def _answer_again(request: HttpRequest, full_path: str, typed: str) -> HttpResponseBase:
    path, _mark, query = full_path.partition("?")
    path = unquote(path)
    match = resolve(path)
    request.META.update(REQUEST_METHOD="POST", PATH_INFO=path, QUERY_STRING=query)
    request.method, request.path, request.path_info, request.resolver_match = "POST", path, path, match
    request.GET, request.POST = QueryDict(query), QueryDict(typed)
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response


def _seal_state(data: dict[str, Any], user_id: str) -> dict[str, Any]:
    """Allauth's own form of a state with a callback, which resume_request() gets."""
    typed = QueryDict(data["POST"], mutable=True)
    for name in [name for name in typed if any(part in name.lower() for part in _SECRET_PARTS)]:
        del typed[name]
    text: str | None = typed.urlencode()
    query = data["META"].get("QUERY_STRING", "")
    path = escape_uri_path(data["path"]) + (f"?{query}" if query else "")  # as get_full_path() gives it
    kept = json.dumps({"path": path, "typed": text if text is not None and len(text) <= MOST else None})
    sealed = vault.encrypt_text(kept, bound_to=_bound_to(user_id))
    return {"callback": _RESUME, "state": {"sealed": sealed, "until": time.time() + KEEP_FOR.total_seconds()}}


def _bound_to(user_id: str) -> str:
    return f"people.suspended_request:{user_id}"
