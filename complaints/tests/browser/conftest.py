"""The real sandbox, the real engine and the portal's own storage: workers in other processes use them, too."""

import pytest


@pytest.fixture(autouse=True)
def platform() -> None:
    """The sandbox, as it registers itself."""


@pytest.fixture(autouse=True)
def _quick_engine() -> None:
    """The engine that there is."""


@pytest.fixture(autouse=True)
def _storage() -> None:
    """The storage that the workers read."""
