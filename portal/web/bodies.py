"""How much a request may send: 64 kB anywhere; more only at addresses of uploads, from those who may upload there.

An app says in AppConfig.ready() which of its pages take more, and from whom:
`bodies.allow_large_bodies("certification:evidence", most=..., senders=is_signed_in)`. The web server asks
`ask_allowance()` when it has read the head of a request, before it reads a body (portal/webworker.py);
BodyMiddleware asks again, so that no other server lets through what this one refuses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from portal.engines import limited_process
from portal.web.callers import request_being_answered
from portal.web.middleware import Middleware
from portal.web.plain_problems import API, problem_answer

SMALL_BODY_BYTES = 64 << 10
# In `environ`: the status with which the web server has refused a body that it has not read, for this page to be shown.
REFUSED = "portal.refused_body"
RETRY_SECONDS = 15
_UPLOAD_METHODS = frozenset({"POST", "PUT", "PATCH"})
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


@dataclass(frozen=True)
class Allowance:
    """How many bytes a body may have, and whose they are: a person, whoever came by a link, a session, or "" for nobody known."""

    most: int
    sender: str = ""


def is_upload_address(method: str, path: str) -> bool:
    """Whether long bodies are ever taken there; asks no session."""
    return method in _UPLOAD_METHODS and _large_body_at(path)[0] is not None


def allowance_of(request: HttpRequest) -> Allowance:
    """What the body of this request may be; its session is looked at where that decides."""
    large, arguments = _large_body_at(request.path_info)
    if large is None or request.method not in _UPLOAD_METHODS or not large.senders(request, **arguments):
        return Allowance(SMALL_BODY_BYTES)
    return Allowance(large.most, _sender(request, arguments))


def _large_body_at(path: str) -> tuple[_LargeBody | None, dict[str, Any]]:
    try:
        found = resolve(path)
    except Resolver404:
        return None, {}
    return _large_bodies.get(found.view_name), found.kwargs


def _sender(request: HttpRequest, arguments: Mapping[str, Any]) -> str:
    if request.user.is_authenticated:
        return f"person:{request.user.pk}"
    # A link is for one complaint, and its holder may open it in many sessions.
    return f"link:{sorted(arguments.items())}" if arguments else f"session:{request.session.session_key}"


def ask_allowance(environ: Mapping[str, Any]) -> Allowance:
    """Like allowance_of(), for a web server that knows only the head; leaves no database connection behind."""
    close_old_connections()
    try:
        request = WSGIRequest({**environ})
        store = import_module(settings.SESSION_ENGINE).SessionStore
        request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        request.user = get_user(request)
        return allowance_of(request)
    finally:
        close_old_connections()


def is_signed_in(request: HttpRequest, **_kwargs: object) -> bool:
    """For allow_large_bodies(): whether somebody is signed in."""
    return request.user.is_authenticated


class BodyMiddleware(Middleware):
    """Refuses bodies that are too long (413) before any of them is read; marks the thread as answering a request."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if refused := request.META.get(REFUSED):
            return _refusal(request, refused)
        given = request.META.get("CONTENT_LENGTH") or "0"
        length = int(given) if given.isascii() and given.isdecimal() else 0
        if length > SMALL_BODY_BYTES and length > allowance_of(request).most:
            return _refusal(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        with limited_process.answering_request(), request_being_answered(request):
            return self.get_response(request)


def _refusal(request: HttpRequest, status: int) -> HttpResponse:
    """For a body that was not read: JSON in the API, a sentence for resumable uploads, else a page; all in the reader's language."""
    too_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if too_large:
        page, sentence = "413.html", _("The request is too large")
    else:
        page = "errors/uploads_busy.html"
        sentence = _("Too many files are being uploaded at the moment. Please try again in a few seconds.")
    if request.path_info.startswith(API):
        answer = problem_answer(status, sentence)
    elif "Tus-Resumable" in request.headers:
        answer = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    else:
        answer = render(request, page, status=status)
    if not too_large:
        answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
