"""The followers of the benchmark of restitution on the reference platform: written in one go, and compared to the row.

The same followers as restitution_rows.py makes for the sandbox: what follower number n does follows from n modulo 1000.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from portal.bench.restitution_rows import COPY, DISPUTED, FIRST, PUBLISHED, SOURCE, TARGET
from portal.platforms.reference.store import Store, moment

BEFORE, EXPECTED = "bench_before", "bench_expected"
MOVE, RESTORE = "/v1/followers/move", "/v1/followers/restore"
# Every fault that the server knows beside its restart, with the seconds that it is given: for how long an answer is slow, and
# when a busy platform asks to be called again. A lost answer is one whose connection ends after the call was carried out.
FAULTS: tuple[tuple[str, float], ...] = (
    ("lost", 0),
    ("busy", 1),
    ("error", 0),
    ("slow", 1),
    ("duplicate", 0),
    ("garbage", 0),
    ("signature", 0),
)
# The share of the faults that is a restart of the platform, which is away for seconds.
RESTART_SHARE = 0.02
_KEPT = "account_id, follower_id, created_at, work_id, kind, confirmed, orders"
_N = f"(follower_id - {FIRST}) % 1000"
_ENDS = f"({_N} BETWEEN 40 AND 139 OR {_N} >= 260)"
_EXPECTED = f"""
    CREATE TABLE {EXPECTED} AS
    SELECT CASE WHEN account_id = {SOURCE} AND {_N} >= 260 THEN {TARGET} ELSE account_id END AS account_id,
           follower_id, created_at, work_id, kind, confirmed,
           CASE WHEN account_id = {SOURCE} AND {_N} >= 260 THEN :orders ELSE orders END AS orders
    FROM {BEFORE} WHERE NOT (account_id = {SOURCE} AND {_ENDS} AND NOT {_N} >= 260)"""


def fill_reference(store: Store, followers: int) -> None:
    """Write accounts, works, follows and blocks, and keep the follows as they are for later."""
    with store.transaction() as db:
        main = [(SOURCE, "copier"), (2, "nobody"), (TARGET, "author")]
        db.executemany("INSERT INTO account (id, handle, region) VALUES (?, ?, 'us')", main)
        works = [(COPY, SOURCE, _text(PUBLISHED)), (DISPUTED, SOURCE, _text(PUBLISHED - timedelta(days=1)))]
        db.executemany("INSERT INTO work (id, account_id, title, published_at) VALUES (?, ?, 'Video', ?)", works)
        numbers = range(followers + followers // 5)
        db.executemany("INSERT INTO account (id, closed, bot, minor) VALUES (?, ?, ?, ?)", map(_account, numbers))
        sql = "INSERT INTO follow (account_id, follower_id, created_at, work_id, kind, confirmed) VALUES (?, ?, ?, ?, ?, ?)"
        db.executemany(sql, map(_follow_of_source, range(followers)))
        db.executemany(sql, _follows_of_target(numbers, followers))
        blocks = [(TARGET, FIRST + n) for n in range(followers) if n % 1000 < 5]
        db.executemany("INSERT INTO block VALUES (?, ?)", blocks)
        db.execute(f"CREATE TABLE {BEFORE} AS SELECT {_KEPT} FROM follow")


def note_expected(store: Store, order_key: str) -> None:
    """Work out from the follows as they were what they must be after the order of this key."""
    with store.transaction() as db:
        db.execute(f"DROP TABLE IF EXISTS {EXPECTED}")
        db.execute(_EXPECTED, {"orders": f'["{order_key}"]'})


def count_differences(store: Store, table: str) -> tuple[int, int]:
    """How many follows of BEFORE or EXPECTED are not there, and how many are there that it does not have."""
    there, given = f"SELECT {_KEPT} FROM follow", f"SELECT {_KEPT} FROM {table}"
    return _count(store, f"{given} EXCEPT {there}"), _count(store, f"{there} EXCEPT {given}")


def count_snapshot(store: Store) -> int:
    """How many follows the snapshot has."""
    return _count(store, f"SELECT 1 FROM {BEFORE}")


def schedule_faults(store: Store, path: str, calls: int, share: float, dice: random.Random) -> dict[str, int]:
    """Let this share of the next `calls` of a path fail, each kind as often as the others; returns how many of each kind."""
    rows, gap = [], 0
    for _ in range(calls):
        if dice.random() >= share:
            gap += 1
            continue
        kind, seconds = ("restart", 0) if dice.random() < RESTART_SHARE else dice.choice(FAULTS)
        rows.append((kind, path, seconds, gap))
        gap = 0
    with store.transaction() as db:
        db.execute("DELETE FROM fault WHERE path = ?", (path,))
        db.executemany("INSERT INTO fault (kind, path, seconds, calls) VALUES (?, ?, ?, ?)", rows)
    return count_faults(store, path)


def count_faults(store: Store, path: str) -> dict[str, int]:
    """How many faults of each kind still wait for calls of a path."""
    found = store.rows("SELECT kind, count(*) AS n FROM fault WHERE path = ? GROUP BY kind", path)
    return {row["kind"]: row["n"] for row in found}


def _account(n: int) -> Sequence[Any]:
    k = n % 1000
    return FIRST + n, 20 <= k < 30, 5 <= k < 15, 15 <= k < 20


def _follow_of_source(n: int) -> Sequence[Any]:
    k = n % 1000
    work = DISPUTED if 35 <= k < 40 else None if 140 <= k < 340 else COPY
    kind = "profile" if 140 <= k < 260 else "" if 260 <= k < 340 else "post"
    return SOURCE, FIRST + n, _text(PUBLISHED + n * timedelta(milliseconds=1)), work, kind, 30 <= k < 35


def _follows_of_target(numbers: range, followers: int) -> Iterator[Sequence[Any]]:
    at = _text(PUBLISHED - timedelta(days=9))
    return ((TARGET, FIRST + n, at, None, "profile", 0) for n in numbers if 40 <= n % 1000 < 140 or n >= followers)


def _text(at: datetime) -> str:
    return moment(at.isoformat())


def _count(store: Store, query: str) -> int:
    return int(store.one(f"SELECT count(*) AS n FROM ({query})")["n"])
