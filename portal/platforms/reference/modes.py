"""What a platform may serve of followers besides moving them back and forth; leave out what you do not need."""

import sqlite3
from functools import partial

from portal.platforms.reference import moves
from portal.platforms.reference.calls import Call, Json, route
from portal.platforms.reference.store import Store, number


@route("GET", "accounts/{}/ranges", "followers")
def ranges(call: Call, account_id: str) -> Json:
    """Where to divide the followers of an account, so that the parts can be moved side by side."""
    account = call.store.account(account_id)["id"]
    parts = max(1, min(number(call.query["parts"]), call.limits["ranges_at_once"]))
    count = call.store.one("SELECT count(*) AS n FROM follow WHERE account_id = ?", account)["n"]
    size = max(1, -(-count // parts))
    at = "SELECT follower_id FROM follow WHERE account_id = ? ORDER BY follower_id LIMIT 1 OFFSET ?"
    return {"after": [call.store.one(at, account, place)[0] for place in range(size - 1, count - 1, size)]}


@route("POST", "followers/preview", "followers", "previews")
def preview(call: Call) -> Json:
    """What a page would come to: it is moved, and that is undone."""
    call.store.db.execute("SAVEPOINT preview")
    page: Json = moves.move(call)
    call.store.db.execute("ROLLBACK TO preview")
    return page


@route("POST", "followers/answers?", "followers", "invitations", once=True)
def answer_invitations(call: Call) -> Json:
    """Move followers who have accepted, or confirm the follows of those who have not.

    What became of each is kept with them, too, so that their first answer stands in whichever call they are named again.
    """
    order, accepted, answers = moves.read_order(call.body["order"]), bool(call.body["accepted"]), []
    for one in sorted(call.body.get("followers") or [call.body["follower_id"]]):
        work = partial(_answer, call.store, order, int(one), accepted=accepted)
        answers += call.store.answer_once(f"answer:{order['key']}:{one}", work)
    return moves.show_page(answers)


def _answer(store: Store, order: Json, one: int, *, accepted: bool) -> list[Json]:
    """What became of one follower; nothing, if they do not follow the source any more."""
    rows = moves.next_follows(store, order, cursor=one - 1, most=1, last=one)
    if accepted:
        moves.carry_out(store, order, rows)
        return [dict(row) for row in rows]
    moves.change(store, moves.CONFIRM, order, [one])
    return [{"follower_id": one, "outcome": "confirmed"}] if rows else []


@route("PUT", "followers/{}/opt-out", "followers", "opt_outs")
def opt_out(call: Call, follower: str) -> None:
    """No order changes this follower's follows from now on."""
    call.store.db.execute("INSERT OR IGNORE INTO optout VALUES (?)", (call.store.account(follower)["id"],))


@route("DELETE", "followers/{}/opt-out", "followers", "opt_outs")
def opt_in(call: Call, follower: str) -> None:
    """Orders may again."""
    call.store.db.execute("DELETE FROM optout WHERE follower_id = ?", (call.store.account(follower)["id"],))


@route("POST", "followers/states", "followers", "states")
def follow_states(call: Call) -> Json:
    """What each of these follows now, but for those whose account is closed or gone."""
    rows = moves.follows_of(call.store, moves.read_order(call.body["order"]), call.body["followers"])
    return {"states": [_show_state(row) for row in rows if not row["is_gone"]]}


def _show_state(row: sqlite3.Row) -> Json:
    own = {name: row[name] for name in ("follower_id", "source_since")}
    return own | {name: bool(row[name]) for name in ("target", "moved")}
