"""The number on the bell."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.notifications import messages
from portal.people.models import User


def unread_context(request: HttpRequest) -> dict[str, Any]:
    """`unread_count`, counted only where a template shows it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    return {"unread_count": SimpleLazyObject(lambda: messages.unread_notifications(request.user).count())}  # type: ignore[arg-type]
