"""Both sides in front of the pages, each with a client of her own."""

from collections.abc import Callable

import pytest
from django.test import Client

from complaints.tests import factories as make
from portal.people.models import User

Enter = Callable[[User], Client]


@pytest.fixture
def enter(db: None) -> Enter:
    """A client of its own, signed in as the person."""

    def act(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return act


@pytest.fixture
def author(db: None) -> User:
    """A creator with a proven account."""
    return make.author()


@pytest.fixture
def stranger(db: None) -> User:
    return make.person(display_name="Demo Stranger")


@pytest.fixture
def desk(enter: Enter, author: User) -> Client:
    """The author's browser."""
    return enter(author)
