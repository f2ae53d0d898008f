"""Who attacks in `manage.py bench abuse`, and who only looks at pages: people with sessions, drafts, an API client."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.idp.oidc.models import Token
from django.conf import settings
from django.test import Client
from django.urls import reverse

from certification.actions import drafts
from certification.models import KeyArea, Requirement
from certification.reference import loading
from portal import clock
from portal.people.actions import api_clients
from portal.people.models import User
from portal.people.roles import Role
from portal.people.tokens import Scope

Headers = tuple[tuple[str, str], ...]
CSRF = "c" * 32


@dataclass(frozen=True)
class Cast:
    """Headers of: one creator who looks at pages, guests who send videos, creators with the address of their documents.

    `api` are those of an API client that may file complaints.
    """

    reader: Headers
    guests: list[Headers]
    uploaders: list[tuple[str, Headers]]
    api: Headers


def make_cast(guests: int, uploaders: int) -> Cast:
    """Fill the present database."""
    loading.load_reference_data()
    area = KeyArea.objects.order_by("pk").first()
    assert area is not None  # noqa: S101 -- loaded above
    makers = [_person(f"uploader{number}", Role.CREATOR) for number in range(uploaders)]
    addresses = [reverse("certification:evidence", args=[_draft_number(area, maker)]) for maker in makers]
    return Cast(
        reader=_session(_person("reader", Role.CREATOR)),
        guests=[_session(_person(f"guest{number}", Role.GUEST)) for number in range(guests)],
        uploaders=[(address, _session(maker)) for address, maker in zip(addresses, makers, strict=True)],
        api=_token(),
    )


def _draft_number(area: KeyArea, maker: User) -> str:
    draft = drafts.start_application(area=area, by=maker)
    asked = Requirement.objects.filter(area=area).order_by("pk").select_related("category")[0]
    drafts.save_application_draft(application=draft, by=maker, category=asked.category)
    return draft.number


def _person(name: str, role: str) -> User:
    return User.objects.create_user(f"{name}@bench.invalid", display_name=name, role=role)


def _session(person: User) -> Headers:
    client = Client()
    client.force_login(person)
    cookies = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"
    return (("Cookie", cookies), ("X-CSRFToken", CSRF))


def _token() -> Headers:
    client, _secret = api_clients.create_client(name="bench", platform="sandbox", scopes=[Scope.FILING])
    value = secrets.token_urlsafe(32)
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, expires_at=clock.now() + timedelta(hours=6))
    token.set_scopes([Scope.FILING])
    token.set_value(value)
    token.save()
    return (("Authorization", f"Bearer {value}"),)
