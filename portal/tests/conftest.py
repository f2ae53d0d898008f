"""One world for all tests of a module; what a test does to it is undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from complaints.reference import loading
from complaints.tests.conftest import use_fake_platform, use_quick_engine
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.platforms import registry
from portal.testing.shared import storages_in
from portal.testing.transactions import rolled_back
from portal.tests import role_walk


@pytest.fixture(scope="module")
def _stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A platform in memory, a quick engine and a storage of their own."""
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(STORAGES=storages_in(tmp_path_factory.mktemp("files"))),
    ):
        use_fake_platform(patch)
        use_quick_engine(patch)
        yield


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, _stand_ins: None) -> Iterator[role_walk.World]:
    """Somebody of each role and something of each kind, as `role_walk.world` makes them."""
    with django_db_blocker.unblock(), rolled_back():
        yield role_walk.world()


@pytest.fixture
def world_to_visit(storage: Path, monkeypatch: pytest.MonkeyPatch) -> role_walk.World:
    """A world of the test's own, to which further pages can be added (browser/further_pages.py)."""
    loading.load_complaint_reference()
    use_fake_platform(monkeypatch)
    registry.register_platform(SandboxPlatform().connector())
    use_quick_engine(monkeypatch)
    return role_walk.world()
