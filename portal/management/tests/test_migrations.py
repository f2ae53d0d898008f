"""Migrations can run while people work: what would lock a table or break the release before is found."""

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from portal.management.commands import migrate
from portal.testing.concurrency import in_background

ROOMS = ("portal", "certification", "complaints")
# These lock tables with a row for each restitution, page of one, account of the sandbox or report: for milliseconds.
BRIEF = (
    *("0005_restitution_modes", "0006_follower_opt_outs", "0005_opt_outs", "0008_restitution_control"),
    "0012_anonymous_reports",
    "0002_erasures",  # its only table is new
)
OURS = [config.label for config in apps.get_app_configs() if config.name.partition(".")[0] in ROOMS]


@pytest.mark.django_db(transaction=True)  # indexes are made concurrently, outside transactions
def test_no_migration_after_the_first_locks_a_table_or_breaks_the_release_before() -> None:
    linter = MigrationLinter(
        include_apps=OURS,
        ignore_initial_migrations=True,
        ignore_name=BRIEF,
        all_warnings_as_errors=True,
        analyser_string="postgresql",
        no_cache=True,
    )
    linter.lint_all_migrations()
    assert linter.nb_total == linter.nb_ignored + linter.nb_valid
    assert linter.nb_total >= len(OURS) // 2
    assert linter.nb_erroneous == 0


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("NOT_NULL", 'ALTER TABLE "t" ADD COLUMN "c" integer NOT NULL;'),
        ("DROP_COLUMN", 'ALTER TABLE "t" DROP COLUMN "c";'),
        ("DROP_TABLE", 'DROP TABLE "t";'),
        ("RENAME_COLUMN", 'ALTER TABLE "t" RENAME COLUMN "c" TO "d";'),
        ("RENAME_TABLE", 'ALTER TABLE "t" RENAME TO "u";'),
        ("ALTER_COLUMN", 'ALTER TABLE "t" ALTER COLUMN "c" TYPE text;'),
        ("CREATE_INDEX", 'CREATE INDEX "i" ON "t" ("c");'),
        ("DROP_INDEX", 'DROP INDEX "i";'),
    ],
)
def test_what_is_found(code: str, statement: str) -> None:
    errors, _ignored, warnings = analyse_sql_statements(PostgresqlAnalyser, ["BEGIN;", statement, "COMMIT;"])
    assert code in {issue.code for issue in errors + warnings}


@pytest.mark.parametrize(
    "statement", ['ALTER TABLE "t" ADD COLUMN "c" integer NULL;', 'CREATE INDEX CONCURRENTLY "i" ON "t" ("c");']
)
def test_what_is_safe(statement: str) -> None:
    assert analyse_sql_statements(PostgresqlAnalyser, [statement]) == ([], [], [])


@pytest.mark.django_db(transaction=True)
def test_migrate_gives_up_a_lock_soon_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(migrate, "TRIES", 3)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.1)
    out = StringIO()

    def alter(_command: object, *_args: Any, **_options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_job ALTER COLUMN kind DROP DEFAULT")

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", alter)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE jobs_job IN ACCESS SHARE MODE")
        with in_background(lambda: call_command("migrate", stderr=out)) as done, pytest.raises(CommandError):
            done.result(30)
    assert out.getvalue().count("more tries") == 2
    call_command("migrate", stderr=out)
    assert out.getvalue().count("more tries") == 2
