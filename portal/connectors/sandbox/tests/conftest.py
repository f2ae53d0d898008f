"""A storage of its own for every test that publishes."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has a storage of its own."""
