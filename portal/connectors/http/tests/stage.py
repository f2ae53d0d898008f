"""People of the reference platform, for the contract; they act on its tables, as its own pages would."""

import json
from collections.abc import Iterable
from datetime import datetime

from portal.platforms.contract.stage import PUBLISHED, FollowEdge
from portal.platforms.messages import Message
from portal.platforms.protocol import Label
from portal.platforms.reference import people
from portal.platforms.reference.store import Store, moment


class ReferenceStage:
    def __init__(self, store: Store) -> None:
        self.store = store

    def account(self, handle: str = "author", *, bio: str = "", region: str = "us", agency: str = "") -> str:
        sql = "INSERT INTO account (handle, name, bio, region, agency, joined_at) VALUES (?, ?, ?, ?, ?, ?)"
        joined = PUBLISHED.isoformat(timespec="microseconds")
        return str(self._insert(sql, handle, handle.title(), bio, region, agency, joined))

    def work(
        self, account_id: str, *, title: str = "A film", at: datetime = PUBLISHED, video: bytes | None = None
    ) -> str:
        sql = "INSERT INTO work (account_id, title, published_at, media) VALUES (?, ?, ?, ?)"
        return str(self._insert(sql, int(account_id), title, _text(at), video or b""))

    def viewer(self, *, is_bot: bool = False, is_minor_closed: bool = False) -> int:
        return self._insert("INSERT INTO account (bot, minor) VALUES (?, ?)", is_bot, is_minor_closed)

    def give_signals(self, account_id: str, *, devices: Iterable[str], payees: Iterable[str]) -> None:
        values = (json.dumps(list(devices)), json.dumps(list(payees)), int(account_id))
        self._insert("UPDATE account SET devices = ?, payees = ? WHERE id = ?", *values)

    def delete_work(self, work_id: str) -> None:
        self._insert("UPDATE work SET deleted = 1 WHERE id = ?", int(work_id))

    def follow(
        self, account_id: str, follower_id: int, *, at: datetime, work_id: str | None = None, kind: str = ""
    ) -> None:
        sql = (
            "INSERT INTO follow (account_id, follower_id, created_at, work_id, kind) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET orders = '[]'"
        )
        self._insert(sql, int(account_id), follower_id, _text(at), int(work_id) if work_id else None, kind)
        self._insert("DELETE FROM unfollow WHERE account_id = ? AND follower_id = ?", int(account_id), follower_id)

    def unfollow(self, account_id: str, follower_id: int) -> None:
        self._insert("DELETE FROM follow WHERE account_id = ? AND follower_id = ?", int(account_id), follower_id)
        self._insert("INSERT OR IGNORE INTO unfollow VALUES (?, ?)", int(account_id), follower_id)

    def confirm(self, account_id: str, follower_id: int) -> None:
        sql = "UPDATE follow SET confirmed = 1, orders = '[]' WHERE account_id = ? AND follower_id = ?"
        self._insert(sql, int(account_id), follower_id)

    def block(self, account_id: str | int, by: str | int, *, mutes_only: bool = False) -> None:
        self._insert("INSERT OR IGNORE INTO block VALUES (?, ?)", int(account_id), int(by))

    def close(self, account_id: str | int) -> None:
        self._insert("UPDATE account SET closed = 1 WHERE id = ?", int(account_id))

    def edges(self) -> set[FollowEdge]:
        return {
            FollowEdge(
                str(row["account_id"]),
                row["follower_id"],
                datetime.fromisoformat(row["created_at"]),
                str(row["work_id"]) if row["work_id"] else None,
                f"{row['kind']}/{row['confirmed']}",
            )
            for row in self.store.rows("SELECT * FROM follow")
        }

    def messages(self, account_id: str | int) -> list[Message]:
        rows = people.marks(self.store, "messages", int(account_id))
        return [Message(row["key"], row["subject"], row["body"], row["url"]) for row in rows]

    def labels(self, account_id: str) -> list[Label]:
        rows = people.marks(self.store, "labels", int(account_id))
        return [Label(row["key"], row["texts"], row["url"]) for row in rows]

    def removal_reasons(self, work_id: str) -> list[str]:
        return [row["reason"] for row in people.marks(self.store, "removals", int(work_id))]

    def _insert(self, sql: str, *values: object) -> int:
        return int(self.store.db.execute(sql, values).lastrowid or 0)


def _text(at: datetime) -> str:
    return moment(at.isoformat())
