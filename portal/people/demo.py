"""Demo people: one or two of every role, made once, who sign in with one click in demo mode only."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.people.actions import mandates, people
from portal.people.models import Agency, User
from portal.people.roles import Role

DEMO_DOMAIN = "demo.example"
# Set while a process fills the register; it ends by itself, should that process die.
_FILLING, _FILLING_SECONDS = "demo:filling", 90


@dataclass(frozen=True)
class DemoPerson:
    """One demo person; `about` is what the sign-in page says of them, in the reader's language."""

    name: str
    display_name: str
    role: Role
    about: str | Promise


_REVIEWS = _("Reviews applications and complaints")
_REVIEWS_APPEALS = _("Decides appeals and gives second approvals")
_ADMINISTERS = _("Manages roles and rules together with another administrator")

DEMO_PEOPLE = (
    DemoPerson(
        "creator", "Demo creator A", Role.CREATOR, _("Has a draft application; someone copied one of their videos")
    ),
    DemoPerson(
        "creator-b", "Demo creator B", Role.CREATOR, _("Has an application in the queue and complaints about copies")
    ),
    DemoPerson("agent", "Demo agent", Role.AGENT, _("Helps creators of the demo agency with their applications")),
    DemoPerson("guest", "Demo guest", Role.GUEST, _("Files and answers complaints without certification")),
    DemoPerson("reviewer", "Demo reviewer A", Role.REVIEWER, _REVIEWS),
    DemoPerson("reviewer-b", "Demo reviewer B", Role.REVIEWER, _REVIEWS),
    DemoPerson("reviewer-c", "Demo reviewer C", Role.REVIEWER, _REVIEWS),
    DemoPerson("senior", "Demo senior reviewer A", Role.SENIOR_REVIEWER, _REVIEWS_APPEALS),
    DemoPerson("senior-b", "Demo senior reviewer B", Role.SENIOR_REVIEWER, _REVIEWS_APPEALS),
    DemoPerson("senior-c", "Demo senior reviewer C", Role.SENIOR_REVIEWER, _REVIEWS_APPEALS),
    DemoPerson("lead", "Demo area lead", Role.AREA_LEAD, _("Oversees reviews and raises concerns about certificates")),
    DemoPerson("auditor", "Demo auditor", Role.AUDITOR, _("Reads every case and the audit trail, and decides nothing")),
    DemoPerson("admin", "Demo administrator A", Role.ADMIN, _ADMINISTERS),
    DemoPerson("admin-b", "Demo administrator B", Role.ADMIN, _ADMINISTERS),
)


def demo_person(name: str) -> User:
    """A demo person by the part's name, e.g. `reviewer-b`. Raises User.DoesNotExist before `seed()`."""
    return User.objects.get(email=f"{name}@{DEMO_DOMAIN}", is_demo=True)


def demo_people() -> QuerySet[User]:
    """The demo people who can sign in; none outside a demo."""
    if not settings.DEMO:
        return User.objects.none()
    return User.objects.filter(is_demo=True, is_active=True).order_by("pk")


def about_demo_person(person: User) -> str | Promise:
    """What a demo person can show; "" for one that this version no longer makes."""
    return next((part.about for part in DEMO_PEOPLE if f"{part.name}@{DEMO_DOMAIN}" == person.email), "")


def note_filling(*, over: bool = False) -> None:
    """Note for the pages that the demo's content is still being made, or that all of it is there."""
    if over:
        cache.delete(_FILLING)
    else:
        cache.set(_FILLING, True, _FILLING_SECONDS)


def is_filling() -> bool:
    """Whether a demo's content is still being made; False outside a demo."""
    return settings.DEMO and cache.get(_FILLING) is not None


@transaction.atomic
def seed() -> None:
    """Make the demo people, their agency and one mandate. Running it again adds only what is missing."""
    agency, _new = Agency.objects.get_or_create(code="demo-agency", defaults={"name": "Demo agency"})
    there = set(User.objects.filter(is_demo=True).values_list("email", flat=True))
    for part in DEMO_PEOPLE:
        if f"{part.name}@{DEMO_DOMAIN}" not in there:
            _add(part, agency)
    creator = demo_person("creator")
    if not creator.mandates.filter(agency=agency).exists():
        mandates.grant_mandate(creator=creator, agency=agency, ends_at=clock.now() + timedelta(days=365), by=creator)


def _add(part: DemoPerson, agency: Agency) -> None:
    people.add_person(
        f"{part.name}@{DEMO_DOMAIN}",
        verified=True,
        display_name=part.display_name,
        role=part.role,
        agency=agency if part.role == Role.AGENT else None,
        is_demo=True,
    )
