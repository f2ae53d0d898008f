"""People of the platform in memory, for the contract."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import count

from portal.platforms.contract.stage import PUBLISHED, FollowEdge
from portal.platforms.messages import Message
from portal.platforms.protocol import AccountSignals, Label, Work
from portal.testing.fake_followers import FakeFollow
from portal.testing.fake_platform import SITE, FakePlatform


class FakeStage:
    def __init__(self, platform: FakePlatform) -> None:
        self.platform = platform
        self.numbers = count(1)

    def account(self, handle: str = "author", *, bio: str = "", region: str = "us", agency: str = "") -> str:
        account_id = str(next(self.numbers))
        self.platform.open_account(account_id, handle, region=region, agency=agency)
        self.platform.profiles[account_id] = bio
        return account_id

    def work(
        self, account_id: str, *, title: str = "A film", at: datetime = PUBLISHED, video: bytes | None = None
    ) -> str:
        work_id = str(next(self.numbers))
        self.platform.publish(Work(work_id, account_id, title, f"{SITE}/works/{work_id}", at), video or b"")
        return work_id

    def viewer(self, *, is_bot: bool = False, is_minor_closed: bool = False) -> int:
        follower = next(self.numbers)
        has = {"bot": is_bot, "minor": is_minor_closed}
        self.platform.traits[follower] = {trait for trait, so in has.items() if so}
        return follower

    def give_signals(self, account_id: str, *, devices: Iterable[str], payees: Iterable[str]) -> None:
        self.platform.signals[account_id] = AccountSignals(frozenset(devices), frozenset(payees))

    def delete_work(self, work_id: str) -> None:
        self.platform.works[work_id] = replace(self.platform.works[work_id], state="deleted")

    def follow(
        self, account_id: str, follower_id: int, *, at: datetime, work_id: str | None = None, kind: str = ""
    ) -> None:
        edge, new = (account_id, follower_id), FakeFollow(at, work_id, kind)
        self.platform.follows[edge] = replace(self.platform.follows.get(edge, new), orders=())
        self.platform.unfollowed.discard(edge)

    def unfollow(self, account_id: str, follower_id: int) -> None:
        self.platform.follows.pop((account_id, follower_id), None)
        self.platform.unfollowed.add((account_id, follower_id))

    def confirm(self, account_id: str, follower_id: int) -> None:
        edge = (account_id, follower_id)
        self.platform.follows[edge] = replace(self.platform.follows[edge], confirmed=True, orders=())

    def block(self, account_id: str | int, by: str | int, *, mutes_only: bool = False) -> None:
        self.platform.blocks.add((str(account_id), int(by)))

    def close(self, account_id: str | int) -> None:
        if isinstance(account_id, int):
            self.platform.traits[account_id].add("closed")
        else:
            self.platform.accounts[account_id] = replace(self.platform.accounts[account_id], state="closed")

    def edges(self) -> set[FollowEdge]:
        return {
            FollowEdge(account_id, follower, row.created_at, row.work_id, f"{row.kind}/{row.confirmed}")
            for (account_id, follower), row in self.platform.follows.items()
        }

    def messages(self, account_id: str | int) -> list[Message]:
        return list(self.platform.messages[str(account_id)].values())

    def labels(self, account_id: str) -> list[Label]:
        return list(self.platform.labels[account_id].values())

    def removal_reasons(self, work_id: str) -> list[str]:
        return list(self.platform.removals[work_id].values())
