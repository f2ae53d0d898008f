"""A small PeerTube for all tests of a process, emptied for each."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from portal.connectors.peertube.connector import PeerTube, narrow_connector
from portal.connectors.peertube.tests.stage import PeerTubeStage
from portal.connectors.tests.mixed_up import mixing_up, sticking
from portal.platforms.protocol import Connector
from portal.testing.peertube_server import PeerTubeServer, run_peertube


@pytest.fixture(scope="session")
def running_peertube() -> Iterator[PeerTubeServer]:
    with run_peertube() as server:
        yield server


@pytest.fixture
def server(running_peertube: PeerTubeServer) -> PeerTubeServer:
    running_peertube.clear()
    return running_peertube


@pytest.fixture
def stage(server: PeerTubeServer) -> PeerTubeStage:
    return PeerTubeStage(server)


@pytest.fixture
def platform(server: PeerTubeServer, db: None) -> PeerTube:
    return PeerTube(server.config())


@pytest.fixture
def connector(platform: PeerTube) -> Connector:
    platform.read_capabilities()
    return narrow_connector(platform.connector())


@pytest.fixture
def mix_up(platform: PeerTube, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    return mixing_up(platform.api._client, monkeypatch)


@pytest.fixture
def stick(platform: PeerTube, monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterable[str]], list[int]]:
    return sticking(platform.api._client, monkeypatch)
