"""The cast, and what a browser does on the sign-in pages."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client
from pytest_django import Settings

from portal.jobs import runner
from portal.people.actions import people
from portal.people.models import Agency, User
from portal.people.roles import Role

PASSWORD = "a long enough phrase"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    # Real password hashes are slow on purpose; what is tested here is not their strength.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def agency(db: None) -> Agency:
    return Agency.objects.create(code="north", name="North agency")


@pytest.fixture
def make(agency: Agency) -> Callable[..., User]:
    """A person with a password and a confirmed address."""

    def person(name: str, role: str = Role.CREATOR, **fields: object) -> User:
        if role == Role.AGENT:
            fields.setdefault("agency", agency)
        made = people.add_person(f"{name}@example.org", verified=True, display_name=name, role=role, **fields)
        made.set_password(PASSWORD)
        made.save(update_fields=["password"])
        return made

    return person


@pytest.fixture
def creator(make: Callable[..., User]) -> User:
    return make("creator")


@pytest.fixture
def stranger(make: Callable[..., User]) -> User:
    return make("stranger")


@pytest.fixture
def agent(make: Callable[..., User]) -> User:
    return make("agent", Role.AGENT)


@pytest.fixture
def reviewer(make: Callable[..., User]) -> User:
    return make("reviewer", Role.REVIEWER)


@pytest.fixture
def admin(make: Callable[..., User]) -> User:
    return make("admin", Role.ADMIN)


@pytest.fixture
def second_admin(make: Callable[..., User]) -> User:
    return make("second-admin", Role.ADMIN)


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    """Signed in without the sign-in pages, for tests of other pages."""

    def act(person: User) -> Client:
        client.force_login(person)
        return client

    return act


def give_app(person: User) -> Authenticator:
    """An authenticator app with a known secret, and recovery codes."""
    RecoveryCodes.activate(person)
    return TOTP.activate(person, SECRET).instance


def app_code(step: int = 0) -> str:
    """What the authenticator app shows now, or `step` half minutes later (-1, 0 and 1 are accepted)."""
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(SECRET, counters[len(counters) // 2] + step)))


def newest_mail() -> mail.EmailMessage:
    """Send what waits, and give the newest mail."""
    runner.run_due_jobs()
    newest: mail.EmailMessage = mail.outbox[-1]
    return newest


def mailed_code() -> str:
    """The code in the newest mail."""
    body = str(newest_mail().body)
    found = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", body, re.MULTILINE)
    assert found, body
    return str(found.group())
