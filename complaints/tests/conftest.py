"""A platform in memory, a quick engine and a storage of their own for every test of complaints."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from complaints import evidence_file, matching
from complaints.reference import loading
from complaints.tests import engine, restitutions
from portal.connectors.mediacms.connector import MediaCms
from portal.connectors.peertube.connector import PeerTube
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.media import forms
from portal.media.actions import probes
from portal.platforms import Connector, registry
from portal.sandbox.models import Account
from portal.testing.fake_platform import FakePlatform
from portal.testing.mediacms_server import MediaCmsServer, run_mediacms
from portal.testing.peertube_server import PeerTubeServer, run_peertube


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Reasons and policies once for all."""
    with django_db_blocker.unblock():
        loading.load_complaint_reference()


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch) -> FakePlatform:
    """The only platform there is, as `fake`."""
    return use_fake_platform(monkeypatch)


def use_fake_platform(patch: pytest.MonkeyPatch) -> FakePlatform:
    fake = FakePlatform()
    patch.setattr(registry, "_connectors", {fake.code: fake.connector()})
    return fake


@pytest.fixture(scope="session")
def running_peertube() -> Iterator[PeerTubeServer]:
    """A small PeerTube for all tests of a process."""
    with run_peertube() as server:
        yield server


@pytest.fixture
def peertube(running_peertube: PeerTubeServer, monkeypatch: pytest.MonkeyPatch) -> PeerTubeServer:
    """It alone, emptied, as the only platform of the portal, which has seen that its account is a moderator's."""
    running_peertube.clear()
    made = PeerTube(running_peertube.config())
    monkeypatch.setattr(registry, "_connectors", {made.code: made.connector()})
    made.read_capabilities()
    return running_peertube


@pytest.fixture(scope="session")
def running_mediacms() -> Iterator[MediaCmsServer]:
    """A small MediaCMS for all tests of a process."""
    with run_mediacms() as server:
        yield server


@pytest.fixture
def mediacms(running_mediacms: MediaCmsServer, monkeypatch: pytest.MonkeyPatch) -> MediaCmsServer:
    """It alone, emptied, as the only platform of the portal, which has seen that videos can be removed there."""
    running_mediacms.clear()
    made = MediaCms(running_mediacms.config())
    monkeypatch.setattr(registry, "_connectors", {made.code: made.connector()})
    made.read_capabilities()
    return running_mediacms


@pytest.fixture
def stage() -> restitutions.Stage:
    """Two accounts of the sandbox, the copy and the author."""
    return restitutions.stage()


@pytest.fixture
def followers(stage: restitutions.Stage) -> list[Account]:
    """Five who follow the source because of the copy."""
    rows = restitutions.viewers(5)
    restitutions.follow(stage.source, rows, post=stage.copy)
    return rows


@pytest.fixture(autouse=True)
def _quick_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    use_quick_engine(monkeypatch)


def use_quick_engine(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(matching, "fingerprints", engine)
    patch.setattr(evidence_file, "fingerprints", engine)
    patch.setattr(probes, "fingerprints", engine)
    patch.setattr(forms, "refuse_first_bytes", lambda _file: "")  # its films are words


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has a storage of its own."""


@pytest.fixture
def moving(platform: FakePlatform) -> FakePlatform:
    """The platform serves followers; whether they move is tried with the sandbox."""
    return platform


@pytest.fixture
def sandbox(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> Connector:
    """The sandbox in place of the platform in memory: followers really move there."""
    connector = SandboxPlatform().connector()
    monkeypatch.setattr(registry, "_connectors", {connector.code: connector})
    return connector
