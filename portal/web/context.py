"""What every template may use."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.web.form_owners import page_owner

THEMES = ("light", "auto", "dark")


def theme_context(request: HttpRequest) -> dict[str, Any]:
    """`theme`: light, dark, or auto (as the device)."""
    theme = request.COOKIES.get("theme", "auto")
    return {"theme": theme if theme in THEMES else "auto"}


def form_context(request: HttpRequest) -> dict[str, Any]:
    """`page_owner`: the mark of whom the page's forms are for (portal/web/form_owners.py)."""
    return {"page_owner": SimpleLazyObject(lambda: page_owner(request))}
