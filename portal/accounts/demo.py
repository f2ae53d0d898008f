"""Demo people: one or two of every role, made once, who sign in with one click in demo mode only."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from portal import clock
from portal.accounts.actions import mandates, people
from portal.accounts.models import Agency, User
from portal.accounts.roles import Role

DOMAIN = "demo.example"


@dataclass(frozen=True)
class Part:
    """One demo person."""

    name: str
    display_name: str
    role: Role


PARTS = (
    Part("creator", "Demo creator A", Role.CREATOR),
    Part("creator-b", "Demo creator B", Role.CREATOR),
    Part("agent", "Demo agent", Role.AGENT),
    Part("guest", "Demo guest", Role.GUEST),
    Part("reviewer", "Demo reviewer A", Role.REVIEWER),
    Part("reviewer-b", "Demo reviewer B", Role.REVIEWER),
    Part("senior", "Demo senior reviewer A", Role.SENIOR_REVIEWER),
    Part("senior-b", "Demo senior reviewer B", Role.SENIOR_REVIEWER),
    Part("lead", "Demo area lead", Role.AREA_LEAD),
    Part("auditor", "Demo auditor", Role.AUDITOR),
    Part("admin", "Demo administrator A", Role.ADMIN),
    Part("admin-b", "Demo administrator B", Role.ADMIN),
)


def person(name: str) -> User:
    """A demo person by the part's name, e.g. `reviewer-b`. Raises User.DoesNotExist before `seed()`."""
    return User.objects.get(email=f"{name}@{DOMAIN}", is_demo=True)


def everybody() -> QuerySet[User]:
    """The demo people who can sign in; none outside a demo."""
    if not settings.DEMO:
        return User.objects.none()
    return User.objects.filter(is_demo=True, is_active=True).order_by("pk")


@transaction.atomic
def seed() -> None:
    """Make the demo people, their agency and one mandate. Running it again adds only what is missing."""
    agency, _new = Agency.objects.get_or_create(code="demo-agency", defaults={"name": "Demo agency"})
    there = set(User.objects.filter(is_demo=True).values_list("email", flat=True))
    for part in PARTS:
        if f"{part.name}@{DOMAIN}" not in there:
            _add(part, agency)
    creator = person("creator")
    if not creator.mandates.filter(agency=agency).exists():
        mandates.grant(creator=creator, agency=agency, ends_at=clock.now() + timedelta(days=365), by=creator)


def _add(part: Part, agency: Agency) -> None:
    people.add(
        f"{part.name}@{DOMAIN}",
        verified=True,
        display_name=part.display_name,
        role=part.role,
        agency=agency if part.role == Role.AGENT else None,
        is_demo=True,
    )
