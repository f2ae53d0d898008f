"""Moving followers: one page of follows, in a few statements of one transaction.

First the span of the page is found. Then the follows that go are changed in one statement, straight from the
index, since they are most; what is left in the span after that stays, and is asked for the reason why. The
follows of those who follow both end with it. Should somebody follow, unfollow or confirm at the same moment,
so that what is left does not add up, the page is done again. Followers that stay are found in a small index,
so that of millions of accounts few are read.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal import clock
from portal.connectors.sandbox.answers import answer_once, fetch_one_row, fetch_rows
from portal.platforms.protocol import EXCLUSIONS, MovedPage, MoveOrder
from portal.sandbox.models import Follow
from portal.sandbox.races import ConcurrentChange

_BY_WORK = "f.post_id = ANY (%(works)s::bigint[])"
# Why a follow was attributable: its work, or less than zero, the place of a moment in `unknown_since`.
_GROUND = """CASE WHEN f.post_id = ANY (%(works)s::bigint[]) THEN f.post_id
        ELSE - width_bucket(f.created_at, %(unknown_since)s::timestamptz[]) END"""
_BY_TIME = "f.post_id IS NULL AND f.source_kind = '' AND f.created_at >= %(unknown_from)s AND f.created_at < %(until)s"
_LAST = """
    SELECT max(follower_id) FROM (
        SELECT follower_id FROM sandbox_follow WHERE account_id = %(source)s AND follower_id > %(cursor)s
        ORDER BY follower_id LIMIT %(limit)s) page"""
_MORE = """
    SELECT count(*) FROM (
        SELECT FROM sandbox_follow WHERE account_id = %(source)s AND follower_id > %(last)s
        ORDER BY account_id, follower_id LIMIT 1) next"""
# What stands beside a page. Each repeats the span, or the planner would read whole tables.
_STAYS = """sandbox_account a ON a.id = f.follower_id AND (a.closed_at IS NOT NULL OR a.is_bot OR a.is_minor_closed OR a.is_opted_out)
        AND a.id > %(cursor)s AND a.id <= %(last)s"""
_BOTH = """sandbox_follow t ON t.account_id = %(target)s AND t.follower_id = f.follower_id
        AND t.follower_id > %(cursor)s AND t.follower_id <= %(last)s"""
_BLOCKS = """sandbox_block b ON b.account_id = %(target)s AND b.by_id = f.follower_id
        AND b.by_id > %(cursor)s AND b.by_id <= %(last)s"""
# The other way round: the target wants no follow of theirs.
_REFUSES = """sandbox_block r ON r.by_id = %(target)s AND r.account_id = f.follower_id
        AND r.account_id > %(cursor)s AND r.account_id <= %(last)s"""
_PAGE = "f.account_id = %(source)s AND f.follower_id > %(cursor)s AND f.follower_id <= %(last)s"
_GOES = f"""{_PAGE} AND f.confirmed_at IS NULL AND f.follower_id <> %(target)s AND ({{attributable}})
        AND (f.post_id = ANY (%(disputed)s::bigint[])) IS NOT TRUE
        AND NOT EXISTS (SELECT FROM {_STAYS.replace(" ON ", " WHERE ", 1)})
        AND NOT EXISTS (SELECT FROM {_BOTH.replace(" ON ", " WHERE ", 1)})
        AND NOT EXISTS (SELECT FROM {_BLOCKS.replace(" ON ", " WHERE ", 1)})
        AND NOT EXISTS (SELECT FROM {_REFUSES.replace(" ON ", " WHERE ", 1)})"""
_MOVE = f"""
    WITH moved AS (
        UPDATE sandbox_follow f SET account_id = %(target)s, order_key = %(key)s
        WHERE {_GOES} AND f.order_key = '' RETURNING f.follower_id, {_GROUND} AS ground
    ) SELECT ground, array_agg(follower_id) FROM moved GROUP BY ground"""
# Those whom another order put here: they keep its key, to carry it again when they are given back.
_MOVE_AGAIN = f"""
    WITH here AS MATERIALIZED (
        SELECT f.follower_id, f.order_key FROM sandbox_follow f WHERE {_GOES} AND f.order_key <> '' FOR UPDATE OF f
    ), moved AS (
        UPDATE sandbox_follow f SET account_id = %(target)s, order_key = %(key)s FROM here
        WHERE f.account_id = %(source)s AND f.follower_id = here.follower_id
        RETURNING f.follower_id, here.order_key
    ) SELECT jsonb_object_agg(follower_id, order_key) FROM moved"""
# Every follow of a page with what becomes of it. The first reason of EXCLUSIONS that holds is the one that is told.
_OUTCOMES = f"""
        SELECT f.follower_id, f.ctid AS place, {_GROUND} AS ground, CASE
            WHEN ({{attributable}}) IS NOT TRUE THEN 'passed'
            WHEN b.by_id IS NOT NULL OR r.by_id IS NOT NULL THEN 'blocked'
            WHEN f.follower_id = %(target)s THEN 'is_target'
            WHEN a.closed_at IS NOT NULL THEN 'closed'
            WHEN a.is_bot THEN 'bot'
            WHEN a.is_minor_closed THEN 'minor'
            WHEN f.confirmed_at IS NOT NULL THEN 'confirmed'
            WHEN f.post_id = ANY (%(disputed)s::bigint[]) THEN 'disputed'
            WHEN a.is_opted_out THEN 'opted_out'
            WHEN {{ends}} THEN 'already'
            WHEN f.order_key <> '' THEN 'again'
            ELSE 'raced' END AS outcome
        FROM sandbox_follow f LEFT JOIN {_STAYS} LEFT JOIN {_BOTH} LEFT JOIN {_BLOCKS} LEFT JOIN {_REFUSES} WHERE {_PAGE}"""
# The same before anybody goes: who would move is not told apart from who follows the target by another order.
_PREVIEW = f"""
    WITH page AS MATERIALIZED ({_OUTCOMES})
    SELECT CASE WHEN outcome IN ('raced', 'again') THEN 'moved' ELSE outcome END, ground, array_agg(follower_id ORDER BY follower_id)
    FROM page GROUP BY 1, 2"""
_REST = f"""
    WITH rest AS MATERIALIZED ({_OUTCOMES}
    ), ended AS (
        DELETE FROM sandbox_follow f USING rest r
        WHERE r.outcome = 'already' AND f.ctid = r.place
          AND f.account_id = %(source)s AND f.follower_id = r.follower_id AND f.confirmed_at IS NULL
        RETURNING f.*
    )
    SELECT (SELECT count(*) FROM rest WHERE outcome = 'passed'),
        (SELECT jsonb_object_agg(outcome, followers) FROM (
            SELECT outcome, jsonb_agg(follower_id ORDER BY follower_id) AS followers
            FROM rest WHERE outcome <> 'passed' GROUP BY outcome) v),
        (SELECT jsonb_object_agg(ground, followers) FROM (
            SELECT ground, jsonb_agg(follower_id) AS followers
            FROM rest WHERE outcome IN ('already', 'again') GROUP BY ground) g),
        (SELECT row_to_json(columns)::text FROM (
            SELECT count(*) AS size, array_agg(follower_id)::text AS follower_id,
                array_agg(created_at)::text AS created_at, array_agg(post_id)::text AS post_id,
                array_agg(source_kind)::text AS source_kind, array_agg(order_key)::text AS order_key
            FROM ended) columns)"""


def move_follower_page(order: MoveOrder, *, cursor: int, limit: int, check: Callable[[], None]) -> MovedPage:
    """Carry out one page of an order. `check` raises what stands against it, unless the page was moved before."""

    def work() -> dict[str, Any] | None:
        check()
        return _page(order, cursor, limit)

    return _as_page(answer_once(order.key, "move", cursor, work))


def _as_page(answer: dict[str, Any] | None) -> MovedPage:
    if answer is None:
        return MovedPage(cursor=None)
    by_time = {datetime.fromisoformat(moment): rows for moment, rows in answer.pop("by_time", {}).items()}
    return MovedPage(**answer, by_time=by_time)


def preview_follower_page(order: MoveOrder, *, cursor: int, limit: int) -> MovedPage:
    """What move_follower_page() would come to now; nothing is changed, and no answer kept."""
    values = _values(order) | {"cursor": cursor, "limit": limit}
    (last,) = fetch_one_row(_LAST, values)
    if last is None:
        return MovedPage(cursor=None)
    values["last"] = last
    outcomes, grounds = defaultdict[str, list[int]](list), defaultdict[int, list[int]](list)
    for outcome, ground, followers in fetch_rows(_PREVIEW.format(**_conditions(order)), values):
        outcomes[outcome] += followers
        if outcome in {"moved", "already"}:
            grounds[ground] += followers
    (more,) = fetch_one_row(_MORE, values)
    by_ground = _grounds(order, grounds, {})
    return MovedPage(
        cursor=last if more else None,
        moved=sorted(outcomes["moved"]),
        already=sorted(outcomes["already"]),
        excluded={reason: sorted(outcomes[reason]) for reason in EXCLUSIONS if outcomes[reason]},
        passed=len(outcomes["passed"]),
        by_work=by_ground["by_work"],
        by_time={datetime.fromisoformat(moment): rows for moment, rows in by_ground["by_time"].items()},
    )


def answer_one_invitation(
    order: MoveOrder, follower_id: int, *, accepted: bool, check: Callable[[], None]
) -> MovedPage:
    """Move one follower who has accepted, or confirm the follow of one who has declined. `check` as above."""

    def work() -> dict[str, Any] | None:
        if not accepted:
            follows = Follow.objects.filter(account_id=int(order.source), follower_id=follower_id)
            kept = follows.update(confirmed_at=clock.now(), order_key="")
            return {"cursor": None, "excluded": {"confirmed": [follower_id]} if kept else {}}
        check()
        if not Follow.objects.filter(account_id=int(order.source), follower_id=follower_id).exists():
            return {"cursor": None}
        return _span(order, _values(order) | {"cursor": follower_id - 1, "last": follower_id}) | {"cursor": None}

    return _as_page(answer_once(order.key, "answer", follower_id, work))


def _conditions(order: MoveOrder) -> dict[str, str]:
    """The parts of the statements that depend on the order: what is attributable, and when only the follow of the source ends."""
    return {
        "attributable": f"{_BY_WORK} OR ({_BY_TIME})" if order.unknown_since else _BY_WORK,
        "ends": "TRUE" if order.effect == "clear" else "t.follower_id IS NOT NULL",
    }


def _page(order: MoveOrder, cursor: int, limit: int) -> dict[str, Any]:
    values = _values(order) | {"cursor": cursor, "limit": limit}
    (last,) = fetch_one_row(_LAST, values)
    if last is None:
        return {"cursor": None}
    values["last"] = last
    page = _span(order, values)
    (more,) = fetch_one_row(_MORE, values)
    return page | {"cursor": last if more else None}


def _span(order: MoveOrder, values: dict[str, Any]) -> dict[str, Any]:
    """Carry out an order for the follows between `cursor` and `last`."""
    conditions = _conditions(order)
    moved = [] if order.effect == "clear" else fetch_rows(_MOVE.format(**conditions), values)
    by_ground = dict(moved)
    passed, by_reason, others, ended = fetch_one_row(_REST.format(**conditions), values)
    by_reason = json.loads(by_reason or "{}")
    ended = json.loads(ended)
    keys = {}
    if "again" in by_reason:
        (again,) = fetch_one_row(_MOVE_AGAIN.format(**conditions), values)
        keys = json.loads(again or "{}")
    already = by_reason.get("already", [])
    if "raced" in by_reason or ended.pop("size") != len(already) or len(keys) != len(by_reason.get("again", [])):
        raise ConcurrentChange
    return {
        "moved": sorted([*(one for rows in by_ground.values() for one in rows), *map(int, keys)]),
        "already": already,
        "excluded": {reason: by_reason[reason] for reason in EXCLUSIONS if reason in by_reason},
        "passed": passed,
        "restore_data": json.dumps({"ended": ended, "keys": keys}) if already or keys else "",
        **_grounds(order, by_ground, json.loads(others or "{}")),
    }


def _grounds(order: MoveOrder, moved: dict[int, list[int]], others: dict[str, list[int]]) -> dict[str, Any]:
    """Followers whose follow ended, by the work or the moment (ISO text) for which it was attributable."""
    for ground, followers in others.items():
        moved[int(ground)] = [*moved.get(int(ground), ()), *followers]
    return {
        "by_work": {str(ground): rows for ground, rows in moved.items() if ground > 0},
        "by_time": {order.unknown_since[-ground - 1].isoformat(): rows for ground, rows in moved.items() if ground < 0},
    }


def _values(order: MoveOrder) -> dict[str, Any]:
    return {
        "key": order.key,
        "source": int(order.source),
        "target": int(order.target or 0),
        "works": [int(work) for work in order.work_ids],
        "disputed": [int(work) for work in order.disputed_work_ids],
        "unknown_from": order.unknown_since[0] if order.unknown_since else None,
        "unknown_since": list(order.unknown_since),
        "until": order.until,
    }
