"""A real browser and real workers for tests marked `browser`.

Chromium is the system's (Playwright's own download is not needed). Without one these tests are
skipped with a reason, except under CI, where they fail: nothing may be left out there.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from portal.jobs import heartbeat
from portal.management.chromium import MISSING, chromium_path
from portal.testing.processes import celery_workers

_ARGUMENTS = [
    # Nothing is asked of the network but the portal.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
]
_WORKERS_READY_SECONDS = 60
# A busy machine is slow, not wrong: what is expected of a page is waited for.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests where there is no browser, unless this is CI."""
    if chromium_path() or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The system's Chromium, without the sandbox when this is root (Chromium refuses it there)."""
    path = chromium_path()
    if path is None:
        pytest.fail(MISSING)
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return browser_type_launch_args | {"executable_path": path, "args": arguments}


@pytest.fixture
def workers(transactional_db: None, tmp_path: Path) -> Iterator[Path]:
    """Two worker processes and beat on this test's database; yields their log. They stop after the test."""
    with workers_of_this_test(tmp_path / "workers.log") as log:
        yield log


@contextmanager
def workers_of_this_test(log: Path, **environment: str) -> Iterator[Path]:
    """Workers for as long as the block runs, which begins when beat has ticked."""
    cache.delete("jobs.heartbeat")
    with celery_workers(log, end=signal.SIGTERM, JOBS_RESEND_SECONDS="3", **environment) as group:
        _wait_for_the_first_tick(group, log)
        yield log


def _wait_for_the_first_tick(group: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _WORKERS_READY_SECONDS
    while heartbeat.refuse_stale_heartbeat():
        if group.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the workers did not start: {log.read_text()[-2000:]}")
        time.sleep(0.1)
