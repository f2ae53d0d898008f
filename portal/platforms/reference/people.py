"""Accounts and works of the reference platform, and what the portal does to them."""

import json
import sqlite3

from portal.platforms.messages import PersonalLink
from portal.platforms.reference.calls import Call, Json, route
from portal.platforms.reference.store import Problem, Store, moment, now, number

# Removals of works; restrictions, labels and messages of accounts: all are kept and answered alike.
MARK = "(?:works|accounts)/{}/(removals|restrictions|labels|messages)/{}"


@route("GET", "accounts/{}")
def account(call: Call, account_id: str) -> Json:
    return _show_account(call, call.store.account(account_id))


@route("GET", "accounts")
def find_account(call: Call) -> Json:
    handle = call.query.get("handle") or call.query.get("address", "").removeprefix(f"{call.site}/@").rstrip("/")
    return _show_account(call, call.store.one("SELECT * FROM account WHERE handle = ?", handle.lower()))


@route("GET", "accounts/{}/profile")
def profile(call: Call, account_id: str) -> Json:
    return {"text": call.store.account(account_id)["bio"]}


@route("GET", "accounts/{}/signals", "signals")
def signals(call: Call, account_id: str) -> Json:
    row = call.store.account(account_id)
    return {name: json.loads(row[name]) for name in ("devices", "payees")}


@route("GET", "works/{}")
def work(call: Call, work_id: str) -> Json:
    return _show_work(call, call.store.work(work_id))


@route("GET", "works")
def find_work(call: Call) -> Json:
    work_id = call.query.get("address", "").removeprefix(f"{call.site}/works/").rstrip("/")
    return _show_work(call, call.store.work(work_id))


@route("GET", "accounts/{}/works")
def works_of(call: Call, account_id: str) -> Json:
    """A page of works. Its cursor is the time and the id of its last one, so that works published meanwhile move none."""
    at, after = (call.query.get("cursor") or "~0").split("~", 1)
    since, until = (moment(call.query[name]) if call.query.get(name) else "" for name in ("since", "until"))
    most = call.limits["works_per_page"]
    limit = min(number(call.query.get("limit", most)) or 1, most)
    rows = call.store.rows(
        "SELECT * FROM work WHERE account_id = ? AND published_at >= ? AND published_at < ? AND (published_at, id) > (?, ?)"
        " ORDER BY published_at, id LIMIT ?",
        *(call.store.account(account_id)["id"], since, until or "9", at, number(after), limit + 1),
    )
    page = rows[:limit]
    more = f"{page[-1]['published_at']}~{page[-1]['id']}" if len(rows) > limit else None
    return {"works": [_show_work(call, row) for row in page], "cursor": more}


@route("GET", "works/{}/media")
def media(call: Call, work_id: str) -> bytes:
    row = call.store.work(work_id)
    if row["deleted"] or row["media"] is None:
        raise Problem(404, "not_found", "the video was deleted")
    return bytes(row["media"])


@route("GET", MARK)
def mark(call: Call, owner: str, kind: str, key: str) -> Json:
    """Whether it holds, and what it says; nothing is removed any more of a work that was deleted."""
    found = [one for one in marks(call.store, kind, _owner(call.store, kind, owner)) if one["key"] == key]
    if kind == "removals" and call.store.work(owner)["deleted"]:
        found = []
    return {"holds": bool(found), **(found[0] if found else {})}


@route("PUT", MARK)
def put_mark(call: Call, owner: str, kind: str, key: str) -> None:
    """A label is replaced; another that is there, or was taken back, stays so."""
    if kind not in call.serves:
        raise Problem(403, "not_served")
    _put_mark(call.store, kind, owner, key, call.body)


@route("DELETE", MARK)
def end_mark(call: Call, owner: str, kind: str, key: str) -> None:
    """Take it back; one that comes later than that does nothing."""
    values = (kind, _owner(call.store, kind, owner), key)
    call.store.db.execute("INSERT INTO mark VALUES (?, ?, ?, '{}', 1) ON CONFLICT DO UPDATE SET ended = 1", values)


@route("POST", "messages", "messages", once=True)
def send_messages(call: Call) -> Json:
    """One message for many followers, each with a link of their own; tells who is not there."""
    link = PersonalLink.from_json(call.body["link"]) if call.body.get("link") else None
    unknown = []
    for one in call.body["followers"]:
        shown = {
            "subject": call.body["subject"],
            "body": call.body["body"],
            "url": link.address_of(one) if link else "",
        }
        try:
            _put_mark(call.store, "messages", str(one), call.body["key"], shown)
        except Problem:
            unknown.append(one)
    return {"unknown": unknown}


def marks(store: Store, kind: str, owner: int) -> list[Json]:
    """Those of a work or an account that hold, oldest first, with their keys."""
    sql = "SELECT key, body FROM mark WHERE kind = ? AND owner_id = ? AND NOT ended ORDER BY rowid"
    found = [json.loads(row["body"]) | {"key": row["key"]} for row in store.rows(sql, kind, owner)]
    return [body for body in found if not body.get("until") or body["until"] > now()]


def _put_mark(store: Store, kind: str, owner: str, key: str, body: Json) -> None:
    until = {"until": moment(body["until"])} if body.get("until") else {}
    values = (kind, _owner(store, kind, owner), key, json.dumps(body | until, ensure_ascii=False))
    how = "REPLACE" if kind == "labels" else "IGNORE"
    store.db.execute(f"INSERT OR {how} INTO mark (kind, owner_id, key, body) VALUES (?, ?, ?, ?)", values)  # noqa: S608


def _owner(store: Store, kind: str, owner: str) -> int:
    return int((store.work if kind == "removals" else store.account)(owner)["id"])


def _show_account(call: Call, row: sqlite3.Row) -> Json:
    (followers,) = call.store.one("SELECT count(*) FROM follow WHERE account_id = ?", row["id"])
    shown = {name: row[name] for name in ("name", "region", "agency", "language", "joined_at")}
    handle = row["handle"] or f"viewer{row['id']}"
    state = "closed" if row["closed"] else "restricted" if marks(call.store, "restrictions", row["id"]) else "open"
    own = {"id": str(row["id"]), "handle": handle, "url": f"{call.site}/@{handle}", "followers": followers}
    return own | shown | {"state": state}


def _show_work(call: Call, row: sqlite3.Row) -> Json:
    shown = {name: row[name] for name in ("title", "published_at", "views", "kind")}
    state = "deleted" if row["deleted"] else "removed" if marks(call.store, "removals", row["id"]) else "public"
    address = f"{call.site}/works/{row['id']}"
    return shown | {"id": str(row["id"]), "account_id": str(row["account_id"]), "url": address, "state": state}
