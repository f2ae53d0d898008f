"""`manage.py restore BACKUP`: put a backup into an empty place."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management.backups.folder import BackupRefused, find_backup
from portal.management.backups.keys import keys_within, write_keys
from portal.management.backups.restoring import restore_backup


class Command(BaseCommand):
    help = "Verify a backup and put it into an empty database and storage."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="A backup, or a folder of backups: then the newest.")
        parser.add_argument("--verify", action="store_true", help="Only verify the backup.")
        parser.add_argument("--keys-to", type=Path, help="Only write the keys of the backup to this new file.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup = find_backup(options["backup"].resolve())
            if options["keys_to"]:
                backup.verify()
                write_keys(keys_within(backup), options["keys_to"])
                self.stdout.write(f"Its keys are in {options['keys_to']}.")
            elif options["verify"]:
                backup.verify()
                self.stdout.write(f"Complete; made at {backup.manifest['made_at']}.")
            else:
                rows = restore_backup(backup)
                self.stdout.write(f"{sum(rows.values())} rows of {len(rows)} tables are back, with files.")
        except BackupRefused as error:
            raise CommandError(str(error)) from error
