"""People of a small PeerTube, for the contract; they act on its state, as its own pages would."""

from datetime import datetime

from portal.platforms.contract.partial_stages import StageWithoutFollowers
from portal.platforms.contract.stage import PUBLISHED
from portal.platforms.messages import Message
from portal.testing.peertube_server import PeerTubeServer


class PeerTubeStage(StageWithoutFollowers):
    def __init__(self, server: PeerTubeServer) -> None:
        self.server, self._viewers = server, 0

    def account(self, handle: str = "author", *, bio: str = "", region: str = "", agency: str = "") -> str:
        return self.server.add_user(handle, bio=bio).name

    def work(
        self, account_id: str, *, title: str = "A film", at: datetime = PUBLISHED, video: bytes | None = None
    ) -> str:
        return self.server.add_video(self.server.users[account_id], title, at, video or b"").uuid

    def viewer(self, *, is_bot: bool = False, is_minor_closed: bool = False) -> int:
        self._viewers += 1
        return self._viewers

    def delete_work(self, work_id: str) -> None:
        del self.server.videos[work_id]

    def follow(
        self, account_id: str, follower_id: int, *, at: datetime, work_id: str | None = None, kind: str = ""
    ) -> None:
        self.server.users[account_id].followers += 1

    def close(self, account_id: str | int) -> None:
        del self.server.users[str(account_id)]

    def removal_reasons(self, work_id: str) -> list[str]:
        reason = self.server.videos[work_id].blocked
        return [] if reason is None else [reason]

    # What PeerTube does not serve.
    def messages(self, account_id: str | int) -> list[Message]:
        raise NotImplementedError
