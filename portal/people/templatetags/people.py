"""Demo people on the sign-in page, and devices and platforms by name."""

from django import template
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.people import demo
from portal.people.models import LinkedAccount, User
from portal.platforms import NotServed, registry

register = template.Library()
# The first that fits is taken: most browsers also name those they descend from.
_BROWSERS = ("Edg", "OPR", "Firefox", "MicroMessenger", "Chrome", "CriOS", "FxiOS", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "CrOS", "Linux")
_NAMES = {
    "Edg": "Edge",
    "OPR": "Opera",
    "MicroMessenger": "WeChat",
    "CriOS": "Chrome",
    "FxiOS": "Firefox",
    "Mac OS X": "macOS",
}


@register.simple_tag
def demo_people() -> QuerySet[User]:
    """Those who can sign in with one click; none outside a demo."""
    return demo.demo_people()


@register.filter
def about_demo_person(person: User) -> str:
    """What a demo person can show, in the reader's language."""
    return str(demo.about_demo_person(person))


@register.filter
def platform_name(link: LinkedAccount) -> str:
    """How the platform of a linked account is called; its code if it is not served any more."""
    try:
        return registry.get_connector(link.platform).name
    except NotServed:
        return link.platform


@register.simple_tag
def device(user_agent: str) -> str:
    """Browser and system in two words, as far as the browser tells."""
    parts = [_first(names, user_agent) for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(part for part in parts if part) or _("Unknown device")


def _first(names: tuple[str, ...], user_agent: str) -> str:
    found = next((name for name in names if name in user_agent), "")
    return _NAMES.get(found, found)
