"""The pytest plugin, loaded by `-p portal.testing.fixtures` before Django reads its settings.

It gives the tests a DATA_DIR of their own (.local/test), where PostgreSQL runs without fsync. The
servers start with the first connection and stop with the last test process that uses them.
"""

import fcntl
import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from portal import localservers
from portal.localservers import valkey

pytest.register_assert_rewrite(
    *[f"portal.testing.{module}" for module in ("concurrency", "processes", "queries", "shared", "visitors")],
    *[f"portal.platforms.contract.{part}" for part in ("followers", "returns", "stage", "works")],
)

_HELD = pytest.StashKey[IO[str]]()
ROOT = Path(__file__).resolve().parent.parent.parent

os.environ.setdefault("TEST_DATA_DIR", str(ROOT / ".local" / "test"))
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]
# Each test process has a broker queue and a cache of its own, as it has its own test database.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_DATA_DIR = Path(os.environ["DATA_DIR"])
os.environ["CELERY_BROKER_URL"] = valkey.broker_url(_DATA_DIR, database=2 + 2 * _WORKER)
os.environ["CACHE_URL"] = valkey.cache_url(_DATA_DIR, database=3 + 2 * _WORKER)
# So have the clock that a browser test moves, and the mails that its workers send.
os.environ["CLOCK_FILE"] = str(_DATA_DIR / f"clock-{_WORKER}")
os.environ["OUTBOX_DIR"] = str(_DATA_DIR / f"outbox-{_WORKER}")
os.environ["LOCALSERVERS_DURABLE"] = "0"
# Connections are closed between tests, and test databases dropped: a pool would hold them open.
os.environ["DATABASE_POOL_SIZE"] = "0"
os.environ["STATIC_HASHED"] = "0"
# Playwright runs an event loop in the test process; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Say that this run uses the test servers, with a lock released when the process ends."""
    # Registered now, after pytest-playwright and pytest-django, so that their fixtures can be refined.
    for module in ("browser", "databases", "lock_order", "processes", "shared", "visitors"):
        config.pluginmanager.import_plugin(f"portal.testing.{module}")
    Path(os.environ["CLOCK_FILE"]).unlink(missing_ok=True)
    if hasattr(config, "workerinput"):
        return
    _DATA_DIR.mkdir(parents=True, exist_ok=True)
    handle = (_DATA_DIR / "users.lock").open("w")
    fcntl.flock(handle, fcntl.LOCK_SH)
    config.stash[_HELD] = handle
    # Treat SIGTERM like Ctrl-C, so that the servers are stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the catalogues, so that the tests see the site in Chinese, too."""
    if not hasattr(session.config, "workerinput"):
        from django.core.management import call_command  # noqa: PLC0415 -- after Django's settings

        call_command("messages", "compile")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the garbage collector off all that is loaded by now, and let it run less often: a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the test servers, unless another run in this checkout still uses them."""
    handle = config.stash.get(_HELD, None)
    if handle is None:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    localservers.stop_servers(_DATA_DIR)
    handle.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that takes the browser's `page` by accident, and is not marked as a browser test.

    It would draw all browser tests before the others, which would miss what those delete.
    """
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if "browser_name" in parameters and item.get_closest_marker("browser") is None:
            message = f"{item.nodeid} takes a browser, and is not marked so"
            raise pytest.UsageError(message)


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Rate limits and other counters start at nought in every test that may use the servers."""
    if "django_db" in request.keywords or "db" in request.fixturenames:
        from django.core.cache import cache  # noqa: PLC0415 -- after Django's settings

        localservers.ensure_servers(_DATA_DIR, durable=False)
        cache.clear()


@pytest.fixture(autouse=True)
def _default_language() -> None:
    """Begin every test in the default language, whatever the test before it has activated."""
    from django.utils import translation  # noqa: PLC0415 -- after coverage has begun

    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _blank_papers() -> Iterator[None]:
    """A machine finds nothing on papers: reading one takes seconds. Tests of reading call portal.engines.papers.child.

    For the whole run, so that what a module makes once for all of its tests reads none either.
    """
    from portal.engines import papers  # noqa: PLC0415 -- after coverage has begun

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "read_page", lambda _data, **_bounds: papers.PageReading(0, 0, (), ()))
        patch.setattr(papers, "inspect_picture", lambda _data, **_bounds: [papers.Hint(papers.HintKind.EXAMINED)])
        yield
