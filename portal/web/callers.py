"""Whose request it is, for limits of what one caller may ask for: a count for each, in the cache of all processes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.cache import cache

from portal.web.client_address import client_address

_current: ContextVar[Any] = ContextVar("request_being_answered", default=None)


@contextmanager
def request_being_answered(request: Any) -> Iterator[None]:
    """While the block runs, current_caller() is whoever sent this request."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)


def caller_of(request: Any) -> str:
    """The API client, else the person, else the address, of a request of Django or of DRF."""
    auth = getattr(request, "auth", None)
    if auth is not None:
        return f"client:{auth.client_id}"
    return f"person:{request.user.pk}" if request.user.is_authenticated else f"address:{client_address(request)}"


def current_caller() -> str:
    """The caller of the request that this thread answers; "" outside of requests."""
    request = _current.get()
    return caller_of(request) if request is not None else ""


def count_in_window(name: str, seconds: float) -> int:
    """Count one more under this name; how many there are in the present window of so many seconds."""
    key = f"{name}:{int(time.time() // seconds)}"
    try:
        return int(cache.incr(key))
    except ValueError:
        # The first of a window creates the counter; concurrent ones increment it.
        return 1 if cache.add(key, 1, timeout=int(2 * seconds)) else int(cache.incr(key))
