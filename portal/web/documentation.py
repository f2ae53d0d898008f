"""The API's own page, by Swagger UI; the files come with drf-spectacular's sidecar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Every endpoint with its examples, errors and scopes, and a form to try it."""
    return render(request, "web/api_docs.html")
