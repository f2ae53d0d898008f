"""Taking moves back: what an order did is undone, and what followers have chosen since stays."""

import hashlib
import json
from typing import Any

from django.db import connection

from portal import clock
from portal.connectors.sandbox.answers import answer_once, fetch_one_row, fetch_rows
from portal.platforms.orders import MoveOrder, RestoredPage, RestorePage
from portal.sandbox.models import Answer, Follow, Unfollow
from portal.sandbox.races import ConcurrentChange

# The follows that a page has ended, a column an array (moves.py).
_COLUMNS = ("follower_id", "created_at", "post_id", "source_kind", "order_key")
_ENDED = """unnest(%(follower_id)s::bigint[], %(created_at)s::timestamptz[], %(post_id)s::bigint[],
                %(source_kind)s::text[], %(order_key)s::text[])
            AS e (follower_id, created_at, post_id, source_kind, order_key)"""
# Locked, so that it is not closed while followers come back; several pages come back at the same time.
_OPEN_SOURCE = "SELECT 1 FROM sandbox_account WHERE id = %(source)s AND closed_at IS NULL FOR SHARE"
# A follow that still carries the order's key is where the order put it. One that the order ended (by clearing, or because
# they followed both) is gone, and stays gone if the follower has followed the source again, whether or not they have left it since.
_RESTORE = f"""
    WITH asked AS MATERIALIZED (
        SELECT follower_id, 'moved' AS was FROM unnest(%(moved)s::bigint[]) follower_id
        UNION ALL SELECT follower_id, 'ended' FROM unnest(%(already)s::bigint[]) follower_id
    ), keys AS MATERIALIZED (
        SELECT key::bigint AS follower_id, value AS order_key FROM jsonb_each_text(%(keys)s::jsonb)
    ), outcomes AS MATERIALIZED (
        SELECT q.follower_id, q.was, t.ctid AS place, k.order_key, CASE
            WHEN a.closed_at IS NOT NULL THEN 'missing'
            WHEN {{left}}s.follower_id IS NOT NULL OR u.follower_id IS NOT NULL THEN 'overridden'
            WHEN q.was = 'moved' AND t.order_key <> %(key)s THEN 'overridden'
            ELSE 'restored' END AS outcome
        FROM asked q
        LEFT JOIN sandbox_account a ON a.id = q.follower_id AND a.closed_at IS NOT NULL
            AND a.id >= %(first)s AND a.id <= %(last)s
        LEFT JOIN sandbox_follow t ON t.account_id = %(target)s AND t.follower_id = q.follower_id
            AND t.follower_id >= %(first)s AND t.follower_id <= %(last)s
        LEFT JOIN sandbox_follow s ON s.account_id = %(source)s AND s.follower_id = q.follower_id
            AND s.follower_id >= %(first)s AND s.follower_id <= %(last)s
        LEFT JOIN sandbox_unfollow u ON u.account_id = %(source)s AND u.follower_id = q.follower_id
        LEFT JOIN keys k ON k.follower_id = q.follower_id
    ), back AS (
        UPDATE sandbox_follow f SET account_id = %(source)s, order_key = COALESCE(o.order_key, '') FROM outcomes o
        WHERE o.outcome = 'restored' AND o.was = 'moved' AND f.ctid = o.place
          AND f.account_id = %(target)s AND f.follower_id = o.follower_id AND f.order_key = %(key)s
        RETURNING f.follower_id
    ), again AS (
        INSERT INTO sandbox_follow
            (account_id, follower_id, created_at, post_id, source_kind, order_key)
        SELECT %(source)s, e.follower_id, e.created_at, e.post_id, e.source_kind, e.order_key
        FROM {_ENDED}
        JOIN outcomes o ON o.follower_id = e.follower_id AND o.was = 'ended' AND o.outcome = 'restored'
        RETURNING follower_id
    )
    SELECT (SELECT count(*) FROM outcomes WHERE outcome = 'restored'),
           (SELECT count(*) FROM back) + (SELECT count(*) FROM again),
           (SELECT array_agg(follower_id ORDER BY follower_id) FROM outcomes WHERE outcome = 'overridden'),
           (SELECT array_agg(follower_id ORDER BY follower_id) FROM outcomes WHERE outcome = 'missing')
"""

_FOLLOW_AGAIN = f"""
    INSERT INTO sandbox_follow (account_id, follower_id, created_at, post_id, source_kind, order_key, confirmed_at)
    SELECT %(source)s, e.follower_id, e.created_at, e.post_id, e.source_kind, e.order_key, %(now)s
    FROM {_ENDED} WHERE e.follower_id = %(follower)s"""


def restore_follower_page(order: MoveOrder, page: RestorePage) -> RestoredPage:
    """Take one page of an order back, as far as the followers have not chosen otherwise."""
    followers = [*page.moved, *page.already]
    if not followers:
        return RestoredPage(restored=0)
    answer = answer_once(order.key, "restore", _digest(page), lambda: _page(order, page, followers))
    assert answer is not None  # noqa: S101 -- a page that is asked for has an answer
    return RestoredPage(**answer)


def _page(order: MoveOrder, page: RestorePage, followers: list[int]) -> dict[str, Any]:
    if not fetch_rows(_OPEN_SOURCE, {"source": int(order.source)}):
        return {"restored": 0, "missing": sorted(followers)}
    restore_data = json.loads(page.restore_data or "{}")
    values = {
        "key": order.key,
        "source": int(order.source),
        "target": int(order.target or 0),
        "moved": list(page.moved),
        "already": list(page.already),
        "keys": json.dumps(restore_data.get("keys", {})),
        **_columns(restore_data),
        "first": min(followers),
        "last": max(followers),
    }
    left = "" if order.effect == "clear" else "t.follower_id IS NULL OR "
    expected, done, overridden, missing = fetch_one_row(_RESTORE.format(left=left), values)
    if expected != done:
        raise ConcurrentChange
    return {"restored": done, "overridden": overridden or [], "missing": missing or []}


def _columns(restore_data: dict[str, Any]) -> dict[str, str]:
    """The columns of the ended follows of a page, empty if there are none."""
    ended = restore_data.get("ended", {})
    return {name: ended.get(name) or "{}" for name in _COLUMNS}


def _digest(page: RestorePage) -> int:
    text = json.dumps([list(page.moved), list(page.already)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def return_one_follower(order: MoveOrder, follower_id: int) -> bool:
    """Undo one follower's move: their follow of the source is as it was, and confirmed. Asked again, it says so again."""

    def work() -> dict[str, Any] | None:
        return {"undone": True} if _return_one_follower(order, follower_id) else None

    return answer_once(order.key, "return", follower_id, work) is not None


def _return_one_follower(order: MoveOrder, follower_id: int) -> bool:
    source, target = int(order.source), int(order.target or 0)
    has_source = Follow.objects.filter(account_id=source, follower_id=follower_id).exists()
    put = Follow.objects.filter(account_id=target, follower_id=follower_id)
    if put.filter(order_key=order.key).exists():
        # If they have followed the source again meanwhile, that follow stands and the order's ends.
        if has_source:
            put.delete()
            Follow.objects.filter(account_id=source, follower_id=follower_id).update(confirmed_at=clock.now())
        else:
            put.update(account_id=source, order_key="", confirmed_at=clock.now())
        return True
    stays = order.effect == "clear" or put.exists()
    return stays and not has_source and _follow_again(order, follower_id)


def _follow_again(order: MoveOrder, follower_id: int) -> bool:
    """Take up a follow that the order has ended without moving it."""
    source = int(order.source)
    if Unfollow.objects.filter(account_id=source, follower_id=follower_id).exists():
        return False
    answers = Answer.objects.filter(key=order.key)
    own = answers.filter(call="answer", first=follower_id)
    pages = answers.filter(call="move", first__lt=follower_id).order_by("-first")
    given = (own.first() or pages.first() or Answer(given="")).given
    restore_data = json.loads(json.loads(given).get("restore_data") or "{}") if given else {}
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLLOW_AGAIN, _columns(restore_data) | {"source": source, "follower": follower_id, "now": clock.now()}
        )
        return bool(cursor.rowcount == 1)
