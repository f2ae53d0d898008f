"""PostgreSQL and Valkey from wheels, started by the commands that need them; never in production.

As a Django database engine (`base.py`) this package starts the cluster at the first connection, so
that `check`, linters and documentation start nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.localservers import postgres, valkey
from portal.localservers.places import Unavailable

__all__ = ["Unavailable", "ensure_servers", "servers_left_as_found", "stop_servers"]


def ensure_servers(data_dir: Path, *, durable: bool = True) -> None:
    """Start both servers unless they run; raises Unavailable with one sentence."""
    postgres.ensure_postgres(data_dir, durable=durable)
    valkey.ensure_valkey(data_dir)


def stop_servers(data_dir: Path) -> None:
    """Stop both servers if they run."""
    valkey.stop_valkey(data_dir)
    postgres.stop_postgres(data_dir)


@contextmanager
def servers_left_as_found(data_dir: Path, is_alone: Callable[[], bool]) -> Iterator[None]:
    """Stop in the end servers that did not run at the beginning, unless somebody else has come to use them."""
    running = postgres.postgres_status(data_dir).running or valkey.is_valkey_running(data_dir)
    try:
        yield
    finally:
        if not running and is_alone():
            stop_servers(data_dir)
