"""The pytest plugin, loaded by `-p portal.testing.fixtures` before Django reads its settings.

It gives the tests a DATA_DIR of their own (.local/test), where PostgreSQL runs without fsync. The
servers start with the first connection and stop with the last test process that uses them.
"""

import fcntl
import os
from pathlib import Path
from typing import IO

import pytest

_HELD = pytest.StashKey[IO[str]]()
ROOT = Path(__file__).resolve().parent.parent.parent

os.environ.setdefault("TEST_DATA_DIR", str(ROOT / ".local" / "test"))
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]
os.environ["LOCALSERVERS_DURABLE"] = "0"
# Connections are closed between tests, and test databases dropped: a pool would hold them open.
os.environ["DATABASE_POOL_SIZE"] = "0"
# Playwright runs an event loop in the test process; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Say that this run uses the test servers, with a lock that dies with the process."""
    if hasattr(config, "workerinput"):
        return
    data_dir = Path(os.environ["DATA_DIR"])
    data_dir.mkdir(parents=True, exist_ok=True)
    handle = (data_dir / "users.lock").open("w")
    fcntl.flock(handle, fcntl.LOCK_SH)
    config.stash[_HELD] = handle


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the test servers, unless another run in this checkout still uses them."""
    handle = config.stash.get(_HELD, None)
    if handle is None:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    from portal import localservers  # noqa: PLC0415 -- only here, so that loading the plugin stays cheap

    localservers.stop(Path(os.environ["DATA_DIR"]))
    handle.close()
