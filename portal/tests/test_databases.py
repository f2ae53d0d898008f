"""Limits of database connections, and work behind a pooler in transaction mode: nothing rests on the session."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import Settings

from portal import databases
from portal.people.models import User
from portal.reviews.actions import queue
from portal.reviews.models import ReviewCase
from portal.reviews.tests import factories as make
from portal.testing.concurrency import at_once

# What lasts beyond a transaction on one connection.
SESSION_ONLY = re.compile(
    r"pg_(?:try_)?advisory_lock(?:_shared)?\(|\"LISTEN |CREATE TEMP(?![^\"]*ON COMMIT DROP)|WITH HOLD|execute\(\s*f?\"SET (?!LOCAL)|prepare=True"
)
# The claim of a case, which does without where a pooler is configured; migrations, which go past it.
KNOWN = {"portal/reviews/actions/queue.py", "portal/management/commands/migrate.py"}


@pytest.mark.django_db
def test_connections_have_limits() -> None:
    with connection.cursor() as cursor:
        for name, limit in settings.DATABASE_LIMITS_MS.items():
            cursor.execute("SELECT setting::int FROM pg_settings WHERE name = %s", [name])
            assert cursor.fetchone() == (limit,)


def test_web_is_limited_more_than_workers() -> None:
    web, worker = databases.default_limits_ms("web"), databases.default_limits_ms("")
    assert web.keys() == worker.keys() == {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}
    assert all(0 < web[name] < worker[name] for name in web)
    given = databases.connection_settings({"lock_timeout": 7, "statement_timeout": 0}, transaction_pooling=False)
    assert given == {"DISABLE_SERVER_SIDE_CURSORS": False, "OPTIONS": {"options": "-c lock_timeout=7"}}
    pooled = databases.connection_settings(web, transaction_pooling=True)
    assert pooled == {"DISABLE_SERVER_SIDE_CURSORS": True, "OPTIONS": {}}


def test_nothing_rests_on_the_session() -> None:
    roots = [Path(settings.BASE_DIR) / name for name in ("portal", "certification", "complaints")]
    files = [path for root in roots for path in root.rglob("*.py")]
    apart = {"tests", "testing", "bench", "localservers"}
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for path in files
        if not apart & set(path.parts) and SESSION_ONLY.search(path.read_text())
    }
    assert found <= KNOWN


# --- behind PgBouncer -----------------------------------------------------------------------


@pytest.fixture
def _pooled(settings: Settings, transactional_db: None) -> Iterator[None]:
    """This process's connections go through PgBouncer, which has two to the database."""
    if shutil.which("pgbouncer") is None:
        pytest.skip("pgbouncer is not installed")
    given = connection.settings_dict
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = f"host={given['HOST']} port={given['PORT']} user={given['USER']}"
    lines = ["[databases]", f"* = {place}", "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {port}"]
    lines += ["auth_type = any", "pool_mode = transaction", "default_pool_size = 2", "unix_socket_dir ="]
    # It runs as nobody, who cannot get into the test's own folder.
    folder = Path(tempfile.mkdtemp(prefix="pooler-"))
    folder.chmod(0o777)
    lines += [f"logfile = {folder / 'log'}"]
    file = folder / "pgbouncer.ini"
    file.write_text("\n".join(lines))
    file.chmod(0o644)
    before = {key: given[key] for key in ("HOST", "PORT", "OPTIONS", "DISABLE_SERVER_SIDE_CURSORS")}
    pooler = subprocess.Popen(["pgbouncer", "-q", "-u", "nobody", str(file)])
    try:
        _wait_for(port)
        settings.DATABASE_TRANSACTION_POOLING = True
        connection.close()
        given.update({"HOST": "127.0.0.1", "PORT": str(port)})
        given.update(databases.connection_settings(settings.DATABASE_LIMITS_MS, transaction_pooling=True))
        yield
    finally:
        connection.close()
        given.update(before)
        pooler.terminate()
        pooler.wait(10)
        shutil.rmtree(folder)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("pgbouncer did not start")


@pytest.mark.usefixtures("_pooled")
def test_people_claim_different_cases_behind_a_pooler() -> None:
    people = [make.reviewer() for _time in range(4)]
    for _time in range(8):
        make.case()

    def claim(person: User) -> int | None:
        case = queue.claim_next_case(by=person)
        return case.pk if case else None

    taken = at_once(*[lambda person=person: claim(person) for person in people])
    assert len(set(taken)) == len(people)
    assert None not in taken
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT source FROM pg_settings WHERE name = 'plan_cache_mode'")
        assert cursor.fetchone() == ("default",)


@pytest.mark.usefixtures("_pooled")
def test_long_reads_work_behind_a_pooler() -> None:
    made = [make.case().pk for _time in range(5)]
    read = []
    for row in ReviewCase.objects.order_by("pk").iterator(chunk_size=1):
        assert ReviewCase.objects.count() == 5
        read.append(row.pk)
    assert read == made
