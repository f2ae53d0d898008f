"""How long calls to platforms may take together, by who asks: somebody who waits at a page gives up sooner than a job."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float | None] = ContextVar("portal.outbound.deadlines", default=None)


@contextmanager
def limit_calls(seconds: float) -> Iterator[None]:
    """The calls within the block are over after `seconds`, waits and repetitions included."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def limited_seconds(seconds: float) -> float:
    """`seconds`, or as much less as limit_calls() has left."""
    ends = _ends.get()
    return seconds if ends is None else min(seconds, max(ends - time.monotonic(), 0.0))
