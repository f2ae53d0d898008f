"""Accounts and works of the reference platform, and what the portal does to them. Each function answers one call."""

import json
import sqlite3
from typing import Any

from portal.platforms.messages import PersonalLink
from portal.platforms.reference.store import Problem, Store, moment, now, number

Json = dict[str, Any]
LARGEST_PAGE = 100


def account(store: Store, site: str, account_id: str) -> Json:
    return _show_account(store, site, _account(store, account_id))


def find_account(store: Store, site: str, query: dict[str, str]) -> Json:
    handle = query.get("handle") or query.get("address", "").removeprefix(f"{site}/@").rstrip("/")
    return _show_account(store, site, store.one("SELECT * FROM account WHERE handle = ?", handle.lower()))


def profile(store: Store, account_id: str) -> Json:
    return {"text": _account(store, account_id)["bio"]}


def signals(store: Store, account_id: str) -> Json:
    row = _account(store, account_id)
    return {"devices": json.loads(row["devices"]), "payees": json.loads(row["payees"])}


def work(store: Store, site: str, work_id: str) -> Json:
    return _show_work(store, site, _work(store, work_id))


def find_work(store: Store, site: str, query: dict[str, str]) -> Json:
    return work(store, site, query.get("address", "").removeprefix(f"{site}/works/").rstrip("/"))


def works_of(store: Store, site: str, account_id: str, query: dict[str, str]) -> Json:
    at, after = (query.get("cursor") or "~0").split("~", 1)
    since = moment(query["since"]) if query.get("since") else ""
    until = moment(query["until"]) if query.get("until") else "9"
    limit = min(number(query.get("limit", LARGEST_PAGE)) or 1, LARGEST_PAGE)
    rows = store.rows(
        "SELECT * FROM work WHERE account_id = ? AND published_at >= ? AND published_at < ? AND (published_at, id) > (?, ?)"
        " ORDER BY published_at, id LIMIT ?",
        *(_account(store, account_id)["id"], since, until, at, number(after), limit + 1),
    )
    page = rows[:limit]
    more = f"{page[-1]['published_at']}~{page[-1]['id']}" if len(rows) > limit else None
    return {"works": [_show_work(store, site, row) for row in page], "cursor": more}


def media(store: Store, work_id: str) -> bytes:
    row = _work(store, work_id)
    if row["deleted"] or row["media"] is None:
        raise Problem(404, "not_found", "the video was deleted")
    return bytes(row["media"])


def put_mark(store: Store, kind: str, owner: str, key: str, body: Json) -> None:
    """A removal, restriction, label or message. A label is replaced; another that is there, or was taken back, stays so."""
    until = {"until": moment(body["until"])} if body.get("until") else {}
    values = (kind, _owner(store, kind, owner), key, json.dumps(body | until, ensure_ascii=False))
    how = "REPLACE" if kind == "labels" else "IGNORE"
    store.db.execute(f"INSERT OR {how} INTO mark (kind, owner_id, key, body) VALUES (?, ?, ?, ?)", values)  # noqa: S608


def end_mark(store: Store, kind: str, owner: str, key: str) -> None:
    """Take it back; one that comes later than that does nothing."""
    values = (kind, _owner(store, kind, owner), key)
    store.db.execute("INSERT INTO mark VALUES (?, ?, ?, '{}', 1) ON CONFLICT DO UPDATE SET ended = 1", values)


def send_many(store: Store, body: Json) -> Json:
    """One message for many followers, each with a link of their own; tells who is not there."""
    return store.answer_once(lambda: _send_many(store, body))


def _send_many(store: Store, body: Json) -> Json:
    unknown, link = [], PersonalLink.from_json(body["link"]) if body.get("link") else None
    for one in body["followers"]:
        shown = {"subject": body["subject"], "body": body["body"], "url": link.address_of(one) if link else ""}
        try:
            put_mark(store, "messages", str(one), body["key"], shown)
        except Problem:
            unknown.append(one)
    return {"unknown": unknown}


def mark(store: Store, kind: str, owner: str, key: str) -> Json:
    """Whether it holds, and what it says; nothing is removed any more of a work that was deleted."""
    found = [one for one in marks(store, kind, _owner(store, kind, owner)) if one["key"] == key]
    if kind == "removals" and _work(store, owner)["deleted"]:
        found = []
    return {"holds": bool(found), **(found[0] if found else {})}


def marks(store: Store, kind: str, owner: int) -> list[Json]:
    """Those that hold, oldest first, with their keys."""
    sql = "SELECT key, body FROM mark WHERE kind = ? AND owner_id = ? AND NOT ended ORDER BY rowid"
    found = [json.loads(row["body"]) | {"key": row["key"]} for row in store.rows(sql, kind, owner)]
    return [body for body in found if not body.get("until") or body["until"] > now()]


def _owner(store: Store, kind: str, owner: str) -> int:
    return int((_work if kind == "removals" else _account)(store, owner)["id"])


def _account(store: Store, account_id: str) -> sqlite3.Row:
    return store.one("SELECT * FROM account WHERE id = ?", number(account_id))


def _work(store: Store, work_id: str) -> sqlite3.Row:
    return store.one("SELECT * FROM work WHERE id = ?", number(work_id))


def _show_account(store: Store, site: str, row: sqlite3.Row) -> Json:
    (followers,) = store.one("SELECT count(*) FROM follow WHERE account_id = ?", row["id"])
    shown = {name: row[name] for name in ("name", "region", "agency", "language", "joined_at")}
    handle = row["handle"] or f"viewer{row['id']}"
    state = "closed" if row["closed"] else "restricted" if marks(store, "restrictions", row["id"]) else "open"
    own = {"id": str(row["id"]), "handle": handle, "url": f"{site}/@{handle}", "followers": followers}
    return own | shown | {"state": state}


def _show_work(store: Store, site: str, row: sqlite3.Row) -> Json:
    shown = {name: row[name] for name in ("title", "published_at", "views", "kind")}
    state = "deleted" if row["deleted"] else "removed" if marks(store, "removals", row["id"]) else "public"
    address = f"{site}/works/{row['id']}"
    return shown | {"id": str(row["id"]), "account_id": str(row["account_id"]), "url": address, "state": state}
