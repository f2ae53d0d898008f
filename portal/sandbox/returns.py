"""Taking moves back: what an order did is undone, and what followers have chosen since stays."""

import hashlib
import json
from typing import Any

from portal import clock
from portal.platforms.protocol import MoveOrder, RestoredPage, RestorePage
from portal.sandbox.answers import Raced, ask, once, until_quiet
from portal.sandbox.models import Account, Answer, Follow, Unfollow

# A follow that still carries the order's key is where the order put it. One that the order ended
# is gone, and stays gone if she has followed the source again, whether or not she has left it since.
_RESTORE = """
    WITH asked AS MATERIALIZED (
        SELECT follower_id, 'moved' AS was FROM unnest(%(moved)s::bigint[]) follower_id
        UNION ALL SELECT follower_id, 'ended' FROM unnest(%(already)s::bigint[]) follower_id
    ), keys AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(keys)s::jsonb) AS k (follower_id bigint, order_key text)
    ), ended AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(ended)s::jsonb) AS e (follower_id bigint, created_at timestamptz,
            post_id bigint, confirmed_at timestamptz, source_kind text, order_key text)
    ), judged AS MATERIALIZED (
        SELECT q.follower_id, q.was, t.ctid AS place, COALESCE(e.order_key, k.order_key, '') AS order_key,
            e.created_at, e.post_id, e.confirmed_at, e.source_kind, CASE
            WHEN a.closed_at IS NOT NULL THEN 'gone'
            WHEN t.follower_id IS NULL OR s.follower_id IS NOT NULL OR u.follower_id IS NOT NULL THEN 'chose'
            WHEN q.was = 'moved' AND t.order_key <> %(key)s THEN 'chose'
            ELSE 'restored' END AS verdict
        FROM asked q
        LEFT JOIN sandbox_account a ON a.id = q.follower_id AND a.closed_at IS NOT NULL
            AND a.id >= %(first)s AND a.id <= %(last)s
        LEFT JOIN sandbox_follow t ON t.account_id = %(target)s AND t.follower_id = q.follower_id
            AND t.follower_id >= %(first)s AND t.follower_id <= %(last)s
        LEFT JOIN sandbox_follow s ON s.account_id = %(source)s AND s.follower_id = q.follower_id
            AND s.follower_id >= %(first)s AND s.follower_id <= %(last)s
        LEFT JOIN sandbox_unfollow u ON u.account_id = %(source)s AND u.follower_id = q.follower_id
        LEFT JOIN keys k ON k.follower_id = q.follower_id
        LEFT JOIN ended e ON e.follower_id = q.follower_id AND q.was = 'ended'
    ), back AS (
        UPDATE sandbox_follow f SET account_id = %(source)s, order_key = j.order_key FROM judged j
        WHERE j.verdict = 'restored' AND j.was = 'moved' AND f.ctid = j.place
          AND f.account_id = %(target)s AND f.follower_id = j.follower_id AND f.order_key = %(key)s
        RETURNING f.follower_id
    ), again AS (
        INSERT INTO sandbox_follow
            (account_id, follower_id, created_at, post_id, confirmed_at, source_kind, order_key)
        SELECT %(source)s, follower_id, created_at, post_id, confirmed_at, source_kind, order_key
        FROM judged WHERE was = 'ended' AND verdict = 'restored'
        RETURNING follower_id
    )
    SELECT (SELECT count(*) FROM judged WHERE verdict = 'restored'),
           (SELECT count(*) FROM back) + (SELECT count(*) FROM again),
           (SELECT array_agg(follower_id ORDER BY follower_id) FROM judged WHERE verdict = 'chose'),
           (SELECT array_agg(follower_id ORDER BY follower_id) FROM judged WHERE verdict = 'gone')
"""


def restore(order: MoveOrder, page: RestorePage) -> RestoredPage:
    """Take one page of an order back, as far as the followers have not chosen otherwise."""
    followers = [*page.moved, *page.already]
    if not followers:
        return RestoredPage(restored=0)
    answer = once(order.key, "restore", _digest(page), lambda: _page(order, page, followers))
    assert answer is not None  # noqa: S101 -- a page that is asked for has an answer
    return RestoredPage(**answer)


def _page(order: MoveOrder, page: RestorePage, followers: list[int]) -> dict[str, Any]:
    # Locked, so that it is not closed while followers come back.
    source = Account.objects.select_for_update(no_key=True).filter(pk=int(order.source), closed_at=None)
    if source.first() is None:
        return {"restored": 0, "gone": sorted(followers)}
    kept = json.loads(page.kept or "{}")
    values = {
        "key": order.key,
        "source": int(order.source),
        "target": int(order.target),
        "moved": list(page.moved),
        "already": list(page.already),
        "ended": json.dumps(kept.get("ended", [])),
        "keys": json.dumps(kept.get("keys", [])),
        "first": min(followers),
        "last": max(followers),
    }
    wanted, done, chose, gone = ask(_RESTORE, values)
    if wanted != done:
        raise Raced
    return {"restored": done, "chose": chose or [], "gone": gone or []}


def _digest(page: RestorePage) -> int:
    text = json.dumps([list(page.moved), list(page.already)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def give_back(order: MoveOrder, follower_id: int) -> bool:
    """Let one follower take her own move back: her follow of the source is as it was, hers again, and confirmed."""
    return until_quiet(lambda: _give_back(order, follower_id))


def _give_back(order: MoveOrder, follower_id: int) -> bool:
    source, target = int(order.source), int(order.target)
    has_source = Follow.objects.filter(account_id=source, follower_id=follower_id).exists()
    put = Follow.objects.filter(account_id=target, follower_id=follower_id)
    if put.filter(order_key=order.key).exists():
        # If she has followed the source again meanwhile, that follow stands and the order's ends.
        if has_source:
            put.delete()
            Follow.objects.filter(account_id=source, follower_id=follower_id).update(confirmed_at=clock.now())
        else:
            put.update(account_id=source, order_key="", confirmed_at=clock.now())
        return True
    return put.exists() and not has_source and _follow_again(order, follower_id)


def _follow_again(order: MoveOrder, follower_id: int) -> bool:
    """Take up a follow that the order has ended because she followed the target, too."""
    row = _ended(order, follower_id)
    left = Unfollow.objects.filter(account_id=int(order.source), follower_id=follower_id)
    if row is None or left.exists():
        return False
    Follow.objects.create(account_id=int(order.source), **row | {"confirmed_at": clock.now()})
    return True


def _ended(order: MoveOrder, follower_id: int) -> dict[str, Any] | None:
    pages = Answer.objects.filter(key=order.key, call="move", first__lt=follower_id)
    given = pages.order_by("-first").values_list("given", flat=True).first()
    kept = json.loads(json.loads(given)["kept"] or "{}") if given else {}
    return next((row for row in kept.get("ended", []) if row["follower_id"] == follower_id), None)
