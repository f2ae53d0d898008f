"""`manage.py restore FILE`: put a backup into an empty place."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management import archive


class Command(BaseCommand):
    help = "Verify a backup and put it into an empty database and storage."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--verify", action="store_true", help="Only verify the archive.")
        parser.add_argument("--keys-to", type=Path, help="Only write the keys of the archive to this new file.")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["file"]
        try:
            if options["keys_to"]:
                archive.write_archive_keys(source, options["keys_to"])
                self.stdout.write(f"Its keys are in {options['keys_to']}.")
            elif options["verify"]:
                with archive.open_archive(source) as (_file, manifest):
                    self.stdout.write(f"Complete; made at {manifest['made_at']}.")
            else:
                rows = archive.restore_archive(source)
                self.stdout.write(f"{sum(rows.values())} rows of {len(rows)} tables are back, with files and keys.")
        except archive.ArchiveRefused as error:
            raise CommandError(str(error)) from error
