"""What every connector must pass: tests to inherit from, on a stage that the platform sets.

class TestMyPlatform(Contract):
    @pytest.fixture
    def connector(self) -> Connector: ...
    @pytest.fixture
    def stage(self) -> Stage: ...
"""

from portal.platforms.contract.followers import Followers
from portal.platforms.contract.stage import CopyCase, FollowEdge, Stage
from portal.platforms.contract.works import Works

__all__ = ["Contract", "CopyCase", "FollowEdge", "Stage", "Works"]


class Contract(Works, Followers):
    """The whole contract."""
