"""A small MediaCMS for all tests of a process, emptied for each."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from portal.connectors.mediacms.connector import MediaCms, narrow_connector
from portal.connectors.mediacms.tests.stage import MediaCmsStage
from portal.connectors.tests.mixed_up import mixing_up, sticking
from portal.platforms.protocol import Connector
from portal.testing.mediacms_server import MediaCmsServer, run_mediacms


@pytest.fixture(scope="session")
def running_mediacms() -> Iterator[MediaCmsServer]:
    with run_mediacms() as server:
        yield server


@pytest.fixture
def server(running_mediacms: MediaCmsServer) -> MediaCmsServer:
    running_mediacms.clear()
    return running_mediacms


@pytest.fixture
def stage(server: MediaCmsServer) -> MediaCmsStage:
    return MediaCmsStage(server)


@pytest.fixture
def platform(server: MediaCmsServer, db: None) -> MediaCms:
    """The platform, which was asked what it serves."""
    made = MediaCms(server.config())
    made.read_capabilities()
    server.calls.clear()
    server.bodies.clear()
    return made


@pytest.fixture
def connector(platform: MediaCms) -> Connector:
    return narrow_connector(platform.connector())


@pytest.fixture
def mix_up(platform: MediaCms, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    return mixing_up(platform.api._client, monkeypatch)


@pytest.fixture
def stick(platform: MediaCms, monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterable[str]], list[int]]:
    return sticking(platform.api._client, monkeypatch)
