"""People of every role, each with a password and a confirmed address."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from portal.people.actions import people
from portal.people.models import Agency, User
from portal.people.roles import Role
from portal.testing.sign_in import PASSWORD


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    # Real password hashes are slow on purpose; what is tested here is not their strength.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


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
