"""A platform in memory, for tests: accounts, profiles, works, labels, messages. It moves no followers."""

import io
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

from portal.platforms.protocol import (
    Ability,
    Account,
    Connector,
    Following,
    Label,
    Message,
    MovedPage,
    MoveOrder,
    PlatformError,
    RestoredPage,
    RestorePage,
    Unknown,
    Work,
)

SITE = "https://fake.example"


class FakePlatform:
    """A platform whose state a test can set and read. `fail(n)` lets the next n calls go unanswered."""

    joins = False

    def __init__(self, code: str = "fake", name: str = "Fake platform") -> None:
        self.code, self.name = code, name
        self.accounts: dict[str, Account] = {}
        self.profiles: dict[str, str] = {}
        self.works: dict[str, Work] = {}
        self.media: dict[str, bytes] = {}
        self.labels: dict[str, dict[str, Label]] = defaultdict(dict)
        self.messages: dict[str, dict[str, Message]] = defaultdict(dict)
        self.removals: dict[str, dict[str, str]] = defaultdict(dict)
        self.restrictions: dict[str, dict[str, str]] = defaultdict(dict)
        self.calls: list[str] = []
        self._failures = 0

    def connector(self, *, without: Collection[Ability] = ()) -> Connector:
        """A connector to this platform that serves every protocol but those named."""
        abilities: tuple[Ability, ...] = ("messages", "removals", "restrictions", "labels", "followers")
        parts: dict[str, Any] = {ability: self for ability in abilities if ability not in without}
        return Connector(self.code, self.name, accounts=self, works=self, **parts)

    def fail(self, times: int) -> None:
        """Leave the next calls unanswered."""
        self._failures = times

    def open_account(self, account_id: str, handle: str, **facts: Any) -> Account:
        """A new account, with an empty profile."""
        facts = {"name": handle.title(), "url": f"{SITE}/@{handle}", **facts}
        self.accounts[account_id] = Account(account_id, handle, **facts)
        return self.accounts[account_id]

    def publish(self, work: Work, media: bytes = b"") -> None:
        """A new work."""
        self.works[work.id], self.media[work.id] = work, media

    def recognises(self, address: str) -> bool:
        return address.startswith(f"{SITE}/")

    def find_account(self, text: str) -> Account:
        self._answer("find_account")
        bare = text.strip().removeprefix(f"{SITE}/").removeprefix("@").rstrip("/")
        found = (one for one in self.accounts.values() if one.handle.lower() == bare.lower())
        account = self.accounts.get(bare) or next(found, None)
        if account is None:
            raise Unknown(text)
        return account

    def account(self, account_id: str) -> Account:
        self._answer("account")
        return self._account(account_id)

    def profile_text(self, account_id: str) -> str:
        self._answer("profile_text")
        return self.profiles.get(self._account(account_id).id, "")

    def find_work(self, text: str) -> Work:
        self._answer("find_work")
        return self._work(text.removeprefix(f"{SITE}/works/").rstrip("/"))

    def works_of(self, account_id: str, *, since: datetime | None = None, until: datetime | None = None) -> list[Work]:
        self._answer("works_of")
        mine = [work for work in self.works.values() if work.account_id == self._account(account_id).id]
        within = [
            work
            for work in mine
            if (since is None or work.published_at >= since) and (until is None or work.published_at < until)
        ]
        return sorted(within, key=lambda work: (work.published_at, work.id))

    def open_media(self, work_id: str) -> BinaryIO:
        self._answer("open_media")
        if self._work(work_id).state == "deleted":
            raise Unknown(work_id)
        return io.BytesIO(self.media[work_id])

    def send_message(self, account_id: str, message: Message) -> None:
        self._answer("send_message")
        self.messages[self._account(account_id).id].setdefault(message.key, message)

    def send_messages(self, messages: Mapping[int, Message]) -> None:
        self._answer("send_messages")
        for follower, message in messages.items():
            self.messages[str(follower)].setdefault(message.key, message)

    def remove_work(self, work_id: str, *, key: str, reason: str) -> None:
        self._answer("remove_work")
        work = self._work(work_id)
        self.removals[work_id].setdefault(key, reason)
        self.works[work_id] = replace(work, state="removed" if work.state == "public" else work.state)

    def restore_work(self, work_id: str, *, key: str) -> None:
        self._answer("restore_work")
        work = self._work(work_id)
        self.removals[work_id].pop(key, None)
        if not self.removals[work_id] and work.state == "removed":
            self.works[work_id] = replace(work, state="public")

    def restrict_account(self, account_id: str, *, key: str, reason: str, until: datetime | None = None) -> None:
        self._answer("restrict_account")
        self.restrictions[self._account(account_id).id].setdefault(key, reason)

    def lift_restriction(self, account_id: str, *, key: str) -> None:
        self._answer("lift_restriction")
        self.restrictions[self._account(account_id).id].pop(key, None)

    def set_label(self, account_id: str, label: Label) -> None:
        self._answer("set_label")
        self.labels[self._account(account_id).id][label.key] = label

    def clear_label(self, account_id: str, *, key: str) -> None:
        self._answer("clear_label")
        self.labels[self._account(account_id).id].pop(key, None)

    def move_followers(self, order: MoveOrder, *, cursor: int, limit: int) -> MovedPage:
        self._answer("move_followers")
        return MovedPage(cursor=None)

    def restore_followers(self, order: MoveOrder, page: RestorePage) -> RestoredPage:
        self._answer("restore_followers")
        return RestoredPage(restored=0)

    def return_follower(self, order: MoveOrder, follower_id: int) -> bool:
        self._answer("return_follower")
        return False

    def following(self, order: MoveOrder, follower_id: int) -> Following:
        self._answer("following")
        return Following(source=False, target=False, moved=False)

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        if self._failures:
            self._failures -= 1
            raise PlatformError(f"{self.name} does not answer")

    def _account(self, account_id: str) -> Account:
        if account_id not in self.accounts:
            raise Unknown(account_id)
        return self.accounts[account_id]

    def _work(self, work_id: str) -> Work:
        if work_id not in self.works:
            raise Unknown(work_id)
        return self.works[work_id]
