"""A private Valkey server under DATA_DIR: Celery's broker and the cache."""

from pathlib import Path

from portal.localservers.postgres import socket_dir


def url(data_dir: Path, *, database: int = 0) -> str:
    """Address for redis-py and kombu; nothing is started by asking for it."""
    scheme = "redis+socket" if database == 0 else "unix"
    return f"{scheme}://{socket_dir(data_dir)}/valkey.sock?{'virtual_host' if database == 0 else 'db'}={database}"
