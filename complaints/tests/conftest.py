"""A platform in memory, and the tables that a site starts with."""

import pytest
from pytest_django import DjangoDbBlocker

from complaints.reference import loading
from complaints.tests import local as make
from portal.platforms.fake import FakePlatform


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Reasons and policies once for all."""
    with django_db_blocker.unblock():
        loading.load()


@pytest.fixture
def platform(db: None) -> FakePlatform:
    return make.platform()
