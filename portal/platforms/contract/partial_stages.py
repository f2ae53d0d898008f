"""What stages of platforms have in common that serve neither followers nor signals nor labels."""

from collections.abc import Iterable

from portal.platforms.contract.stage import FollowEdge
from portal.platforms.protocol import Label


class StageWithoutFollowers:
    """Nobody's follows, devices or labels are seen or changed there: the contract asks for them of others only."""

    def give_signals(self, account_id: str, *, devices: Iterable[str], payees: Iterable[str]) -> None:
        raise NotImplementedError

    def unfollow(self, account_id: str, follower_id: int) -> None:
        raise NotImplementedError

    def confirm(self, account_id: str, follower_id: int) -> None:
        raise NotImplementedError

    def block(self, account_id: str | int, by: str | int, *, mutes_only: bool = False) -> None:
        raise NotImplementedError

    def edges(self) -> set[FollowEdge]:
        raise NotImplementedError

    def labels(self, account_id: str) -> list[Label]:
        raise NotImplementedError
