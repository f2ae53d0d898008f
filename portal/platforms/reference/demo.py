"""Two accounts, a copy and its followers, so that somebody who connects the reference platform can try what it serves."""

from datetime import UTC, datetime, timedelta

from portal.platforms.reference.server import ReferenceServer
from portal.platforms.reference.store import Store

AUTHOR, COPIER = "demo-author", "demo-copier"
# Who came by the copy, of them who follow the author, too; and who followed the copier before.
_BY_COPY, _BOTH, _EARLIER = 40, 8, 5


def seed(store: Store, *, original: bytes, copy: bytes) -> None:
    """Fill an empty platform; one that has accounts stays as it is. Both videos are MP4."""
    if store.rows("SELECT id FROM account LIMIT 1"):
        return
    with store.transaction():
        author, copier = _account(store, AUTHOR, "Demo Author"), _account(store, COPIER, "Demo Copier")
        _work(store, author, original, days_ago=30)
        copied = _work(store, copier, copy, days_ago=10)
        for place in range(_BY_COPY + _EARLIER):
            viewer = _insert(store, "INSERT INTO account (joined_at) VALUES (?)", _ago(300))
            if place < _BY_COPY:
                _follow(store, copier, viewer, work=copied, days_ago=9, kind="video")
            else:
                _follow(store, copier, viewer, work=None, days_ago=200, kind="profile")
            if place < _BOTH:
                _follow(store, author, viewer, work=None, days_ago=100, kind="profile")


class DemoServer(ReferenceServer):
    """One in which the holder of an account can write its profile, by a POST to its page."""

    def take_post(self, path: str, body: bytes) -> None:
        """The text of a profile, or what any server takes."""
        if not path.startswith("/@"):
            return super().take_post(path, body)
        row = self.store.one("SELECT id FROM account WHERE handle = ?", path.removeprefix("/@").lower())
        self.store.db.execute("UPDATE account SET bio = ? WHERE id = ?", (body.decode(), row["id"]))
        return None


def _account(store: Store, handle: str, name: str) -> int:
    sql = "INSERT INTO account (handle, name, region, joined_at) VALUES (?, ?, 'us', ?)"
    return _insert(store, sql, handle, name, _ago(400))


def _work(store: Store, account: int, video: bytes, *, days_ago: int) -> int:
    sql = "INSERT INTO work (account_id, title, published_at, media) VALUES (?, 'A bowl', ?, ?)"
    return _insert(store, sql, account, _ago(days_ago), video)


def _follow(store: Store, account: int, viewer: int, *, work: int | None, days_ago: int, kind: str) -> None:
    sql = "INSERT INTO follow (account_id, follower_id, created_at, work_id, kind) VALUES (?, ?, ?, ?, ?)"
    _insert(store, sql, account, viewer, _ago(days_ago), work, kind)


def _insert(store: Store, sql: str, *values: object) -> int:
    return store.db.execute(sql, values).lastrowid or 0


def _ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
