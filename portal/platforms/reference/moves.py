"""Followers of the reference platform: moved page by page, taken back, returned one by one."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from portal.platforms.reference.calls import Call, Json, route
from portal.platforms.reference.store import Problem, Store, moment, number

NO_END = 2**63 - 1
# The next follows of the source: by which ground each is attributable, and what becomes of it.
_PAGE = """
    WITH page AS (
        SELECT f.*, CASE WHEN f.work_id IN (SELECT value FROM json_each(:works)) THEN f.work_id END AS by_work,
            CASE WHEN f.work_id IS NULL AND ifnull(f.kind, '') = '' AND f.created_at < :until THEN
                (SELECT value FROM json_each(:since) WHERE key <= f.created_at ORDER BY key DESC LIMIT 1) END AS by_time
        FROM follow f WHERE f.account_id = :source AND f.follower_id > :cursor AND f.follower_id <= :last
        ORDER BY f.follower_id LIMIT :most)
    SELECT p.follower_id, p.by_work, p.by_time, CASE
        WHEN p.by_work IS NULL AND p.by_time IS NULL THEN 'passed'
        WHEN EXISTS (SELECT 1 FROM block b WHERE b.account_id = :target AND b.by = p.follower_id
            OR b.account_id = p.follower_id AND b.by = :target) THEN 'blocked'
        WHEN p.follower_id = :target THEN 'is_target'
        WHEN a.closed THEN 'closed'
        WHEN a.bot THEN 'bot'
        WHEN a.minor THEN 'minor'
        WHEN p.confirmed THEN 'confirmed'
        WHEN p.work_id IN (SELECT value FROM json_each(:disputed)) THEN 'disputed'
        WHEN EXISTS (SELECT 1 FROM optout o WHERE o.follower_id = p.follower_id) THEN 'opted_out'
        WHEN :clears OR t.follower_id IS NOT NULL THEN 'already'
        ELSE 'moved' END AS outcome
    FROM page p LEFT JOIN account a ON a.id = p.follower_id
    LEFT JOIN follow t ON t.account_id = :target AND t.follower_id = p.follower_id ORDER BY p.follower_id"""
# What some follow now, whether the order has put them there or has ended their follow of the source, and whether they have left that.
_FOLLOWS = """
    SELECT n.value AS follower_id, s.created_at AS source_since, t.follower_id IS NOT NULL AS target,
        json_extract(t.orders, '$[#-1]') IS :key AS moved, e.follower_id IS NOT NULL AS was_ended,
        u.follower_id IS NOT NULL AS has_left, a.closed IS NOT 0 AS is_gone
    FROM json_each(:followers) n LEFT JOIN account a ON a.id = n.value
    LEFT JOIN follow s ON s.account_id = :source AND s.follower_id = n.value
    LEFT JOIN follow t ON t.account_id = :target AND t.follower_id = n.value
    LEFT JOIN ended e ON e.order_key = :key AND e.follower_id = n.value
    LEFT JOIN unfollow u ON u.account_id = :source AND u.follower_id = n.value ORDER BY n.value"""
# What is done to follows; change() adds whose.
_MOVE = "UPDATE follow SET account_id = :target, orders = json_insert(orders, '$[#]', :key) WHERE account_id = :source"
_MOVE_BACK = "UPDATE follow SET account_id = :source, orders = json_remove(orders, '$[#-1]') WHERE account_id = :target"
_KEPT = "follower_id, created_at, work_id, kind, confirmed, orders"
_KEEP = f"INSERT INTO ended SELECT :key, {_KEPT} FROM follow WHERE account_id = :source"  # noqa: S608 -- our own constant
_TAKE_UP = f"INSERT INTO follow SELECT :source, {_KEPT} FROM ended WHERE order_key = :key"  # noqa: S608 -- as above
_END = "DELETE FROM follow WHERE account_id = :source"
_END_TARGET = "DELETE FROM follow WHERE account_id = :target"
CONFIRM = "UPDATE follow SET confirmed = 1, orders = '[]' WHERE account_id = :source"


def read_order(body: Mapping[str, Any]) -> Json:
    """The order of a call as statements take it: ids as numbers, times as they are stored."""
    works, disputed = ([number(one) for one in body.get(name, ())] for name in ("work_ids", "disputed_work_ids"))
    since = {moment(at): at for at in body.get("unknown_since", ())}
    until = moment(body["until"]) if body.get("until") else ""
    order = {"key": body["key"], "until": until, "clears": body.get("effect") == "clear"}
    order |= {name: number(body[name]) for name in ("source", "target")}
    return order | {"works": json.dumps(works), "disputed": json.dumps(disputed), "since": json.dumps(since)}


def next_follows(store: Store, order: Json, *, cursor: int, most: int, last: int = NO_END) -> list[sqlite3.Row]:
    """Follows of the source in the order of their followers' ids, after one of these."""
    store.account(order["source"])
    return store.db.execute(_PAGE, {**order, "cursor": cursor, "most": most, "last": last}).fetchall()


def follows_of(store: Store, order: Json, followers: Iterable[int]) -> list[sqlite3.Row]:
    """What these followers follow now."""
    return store.db.execute(_FOLLOWS, order | {"followers": json.dumps(list(followers))}).fetchall()


def change(store: Store, statement: str, order: Json, followers: Iterable[int]) -> None:
    """Carry out a statement on the follows of some followers."""
    named = f"{statement} AND follower_id IN (SELECT value FROM json_each(:followers))"  # noqa: S608 -- as above
    store.db.execute(named, order | {"followers": json.dumps(list(followers))})


def carry_out(store: Store, order: Json, rows: list[sqlite3.Row]) -> None:
    """Move follows of the source, or end them where their followers follow both; clearing needs no target that is open."""
    if not order["clears"] and store.account(order["target"])["closed"]:
        raise Problem(409, "account_closed")
    moved, already = ([row["follower_id"] for row in rows if row["outcome"] == one] for one in ("moved", "already"))
    change(store, _MOVE, order, moved)
    change(store, _KEEP, order, already)
    change(store, _END, order, already)


def show_page(rows: Iterable[Mapping[str, Any] | sqlite3.Row], cursor: int | None = None) -> Json:
    """A page as it is answered: who went by which ground, and why others stayed."""
    page: Json = {"cursor": cursor, "moved": [], "already": [], "passed": 0}
    page |= {name: {} for name in ("excluded", "by_work", "by_time")}
    for row in rows:
        one, outcome = row["follower_id"], row["outcome"]
        if outcome == "passed":
            page["passed"] += 1
        elif outcome in page:
            ground = "by_work" if row["by_work"] else "by_time"
            page[outcome].append(one)
            page[ground].setdefault(str(row[ground]), []).append(one)
        else:
            page["excluded"].setdefault(outcome, []).append(one)
    return page


def has_chosen(order: Json, row: sqlite3.Row) -> bool:
    """Whether a follower has followed or left one of the two since, has kept the target when asked, or has undone their move."""
    has_left_target = not row["target"] and not order["clears"]
    is_of_order = row["moved"] or row["was_ended"]
    return bool(row["source_since"] or row["has_left"] or has_left_target or not is_of_order)


def put_back(store: Store, order: Json, rows: list[sqlite3.Row]) -> None:
    """Let follows that were moved, or have ended, be as they were."""
    change(store, _MOVE_BACK, order, [row["follower_id"] for row in rows if row["moved"]])
    change(store, _TAKE_UP, order, [row["follower_id"] for row in rows if not row["moved"]])


@route("POST", "followers/move", "followers", once=True)
def move(call: Call) -> Json:
    """One page, in one transaction with its answer."""
    order, limit, last = read_order(call.body["order"]), int(call.body["limit"]), int(call.body.get("last", NO_END))
    rows = next_follows(call.store, order, cursor=int(call.body["cursor"]), most=limit + 1, last=last)
    carry_out(call.store, order, rows[:limit])
    return show_page(rows[:limit], rows[limit - 1]["follower_id"] if len(rows) > limit else None)


@route("POST", "followers/restore", "followers", once=True)
def restore(call: Call) -> Json:
    """Take back a page, or some of it."""
    order, followers = read_order(call.body["order"]), [*call.body["moved"], *call.body["already"]]
    if len(followers) > call.limits["followers_per_page"]:
        raise Problem(413, "too_many")
    is_closed = call.store.account(order["source"])["closed"]
    restored: list[sqlite3.Row] = []
    page: Json = {"overridden": [], "missing": []}
    for row in follows_of(call.store, order, followers):
        if is_closed or row["is_gone"]:
            page["missing"].append(row["follower_id"])
        elif has_chosen(order, row):
            page["overridden"].append(row["follower_id"])
        else:
            restored.append(row)
    put_back(call.store, order, restored)
    return {"restored": len(restored), **page}


@route("POST", "followers/return", "followers", once=True)
def give_back(call: Call) -> Json:
    """One follower's own undo."""
    order, follower = read_order(call.body["order"]), int(call.body["follower_id"])
    (row,) = follows_of(call.store, order, [follower])
    if row["source_since"] and row["moved"]:
        change(call.store, _END_TARGET, order, [follower])
    elif has_chosen(order, row):
        return {"returned": False}
    else:
        put_back(call.store, order, [row])
    change(call.store, CONFIRM, order, [follower])
    return {"returned": True}


@route("GET", "followers/following", "followers")
def following(call: Call) -> Json:
    """What a follower follows now."""
    (row,) = follows_of(call.store, read_order(call.query), [number(call.query["follower_id"])])
    return {"source": bool(row["source_since"]), **{name: bool(row[name]) for name in ("target", "moved")}}
