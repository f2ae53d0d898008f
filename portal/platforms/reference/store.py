"""The tables of the reference platform, and transactions over them."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY AUTOINCREMENT, handle TEXT UNIQUE, name TEXT DEFAULT '',
    region TEXT DEFAULT '', agency TEXT DEFAULT '', language TEXT DEFAULT 'en', bio TEXT DEFAULT '', joined_at TEXT,
    closed INTEGER DEFAULT 0, bot INTEGER DEFAULT 0, minor INTEGER DEFAULT 0, devices TEXT DEFAULT '[]',
    payees TEXT DEFAULT '[]');
CREATE TABLE IF NOT EXISTS work (id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER, title TEXT,
    published_at TEXT, deleted INTEGER DEFAULT 0, views INTEGER DEFAULT 0, media BLOB);
-- Removals, restrictions, labels and messages, each of a work or an account and under a key.
CREATE TABLE IF NOT EXISTS mark (kind TEXT, owner_id INTEGER, key TEXT, body TEXT, ended INTEGER DEFAULT 0,
    PRIMARY KEY (kind, owner_id, key));
-- A follow carries the orders that moved it, the last one last; what its follower chooses takes them away.
CREATE TABLE IF NOT EXISTS follow (account_id INTEGER, follower_id INTEGER, created_at TEXT, work_id INTEGER, kind TEXT,
    confirmed INTEGER DEFAULT 0, orders TEXT DEFAULT '[]', PRIMARY KEY (account_id, follower_id)) WITHOUT ROWID;
-- Follows that an order has ended because their follower followed both accounts.
CREATE TABLE IF NOT EXISTS ended (order_key TEXT, follower_id INTEGER, created_at TEXT, work_id INTEGER, kind TEXT,
    confirmed INTEGER, orders TEXT, PRIMARY KEY (order_key, follower_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unfollow (account_id INTEGER, follower_id INTEGER, PRIMARY KEY (account_id, follower_id));
CREATE TABLE IF NOT EXISTS block (account_id INTEGER, by INTEGER, PRIMARY KEY (account_id, by));
CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL);
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY, kind TEXT, path TEXT, seconds REAL);
"""


class Problem(Exception):
    """A refusal, answered as problem+json."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.status, self.code = status, code


class Store:
    """The database file. One connection, so one thread at a time; `transaction()` is all or nothing."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything within is written, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def one(self, sql: str, *values: Any) -> sqlite3.Row:
        """The one row of a query; raises Problem(404) if there is none."""
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        if row is None:
            raise Problem(404, "not_found")
        return row

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.db.execute(sql, values).fetchall()

    def answer_once(self, key: str, work: Callable[[], dict[str, Any]], *, keep: str = "") -> dict[str, Any]:
        """The answer that was given under this key, or that of `work`, kept for good; with `keep`, if that member is true."""
        for row in self.rows("SELECT body FROM answer WHERE key = ?", key):
            return dict(json.loads(row["body"]))
        body = work()
        if not keep or body[keep]:
            self.db.execute("INSERT INTO answer VALUES (?, ?)", (key, json.dumps(body)))
        return body


def number(text: object) -> int:
    """An id as a number; 0, which no row has, for everything else."""
    given = str(text)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def moment(text: str) -> str:
    """A time as it is stored, so that times compare as text; raises Problem(422)."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Problem(422, "invalid", f"{text} is no time") from error
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def now() -> str:
    """The present, as times are stored."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
