"""What the app's own database role may do: it is not the owner, so it can neither change tables nor history.

`manage.py migrate` runs as the owner (`settings.DATABASE_OWNER`) and grants afterwards. An app names
the models whose rows may be added and read but never changed in its AppConfig:

    class AuditConfig(AppConfig):
        append_only = ("AuditEvent",)

Texts of such rows that are deleted when their time of keeping is over are columns that the app may update, and
which a trigger guards (portal/workflow.py): `erasable = {"Check": ("note",)}`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

_CREDENTIALS = ("USER", "PASSWORD", "OPTIONS")


@contextmanager
def as_database_owner(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Let `connection` speak as the owner of the database, where one is configured; yields the app's role."""
    role = connection.settings_dict["USER"]
    if not settings.DATABASE_OWNER:
        yield role
        return
    before = {key: connection.settings_dict[key] for key in _CREDENTIALS}
    given = {key: settings.DATABASE_OWNER[key] for key in _CREDENTIALS if key in settings.DATABASE_OWNER}
    _reconnect(connection, {"PASSWORD": "", "OPTIONS": {}} | given)
    try:
        yield role
    finally:
        _reconnect(connection, before)


def grant_app_rights(connection: BaseDatabaseWrapper, role: str, *, also: Sequence[str] = ()) -> None:
    """Give the app's role rows to read and write, without the right to change what is append-only.

    Called with the owner's connection, after migrations. Does nothing where `role` is the owner.
    """
    if connection.settings_dict["USER"] == role:
        return
    rights = sql.SQL(", ").join(sql.SQL(word) for word in ("SELECT", "INSERT", "UPDATE", "DELETE", *also))
    to = sql.Identifier(role)
    with connection.cursor() as cursor:
        for statement in (
            sql.SQL("GRANT USAGE ON SCHEMA public TO {to}"),
            sql.SQL("GRANT {rights} ON ALL TABLES IN SCHEMA public TO {to}"),
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {to}"),
            sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {to}"),
        ):
            cursor.execute(statement.format(rights=rights, to=to))
        for table in append_only_tables():
            revoke = sql.SQL("REVOKE UPDATE, DELETE ON {table} FROM {to}")
            cursor.execute(revoke.format(table=sql.Identifier(table), to=to))
        for table, columns in erasable_columns().items():
            update = sql.SQL("GRANT UPDATE ({columns}) ON {table} TO {to}")
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            cursor.execute(update.format(columns=names, table=sql.Identifier(table), to=to))


def append_only_tables() -> list[str]:
    """Tables of the models that apps declare as `append_only`."""
    return [
        config.get_model(name)._meta.db_table
        for config in apps.get_app_configs()
        for name in getattr(config, "append_only", ())
    ]


def erasable_columns() -> dict[str, Sequence[str]]:
    """Table to columns of what apps declare as `erasable`."""
    return {
        config.get_model(name)._meta.db_table: columns
        for config in apps.get_app_configs()
        for name, columns in getattr(config, "erasable", {}).items()
    }


def allow_truncate(connection: BaseDatabaseWrapper) -> None:
    """Switch off the triggers that refuse TRUNCATE: a test database empties its tables between tests."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 <> 0"
        )
        for table, trigger in cursor.fetchall():
            disable = sql.SQL("ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            cursor.execute(disable.format(table=sql.Identifier(table), trigger=sql.Identifier(trigger)))


def _reconnect(connection: BaseDatabaseWrapper, credentials: dict[str, object]) -> None:
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()
    connection.settings_dict.update(credentials)
