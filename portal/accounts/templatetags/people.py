"""Demo people on the sign-in page."""

from django import template
from django.db.models import QuerySet

from portal.accounts import demo
from portal.accounts.models import User

register = template.Library()


@register.simple_tag
def demo_people() -> QuerySet[User]:
    """Those who can sign in with one click; none outside a demo."""
    return demo.everybody()
