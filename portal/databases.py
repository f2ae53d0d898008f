"""Limits of database connections: how long a statement, a wait for a lock, and an idle transaction may last.

Web processes get short ones, so that one slow query or stuck lock does not hold their threads; workers get long ones.
Migrations run as the owner, without limits. What a limit ended is answered with 503 (portal/web/busy.py).
"""

from collections.abc import Mapping
from typing import Any

WEB_LIMITS_MS = {"statement_timeout": 15_000, "lock_timeout": 5_000, "idle_in_transaction_session_timeout": 30_000}
WORKER_LIMITS_MS = {
    "statement_timeout": 600_000,
    "lock_timeout": 60_000,
    "idle_in_transaction_session_timeout": 600_000,
}


def default_limits_ms(process: str) -> dict[str, int]:
    """The limits of a kind of process: "web", or any other."""
    return dict(WEB_LIMITS_MS if process == "web" else WORKER_LIMITS_MS)


def connection_settings(limits_ms: Mapping[str, int], *, transaction_pooling: bool) -> dict[str, Any]:
    """Settings to merge into those of a Django database.

    With a pooler in transaction mode, such as PgBouncer, the next transaction may run on another connection. Then
    nothing may rest on the session: no cursors on the server, and no limits from here. The pooler sets these itself.
    """
    if transaction_pooling:
        return {"DISABLE_SERVER_SIDE_CURSORS": True, "OPTIONS": {}}
    limits = " ".join(f"-c {name}={value}" for name, value in limits_ms.items() if value)
    return {"DISABLE_SERVER_SIDE_CURSORS": False, "OPTIONS": {"options": limits} if limits else {}}
