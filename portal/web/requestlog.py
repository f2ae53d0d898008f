"""One log line a request, with an id that the answer carries too, and without what people typed."""

import re
import uuid
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django_structlog.middlewares import RequestMiddleware

_FIT_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's middleware; a query string may hold names, so only the path is logged."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.META["HTTP_X_REQUEST_ID"] = given if _FIT_ID.fullmatch(given) else str(uuid.uuid4())
        response = cast("HttpResponse", super().__call__(request))
        response["X-Request-ID"] = request.META["HTTP_X_REQUEST_ID"]
        return response

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path; of an address that holds a signed link the pattern, since the link opens what it names."""
        found = request.resolver_match or _resolved(request.path_info)
        shown = f"/{found.route}" if found is not None and "token" in found.kwargs else request.path
        return f"{request.method} {shown}"


def _resolved(path: str) -> ResolverMatch | None:
    """What the path leads to; the log begins before Django has asked."""
    try:
        return resolve(path)
    except Resolver404:
        return None
