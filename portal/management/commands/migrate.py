"""Django's migrate, run as the owner of the database; afterwards the app's role gets its rights.

A migration that waits for a lock holds up every request behind it. So it gives up after LOCK_TIMEOUT_SECONDS,
which lets the requests through, and tries again (docs/operations.md, "Migrations while people work").
"""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from portal import grants
from portal.localservers import Unavailable

LOCK_TIMEOUT_SECONDS = 4
TRIES = 10
PAUSE_SECONDS = 6


class Command(Migrate):
    """Also starts the private cluster, by connecting to it."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        try:
            with grants.as_database_owner(connection) as role:
                with connection.cursor() as cursor:
                    cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
                self._migrate(*args, **options)
                grants.grant_app_rights(connection, role)
        except Unavailable as error:
            raise CommandError(str(error)) from error

    def _migrate(self, *args: Any, **options: Any) -> None:
        for left in reversed(range(TRIES)):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                if not left:
                    raise CommandError("Others held their locks too long: nothing was changed. Try again.") from error
                self.stderr.write(f"A lock is held by others; {left} more tries.")
                time.sleep(PAUSE_SECONDS)
            else:
                return
