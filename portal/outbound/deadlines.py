"""How long calls to platforms may take at most, by who asks: somebody who waits at a page gives up sooner than a job."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_most: ContextVar[float | None] = ContextVar("portal.outbound.deadlines", default=None)


@contextmanager
def limit_calls(seconds: float) -> Iterator[None]:
    """Within the block no call takes longer than `seconds`, its waits and repetitions included."""
    token = _most.set(seconds)
    try:
        yield
    finally:
        _most.reset(token)


def limited_seconds(seconds: float) -> float:
    """`seconds`, or less where limit_calls() says so."""
    most = _most.get()
    return seconds if most is None else min(seconds, most)
