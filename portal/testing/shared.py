"""Fixtures that tests of many apps use: people, their clients, a storage and a platform of the test's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django import Settings

from portal import clock
from portal.engines import limited_process
from portal.people.models import User
from portal.people.roles import Role
from portal.platforms import registry
from portal.testing.fake_platform import FakePlatform

Enter = Callable[[User], Client]


@pytest.fixture
def enter(db: None) -> Enter:
    """Gives a person a client of their own, signed in."""

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def creator(db: None) -> User:
    return User.objects.create_user("creator@example.org")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger@example.org")


@pytest.fixture
def reviewer(db: None) -> User:
    return User.objects.create_user("reviewer@example.org", role=Role.REVIEWER)


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> Path:
    """The folder in which this test alone keeps its files."""
    place = tmp_path / "evidence"
    settings.STORAGES = storages_in(place)
    return place


def storages_in(place: Path) -> dict[str, Any]:
    """settings.STORAGES with the files in another folder."""
    storages: dict[str, Any] = configured.STORAGES
    default = storages["default"]
    return storages | {"default": default | {"OPTIONS": default["OPTIONS"] | {"location": place}}}


@pytest.fixture
def slow_platforms() -> None:
    """Questions to platforms wait for their job, as they do outside of tests."""


@pytest.fixture(autouse=True)
def _platforms_answer_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page asks of a platform is answered in its place as by the job, unless the test wants `slow_platforms`."""
    if "slow_platforms" in request.fixturenames:
        return
    from portal.outbound import lookups  # noqa: PLC0415 -- after Django's settings

    monkeypatch.setattr(lookups, "await_answer", _answer_at_once)


def _answer_at_once(row: Any, _platform: str) -> Any:
    from portal.outbound import lookups  # noqa: PLC0415 -- as above

    answering = limited_process._answering.set(False)
    try:
        found = lookups._asked(row)
    finally:
        limited_process._answering.reset(answering)
    type(row).objects.filter(pk=row.pk).update(**found, answered_at=clock.now())
    row.refresh_from_db()
    return lookups._deliver(row)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> FakePlatform:
    """A platform in memory, registered as `fake` for the time of the test."""
    fake = FakePlatform()
    monkeypatch.setitem(registry._connectors, fake.code, fake.connector())
    return fake
