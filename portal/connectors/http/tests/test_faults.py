"""Whatever the network does to a call, the next one with the same key is answered the same, and nothing is done twice."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest

from portal.connectors.http.connector import HttpPlatform
from portal.connectors.http.running_reference import RunningReference
from portal.connectors.http.tests.stage import ReferenceStage
from portal.platforms.contract import Contract, CopyCase
from portal.platforms.contract.stage import PUBLISHED
from portal.platforms.orders import RestorePage
from portal.platforms.protocol import AccountClosed, Connector, PlatformError, Unknown, Unserved

pytestmark = pytest.mark.django_db
FAULTS = ("lost", "duplicate", "error", "busy", "signature", "garbage", "slow")
_KNOWN = (Unknown, Unserved, AccountClosed)


class FaultyPlatform:
    """A platform of which every call meets the next fault first, and is made again as its job would."""

    def __init__(self, platform: HttpPlatform, reference: RunningReference, faults: Iterator[str]) -> None:
        self._platform, self._reference, self._faults = platform, reference, faults

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._platform, name)
        if name in {"recognises", "joins"}:
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            self._reference.inject(next(self._faults), path="/v1/*", seconds=0)
            return persist(lambda: value(*args, **kwargs))

        return call


def persist(call: Callable[[], Any]) -> Any:
    """What a call gives in the end, however often the platform does not answer."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return call()
        except _KNOWN:
            raise
        except PlatformError:
            time.sleep(0.05)
    raise AssertionError("the platform never answered")


@pytest.fixture(scope="module")
def faults() -> Iterator[str]:
    return cycle(FAULTS)


class TestUnderFaults(Contract):
    @pytest.fixture
    def connector(self, platform: HttpPlatform, reference: RunningReference, faults: Iterator[str]) -> Connector:
        faulty: Any = FaultyPlatform(platform, reference, faults)
        return HttpPlatform.connector(faulty)


@pytest.fixture
def case(stage: ReferenceStage) -> CopyCase:
    source, target = stage.account("copier"), stage.account("author")
    case = CopyCase(source, target, stage.work(source), stage.work(source))
    for _ in range(5):
        stage.follow(source, stage.viewer(), at=PUBLISHED + timedelta(hours=1), work_id=case.copy)
    return case


@pytest.mark.parametrize("fault", [*FAULTS, "restart"])
def test_a_page_is_moved_and_taken_back_once_whatever_happens(
    platform: HttpPlatform, reference: RunningReference, stage: ReferenceStage, case: CopyCase, fault: str
) -> None:
    before = stage.edges()
    reference.inject(fault, path="/v1/followers/move")
    page = persist(lambda: platform.move_followers(case.order(), cursor=0, limit=3))
    assert (len(page.moved), platform.move_followers(case.order(), cursor=0, limit=3)) == (3, page)
    assert len({edge for edge in stage.edges() if edge.account_id == case.target}) == 3
    reference.inject(fault, path="/v1/followers/restore")
    back = RestorePage(page.moved, page.already, page.restore_data)
    restored = persist(lambda: platform.restore_followers(case.order(), back))
    assert (restored.restored, platform.restore_followers(case.order(), back)) == (3, restored)
    assert stage.edges() == before


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(
    platform: HttpPlatform, reference: RunningReference, stage: ReferenceStage, case: CopyCase, monkeypatch: Any
) -> None:
    monkeypatch.setattr(platform._client, "call", _hurried(platform._client.call))
    reference.inject("lost", path="/v1/followers/move", seconds=2, times=10)
    with pytest.raises(PlatformError):
        platform.move_followers(case.order(), cursor=0, limit=3)
    assert len({edge for edge in stage.edges() if edge.account_id == case.target}) == 3
    reference.store.db.execute("DELETE FROM fault")
    monkeypatch.undo()
    assert len(persist(lambda: platform.move_followers(case.order(), cursor=0, limit=3)).moved) == 3


def _hurried(call: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: call(*args, **kwargs, timeout=1)
