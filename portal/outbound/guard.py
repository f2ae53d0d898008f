"""Refuses a call to a platform while a database transaction is open, or while other requests wait for platforms already.

Only the followers of a connector that joins are let through: they run on the portal's own connection, within the
caller's transaction (protocol.py).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any

from django.db import connections

from portal.engines.limited_process import is_answering_request
from portal.platforms import Connector, PlatformError

_PARTS = ("accounts", "works", "messages", "removals", "restrictions", "labels", "followers")
# Of the threads of one process that answer requests, so many may wait for platforms: one that is slow never holds all.
MOST_WAITING = 2
_places = threading.BoundedSemaphore(MOST_WAITING)
# Answered by the connector itself, without a call.
_LOCAL = {"recognises"}


class CallInTransaction(RuntimeError):
    """A programming error: the call would keep rows locked for as long as the platform takes to answer."""


def refuse_open_transaction() -> None:
    """Raise CallInTransaction if a transaction is open, other than the one that surrounds a test."""
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CallInTransaction("a platform is called within a transaction")


@contextmanager
def waiting_place() -> Iterator[None]:
    """A place for one call while a request is answered; raises PlatformError where none is free. Jobs need none."""
    if not is_answering_request():
        yield
        return
    if not _places.acquire(blocking=False):
        raise PlatformError("other requests wait for platforms already")
    try:
        yield
    finally:
        _places.release()


def guard_connector(connector: Connector) -> Connector:
    """The connector with every protocol behind the refusal, unless it joins the caller's transaction."""
    parts: dict[str, Any] = {name: getattr(connector, name) for name in _PARTS}
    guarded: dict[str, Any] = {
        name: _GuardedPart(part) for name, part in parts.items() if part is not None and not _joins(name, part)
    }
    return replace(connector, **guarded)


def _joins(name: str, part: Any) -> bool:
    return name == "followers" and bool(part.joins)


class _GuardedPart:
    """One protocol of a connector; every method that calls the platform refuses first."""

    def __init__(self, part: object) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._part, name)
        if name in _LOCAL or not callable(value):
            return value

        @wraps(value)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            refuse_open_transaction()
            with waiting_place():
                return value(*args, **kwargs)

        return guarded
