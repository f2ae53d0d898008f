"""What every page may know about the person who looks at it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.people import second_factor
from portal.people.models import User


def people_context(request: HttpRequest) -> dict[str, Any]:
    """`demo_mode`, `support_email`, and `second_factor_waived`: their role needs one, and this installation does not ask for it."""
    person = getattr(request, "user", None)
    waived = isinstance(person, User) and second_factor.is_second_factor_waived(person)
    return {"demo_mode": settings.DEMO, "second_factor_waived": waived, "support_email": settings.SUPPORT_EMAIL}
