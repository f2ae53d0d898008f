"""Moving followers: one page of follows, one statement.

The statement judges the page on the snapshot it sees, and writes only rows that are still as it saw
them (`ctid`); where somebody follows, unfollows or confirms at the same moment, the page is done again.
Nothing but moved and ended follows is written. Followers that stay are found in a small index, so that
of millions of accounts few are read.
"""

import json
from typing import Any

from portal.platforms.protocol import EXCLUSIONS, MovedPage, MoveOrder
from portal.sandbox.answers import Raced, ask, once

_BY_WORK = "f.post_id = ANY (%(works)s::bigint[])"
_BY_TIME = "f.post_id IS NULL AND f.source_kind = '' AND f.created_at >= %(unknown_from)s AND f.created_at < %(until)s"
# The first reason of EXCLUSIONS that holds is the one that is told. The joins repeat the span of the
# page, or the planner would read whole tables.
_MOVE = """
    WITH page AS MATERIALIZED (
        SELECT f.follower_id, f.post_id, f.confirmed_at, f.order_key, f.ctid AS place, {attributable} AS attributable
        FROM sandbox_follow f WHERE f.account_id = %(source)s AND f.follower_id > %(after)s
        ORDER BY f.follower_id LIMIT %(limit)s
    ), span AS MATERIALIZED (
        SELECT count(*) AS size, max(follower_id) AS last FROM page
    ), judged AS MATERIALIZED (
        SELECT f.follower_id, f.order_key, f.place, CASE
            WHEN f.attributable IS NOT TRUE THEN 'passed'
            WHEN b.by_id IS NOT NULL THEN 'blocked'
            WHEN f.follower_id = %(target)s THEN 'is_target'
            WHEN a.closed_at IS NOT NULL THEN 'closed'
            WHEN a.is_bot THEN 'bot'
            WHEN a.is_minor_closed THEN 'minor'
            WHEN f.confirmed_at IS NOT NULL THEN 'confirmed'
            WHEN f.post_id = ANY (%(disputed)s::bigint[]) THEN 'disputed'
            WHEN t.follower_id IS NOT NULL THEN 'already'
            ELSE 'moved' END AS verdict
        FROM page f
        LEFT JOIN sandbox_account a ON a.id = f.follower_id
            AND (a.closed_at IS NOT NULL OR a.is_bot OR a.is_minor_closed)
            AND a.id > %(after)s AND a.id <= (SELECT last FROM span)
        LEFT JOIN sandbox_follow t ON t.account_id = %(target)s AND t.follower_id = f.follower_id
            AND t.follower_id > %(after)s AND t.follower_id <= (SELECT last FROM span)
        LEFT JOIN sandbox_block b ON b.account_id = %(target)s AND b.by_id = f.follower_id
            AND b.by_id > %(after)s AND b.by_id <= (SELECT last FROM span)
    ), moved AS (
        UPDATE sandbox_follow f SET account_id = %(target)s, order_key = %(key)s FROM judged j
        WHERE j.verdict = 'moved' AND f.ctid = j.place
          AND f.account_id = %(source)s AND f.follower_id = j.follower_id AND f.confirmed_at IS NULL
        RETURNING f.follower_id
    ), ended AS (
        DELETE FROM sandbox_follow f USING judged j
        WHERE j.verdict = 'already' AND f.ctid = j.place
          AND f.account_id = %(source)s AND f.follower_id = j.follower_id AND f.confirmed_at IS NULL
        RETURNING f.*
    )
    SELECT size,
        CASE WHEN EXISTS (SELECT FROM sandbox_follow f
                          WHERE f.account_id = %(source)s AND f.follower_id > last) THEN last END,
        (SELECT count(*) FROM judged WHERE verdict = 'passed'),
        (SELECT json_object_agg(verdict, followers) FROM (
            SELECT verdict, json_agg(follower_id ORDER BY follower_id) AS followers
            FROM judged WHERE verdict NOT IN ('passed', 'moved') GROUP BY verdict) v)::text,
        (SELECT array_agg(follower_id ORDER BY follower_id) FROM moved),
        (SELECT count(*) FROM ended),
        (SELECT json_agg(e ORDER BY follower_id) FROM (
            SELECT follower_id, created_at, post_id, confirmed_at, source_kind, order_key FROM ended) e)::text,
        (SELECT json_agg(json_build_object('follower_id', follower_id, 'order_key', order_key))
         FROM judged WHERE verdict = 'moved' AND order_key <> '')::text
    FROM span
"""


def move(order: MoveOrder, *, after: int, limit: int) -> MovedPage:
    """Carry out one page of an order whose ids are known to be right."""
    answer = once(order.key, "move", after, lambda: _page(order, after, limit))
    return MovedPage(after=None) if answer is None else MovedPage(**answer)


def _page(order: MoveOrder, after: int, limit: int) -> dict[str, Any] | None:
    by_time = f" OR ({_BY_TIME})" if order.unknown_from is not None else ""
    values = {
        "key": order.key,
        "source": int(order.source),
        "target": int(order.target),
        "works": [int(work) for work in order.work_ids],
        "disputed": [int(work) for work in order.disputed_work_ids],
        "unknown_from": order.unknown_from,
        "until": order.until,
        "after": after,
        "limit": limit,
    }
    size, following, passed, verdicts, moved, ended, ended_rows, keys = ask(
        _MOVE.format(attributable=_BY_WORK + by_time), values
    )
    if not size:
        return None
    judged = json.loads(verdicts or "{}")
    answer = {
        "moved": moved or [],
        "already": judged.get("already", []),
        "excluded": {reason: judged[reason] for reason in EXCLUSIONS if reason in judged},
        "passed": passed,
    }
    staying = passed + sum(map(len, answer["excluded"].values()))
    if len(answer["moved"]) + ended + staying != size:
        raise Raced
    kept = f'{{"ended": {ended_rows or "[]"}, "keys": {keys or "[]"}}}' if ended_rows or keys else ""
    return answer | {"after": following, "kept": kept}
