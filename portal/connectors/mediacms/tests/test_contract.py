"""The connector to MediaCMS keeps that part of the contract which it declares, also where answers are lost."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any, get_args

import pytest

from portal.connectors.http import capabilities
from portal.connectors.http.tests.test_faults import persist
from portal.connectors.mediacms.connector import MediaCms, narrow_connector
from portal.connectors.reasons import REASONS
from portal.platforms import Ability
from portal.platforms.contract import Beliefs, Works
from portal.platforms.protocol import Connector
from portal.testing.mediacms_server import MediaCmsServer

pytestmark = pytest.mark.django_db
FAULTS = ("lost", "cut", "500", "html", "503")


class MediaCmsWorks(Works):
    tells_regions = tells_gone = shows_reasons = counts_followers = gives_removed = shows_keys = False


class TestMediaCms(MediaCmsWorks, Beliefs):
    def test_it_declares_what_it_serves(self, connector: Connector) -> None:
        assert [name for name in get_args(Ability) if connector.serves(name)] == ["messages", "removals"]
        assert set(connector.reasons) == {name for name in get_args(Ability) if not connector.serves(name)}
        assert set(connector.reasons.values()) <= set(REASONS)


class FaultyPlatform:
    """A platform of which every call meets the next fault at its first request, and at the first of each kind of change."""

    def __init__(self, platform: MediaCms, server: MediaCmsServer, faults: Iterator[str]) -> None:
        self._platform, self._server, self._faults = platform, server, faults

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._platform, name)
        if name == "recognises" or not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            for method, path in (("GET", "/*"), ("PUT", "/media/*"), ("POST", "/media/user/*"), ("POST", "/users/*")):
                self._server.inject(next(self._faults), method=method, path=path)
            return persist(lambda: value(*args, **kwargs))

        return call


class TestUnderFaults(MediaCmsWorks):
    loses_answers = True

    @pytest.fixture
    def connector(self, platform: MediaCms, server: MediaCmsServer) -> Connector:
        faulty: Any = FaultyPlatform(platform, server, cycle(FAULTS))
        return MediaCms.connector(faulty)


def test_the_connector_is_narrowed_by_what_was_found_out(platform: MediaCms) -> None:
    assert narrow_connector(platform.connector()) == platform.connector()
    capabilities.note_document(platform.code, {"account": "portal", "is_editor": True, "custody": "no-custody"})
    narrowed = narrow_connector(platform.connector())
    assert (narrowed.serves("messages"), narrowed.serves("removals")) == (True, False)
    assert narrowed.reasons["removals"] == "no-custody"
    capabilities.note_document(platform.code, {"account": "portal", "is_editor": False, "custody": "no-editor"})
    narrowed = narrow_connector(platform.connector())
    assert (narrowed.serves("messages"), narrowed.serves("removals")) == (False, False)
    assert narrowed.reasons["messages"] == "no-editor"
