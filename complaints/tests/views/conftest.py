"""Both sides in front of the pages, each with a client of their own."""

import pytest
from django.test import Client

from complaints.tests import factories as make
from portal.people.models import User
from portal.testing.shared import Enter


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
