"""Django's migrate, run as the owner of the database; afterwards the app's role gets its rights."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from portal import grants
from portal.localservers import Unavailable


class Command(Migrate):
    """Also starts the private cluster, by connecting to it."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        try:
            with grants.as_database_owner(connection) as role:
                super().handle(*args, **options)
                grants.grant_app_rights(connection, role)
        except Unavailable as error:
            raise CommandError(str(error)) from error
