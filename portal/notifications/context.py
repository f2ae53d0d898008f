"""The number on the bell."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.accounts.models import User
from portal.notifications import messages


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread_count`, counted only where a template shows it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    return {"unread_count": SimpleLazyObject(lambda: messages.unread(request.user).count())}  # type: ignore[arg-type]
