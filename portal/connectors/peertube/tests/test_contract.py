"""The connector to PeerTube keeps that part of the contract which it declares, also where answers are lost."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any, get_args

import pytest

from portal.connectors.http.tests.test_faults import persist
from portal.connectors.peertube.connector import PeerTube
from portal.connectors.reasons import REASONS
from portal.platforms import Ability
from portal.platforms.contract import Beliefs, Works
from portal.platforms.protocol import Connector
from portal.testing.peertube_server import PeerTubeServer

pytestmark = pytest.mark.django_db
FAULTS = ("lost", "cut", "500", "503", "429")


class TestPeerTube(Works, Beliefs):
    tells_regions = tells_gone = shows_every_reason = False

    def test_it_declares_what_it_serves(self, connector: Connector) -> None:
        assert [name for name in get_args(Ability) if connector.serves(name)] == ["removals", "restrictions", "reports"]
        assert set(connector.reasons) == {name for name in get_args(Ability) if not connector.serves(name)}
        assert set(connector.reasons.values()) <= set(REASONS)


class FaultyPlatform:
    """A platform of which every call meets the next fault at its first and at its second request."""

    def __init__(self, platform: PeerTube, server: PeerTubeServer, faults: Iterator[str]) -> None:
        self._platform, self._server, self._faults = platform, server, faults

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._platform, name)
        if name == "recognises" or not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            self._server.inject(next(self._faults), path="/*")
            for path in ("/videos/*/blacklist", "/users/*/*block"):
                self._server.inject(next(self._faults), path=path)
            return persist(lambda: value(*args, **kwargs))

        return call


class TestUnderFaults(Works):
    tells_regions = tells_gone = shows_every_reason = False

    @pytest.fixture
    def connector(self, platform: PeerTube, server: PeerTubeServer) -> Connector:
        faulty: Any = FaultyPlatform(platform, server, cycle(FAULTS))
        return PeerTube.connector(faulty)
