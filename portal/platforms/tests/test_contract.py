"""The platform in memory keeps the contract, whole and with fewer abilities, so that tests with it prove something."""

import pytest

from portal.platforms.contract import Contract, Stage, Works
from portal.platforms.protocol import Connector
from portal.platforms.tests.stage import FakeStage
from portal.testing.fake_platform import FakePlatform


@pytest.fixture
def fake() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def stage(fake: FakePlatform) -> Stage:
    return FakeStage(fake)


class TestFake(Contract):
    @pytest.fixture
    def connector(self, fake: FakePlatform) -> Connector:
        return fake.connector()


class TestSmall(Works):
    @pytest.fixture
    def connector(self, fake: FakePlatform) -> Connector:
        return fake.connector(without=("removals", "labels", "followers"))
