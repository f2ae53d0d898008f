"""The cast in front of the pages, each with a client of their own."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from certification.models import Application
from certification.tests import factories as make
from portal import clock
from portal.people.models import Mandate, User
from portal.people.roles import Role
from portal.testing.shared import Enter


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Areas and papers once for all: loading them takes a second."""
    with django_db_blocker.unblock():
        make.reference()


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    make.reference()


@pytest.fixture
def creator() -> User:
    return make.person(display_name="Li Ming")


@pytest.fixture
def stranger() -> User:
    return make.person(display_name="Stranger")


@pytest.fixture
def agent(creator: User) -> User:
    """An agent whose agency holds the creator's mandate."""
    bureau = make.agency()
    Mandate.objects.create(creator=creator, agency=bureau, ends_at=clock.now() + timedelta(days=30))
    return make.person(Role.AGENT, agency=bureau, display_name="Agent")


@pytest.fixture
def draft(creator: User) -> Application:
    """A lawyer's draft, ready to be handed in."""
    return make.draft("cn-law", creator)


@pytest.fixture
def desk(enter: Enter, creator: User) -> Client:
    """The creator's browser."""
    return enter(creator)
