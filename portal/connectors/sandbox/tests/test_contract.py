"""The sandbox keeps the contract of platforms."""

import pytest

from portal.connectors.sandbox.connector import SandboxPlatform
from portal.platforms import registry
from portal.platforms.contract import Contract, Stage
from portal.platforms.protocol import Connector
from portal.sandbox.tests.stage import SandboxStage


@pytest.mark.django_db
class TestSandbox(Contract):
    @pytest.fixture
    def connector(self) -> Connector:
        return SandboxPlatform().connector()

    @pytest.fixture
    def stage(self) -> Stage:
        return SandboxStage()


def test_the_sandbox_is_registered() -> None:
    followers = registry.get_connector("sandbox").followers
    assert followers is not None
    assert followers.joins
    assert ("sandbox", "Sandbox") in registry.platform_choices()
