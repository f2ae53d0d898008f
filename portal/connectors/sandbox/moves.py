"""Moving followers: one span of follows, in one statement.

Each follow of the span is judged once. The follows that go are changed, and those that end are deleted, at the places where
they were found. Should somebody follow, unfollow or confirm at the same moment, fewer are changed than were judged so, and
the span is done again. Followers that stay are found in a small index, so that of millions of accounts few are read.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from portal.connectors.sandbox.answers import answer_once, fetch_rows
from portal.platforms.orders import EXCLUSIONS, MovedPage, MoveOrder
from portal.sandbox.races import ConcurrentChange

# What a statement tells of a span: an outcome, the ground, how many, and whom.
_Row = tuple[str, int | None, int, str]
_END = 2**63 - 1
_GONE = ("moved", "already")
_BY_WORK = "f.post_id = ANY (%(works)s::bigint[])"
# Why a follow was attributable: its work, or less than zero, the place of a moment in `unknown_since`.
_GROUND = """CASE WHEN f.post_id = ANY (%(works)s::bigint[]) THEN f.post_id
        ELSE - width_bucket(f.created_at, %(unknown_since)s::timestamptz[]) END"""
_BY_TIME = "f.post_id IS NULL AND f.source_kind = '' AND f.created_at >= %(unknown_from)s AND f.created_at < %(until)s"
# The last follower of a page, and whether somebody comes after it.
_PAGE_END = """
    SELECT follower_id FROM sandbox_follow WHERE account_id = %(source)s AND follower_id > %(cursor)s
        AND follower_id <= %(last)s
    ORDER BY account_id, follower_id OFFSET %(limit)s - 1 LIMIT 2"""
_RANGES = """
    SELECT max(follower_id) FROM (
        SELECT follower_id, ntile(%(parts)s) OVER (ORDER BY follower_id) AS part FROM sandbox_follow
        WHERE account_id = %(source)s
    ) parts GROUP BY part ORDER BY part"""
# What stands beside a span. Each repeats the span, or the planner would read whole tables.
_STAYS = """sandbox_account a ON a.id = f.follower_id AND (a.closed_at IS NOT NULL OR a.is_bot OR a.is_minor_closed OR a.is_opted_out)
        AND a.id > %(after)s AND a.id <= %(last)s"""
_BOTH = """sandbox_follow t ON t.account_id = %(target)s AND t.follower_id = f.follower_id
        AND t.follower_id > %(after)s AND t.follower_id <= %(last)s"""
_BLOCKS = """sandbox_block b ON b.account_id = %(target)s AND b.by_id = f.follower_id
        AND b.by_id > %(after)s AND b.by_id <= %(last)s"""
# The other way round: the target wants no follow of theirs.
_REFUSES = """sandbox_block r ON r.by_id = %(target)s AND r.account_id = f.follower_id
        AND r.account_id > %(after)s AND r.account_id <= %(last)s"""
# The first reason of EXCLUSIONS that holds is the one that is told.
_JUDGED = f"""
    WITH judged AS MATERIALIZED (
        SELECT f.follower_id, f.ctid AS place, f.order_key, {_GROUND} AS ground, CASE
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
            ELSE 'moved' END AS outcome
        FROM sandbox_follow f LEFT JOIN {_STAYS} LEFT JOIN {_BOTH} LEFT JOIN {_BLOCKS} LEFT JOIN {_REFUSES}
        WHERE f.account_id = %(source)s AND f.follower_id > %(after)s AND f.follower_id <= %(last)s{{named}}
    )"""
_OUTCOMES = """
    SELECT outcome, CASE WHEN outcome IN ('moved', 'already') THEN ground END, count(*),
        CASE WHEN outcome <> 'passed' THEN array_agg(follower_id)::text END
    FROM judged GROUP BY 1, 2"""
# Still as it was judged.
_SAME = """f.ctid = j.place AND f.account_id = %(source)s AND f.follower_id = j.follower_id
        AND f.confirmed_at IS NULL AND f.order_key = j.order_key"""
# `keys`: those whom another order put here, to carry its key again when they are given back. `ended`: the follows that have ended.
_MOVE = f"""{_JUDGED}, moved AS (
        UPDATE sandbox_follow f SET account_id = %(target)s, order_key = %(key)s FROM judged j
        WHERE j.outcome = 'moved' AND {_SAME} RETURNING 1
    ), ended AS (
        DELETE FROM sandbox_follow f USING judged j WHERE j.outcome = 'already' AND {_SAME} RETURNING f.*
    )
    {_OUTCOMES}
    UNION ALL SELECT 'changed', NULL, count(*), NULL FROM moved
    UNION ALL SELECT 'keys', NULL, count(*), coalesce(jsonb_object_agg(follower_id, order_key)::text, '{{{{}}}}')
        FROM judged WHERE outcome = 'moved' AND order_key <> ''
    UNION ALL SELECT 'ended', NULL, count(*), json_build_object(
        'follower_id', array_agg(follower_id)::text, 'created_at', array_agg(created_at)::text,
        'post_id', array_agg(post_id)::text, 'source_kind', array_agg(source_kind)::text,
        'order_key', array_agg(order_key)::text)::text FROM ended"""
_PREVIEW = f"{_JUDGED} {_OUTCOMES}"


def page_end(account_id: str, *, cursor: int, limit: int, last: int | None = None) -> int | None:
    """The last of the next `limit` followers after `cursor`; None if nobody comes after them, up to `last`."""
    values = {"source": int(account_id), "cursor": cursor, "limit": limit, "last": _END if last is None else last}
    rows = fetch_rows(_PAGE_END, values)
    return int(rows[0][0]) if len(rows) == 2 else None


def follower_ranges(account_id: str, *, parts: int) -> list[int]:
    """Ids after which the second and each further one of so many equal parts of the followers begins."""
    return [int(row[0]) for row in fetch_rows(_RANGES, {"source": int(account_id), "parts": parts})[:-1]]


def move_follower_page(
    order: MoveOrder, *, cursor: int, limit: int, last: int | None, check: Callable[[], None]
) -> MovedPage:
    """Carry out the next page of an order, up to `last`. `check` raises what stands against it, unless the page was moved before."""

    def work() -> dict[str, Any] | None:
        check()
        end = page_end(order.source, cursor=cursor, limit=limit, last=last)
        return _move(order, after=cursor, last=last if end is None else end, cursor=end)

    return as_page(answer_once(order.key, "move", cursor, work))


def move_follower_span(order: MoveOrder, *, after: int, last: int | None, check: Callable[[], None]) -> MovedPage:
    """The same for the followers after one id, up to another or to the end."""

    def work() -> dict[str, Any] | None:
        check()
        return _move(order, after=after, last=last, cursor=None)

    return as_page(answer_once(order.key, "move", after, work))


def preview_follower_page(order: MoveOrder, *, cursor: int, limit: int) -> MovedPage:
    """What move_follower_page() would come to now; nothing is changed, and no answer kept."""
    last = page_end(order.source, cursor=cursor, limit=limit)
    answer = _answer(order, _run(_PREVIEW, order, after=cursor, last=last))
    return as_page(answer and {**answer, "cursor": last, "restore_data": ""})


def move_named_followers(order: MoveOrder, followers: Sequence[int]) -> dict[str, Any]:
    """Move these of the source's followers, within the caller's transaction; the answer, to be kept. Raises ConcurrentChange."""
    span = {"after": min(followers) - 1, "last": max(followers)}
    return _move(order, **span, cursor=None, named=followers) or answer_of({}, {})


def _move(
    order: MoveOrder, *, after: int, last: int | None, cursor: int | None, named: Sequence[int] = ()
) -> dict[str, Any] | None:
    """The answer for a span, or for those `named` of it, to be kept; None if nobody is there. Raises ConcurrentChange."""
    rows = _run(_MOVE, order, after=after, last=last, named=named)
    counts: Counter[str] = Counter()
    for outcome, _ground, count, _text in rows:
        counts[outcome] += count
    if counts["moved"] != counts["changed"] or counts["already"] != counts["ended"]:
        raise ConcurrentChange
    answer = _answer(order, rows)
    if answer is None:
        return None
    texts = {outcome: text for outcome, _ground, count, text in rows if count}
    # The follows that have ended, a column an array, and the keys that those carried who moved.
    kept = f'{{"ended": {texts.get("ended", "{}")}, "keys": {texts.get("keys", "{}")}}}'
    return {**answer, "cursor": cursor, "restore_data": kept if {"ended", "keys"} & texts.keys() else ""}


def _run(statement: str, order: MoveOrder, *, after: int, last: int | None, named: Sequence[int] = ()) -> list[_Row]:
    conditions = {
        "attributable": f"{_BY_WORK} OR ({_BY_TIME})" if order.unknown_since else _BY_WORK,
        "ends": "TRUE" if order.effect == "clear" else "t.follower_id IS NOT NULL",
        "named": " AND f.follower_id = ANY (%(named)s::bigint[])" if named else "",
    }
    values = {
        "key": order.key,
        "source": int(order.source),
        "target": int(order.target or 0),
        "works": [int(work) for work in order.work_ids],
        "disputed": [int(work) for work in order.disputed_work_ids],
        "unknown_from": order.unknown_since[0] if order.unknown_since else None,
        "unknown_since": list(order.unknown_since),
        "until": order.until,
        "after": after,
        "last": _END if last is None else last,
        "named": list(named),
    }
    return fetch_rows(statement.format(**conditions), values)


def _answer(order: MoveOrder, rows: Iterable[_Row]) -> dict[str, Any] | None:
    """What the outcomes say of a span; None if nobody is there."""
    found = {
        (outcome, ground): _ids(text) for outcome, ground, _count, text in rows if outcome in (*_GONE, *EXCLUSIONS)
    }
    passed = sum(count for outcome, _ground, count, _text in rows if outcome == "passed")
    if not found and not passed:
        return None
    already = sorted(one for (outcome, _), some in found.items() if outcome == "already" for one in some)
    excluded = {reason: sorted(found[reason, None]) for reason in EXCLUSIONS if (reason, None) in found}
    return {"already": already, "passed": passed, **answer_of(excluded, _grounds(order, found))}


def answer_of(excluded: dict[str, list[int]], grounds: dict[str, Any]) -> dict[str, Any]:
    return {"cursor": None, "excluded": excluded, **(grounds or {"by_work": {}, "by_time": {}})}


def _grounds(order: MoveOrder, found: dict[tuple[str, int | None], list[int]]) -> dict[str, Any]:
    """Followers whose follow ended, by the work or the moment (ISO text) for which it was attributable."""
    by_work: dict[str, list[int]] = {}
    by_time: dict[str, list[int]] = {}
    for (_outcome, ground), followers in found.items():
        if ground is not None and ground > 0:
            by_work.setdefault(str(ground), []).extend(followers)
        elif ground is not None:
            by_time.setdefault(order.unknown_since[-ground - 1].isoformat(), []).extend(followers)
    return {"by_work": by_work, "by_time": by_time}


def as_page(answer: dict[str, Any] | None) -> MovedPage:
    """The page of an answer, in which those who moved stand under their grounds alone."""
    if answer is None:
        return MovedPage(cursor=None)
    by_time = {datetime.fromisoformat(moment): rows for moment, rows in answer.pop("by_time").items()}
    gone = [one for rows in (*answer["by_work"].values(), *by_time.values()) for one in rows]
    already = answer.get("already")
    if not gone and not answer["excluded"] and not answer.get("passed"):
        return MovedPage(cursor=answer["cursor"])
    return MovedPage(**answer, by_time=by_time, moved=sorted(set(gone).difference(already) if already else gone))


def _ids(array: str) -> list[int]:
    """The elements of an array of ids as PostgreSQL writes it, which is read faster than by a general parser."""
    return [*map(int, array[1:-1].split(","))]
