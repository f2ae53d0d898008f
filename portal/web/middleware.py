"""What holds for every answer: errors of rules become pages, signed-in pages are not kept, browsers are told to be careful."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from portal.errors import DomainError

_PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"


class DomainErrorMiddleware:
    """Shows the sentence of a rule that refused, with its status and the way on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a DomainError; every other exception goes on."""
        if not isinstance(exception, DomainError):
            return None
        context = {"error": exception, "back": request.path if request.method == "POST" else ""}
        return render(request, "errors/refused.html", context, status=exception.status)


class CarefulMiddleware:
    """Headers that Django has no setting for; and nobody's pages in a shared cache or the back button."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
