"""A storage of its own for every test that publishes."""

from pathlib import Path

import pytest
from pytest_django import Settings

pytest.register_assert_rewrite("portal.platforms.contract.works", "portal.platforms.contract.followers")


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    options = {"location": tmp_path / "evidence", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}
