"""What the reference platform does wrong on request, and how often it may be called: no platform needs this of its own."""

import time
from typing import Any

from portal.platforms.reference.store import Problem, Store

# Faults that come before anything is done.
EARLY = {"busy": Problem(429, "busy"), "error": Problem(500, "error"), "signature": Problem(401, "wrong_signature")}


class RateLimit:
    """So many calls a second, and after a pause as many at once as two seconds allow; 0: any number. For one thread at a time."""

    def __init__(self, rate: float) -> None:
        self.rate, self._full_at = rate, 0.0

    def take(self) -> float:
        """Seconds to wait, 0 if the call may be made, which then counts."""
        now = time.monotonic()
        full_at = max(self._full_at, now) + (1 / self.rate if self.rate else 0)
        if full_at - now > 2:
            return full_at - now - 2
        self._full_at = full_at
        return 0


def take_fault(store: Store, path: str) -> tuple[str, float]:
    """The kind and the seconds of the fault that waits for this call, if any."""
    for row in store.rows("SELECT * FROM fault WHERE ? GLOB path ORDER BY id LIMIT 1", path):
        if row["calls"]:
            store.db.execute("UPDATE fault SET calls = calls - 1 WHERE id = ?", (row["id"],))
            break
        store.db.execute("DELETE FROM fault WHERE id = ?", (row["id"],))
        return row["kind"], row["seconds"]
    return "", 0


def keep_fault(store: Store, fault: dict[str, Any]) -> None:
    """Have it done `times` times, each after so many `calls` that fit `path`."""
    row = (fault["kind"], fault.get("path", "*"), fault.get("seconds", 0), fault.get("calls", 0))
    for _ in range(fault.get("times", 1)):
        store.db.execute("INSERT INTO fault (kind, path, seconds, calls) VALUES (?, ?, ?, ?)", row)
