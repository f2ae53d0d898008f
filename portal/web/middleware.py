"""Middleware for every response: errors of rules become pages, people get their language and time zone, browsers are told to be careful."""

from collections.abc import Callable
from http import HTTPStatus
from zoneinfo import ZoneInfo, available_timezones

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from portal.errors import DomainError

log = structlog.get_logger(__name__)
# Only a page on which documents can be photographed (templates/evidence/camera.html) may ask for the camera.
_CAMERA_MARK = b"<template data-camera>"
_PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
_ZONES = frozenset(available_timezones())
GetResponse = Callable[[HttpRequest], HttpResponse]


class Middleware:
    """Passes each request on; subclasses do something before or after."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class DomainErrorMiddleware(Middleware):
    """Shows the sentence of a rule that refused, with its status and the way on."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a DomainError, and for input nested too deep for its reader; every other exception goes on."""
        if isinstance(exception, RecursionError):
            log.warning("input_nested_too_deep", exc_info=exception)
            return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)
        if not isinstance(exception, DomainError):
            return None
        context = {"error": exception, "back": _back(request)}
        return render(request, "errors/refused.html", context, status=exception.status)


def _back(request: HttpRequest) -> str:
    """The page that the form stood on, if it was one of ours; a page that refused to be read has none."""
    if request.method != "POST":
        return ""
    origin = f"{request.scheme}://{request.get_host()}/"
    referer = request.headers.get("Referer", "")
    return "/" + referer.removeprefix(origin) if referer.startswith(origin) else request.path


class SecurityHeadersMiddleware(Middleware):
    """Headers that Django has no setting for; pages of signed-in people are not cached."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", _permissions_of(response))
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


def _permissions_of(response: HttpResponse) -> str:
    needs_camera = not response.streaming and _CAMERA_MARK in response.content
    return _PERMISSIONS.replace("camera=()", "camera=(self)") if needs_camera else _PERMISSIONS


class LanguageAndTimeZoneMiddleware(Middleware):
    """The language that somebody signed in chose, wherever they sign in, and the time zone of their device."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        zone = request.COOKIES.get("timezone", "")
        with timezone.override(ZoneInfo(zone) if zone in _ZONES else None):
            return self.get_response(request)


class UploadRedirectMiddleware(Middleware):
    """Tells upload.js where a redirect leads instead of sending it there, so that the page is fetched once."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "X-Upload" not in request.headers or "Location" not in response.headers:
            return response
        told = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"X-Location": response.headers["Location"]})
        told.cookies = response.cookies
        return told
