"""Making a backup: streamed, in memory that does not grow, and only what the backup before does not have.

A backup that is killed leaves a draft, which the next one removes; the ones before it are never touched.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.core.files.storage import Storage, default_storage

from portal import clock
from portal.management.backups import database
from portal.management.backups.folder import (
    DUMP,
    FILES,
    FORMAT,
    INDEX,
    KEYS,
    MANIFEST,
    Backup,
    BackupRefused,
    StoredFile,
    copy_hashed,
    digest_of,
    draft_of,
    drafts,
    list_backups,
)
from portal.management.backups.keys import current_keys, key_digests


def write_backup(folder: Path, *, keep: int = 0, with_keys: bool = False) -> Backup:
    """Write a new backup into the folder of backups; `keep` > 0 removes all but the newest `keep` afterwards.

    `with_keys` puts the keys that open the files and sign into it, in the clear.

    Raises BackupRefused, also where another one is being written into the same folder.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder):
            made = _write(folder, with_keys=with_keys)
            for old in list_backups(folder)[: -keep or None] if keep else []:
                shutil.rmtree(old.path)
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be written: {error.strerror}.") from error
    return made


def stored_names(storage: Storage, folder: str = "") -> Iterator[str]:
    """Every name in a storage, in order."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from stored_names(storage, f"{folder}{name}/")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with _new_file(folder / ".lock", exclusive=False) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(f"Another backup is being written to {folder}.") from error
        yield


def _write(folder: Path, *, with_keys: bool) -> Backup:
    for leftover in drafts(folder):
        shutil.rmtree(leftover)
    target = folder / clock.now().strftime("%Y-%m-%dT%H-%M-%SZ")
    if target.exists():
        raise BackupRefused(f"{target} exists already; a backup never writes over another.")
    before = list_backups(folder)
    draft = Backup(draft_of(target))
    draft.path.mkdir(mode=0o700)
    try:
        _fill(draft, before[-1] if before else None, with_keys=with_keys)
        os.sync()
        draft.path.rename(target)
    except BaseException:
        shutil.rmtree(draft.path, ignore_errors=True)
        raise
    return Backup(target)


def _fill(draft: Backup, before: Backup | None, *, with_keys: bool) -> None:
    rows: dict[str, int] = {}
    with database.open_dump(rows) as dump, _new_file(draft.path / DUMP) as target:
        copy_hashed(dump, target)
    # Files come after the rows that name them: what is uploaded meanwhile is one file too many, not one too few.
    _copy_files(draft, before)
    if with_keys:
        _write_json(draft.path / KEYS, vars(current_keys()))
    digests = {name: digest_of(draft.path / name) for name in (DUMP, INDEX, *([KEYS] if with_keys else []))}
    about = {"format": FORMAT, "made_at": clock.now().isoformat(), "keys": key_digests(current_keys())}
    _write_json(draft.path / MANIFEST, {**about, "rows": rows, "sha256": digests})


def _copy_files(draft: Backup, before: Backup | None) -> None:
    (draft.path / FILES).mkdir(mode=0o700)
    known = _KnownFiles(before)
    with _new_file(draft.path / INDEX) as index:
        for name in stored_names(default_storage):
            with suppress(FileNotFoundError):  # purged just now
                file = known.link(name, draft) or _copy_file(name, draft)
                index.write(f"{file.sha256} {file.size} {file.name}\n".encode())


def _copy_file(name: str, draft: Backup) -> StoredFile:
    place = draft.place_of(name)
    with default_storage.open(name) as source:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _new_file(place) as target:
            return StoredFile(*copy_hashed(source, target), name)


class _KnownFiles:
    """The files of the backup before, read in step with the storage: both list in the same order."""

    def __init__(self, before: Backup | None) -> None:
        self.before = before
        self.rest = before.files() if before else iter(())
        self.next = next(self.rest, None)

    def link(self, name: str, draft: Backup) -> StoredFile | None:
        """Link a file that the backup before has; None where it has not, or where files cannot be linked."""
        while self.next and self.next.name < name:
            self.next = next(self.rest, None)
        if self.before is None or self.next is None or self.next.name != name:
            return None
        source, place = self.before.place_of(name), draft.place_of(name)
        if source.stat().st_size != self.next.size:
            return None  # damaged since: it is copied again
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            place.hardlink_to(source)
        except OSError:
            return None
        return self.next


def _write_json(path: Path, value: object) -> None:
    with _new_file(path) as file:
        file.write(json.dumps(value, indent=1).encode())


def _new_file(path: Path, *, exclusive: bool = True) -> IO[bytes]:
    """A file that only its owner may read."""
    flags = os.O_CREAT | os.O_WRONLY | (os.O_EXCL if exclusive else 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")
