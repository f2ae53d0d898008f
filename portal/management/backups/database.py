"""Dumping and restoring the database with PostgreSQL's own programs, and counting its rows."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from psycopg import sql

from portal import grants
from portal.localservers import postgres
from portal.management.backups.folder import BackupRefused

_LIBPQ = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}


@contextmanager
def open_dump(rows: dict[str, int]) -> Iterator[IO[bytes]]:
    """A stream of the whole database; `rows` is filled with the rows of each table in the same snapshot.

    Raises BackupRefused at the end if pg_dump failed: what was read till then is worth nothing.
    """
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            rows.update(count_rows())
            with _reading("pg_dump", "--format=custom", f"--snapshot={snapshot}") as dump:
                yield dump
        finally:
            cursor.execute("ROLLBACK")


def restore_dump(dump: Path, rows: dict[str, int]) -> None:
    """Fill the empty database in one transaction; raises BackupRefused unless every row came back."""
    with grants.as_database_owner(connection) as role:
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        _run("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(dump))
        grants.grant_app_rights(connection, role)
        if count_rows() != rows:
            raise BackupRefused("The restored tables do not have the rows that the backup counted.")


def count_rows() -> dict[str, int]:
    """The rows of each table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [table for (table,) in cursor.fetchall()]
        counts = {}
        for table in tables:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = cursor.fetchone()[0]
    return counts


@contextmanager
def _reading(name: str, *arguments: str) -> Iterator[IO[bytes]]:
    with subprocess.Popen(stdout=subprocess.PIPE, stderr=subprocess.PIPE, **_call(name, *arguments)) as process:
        try:
            yield process.stdout  # type: ignore[misc]
            process.stdout.close()  # type: ignore[union-attr]
            _refuse_failure(name, process.wait(), process.stderr.read())  # type: ignore[union-attr]
        finally:
            process.kill()


def _run(name: str, *arguments: str) -> None:
    result = subprocess.run(capture_output=True, check=False, **_call(name, *arguments))
    _refuse_failure(name, result.returncode, result.stderr)


def _refuse_failure(name: str, code: int, said: bytes) -> None:
    if code:
        raise BackupRefused(f"{name} failed: {' '.join(said.decode(errors='replace').split())[-400:]}")


def _call(name: str, *arguments: str) -> dict[str, Any]:
    """The program of the server's own version, with the database in its environment."""
    database = connection.settings_dict
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment |= {variable: str(database[key]) for key, variable in _LIBPQ.items() if database.get(key)}
    environment |= {f"PG{key.upper()}": value for key, value in database["OPTIONS"].items() if key.startswith("ssl")}
    program = postgres.client_program(settings.DATA_DIR, name, major=_server_major())
    return {"args": [str(program), *arguments], "env": environment}


def _server_major() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000
