"""`manage.py backup FOLDER`: database, stored files and keys, as a new folder in a folder of backups."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management.backups.folder import BackupRefused
from portal.management.backups.writing import write_backup


class Command(BaseCommand):
    help = "Write database, stored files and keys into a new folder in FOLDER. Keep it as safe as the keys."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--keep", type=int, default=0, help="Then remove all backups in FOLDER but the newest KEEP; 0 keeps all."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = write_backup(options["folder"].resolve(), keep=options["keep"])
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        rows, sizes = made.manifest["rows"], [file.size for file in made.files()]
        self.stdout.write(
            f"{made}: {sum(rows.values())} rows of {len(rows)} tables; {len(sizes)} files of {sum(sizes) / 1e6:.1f} MB, "
            f"of which {made.new_bytes() / 1e6:.1f} MB are not in the backup before."
        )
