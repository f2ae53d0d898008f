"""The stage that a platform sets for its tests: it does what people do there, and looks at it as they do."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, TypeVar

import pytest

from portal.platforms.messages import Message
from portal.platforms.orders import MovedPage, MoveOrder, RestoredPage, RestorePage
from portal.platforms.protocol import Followers, Label

Part = TypeVar("Part")
LONG_AGO = datetime(2026, 1, 1, 8, tzinfo=UTC)
PUBLISHED = datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 8, tzinfo=UTC)
ORDER = "order:1"
# More than the followers of any case here: one page takes them all.
ALL = 1_000


def declared(part: Part | None) -> Part:
    """A connector's attribute; the test is skipped if the connector does not declare that it serves it."""
    if part is None:
        pytest.skip("the connector does not declare this")
    return part


class FollowEdge(NamedTuple):
    """One follow, with what must survive moving and restoring. `origin` is the platform's own word."""

    account_id: str
    follower_id: int
    created_at: datetime
    work_id: str | None
    origin: str


class Stage(Protocol):
    """People of the platform, for its tests. Ids of accounts and works as in the protocol."""

    def account(self, handle: str = ..., *, bio: str = ..., region: str = ..., agency: str = ...) -> str:
        """A new account that publishes."""

    def work(self, account_id: str, *, title: str = ..., at: datetime = ..., video: bytes = ...) -> str:
        """A new work, published at a time."""

    def viewer(self, *, is_bot: bool = ..., is_minor_closed: bool = ...) -> int:
        """A new follower; ids ascend."""

    def give_signals(self, account_id: str, *, devices: Iterable[str], payees: Iterable[str]) -> None:
        """An account uses these devices, and is paid to these payees; for platforms that serve signals."""

    def delete_work(self, work_id: str) -> None:
        """Its account deletes a work."""

    def follow(
        self, account_id: str, follower_id: int, *, at: datetime, work_id: str | None = ..., kind: str = ...
    ) -> None:
        """A follow by a work, or of a kind: "" (nothing is known) or "profile"."""

    def unfollow(self, account_id: str, follower_id: int) -> None:
        """The follower ends a follow."""

    def confirm(self, account_id: str, follower_id: int) -> None:
        """The follower keeps following, after being told."""

    def block(self, account_id: str | int, by: str | int, *, mutes_only: bool = ...) -> None:
        """An account or a follower is blocked or muted by another."""

    def close(self, account_id: str | int) -> None:
        """An account, or a follower's, is closed by its holder."""

    def edges(self) -> set[FollowEdge]:
        """All follows there are."""

    def messages(self, account_id: str | int) -> list[Message]:
        """What an account finds in its inbox, oldest first."""

    def labels(self, account_id: str) -> list[Label]:
        """What stands beside an account's name."""

    def removal_reasons(self, work_id: str) -> list[str]:
        """What stands in the place of a removed work."""


class CopyCase(NamedTuple):
    """A copier with a copy and another work, and the author whom it took from."""

    source: str
    target: str
    copy: str
    other: str

    def order(
        self, *, unknown_since: Iterable[datetime] = (), disputed: Iterable[str] = (), key: str = ORDER
    ) -> MoveOrder:
        """To move who came by the copy, and from a moment on also those of whom nothing is known."""
        works = (self.copy,)
        return MoveOrder(key, self.source, self.target, works, LATER, tuple(unknown_since), tuple(disputed))


def move_all_pages(followers: Followers, order: MoveOrder, *, limit: int = ALL) -> list[MovedPage]:
    """Every page of an order."""
    pages, cursor = [], 0
    while True:
        pages.append(followers.move_followers(order, cursor=cursor, limit=limit))
        if (following := pages[-1].cursor) is None:
            return pages
        assert following > cursor, "pages must go on"
        cursor = following


def follows_of(stage: Stage) -> set[tuple[object, ...]]:
    """Who follows whom since when and by what, whether it is confirmed or not."""
    return {(edge.account_id, edge.follower_id, edge.created_at, edge.work_id) for edge in stage.edges()}


def restore_all_pages(followers: Followers, order: MoveOrder, pages: Iterable[MovedPage]) -> list[RestoredPage]:
    """The same pages taken back; everybody of a page is in its answer once, and nobody else."""
    restored = []
    for page in pages:
        restored.append(followers.restore_followers(order, RestorePage(page.moved, page.already, page.restore_data)))
        named, asked = [*restored[-1].overridden, *restored[-1].missing], {*page.moved, *page.already}
        assert len(set(named)) == len(named)
        assert set(named) <= asked
        assert restored[-1].restored + len(named) == len(asked)
    return restored
