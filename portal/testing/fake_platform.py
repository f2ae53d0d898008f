"""A platform in memory, for tests: it serves every protocol, and answers each call like one behind a network."""

import io
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO

from portal.connectors.entries import own_address
from portal.platforms.messages import Message
from portal.platforms.protocol import Ability, Account, AccountSignals, Connector, Label, Unknown, Work
from portal.testing.fake_followers import FakeFollowers

SITE = "https://fake.example"
_SERVED: tuple[Ability, ...] = (
    "messages",
    "removals",
    "restrictions",
    "labels",
    "signals",
    "followers",
    "previews",
    "clearing",
    "invitations",
    "opt_outs",
    "states",
)


class FakePlatform(FakeFollowers):
    """A platform whose state a test can set and read. `fail(n)` lets the next n calls go unanswered."""

    def __init__(self, code: str = "fake", name: str = "Fake platform") -> None:
        super().__init__(name)
        self.code = code
        self.profiles: dict[str, str] = {}
        self.works: dict[str, Work] = {}
        self.media: dict[str, bytes] = {}
        self.labels: dict[str, dict[str, Label]] = defaultdict(dict)
        self.removals: dict[str, dict[str, str]] = defaultdict(dict)
        self.restrictions: dict[str, dict[str, str]] = defaultdict(dict)
        self.signals: dict[str, AccountSignals] = {}
        self._ends: dict[tuple[str, str], datetime | None] = {}
        self._taken_back: set[tuple[str, str]] = set()

    def connector(self, *, without: Collection[Ability] = ()) -> Connector:
        """A connector to this platform that serves every protocol but those named."""
        parts: dict[str, Any] = {ability: self for ability in _SERVED if ability not in without}
        return Connector(self.code, self.name, accounts=self, works=self, **parts)

    def open_account(self, account_id: str, handle: str, **facts: Any) -> Account:
        """A new account, with an empty profile."""
        facts = {"name": handle.title(), "url": f"{SITE}/@{handle}", **facts}
        self.accounts[account_id] = Account(account_id, handle, **facts)
        return self.accounts[account_id]

    def publish(self, work: Work, media: bytes = b"") -> None:
        """A new work."""
        self.works[work.id], self.media[work.id] = work, media

    def recognises(self, address: str) -> bool:
        return own_address(address, SITE) is not None

    def find_account(self, text: str) -> Account:
        self._answer("find_account")
        bare = text.strip().removeprefix(f"{SITE}/").removeprefix("@").rstrip("/")
        found = (one for one in self.accounts.values() if one.handle.lower() == bare.lower())
        account = self.accounts.get(bare) or next(found, None)
        if account is None:
            raise Unknown(text)
        return self._shown(account)

    def account(self, account_id: str) -> Account:
        self._answer("account")
        return self._shown(self._account(account_id))

    def profile_text(self, account_id: str) -> str:
        self._answer("profile_text")
        return self.profiles.get(self._account(account_id).id, "")

    def find_work(self, text: str) -> Work:
        self._answer("find_work")
        return self._work(text.removeprefix(f"{SITE}/works/").rstrip("/"))

    def works_of(self, account_id: str, *, since: datetime | None = None, until: datetime | None = None) -> list[Work]:
        self._answer("works_of")
        account = self._account(account_id)
        mine = [work for work in self.works.values() if work.account_id == account.id]
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

    def remove_work(self, work_id: str, *, key: str, reason: str) -> None:
        self._answer("remove_work")
        work = self._work(work_id)
        if (work_id, key) in self._taken_back:
            return
        self.removals[work_id].setdefault(key, reason)
        self.works[work_id] = replace(work, state="removed" if work.state == "public" else work.state)

    def restore_work(self, work_id: str, *, key: str) -> None:
        self._answer("restore_work")
        work = self._work(work_id)
        self.removals[work_id].pop(key, None)
        self._taken_back.add((work_id, key))
        if not self.removals[work_id] and work.state == "removed":
            self.works[work_id] = replace(work, state="public")

    def has_removal(self, work_id: str, *, key: str) -> bool:
        self._answer("has_removal")
        return self._work(work_id).state != "deleted" and key in self.removals[work_id]

    def restrict_account(self, account_id: str, *, key: str, reason: str, until: datetime | None = None) -> None:
        self._answer("restrict_account")
        account = self._account(account_id)
        if (account.id, key) not in self._taken_back:
            self.restrictions[account.id].setdefault(key, reason)
            self._ends.setdefault((account.id, key), until)

    def lift_restriction(self, account_id: str, *, key: str) -> None:
        self._answer("lift_restriction")
        account = self._account(account_id)
        self.restrictions[account.id].pop(key, None)
        self._taken_back.add((account.id, key))

    def has_restriction(self, account_id: str, *, key: str) -> bool:
        self._answer("has_restriction")
        account = self._account(account_id)
        end = self._ends.get((account.id, key))
        return key in self.restrictions[account.id] and (end is None or end > datetime.now(UTC))

    def set_label(self, account_id: str, label: Label) -> None:
        self._answer("set_label")
        self.labels[self._account(account_id).id][label.key] = label

    def clear_label(self, account_id: str, *, key: str) -> None:
        self._answer("clear_label")
        self.labels[self._account(account_id).id].pop(key, None)

    def shown_label(self, account_id: str, *, key: str) -> Label | None:
        self._answer("shown_label")
        return self.labels[self._account(account_id).id].get(key)

    def account_signals(self, account_id: str) -> AccountSignals:
        self._answer("account_signals")
        return self.signals.get(self._account(account_id).id, AccountSignals())

    def _shown(self, account: Account) -> Account:
        """An account with what changes: followers, and whether a restriction holds."""
        keys, now = self.restrictions[account.id], datetime.now(UTC)
        ends = [self._ends[account.id, key] for key in keys]
        restricted = account.state == "open" and any(end is None or end > now for end in ends)
        followers = account.followers + sum(followed == account.id for followed, _follower in self.follows)
        return replace(account, state="restricted" if restricted else account.state, followers=followers)

    def _work(self, work_id: str) -> Work:
        if work_id not in self.works:
            raise Unknown(work_id)
        return self.works[work_id]
