"""Refuses a call to a platform while a database transaction is open.

Accounts, works and followers are let through: looking up still happens within transactions, and the followers of
a connector that joins are meant to.
"""

from dataclasses import replace
from functools import wraps
from typing import Any

from django.db import connections

from portal.platforms import Connector

_GUARDED = ("messages", "removals", "restrictions", "labels")


class CallInTransaction(RuntimeError):
    """A programming error: the call would keep rows locked for as long as the platform takes to answer."""


def refuse_open_transaction() -> None:
    """Raise CallInTransaction if a transaction is open, other than the one that surrounds a test."""
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CallInTransaction("a platform is called within a transaction")


def guard_connector(connector: Connector) -> Connector:
    """The connector with every guarded protocol behind the refusal."""
    parts: dict[str, Any] = {name: getattr(connector, name) for name in _GUARDED}
    guarded: dict[str, Any] = {name: _GuardedPart(part) for name, part in parts.items() if part is not None}
    return replace(connector, **guarded)


class _GuardedPart:
    """One protocol of a connector; every method refuses first."""

    def __init__(self, part: object) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        @wraps(method)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            refuse_open_transaction()
            return method(*args, **kwargs)

        return guarded
