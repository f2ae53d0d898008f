"""The followers of a platform in memory, for tests: they follow, are moved and come back, as the protocol says."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from portal.platforms.messages import GroupMessage, Message
from portal.platforms.orders import Following, FollowState, MovedPage, MoveOrder, RestoredPage, RestorePage
from portal.platforms.protocol import Account, AccountClosed, PlatformError, Unknown

Answer = TypeVar("Answer")
Key = TypeVar("Key")
# The answer where nobody is left; asked again, it may be another.
_NOBODY = MovedPage(cursor=None)


@dataclass(frozen=True)
class FakeFollow:
    """One follow. `orders`: keys of the orders that put it where it is, the last one last; a choice empties them."""

    created_at: datetime
    work_id: str | None = None
    kind: str = ""
    orders: tuple[str, ...] = ()
    confirmed: bool = False


class FakeFollowers:
    """Followers whose state a test can set and read. `traits` holds "bot", "minor", "closed" and "opted_out" of each follower."""

    joins = False
    confirms = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.accounts: dict[str, Account] = {}
        self.messages: dict[str, dict[str, Message]] = defaultdict(dict)
        self.traits: dict[int, set[str]] = {}
        self.follows: dict[tuple[str, int], FakeFollow] = {}
        self.unfollowed: set[tuple[str, int]] = set()
        self.blocks: set[tuple[str, int]] = set()
        self.calls: list[str] = []
        self._ended: dict[tuple[str, int], FakeFollow] = {}
        self._answers: dict[tuple[object, ...], Any] = {}
        self._failures = 0

    def fail(self, times: int) -> None:
        """Leave the next calls unanswered."""
        self._failures = times

    def send_messages(self, message: GroupMessage) -> None:
        self._answer("send_messages")
        for follower in message.followers:
            if follower in self.traits:
                self.messages[str(follower)].setdefault(message.key, message.for_follower(follower))

    def ranges_at_once(self) -> int:
        return 4

    def follower_ranges(self, account_id: str, *, parts: int) -> list[int]:
        self._answer("follower_ranges")
        self._account(account_id)
        rows = sorted(one for account, one in self.follows if account == account_id)
        size = max(1, -(-len(rows) // parts))
        return [rows[place - 1] for place in range(size, len(rows), size)]

    def move_followers(self, order: MoveOrder, *, cursor: int, limit: int, last: int | None = None) -> MovedPage:
        self._answer("move_followers")
        self._account(order.source)
        call = (order.key, "move", cursor)
        if call not in self._answers:
            self._require_open_target(order)
        return self._once(call, lambda: self._move_page(order, cursor, limit, last))

    def preview_followers(self, order: MoveOrder, *, cursor: int, limit: int) -> MovedPage:
        self._answer("preview_followers")
        self._account(order.source)
        self._require_open_target(order)
        follows, ended = dict(self.follows), dict(self._ended)
        page = self._move_page(order, cursor, limit)
        self.follows, self._ended = follows, ended
        return page

    def restore_followers(self, order: MoveOrder, page: RestorePage) -> RestoredPage:
        self._answer("restore_followers")
        call = (order.key, "restore", *page.moved, *page.already)
        return self._once(call, lambda: self._restore_page(order, page))

    def return_follower(self, order: MoveOrder, follower_id: int) -> bool:
        self._answer("return_follower")
        return self._once((order.key, "return", follower_id), lambda: self._return(order, follower_id), keep=bool)

    def answers_at_once(self) -> int:
        return 3

    def answer_invitations(self, order: MoveOrder, followers: Sequence[int], *, accepted: bool) -> MovedPage:
        self._answer("answer_invitations")
        self._account(order.source)
        calls = {one: (order.key, "answer", one) for one in followers}
        if accepted and not self._answers.keys() >= set(calls.values()):
            self._require_open_target(order)
        return _join(
            self._once(call, partial(self._answer_for, order, one, accepted=accepted)) for one, call in calls.items()
        )

    def set_opt_out(self, follower_id: int, *, opted_out: bool) -> None:
        self._answer("set_opt_out")
        if follower_id not in self.traits:
            raise Unknown(str(follower_id))
        (self.traits[follower_id].add if opted_out else self.traits[follower_id].discard)("opted_out")

    def following(self, order: MoveOrder, follower_id: int) -> Following:
        self._answer("following")
        source, target = ((account, follower_id) in self.follows for account in (order.source, order.target))
        return Following(source=source, target=target, moved=self._is_of(order, follower_id))

    def _require_open_target(self, order: MoveOrder) -> None:
        if order.effect == "move" and self._account(order.target).state == "closed":
            raise AccountClosed(f"the account {order.target} is closed")

    def _answer_for(self, order: MoveOrder, follower: int, *, accepted: bool) -> MovedPage:
        edge = (order.source, follower)
        if edge not in self.follows:
            return _NOBODY
        if accepted:
            return self._move_some(order, [follower])
        self.follows[edge] = replace(self.follows[edge], orders=(), confirmed=True)
        return MovedPage(cursor=None, excluded={"confirmed": [follower]})

    def follow_states(self, order: MoveOrder, followers: Sequence[int]) -> list[FollowState]:
        self._answer("follow_states")
        there = [one for one in followers if "closed" not in self.traits.get(one, {"closed"})]
        return [self._state(order, one) for one in there]

    def _state(self, order: MoveOrder, one: int) -> FollowState:
        source = self.follows.get((order.source, one))
        since, target = source.created_at if source else None, (order.target, one) in self.follows
        return FollowState(one, source_since=since, target=target, moved=self._is_of(order, one))

    def _move_page(self, order: MoveOrder, cursor: int, limit: int, last: int | None = None) -> MovedPage:
        end = math.inf if last is None else last
        rest = sorted(one for account, one in self.follows if account == order.source and cursor < one <= end)
        if not rest:
            return _NOBODY
        page = self._move_some(order, rest[:limit])
        return replace(page, cursor=rest[limit - 1] if len(rest) > limit else None)

    def _move_some(self, order: MoveOrder, followers: list[int]) -> MovedPage:
        outcomes: dict[str, list[int]] = defaultdict(list)
        for follower in followers:
            outcomes[self._outcome(order, follower)].append(follower)
        moved, already, passed = (outcomes.pop(outcome, []) for outcome in ("moved", "already", "passed"))
        for follower in already:
            self._ended[order.key, follower] = self.follows.pop((order.source, follower))
        for follower in moved:
            follow = self.follows.pop((order.source, follower))
            self.follows[order.target, follower] = replace(follow, orders=(*follow.orders, order.key))
        by_work, by_time = self._grounds(order, moved, already)
        page = MovedPage(None, moved, already, dict(outcomes), len(passed))
        return replace(page, by_work=by_work, by_time=by_time)

    def _grounds(
        self, order: MoveOrder, moved: list[int], already: list[int]
    ) -> tuple[dict[str, list[int]], dict[datetime, list[int]]]:
        """Why each of them was attributable: by work, and by moment."""
        follows = {one: self.follows[order.target, one] for one in moved}
        follows |= {one: self._ended[order.key, one] for one in already}
        by_work: dict[str, list[int]] = defaultdict(list)
        by_time: dict[datetime, list[int]] = defaultdict(list)
        for follower, follow in follows.items():
            if follow.work_id is not None:
                by_work[follow.work_id].append(follower)
            else:
                by_time[max(at for at in order.unknown_since if at <= follow.created_at)].append(follower)
        return dict(by_work), dict(by_time)

    def _outcome(self, order: MoveOrder, follower: int) -> str:
        """passed, moved, already, or the first reason of EXCLUSIONS that holds."""
        follow, traits = self.follows[order.source, follower], self.traits.get(follower, set())
        holds = {
            "passed": not _is_attributable(order, follow),
            "blocked": not self.blocks.isdisjoint({(order.target, follower), (str(follower), int(order.target or 0))}),
            "is_target": str(follower) == order.target,
            "closed": "closed" in traits,
            "bot": "bot" in traits,
            "minor": "minor" in traits,
            "confirmed": follow.confirmed,
            "disputed": follow.work_id in order.disputed_work_ids,
            "opted_out": "opted_out" in traits,
            "already": order.effect == "clear" or (order.target, follower) in self.follows,
        }
        return next((outcome for outcome, so in holds.items() if so), "moved")

    def _restore_page(self, order: MoveOrder, page: RestorePage) -> RestoredPage:
        followers = sorted([*page.moved, *page.already])
        source_closed = self._account(order.source).state == "closed"
        missing = [one for one in followers if source_closed or "closed" in self.traits.get(one, set())]
        there = [one for one in followers if one not in missing]
        overridden = [one for one in there if self._has_chosen(order, one, moved=one in page.moved)]
        back = [one for one in there if one not in overridden]
        for follower in back:
            self._put_back(order, follower)
        return RestoredPage(len(back), overridden, missing)

    def _has_chosen(self, order: MoveOrder, follower: int, *, moved: bool) -> bool:
        source, target = (order.source, follower), (order.target, follower)
        if (
            source in self.follows
            or source in self.unfollowed
            or (order.effect == "move" and target not in self.follows)
        ):
            return True
        return moved and not self._is_of(order, follower)

    def _put_back(self, order: MoveOrder, follower: int) -> None:
        """Put the follow of the source where it was, from the target or from those that the order has ended."""
        if self._is_of(order, follower):
            follow = self.follows.pop((order.target, follower))
            self.follows[order.source, follower] = replace(follow, orders=follow.orders[:-1])
        else:
            self.follows[order.source, follower] = self._ended[order.key, follower]

    def _return(self, order: MoveOrder, follower: int) -> bool:
        source = (order.source, follower)
        if source in self.follows and self._is_of(order, follower):
            del self.follows[order.target, follower]
        elif self._has_chosen(order, follower, moved=(order.key, follower) not in self._ended):
            return False
        else:
            self._put_back(order, follower)
        self.follows[source] = replace(self.follows[source], orders=(), confirmed=True)
        return True

    def _is_of(self, order: MoveOrder, follower: int) -> bool:
        """Whether the order put the follower's follow of the target there."""
        follow = self.follows.get((order.target, follower))
        return follow is not None and follow.orders[-1:] == (order.key,)

    def _once(
        self, call: tuple[object, ...], work: Callable[[], Answer], *, keep: Callable[[Answer], bool] = lambda _: True
    ) -> Answer:
        """What the call was answered before, or what it is answered now; it is kept for the next time if `keep` says so."""
        if call in self._answers:
            known: Answer = self._answers[call]
            return known
        answer = work()
        if keep(answer):
            self._answers[call] = answer
        return answer

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        if self._failures:
            self._failures -= 1
            raise PlatformError(f"{self.name} does not answer")

    def _account(self, account_id: str) -> Account:
        if account_id not in self.accounts:
            raise Unknown(account_id)
        return self.accounts[account_id]


def _join(pages: Iterable[MovedPage]) -> MovedPage:
    """One page of several that each have one follower, or nobody."""
    joined = _NOBODY
    for page in [one for one in pages if one != _NOBODY]:
        joined = MovedPage(
            None,
            sorted([*joined.moved, *page.moved]),
            sorted([*joined.already, *page.already]),
            _join_lists(joined.excluded, page.excluded),
            joined.passed + page.passed,
            by_work=_join_lists(joined.by_work, page.by_work),
            by_time=_join_lists(joined.by_time, page.by_time),
        )
    return joined


def _join_lists(some: Mapping[Key, Sequence[int]], others: Mapping[Key, Sequence[int]]) -> dict[Key, list[int]]:
    return {key: sorted([*some.get(key, ()), *others.get(key, ())]) for key in {**some, **others}}


def _is_attributable(order: MoveOrder, follow: FakeFollow) -> bool:
    if follow.work_id is not None:
        return follow.work_id in order.work_ids
    since = order.unknown_since
    return bool(since) and not follow.kind and since[0] <= follow.created_at < order.until
