"""Django's PostgreSQL engine that starts the private cluster at a process's first connection.

Django looks for the engine under this module name. Tests connect as the app's own role, so that a
right which the role lacks fails there and not in production.
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.postgresql.creation import DatabaseCreation as PostgreSQLCreation

from portal import grants
from portal.localservers import ensure_servers


class DatabaseCreation(PostgreSQLCreation):
    """Makes and removes test databases as the owner, and leaves the connection to the app's role."""

    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        with grants.as_database_owner(self.connection) as role:
            name = super().create_test_db(*args, **kwargs)
            grants.grant_app_rights(self.connection, role, also=("TRUNCATE",))
            grants.allow_truncate(self.connection)
        return name

    def destroy_test_db(self, *args: Any, **kwargs: Any) -> None:
        with grants.as_database_owner(self.connection):
            super().destroy_test_db(*args, **kwargs)


class DatabaseWrapper(PostgreSQL):
    """The engine; nothing but the start of the server differs from Django's own."""

    creation_class = DatabaseCreation

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        ensure_servers(settings.DATA_DIR, durable=settings.LOCALSERVERS_DURABLE)
        return super().get_new_connection(conn_params)
