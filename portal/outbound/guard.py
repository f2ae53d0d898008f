"""Refuses a call to a platform while a database transaction is open, or while a request is answered.

A request gets what a job was told (lookups.py); a call that changes something is a job's. Only the followers of a
connector that joins are let through in a transaction: they run on the portal's own connection, within the caller's
transaction (protocol.py).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.db import connections

from portal.engines.limited_process import is_answering_request
from portal.outbound import lookups
from portal.platforms import Connector, PlatformError

# Attributes of a connector that are calls about followers.
_OF_FOLLOWERS = ("followers", "previews", "clearing", "invitations", "opt_outs", "states")
_OF_ACCOUNTS = ("messages", "restrictions", "labels", "signals", "reports")
_PARTS = ("accounts", "works", "removals", "restores", *_OF_ACCOUNTS, *_OF_FOLLOWERS)
# Answered by the connector itself, without a call.
_LOCAL = {"recognises", "ranges_at_once"}


class CallInTransaction(RuntimeError):
    """A programming error: the call would keep rows locked for as long as the platform takes to answer."""


class CallOnRequestThread(RuntimeError):
    """A programming error: the call would hold a thread that answers requests; a job has to make it."""


def refuse_open_transaction() -> None:
    """Raise CallInTransaction if a transaction is open, other than the one that surrounds a test."""
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CallInTransaction("a platform is called within a transaction")


def guard_connector(connector: Connector) -> Connector:
    """The connector with every protocol behind the refusals."""
    parts: dict[str, Any] = {name: getattr(connector, name) for name in _PARTS}
    guarded: dict[str, Any] = {
        name: _GuardedPart(connector, name, part) for name, part in parts.items() if part is not None
    }
    return replace(connector, **guarded)


class _GuardedPart:
    """One protocol of a connector; every method that calls the platform refuses first."""

    def __init__(self, connector: Connector, name: str, part: object) -> None:
        self._connector, self._name, self._part = connector, name, part
        self._may_join = name in _OF_FOLLOWERS and bool(getattr(part, "joins", False))

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._part, name)
        if name in _LOCAL or not callable(value):
            return value

        @wraps(value)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            answering = is_answering_request()
            if answering or not self._may_join:
                refuse_open_transaction()
            return self._recorded(name, args) if answering else self._called(value, args, kwargs)

        return guarded

    def _called(self, value: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return value(*args, **kwargs)
        except PlatformError as error:
            from portal.outbound.faults import note_fault  # noqa: PLC0415 -- the HTTP client imports this module

            note_fault(self._connector.code, error)
            raise

    def _recorded(self, name: str, args: tuple[Any, ...]) -> Any:
        question = f"{self._name}.{name}"
        if not lookups.is_question(question):
            raise CallOnRequestThread(question)
        return lookups.recorded_answer(question, [self._connector.code, *args], platform=self._connector.name)
