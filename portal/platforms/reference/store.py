"""The tables of the reference platform, transactions over them, and answers that are kept under the key of their call."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = Path(__file__).with_name("schema.sql")


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
        self.db.executescript(_SCHEMA.read_text())

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

    def account(self, account_id: object) -> sqlite3.Row:
        """The account with this id; raises Problem(404)."""
        return self.one("SELECT * FROM account WHERE id = ?", number(account_id))

    def work(self, work_id: object) -> sqlite3.Row:
        """The work with this id; raises Problem(404)."""
        return self.one("SELECT * FROM work WHERE id = ?", number(work_id))

    def answer_once(self, key: str, work: Callable[[], Any]) -> Any:
        """The answer that was given under the key, or that of `work`, kept for good. That nothing was there to return is not kept."""
        if not key:
            raise Problem(400, "no_idempotency_key")
        for row in self.rows("SELECT body FROM answer WHERE key = ?", key):
            return json.loads(row["body"])
        answer = work()
        if answer != {"returned": False}:
            self.db.execute("INSERT INTO answer VALUES (?, ?)", (key, json.dumps(answer)))
        return answer


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
