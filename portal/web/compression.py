"""Pages are compressed only where they hold nothing that an attacker could guess from their compressed length (BREACH).

Whoever can make a browser send requests, and see how long the encrypted answers are, can learn a secret of a page that also
repeats something of the request. So pages of a session, of a signed link and answers to tokens stay as they are. On the
other pages the only secret is the CSRF token, which Django masks anew each time; its padding of random length comes on
top. Static files are compressed once, when they are collected.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_COMPRESSED = ("text/html", "application/json", "application/vnd.oai.openapi")


class PublicGZipMiddleware(GZipMiddleware):
    """Django's compression for answers that are the same for everybody."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, compressed if it may be."""
        if not isinstance(response, HttpResponse) or not is_public(request, response):
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer belongs to nobody in particular: no session, no token in header or address, nothing given."""
    found = request.resolver_match
    secret_address = found is None or "token" in found.kwargs
    session = settings.SESSION_COOKIE_NAME
    return (
        request.method in {"GET", "HEAD"}
        and session not in request.COOKIES
        and session not in response.cookies
        and "Authorization" not in request.headers
        and not secret_address
        and response.headers.get("Content-Type", "").startswith(_COMPRESSED)
    )
