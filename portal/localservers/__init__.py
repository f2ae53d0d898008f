"""PostgreSQL and Valkey from wheels, started by the commands that need them; never in production.

As a Django database engine (`base.py`) this package starts the cluster at the first connection, so
that `check`, linters and documentation start nothing.
"""

from pathlib import Path

from portal.localservers import postgres, valkey
from portal.localservers.places import Unavailable

__all__ = ["Unavailable", "ensure_servers", "stop_servers"]


def ensure_servers(data_dir: Path, *, durable: bool = True) -> None:
    """Start both servers unless they run; raises Unavailable with one sentence."""
    postgres.ensure_postgres(data_dir, durable=durable)
    valkey.ensure_valkey(data_dir)


def stop_servers(data_dir: Path) -> None:
    """Stop both servers if they run."""
    valkey.stop_valkey(data_dir)
    postgres.stop_postgres(data_dir)
