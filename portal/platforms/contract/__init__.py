"""What every connector must pass: tests to inherit from, on a stage that the platform sets.

class TestMyPlatform(Contract):
    @pytest.fixture
    def connector(self) -> Connector: ...
    @pytest.fixture
    def stage(self) -> Stage: ...
"""

from portal.platforms.contract.beliefs import Beliefs
from portal.platforms.contract.modes import Clearing, Invitations, OptOuts
from portal.platforms.contract.previews import Previews
from portal.platforms.contract.returns import Returns
from portal.platforms.contract.stage import CopyCase, FollowEdge, Stage
from portal.platforms.contract.states import States
from portal.platforms.contract.works import Works

__all__ = ["Beliefs", "Contract", "CopyCase", "FollowEdge", "Stage", "Works"]


class Contract(Works, Returns, Previews, Clearing, Invitations, OptOuts, States):
    """The whole contract. A connector over a network passes Beliefs, too."""
