"""Template databases for tests: copying one takes a tenth of a second, running all migrations ten.

`template` holds the tables without rows and is kept in the test cluster until a migration changes;
`demo` holds the rows of the demo as well and lives for one run. All processes of a run share both.
"""

import hashlib
import inspect
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from django.test import TransactionTestCase
from psycopg import sql
from pytest_django import DjangoDbBlocker

from portal import grants
from portal.localservers import ensure_servers, places

_TEMPLATE, _DEMO, _DRAFT = "template_", "demo_", "draft_"
_FLUSHES = 5
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Have pytest-django copy its test database from the template; making the template if it is not there."""
    with django_db_blocker.unblock():
        name = _TEMPLATE + _digest_of_migrations()
        _ensure(name, _TEMPLATE, _migrate)
    connection.settings_dict["TEST"]["TEMPLATE"] = os.environ["DATABASE_TEMPLATE"] = name


@pytest.fixture(autouse=True, scope="session")
def _flush_again() -> Iterator[None]:
    """Empty the tables once more where a request that a page had sent while its test ended still held one of them."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def flush_patiently(case: TransactionTestCase) -> None:
        for _try in range(_FLUSHES - 1):
            try:
                flush(case)
            except CommandError:
                time.sleep(0.5)
            else:
                return
        flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_patiently)
        yield


@pytest.fixture
def demo(transactional_db: None) -> None:
    """The people, cases and videos of the demo, as `manage.py demo` leaves them."""
    name = _DEMO + hashlib.sha256(_RUN.encode()).hexdigest()[:16]
    _ensure(name, _DEMO, _seed)
    here = str(connection.settings_dict["NAME"])
    with _maintenance() as cursor:
        _drop(cursor, here)
        _copy(cursor, name, here)


def _ensure(name: str, prefix: str, fill: Callable[[str], None]) -> None:
    """Have a database of that name, and no other with its prefix; `fill` makes it under the name it is given."""
    ensure_servers(settings.DATA_DIR, durable=settings.LOCALSERVERS_DURABLE)
    with places.server_lock(settings.DATA_DIR, f"{prefix}databases"):
        with _maintenance() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
            found = [row[0] for row in cursor.fetchall()]
            if name in found:
                return
            for other in found:
                _drop(cursor, other)
            _drop(cursor, _DRAFT + name)
        fill(_DRAFT + name)
        with _maintenance() as cursor:
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            cursor.execute(rename.format(sql.Identifier(_DRAFT + name), sql.Identifier(name)))


def _migrate(name: str) -> None:
    tests, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    kept = tests["NAME"]
    tests["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        tests["NAME"] = kept
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before


def _seed(name: str) -> None:
    """Seed this test's own database, and keep a copy of it."""
    from portal.management import preparation  # noqa: PLC0415 -- it imports every product

    preparation.seed_demo_data()
    with _maintenance() as cursor:
        _copy(cursor, str(connection.settings_dict["NAME"]), name)


@contextmanager
def _maintenance() -> Iterator[CursorWrapper]:
    """A cursor of the owner outside of all test databases; this process has no connection to any meanwhile."""
    with grants.as_database_owner(connection), connection._nodb_cursor() as cursor:
        yield cursor


def _drop(cursor: CursorWrapper, name: str) -> None:
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _copy(cursor: CursorWrapper, source: str, target: str) -> None:
    # Connections of finished requests may linger for a moment; a template must have none.
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    cursor.execute(create.format(sql.Identifier(target), sql.Identifier(source)))


def _digest_of_migrations() -> str:
    """Of the source of every migration of every installed app."""
    migrations = MigrationLoader(None).disk_migrations
    files = sorted(inspect.getfile(type(migration)) for migration in migrations.values())
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()[:16]
