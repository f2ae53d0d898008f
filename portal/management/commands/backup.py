"""`manage.py backup FILE`: database, evidence files and keys in one archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management import archive


class Command(BaseCommand):
    help = "Write database, evidence files and keys into one new file. Keep it as safe as the keys."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = archive.write_archive(options["file"].resolve())
        except archive.ArchiveRefused as error:
            raise CommandError(str(error)) from error
        size = options["file"].stat().st_size
        self.stdout.write(f"{options['file']}: {sum(rows.values())} rows of {len(rows)} tables, {size / 1e6:.1f} MB.")
