"""What every template may use."""

from typing import Any

from django.http import HttpRequest

THEMES = ("light", "auto", "dark")


def theme_context(request: HttpRequest) -> dict[str, Any]:
    """`theme`: light, dark, or auto (as the device)."""
    theme = request.COOKIES.get("theme", "auto")
    return {"theme": theme if theme in THEMES else "auto"}
