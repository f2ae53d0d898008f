"""Followers of the reference platform: moved page by page, taken back, returned one by one."""

import json
import sqlite3
from collections import defaultdict
from typing import Any

from portal.platforms.reference.store import Problem, Store, moment, number

Json = dict[str, Any]
# Every follow of a page, with what decides on it.
PAGE = """
    SELECT f.*, a.closed, a.bot, a.minor, t.follower_id AS both, EXISTS (SELECT 1 FROM block b
        WHERE b.account_id = :target AND b.by = f.follower_id OR b.account_id = f.follower_id AND b.by = :target) AS blocked,
        EXISTS (SELECT 1 FROM optout o WHERE o.follower_id = f.follower_id) AS opted_out
    FROM follow f LEFT JOIN account a ON a.id = f.follower_id
    LEFT JOIN follow t ON t.account_id = :target AND t.follower_id = f.follower_id
    WHERE f.account_id = :source AND f.follower_id > :cursor AND f.follower_id <= :last ORDER BY f.follower_id LIMIT :limit + 1"""
EDGE = "account_id = ? AND follower_id = ?"
NO_END = 2**63 - 1


class Order:
    """The order of a call: ids as numbers, times as they are stored."""

    def __init__(self, body: Json) -> None:
        self.key, self.source, self.target = body["key"], number(body["source"]), number(body["target"])
        self.works, self.disputed = (set(map(number, body.get(name, ()))) for name in ("work_ids", "disputed_work_ids"))
        self.since = {moment(at): at for at in body.get("unknown_since", ())}
        self.clears = body.get("effect") == "clear"
        self.until = moment(body["until"]) if body.get("until") else ""

    def ground(self, row: sqlite3.Row) -> tuple[str, str] | None:
        """Why a follow is attributable: by_work and the work, or by_time and the moment as it was given; or None."""
        if row["work_id"] is not None:
            return ("by_work", str(row["work_id"])) if row["work_id"] in self.works else None
        before = [at for at in self.since if at <= row["created_at"]]
        if row["kind"] or not before or row["created_at"] >= self.until:
            return None
        return "by_time", self.since[max(before)]


def move(store: Store, body: Json) -> Json:
    return store.answer_once(lambda: move_page(store, Order(body["order"]), body))


def move_page(store: Store, order: Order, body: Json) -> Json:
    """Move one page, within the caller's transaction."""
    span = {name: int(body.get(name, NO_END)) for name in ("cursor", "limit", "last")}
    store.one("SELECT 1 FROM account WHERE id = ?", order.source)
    require_open_target(store, order)
    rows = store.db.execute(PAGE, {"source": order.source, "target": order.target, **span}).fetchall()
    more, rows = rows[span["limit"] :], rows[: span["limit"]]
    return move_rows(store, order, rows) | {"cursor": rows[-1]["follower_id"] if more else None}


def require_open_target(store: Store, order: Order) -> None:
    """Refuse a move to an account that is closed; clearing needs none."""
    if not order.clears and store.one("SELECT closed FROM account WHERE id = ?", order.target)["closed"]:
        raise Problem(409, "account_closed")


def move_rows(store: Store, order: Order, page: list[sqlite3.Row]) -> Json:
    """Move these follows, as far as the rules let them go."""
    outcomes, passed = defaultdict[str, list[int]](list), 0
    grounds: dict[str, dict[str, list[int]]] = {"by_work": defaultdict(list), "by_time": defaultdict(list)}
    for row in page:
        ground = order.ground(row)
        if ground is None:
            passed += 1
            continue
        outcome = _outcome(order, row)
        outcomes[outcome].append(row["follower_id"])
        if outcome in {"moved", "already"}:
            grounds[ground[0]][ground[1]].append(row["follower_id"])
            _end_follow(store, order, row, outcome)
    moved, already = (outcomes.pop(name, []) for name in ("moved", "already"))
    return {"cursor": None, "moved": moved, "already": already, "excluded": outcomes, "passed": passed, **grounds}


def _outcome(order: Order, row: sqlite3.Row) -> str:
    """moved, already, or the first reason that keeps an attributable follow."""
    holds = {
        "blocked": row["blocked"],
        "is_target": row["follower_id"] == order.target,
        "closed": row["closed"],
        "bot": row["bot"],
        "minor": row["minor"],
        "confirmed": row["confirmed"],
        "disputed": row["work_id"] in order.disputed,
        "opted_out": row["opted_out"],
        "already": order.clears or row["both"] is not None,
    }
    return next((outcome for outcome, so in holds.items() if so), "moved")


def _end_follow(store: Store, order: Order, row: sqlite3.Row, outcome: str) -> None:
    edge = (order.source, row["follower_id"])
    if outcome == "already":
        ended = (order.key, *(row[name] for name in ("follower_id", *_KEPT)))
        store.db.execute("INSERT INTO ended VALUES (?, ?, ?, ?, ?, ?, ?)", ended)
        store.db.execute(f"DELETE FROM follow WHERE {EDGE}", edge)  # noqa: S608 -- our own constant
    else:
        _put(store, edge, order.target, [*json.loads(row["orders"]), order.key])


_KEPT = ("created_at", "work_id", "kind", "confirmed", "orders")


def restore(store: Store, body: Json) -> Json:
    """Take back a page, or some of it."""
    order, followers = Order(body["order"]), sorted([*body["moved"], *body["already"]])
    return store.answer_once(lambda: _restore(store, order, followers, set(body["moved"])))


def _restore(store: Store, order: Order, followers: list[int], moved: set[int]) -> Json:
    if len(followers) > store.most_followers:
        raise Problem(413, "too_many")
    outcomes = defaultdict[str, list[int]](list)
    source_closed = store.one("SELECT closed FROM account WHERE id = ?", order.source)["closed"]
    for one in followers:
        if source_closed or store.rows("SELECT 1 FROM account WHERE id = ? AND closed", one):
            outcomes["missing"].append(one)
        elif _has_chosen(store, order, one, moved=one in moved):
            outcomes["overridden"].append(one)
        else:
            _put_back(store, order, one)
            outcomes["restored"].append(one)
    return {"restored": len(outcomes["restored"]), **{name: outcomes[name] for name in ("overridden", "missing")}}


def give_back(store: Store, body: Json) -> Json:
    """One follower's own undo; once it was done, it is answered the same."""
    order, one = Order(body["order"]), int(body["follower_id"])
    return store.answer_once(lambda: {"returned": _give_back(store, order, one)}, keep="returned")


def _give_back(store: Store, order: Order, one: int) -> bool:
    own, was_ended = (
        _is_of(store, order, one),
        store.rows("SELECT 1 FROM ended WHERE order_key = ? AND follower_id = ?", order.key, one),
    )
    if _follow(store, order.source, one) and own:
        store.db.execute(f"DELETE FROM follow WHERE {EDGE}", (order.target, one))  # noqa: S608 -- as above
    elif _has_chosen(store, order, one, moved=not was_ended):
        return False
    else:
        _put_back(store, order, one)
    store.db.execute(f"UPDATE follow SET orders = '[]', confirmed = 1 WHERE {EDGE}", (order.source, one))  # noqa: S608
    return True


def following(store: Store, query: dict[str, str]) -> Json:
    """What a follower follows now."""
    order, one = Order(query), number(query["follower_id"])
    source, target = (_follow(store, account, one) is not None for account in (order.source, order.target))
    return {"source": source, "target": target, "moved": _is_of(store, order, one)}


def _follow(store: Store, account: int, follower: int) -> sqlite3.Row | None:
    return next(iter(store.rows(f"SELECT * FROM follow WHERE {EDGE}", account, follower)), None)  # noqa: S608


def _is_of(store: Store, order: Order, follower: int) -> bool:
    """Whether the order put the follower's follow of the target there."""
    row = _follow(store, order.target, follower)
    return row is not None and json.loads(row["orders"])[-1:] == [order.key]


def _has_chosen(store: Store, order: Order, follower: int, *, moved: bool) -> bool:
    left = store.rows(f"SELECT 1 FROM unfollow WHERE {EDGE}", order.source, follower)  # noqa: S608
    gone = not order.clears and not _follow(store, order.target, follower)
    if left or gone or _follow(store, order.source, follower):
        return True
    return moved and not _is_of(store, order, follower)


def _put_back(store: Store, order: Order, follower: int) -> None:
    row = _follow(store, order.target, follower)
    if row is not None and _is_of(store, order, follower):
        _put(store, (order.target, follower), order.source, json.loads(row["orders"])[:-1])
        return
    store.db.execute(
        "INSERT INTO follow SELECT ?, follower_id, created_at, work_id, kind, confirmed, orders FROM ended"
        " WHERE order_key = ? AND follower_id = ?",
        (order.source, order.key, follower),
    )


def _put(store: Store, edge: tuple[int, int], account: int, orders: list[str]) -> None:
    """Let a follow, as it is, be one of another account."""
    changed = (account, json.dumps(orders), *edge)
    store.db.execute(f"UPDATE follow SET account_id = ?, orders = ? WHERE {EDGE}", changed)  # noqa: S608
