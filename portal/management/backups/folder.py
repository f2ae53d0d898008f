"""The layout of a backup, and whether one is complete.

`BACKUPS/2026-11-28T03-00-00Z/` holds

* `database.dump`: pg_dump's own format, of one snapshot;
* `files/...`: the stored files under their names, encrypted as they lie in the storage;
* `files.txt`: a line `SHA-256 size name` for each of them, in the order in which the storage lists them;
* `keys.json`, only if that was asked for: what opens the files and signs, in the clear;
* `manifest.json`: the SHA-256 of the others, the number of rows in every table, and digests of the keys, which tell at a restore
  whether the keys that are given are the right ones.

A stored file never changes, so a file that the backup before has too is a hard link to it: it takes no room, and
each backup is whole by itself. Removing a backup is removing its folder.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

FORMAT = 3
DUMP, KEYS, INDEX, FILES, MANIFEST = "database.dump", "keys.json", "files.txt", "files", "manifest.json"
CHUNK = 1 << 20
_DRAFT = ".part"


class BackupRefused(Exception):
    """A backup cannot be written or put back; the message is one sentence."""


class StoredFile(NamedTuple):
    """One line of a backup's index."""

    sha256: str
    size: int
    name: str


class Backup:
    """A backup's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / MANIFEST).read_bytes())
        return found

    @property
    def keys(self) -> dict[str, Any] | None:
        """The keys in it; None where they are kept apart."""
        with suppress(FileNotFoundError):
            found: dict[str, Any] = json.loads((self.path / KEYS).read_bytes())
            return found
        return None

    def place_of(self, name: str) -> Path:
        """Where the copy of a stored file lies."""
        return self.path / FILES / name

    def files(self) -> Iterator[StoredFile]:
        """The index, a line at a time."""
        with (self.path / INDEX).open() as lines:
            for line in lines:
                sha256, size, name = line.rstrip("\n").split(" ", 2)
                yield StoredFile(sha256, int(size), name)

    def new_bytes(self) -> int:
        """The size of the stored files that no other backup shares."""
        found = [self.place_of(file.name).stat() for file in self.files()]
        return sum(each.st_size for each in found if each.st_nlink == 1)

    def verify(self) -> None:
        """Read every byte again; raises BackupRefused at the first that is not as it was written."""
        try:
            for name, digest in _readable(self.manifest)["sha256"].items():
                _compare(self.path / name, digest)
            for file in self.files():
                _compare(self.place_of(file.name), file.sha256)
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise BackupRefused(f"{self} is not a complete backup: {error}") from error


def find_backup(path: Path) -> Backup:
    """The backup at `path`, or the newest one in the folder `path`; raises BackupRefused."""
    if (path / MANIFEST).exists():
        return Backup(path)
    found = list_backups(path)
    if not found:
        raise BackupRefused(f"{path} is not a complete backup, and no folder of backups.")
    return found[-1]


def list_backups(folder: Path) -> list[Backup]:
    """The complete backups in a folder, the oldest first. Their names begin with their times."""
    return [Backup(path.parent) for path in sorted(folder.glob(f"*/{MANIFEST}")) if path.parent.suffix != _DRAFT]


def draft_of(path: Path) -> Path:
    """Where a backup lies until it is complete."""
    return path.with_name(path.name + _DRAFT)


def drafts(folder: Path) -> Iterator[Path]:
    """What backups that were killed have left."""
    return folder.glob(f"*{_DRAFT}")


def copy_hashed(source: IO[bytes], target: IO[bytes]) -> tuple[str, int]:
    """Copy a stream in pieces; returns its SHA-256 in hex digits and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(CHUNK):
        digest.update(piece)
        size += target.write(piece)
    return digest.hexdigest(), size


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _readable(manifest: dict[str, Any]) -> dict[str, Any]:
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']}, this portal reads {FORMAT}")
    return manifest


def _compare(path: Path, digest: str) -> None:
    if digest_of(path) != digest:
        raise ValueError(f"{path.name} was changed")
