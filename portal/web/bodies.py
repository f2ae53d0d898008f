"""How much a request may send: 64 kB anywhere; more only at addresses of uploads, from those who may upload there.

An app says in AppConfig.ready() which of its pages take more, and from whom:
`bodies.allow_large_bodies("certification:documents", most=..., senders=is_signed_in)`. The web server asks
`ask_allowed_body_bytes()` when it has read the head of a request, before it reads a body (portal/webworker.py);
BodyMiddleware asks again, so that no other server lets through what this one refuses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from portal.engines import limited_process
from portal.web.middleware import Middleware

SMALL_BODY_BYTES = 64 << 10
# Given the request, whose session can be read, and the arguments of the page's address.
Senders = Callable[..., bool]


@dataclass(frozen=True)
class _LargeBody:
    most: int
    senders: Senders


_large_bodies: dict[str, _LargeBody] = {}


def allow_large_bodies(*names: str, most: int, senders: Senders) -> None:
    """Let requests to these views carry up to `most` bytes when `senders(request, **kwargs)` is True."""
    _large_bodies.update(dict.fromkeys(names, _LargeBody(most, senders)))


def view_names_with_large_bodies() -> frozenset[str]:
    """The names of the views that take more than 64 kB."""
    return frozenset(_large_bodies)


def allowed_body_bytes(request: HttpRequest) -> int:
    """How many bytes the body of this request may have; its session is looked at where that decides."""
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return SMALL_BODY_BYTES
    large = _large_bodies.get(found.view_name)
    return large.most if large is not None and large.senders(request, **found.kwargs) else SMALL_BODY_BYTES


def ask_allowed_body_bytes(environ: Mapping[str, Any]) -> int:
    """Like allowed_body_bytes(), for a web server that knows only the head; leaves no database connection behind."""
    close_old_connections()
    try:
        request = WSGIRequest({**environ})
        store = import_module(settings.SESSION_ENGINE).SessionStore
        request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        request.user = get_user(request)
        return allowed_body_bytes(request)
    finally:
        close_old_connections()


def is_signed_in(request: HttpRequest, **_kwargs: object) -> bool:
    """For allow_large_bodies(): whether somebody is signed in."""
    return request.user.is_authenticated


class BodyMiddleware(Middleware):
    """Refuses bodies that are too long (413) before any of them is read; marks the thread as answering a request."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("CONTENT_LENGTH") or "0"
        length = int(given) if given.isascii() and given.isdecimal() else 0
        if length > SMALL_BODY_BYTES and length > allowed_body_bytes(request):
            raise RequestDataTooBig(length)
        with limited_process.answering_request():
            return self.get_response(request)
