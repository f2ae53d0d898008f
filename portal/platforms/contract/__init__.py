"""What every connector must pass: tests to inherit from, on a stage that the platform sets.

class TestMyPlatform(Contract):
    @pytest.fixture
    def connector(self) -> Connector: ...
    @pytest.fixture
    def stage(self) -> Stage: ...
"""

from portal.platforms.contract.followers import Followers
from portal.platforms.contract.stage import Case, Edge, Stage
from portal.platforms.contract.works import Works

__all__ = ["Case", "Contract", "Edge", "Stage"]


class Contract(Works, Followers):
    """The whole contract."""
