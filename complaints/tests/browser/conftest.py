"""The real sandbox, the real engine and the portal's own storage: workers in other processes use them, too."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from certification.tests.browser.walk import Desk
from portal import clock


@pytest.fixture(autouse=True)
def platform() -> None:
    """The sandbox, as it registers itself."""


@pytest.fixture(autouse=True)
def _quick_engine() -> None:
    """The engine that there is."""


@pytest.fixture(autouse=True)
def _storage() -> None:
    """The storage that the workers read."""


@pytest.fixture(autouse=True)
def _pages() -> None:
    """The site's own addresses."""


@pytest.fixture
def desks(live_server: LiveServer, workers: Path, settings: Settings) -> Iterator[list[Desk]]:
    """Desks are added as people come; in the end none of them may have met a fault."""
    settings.SECOND_FACTOR_ENFORCED = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    made: list[Desk] = []
    yield made
    clock.set_demo_offset(timedelta())
    for desk in made:
        desk.page.context.close()
    assert [fault for desk in made for fault in desk.faults] == []


@pytest.fixture
def arrive(browser: Browser, live_server: LiveServer, desks: list[Desk]) -> type[Desk]:
    """Somebody comes, with a telephone unless a `width` is given."""

    class Arriving(Desk):
        def __init__(self, *, width: int = 390) -> None:
            super().__init__(browser, live_server.url, width=width)
            desks.append(self)

    return Arriving
