"""`manage.py localdb start|stop|status|reset`: the private PostgreSQL and Valkey, by hand."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import localservers
from portal.localservers import Unavailable, postgres, valkey


class Command(BaseCommand):
    help = "Start, stop, look at or remove the private PostgreSQL and Valkey of this checkout."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status", "reset"])

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            message = "The private servers are for demos: PORTAL_MODE is not demo."
            raise CommandError(message)
        data_dir: Path = settings.DATA_DIR
        try:
            if options["action"] == "start":
                localservers.ensure_servers(data_dir, durable=settings.LOCALSERVERS_DURABLE)
            elif options["action"] == "stop":
                localservers.stop_servers(data_dir)
            elif options["action"] == "reset":
                valkey.reset_valkey(data_dir)
                postgres.reset_postgres(data_dir)
        except Unavailable as error:
            raise CommandError(str(error)) from error
        self._tell(data_dir)

    def _tell(self, data_dir: Path) -> None:
        cluster = postgres.postgres_status(data_dir)
        words = {True: "runs", False: "is stopped"}
        self.stdout.write(f"PostgreSQL {cluster.version} {words[cluster.running]}: {cluster.data}".replace("  ", " "))
        self.stdout.write(f"Valkey {words[valkey.is_valkey_running(data_dir)]}")
