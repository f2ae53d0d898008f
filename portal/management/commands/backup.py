"""`manage.py backup FOLDER`: database and stored files, as a new folder in a folder of backups; keys apart from it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management.backups.folder import BackupRefused
from portal.management.backups.keys import current_keys, write_keys
from portal.management.backups.writing import write_backup

_WITH_KEYS = "It holds the keys in the clear: whoever has it can read every document and video."
_WITHOUT_KEYS = (
    "It holds no keys: without SECRET_KEY, EVIDENCE_KEYS and FINGERPRINT_KEY as they are set now its documents and videos stay "
    "closed. Keep these apart from it; --keys-to KEYFILE writes them."
)


class Command(BaseCommand):
    help = "Write database and stored files into a new folder in FOLDER. The keys are kept apart, unless --with-keys is given."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--keep", type=int, default=0, help="Then remove all backups in FOLDER but the newest KEEP; 0 keeps all."
        )

        parser.add_argument(
            "--keys-to", type=Path, help="Also write the keys to this new file. Keep it elsewhere than FOLDER."
        )
        parser.add_argument(
            "--with-keys", action="store_true", help="Put the keys into the backup, in the clear: who has it reads all."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["keys_to"]:
                write_keys(current_keys(), options["keys_to"])
            made = write_backup(options["folder"].resolve(), keep=options["keep"], with_keys=options["with_keys"])
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        rows, sizes = made.manifest["rows"], [file.size for file in made.files()]
        self.stdout.write(
            f"{made}: {sum(rows.values())} rows of {len(rows)} tables; {len(sizes)} files of {sum(sizes) / 1e6:.1f} MB, "
            f"of which {made.new_bytes() / 1e6:.1f} MB are not in the backup before."
        )
        self.stdout.write(_WITH_KEYS if options["with_keys"] else _WITHOUT_KEYS)
