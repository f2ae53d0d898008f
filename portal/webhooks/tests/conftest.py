"""Administrators, an endpoint, and a receiver to which it leads."""

from collections.abc import Iterator

import pytest

from portal.people.models import User
from portal.people.roles import Role
from portal.webhooks.models import Endpoint
from portal.webhooks.tests import factories as make
from portal.webhooks.tests.receiver import Receiver, receiving


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_user("admin@example.org", role=Role.ADMIN)


@pytest.fixture
def second_admin(db: None) -> User:
    return User.objects.create_user("second-admin@example.org", role=Role.ADMIN)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def endpoint(db: None, receiver: Receiver) -> Endpoint:
    return make.endpoint(receiver.url)
