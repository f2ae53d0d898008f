"""Folders for servers that these tests start, and stop however they end."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import localservers
from portal.localservers import places


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that `nobody` can reach too, as root's tmp_path cannot be."""
    made = Path(tempfile.mkdtemp(prefix="portal-test-", dir="/tmp"))
    made.chmod(0o755)
    yield made / "data"
    localservers.stop_servers(made / "data")
    for folder in {made, places.socket_dir(made / "data")}:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    """What a separate process needs to work on `data_dir` as a demo of its own."""
    ours = ("DATABASE_", "CELERY_", "CACHE_", "LOCALSERVERS_", "STATIC_", "DJANGO_", "PYTEST_", "TEST_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return kept | {"DATA_DIR": str(data_dir)}
