"""What a platform may serve of followers besides moving them back and forth; leave out what you do not need."""

import json
from functools import partial

from portal.platforms.reference.moves import EDGE, NO_END, PAGE, Json, Order, move_page, move_rows, require_open_target
from portal.platforms.reference.store import Problem, Store, number

LIMITS = {"answers_per_call": 2000, "ranges_at_once": 8, "messages_per_call": 10_000}
ABILITIES = ("previews", "clearing", "invitations", "opt_outs", "states")
# How the paths of calls end that need more than `followers`.
_NEEDS = {
    "preview": "previews",
    "answer": "invitations",
    "answers": "invitations",
    "opt-out": "opt_outs",
    "states": "states",
}


def require_served(path: str, serves: list[str]) -> None:
    """Refuse a call about followers that is not declared."""
    needed = _NEEDS.get(path.rpartition("/")[2], "followers")
    if path.startswith("/v1/followers/") and not {"followers", needed} <= set(serves):
        raise Problem(403, "not_served")


def ranges(store: Store, account_id: str, query: dict[str, str]) -> Json:
    """Where to divide the followers of an account, so that the parts can be moved side by side."""
    account, parts = number(account_id), max(1, min(number(query["parts"]), LIMITS["ranges_at_once"]))
    store.one("SELECT 1 FROM account WHERE id = ?", account)
    count = store.one("SELECT count(*) AS n FROM follow WHERE account_id = ?", account)["n"]
    size = max(1, -(-count // parts))
    places = range(size - 1, count - 1, size)
    at = "SELECT follower_id FROM follow WHERE account_id = ? ORDER BY follower_id LIMIT 1 OFFSET ?"
    return {"after": [row["follower_id"] for place in places for row in store.rows(at, account, place)]}


def preview(store: Store, body: Json) -> Json:
    """What a page would come to: it is moved, and that is undone."""
    store.db.execute("SAVEPOINT preview")
    answer = move_page(store, Order(body["order"]), body)
    store.db.execute("ROLLBACK TO preview")
    return answer


def answer_invitations(store: Store, body: Json) -> Json:
    """Move followers who have accepted, or confirm the follows of those who have not; the first answer of each stands.

    What became of each is kept with them, not with the call, so that any list is answered alike.
    """
    order = Order(body["order"])
    page: Json = json.loads(_NOBODY)
    for one in sorted(map(int, body.get("followers") or [body["follower_id"]])):
        work = partial(_answer, store, order, one, accepted=bool(body["accepted"]))
        answer = store.answer_once(work, key=f"answer:{order.key}:{one}")
        for name in ("moved", "already"):
            page[name] += answer[name]
        for name in ("excluded", "by_work", "by_time"):
            for key, followers in answer[name].items():
                page[name].setdefault(key, []).extend(followers)
        page["passed"] += answer["passed"]
    return page


def _answer(store: Store, order: Order, one: int, *, accepted: bool) -> Json:
    store.one("SELECT 1 FROM account WHERE id = ?", order.source)
    values = {"source": order.source, "target": order.target, "cursor": one - 1, "limit": 0, "last": NO_END}
    rows = [row for row in store.db.execute(PAGE, values).fetchall() if row["follower_id"] == one]
    if accepted:
        require_open_target(store, order)
        return move_rows(store, order, rows)
    kept = f"UPDATE follow SET confirmed = 1, orders = '[]' WHERE {EDGE}"  # noqa: S608 -- our own constant
    store.db.execute(kept, (order.source, one))
    return move_rows(store, order, []) | {"excluded": {"confirmed": [one]} if rows else {}}


def opt_out(store: Store, follower: str) -> None:
    """No order changes this follower's follows from now on."""
    store.one("SELECT 1 FROM account WHERE id = ?", number(follower))
    store.db.execute("INSERT OR IGNORE INTO optout VALUES (?)", (number(follower),))


def opt_in(store: Store, follower: str) -> None:
    """Orders may again."""
    store.one("SELECT 1 FROM account WHERE id = ?", number(follower))
    store.db.execute("DELETE FROM optout WHERE follower_id = ?", (number(follower),))


def follow_states(store: Store, body: Json) -> Json:
    """What each of these follows now, but for those whose account is closed or gone."""
    order, asked = Order(body["order"]), json.dumps(body["followers"])
    rows = store.db.execute(_STATES, {"source": order.source, "target": order.target, "asked": asked}).fetchall()
    return {
        "states": [
            {
                "follower_id": row["id"],
                "source_since": row["since"],
                "target": row["orders"] is not None,
                "moved": json.loads(row["orders"] or "[]")[-1:] == [order.key],
            }
            for row in rows
        ]
    }


_NOBODY = '{"cursor": null, "moved": [], "already": [], "excluded": {}, "passed": 0, "by_work": {}, "by_time": {}}'
_STATES = """
    SELECT a.id, s.created_at AS since, t.orders FROM account a JOIN json_each(:asked) asked ON asked.value = a.id
    LEFT JOIN follow s ON s.account_id = :source AND s.follower_id = a.id
    LEFT JOIN follow t ON t.account_id = :target AND t.follower_id = a.id
    WHERE NOT a.closed ORDER BY a.id"""
