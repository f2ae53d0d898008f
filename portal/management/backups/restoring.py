"""Putting a backup into an empty place. On a failure the place is as empty as before."""

from collections.abc import Iterator

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection

from portal import grants
from portal.localservers import keys
from portal.management.backups import database
from portal.management.backups.folder import DUMP, Backup, BackupRefused
from portal.management.backups.keys import keys_are_ours, keys_within, refuse_missing_keys
from portal.management.backups.writing import stored_names


def restore_backup(backup: Backup) -> dict[str, int]:
    """Verify a backup and put it into an empty place; returns the rows of each table. Raises BackupRefused."""
    backup.verify()
    _refuse_what_is_there()
    rows = dict(backup.manifest["rows"])
    refuse_missing_keys(backup)
    saved: list[str] = []
    try:
        saved.extend(_restore_files(backup))
        database.restore_dump(backup.path / DUMP, rows)
    except BaseException:
        for name in saved:
            default_storage.delete(name)
        raise
    if backup.keys is not None and keys_are_ours():
        keys.save_keys(settings.DATA_DIR, keys_within(backup), replace=True)
    return rows


def _restore_files(backup: Backup) -> Iterator[str]:
    for file in backup.files():
        with backup.place_of(file.name).open("rb") as content:
            yield default_storage.save(file.name, File(content))


def _refuse_what_is_there() -> None:
    with grants.as_database_owner(connection):
        tables = database.count_rows()
    if tables:
        raise BackupRefused(
            f"The database is not empty ({len(tables)} tables); a backup is put back into an empty place only."
        )
    if next(stored_names(default_storage), None) is not None:
        raise BackupRefused("The storage of evidence is not empty; a backup is put back into an empty place only.")
