"""One reference platform for all tests of a process, emptied for each."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from portal.connectors.http.connector import HttpPlatform, narrow_connector
from portal.connectors.http.running_reference import RunningReference, run_reference_platform
from portal.connectors.http.tests.checking import check_calls
from portal.connectors.http.tests.stage import ReferenceStage
from portal.connectors.tests.mixed_up import mixing_up, sticking
from portal.platforms.protocol import Connector


@pytest.fixture(scope="session")
def running_reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReference]:
    with run_reference_platform(tmp_path_factory.mktemp("reference")) as running:
        yield running


@pytest.fixture
def reference(running_reference: RunningReference) -> RunningReference:
    running_reference.clear()
    return running_reference


@pytest.fixture
def stage(reference: RunningReference) -> ReferenceStage:
    return ReferenceStage(reference.store)


@pytest.fixture
def platform(reference: RunningReference, db: None) -> HttpPlatform:
    made = HttpPlatform(reference.config())
    check_calls(made)
    made.read_capabilities()
    return made


@pytest.fixture
def connector(platform: HttpPlatform) -> Connector:
    return narrow_connector(platform.connector())


@pytest.fixture
def mix_up(platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    return mixing_up(platform._client, monkeypatch)


@pytest.fixture
def stick(platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterable[str]], list[int]]:
    return sticking(platform._client, monkeypatch)
