"""People of a small MediaCMS, for the contract; they act on its state, as its own pages would."""

from datetime import datetime

from portal.platforms.contract.partial_stages import StageWithoutFollowers
from portal.platforms.contract.stage import PUBLISHED
from portal.platforms.messages import Message
from portal.testing.mediacms_server import MediaCmsServer


class MediaCmsStage(StageWithoutFollowers):
    def __init__(self, server: MediaCmsServer) -> None:
        self.server, self._viewers = server, 0

    def account(self, handle: str = "author", *, bio: str = "", region: str = "", agency: str = "") -> str:
        return self.server.add_user(handle, bio=bio).name

    def work(
        self, account_id: str, *, title: str = "A film", at: datetime = PUBLISHED, video: bytes | None = None
    ) -> str:
        return self.server.add_medium(account_id, title, at, video or b"film").token

    def viewer(self, *, is_bot: bool = False, is_minor_closed: bool = False) -> int:
        self._viewers += 1
        return self._viewers

    def delete_work(self, work_id: str) -> None:
        del self.server.media[work_id]

    def follow(
        self, account_id: str, follower_id: int, *, at: datetime, work_id: str | None = None, kind: str = ""
    ) -> None:
        """MediaCMS counts nobody's followers."""

    def close(self, account_id: str | int) -> None:
        self.server.close_user(str(account_id))

    def removal_reasons(self, work_id: str) -> list[str]:
        return []

    def messages(self, account_id: str | int) -> list[Message]:
        """The mails; each has its parts as paragraphs."""
        texts = [text.split("\n\n") for name, text in self.server.mails if name == account_id]
        return [Message("", *parts) for parts in texts]

    # What MediaCMS does not serve.
