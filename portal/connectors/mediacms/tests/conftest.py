"""A small MediaCMS for all tests of a process, emptied for each."""

from collections.abc import Iterator

import pytest

from portal.connectors.mediacms.connector import MediaCms, narrow_connector
from portal.connectors.mediacms.tests.stage import MediaCmsStage
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
