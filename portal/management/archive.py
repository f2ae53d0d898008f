"""One archive of everything that cannot be made again: database, evidence files, keys.

A tar file: `database.dump` (pg_dump's own format), `files/...` as they lie in the storage, `keys.json`,
and last `manifest.json` with the SHA-256 of every member and the number of rows in every table. It
holds the keys beside what they open, so it is as secret as the keys. Dump and files pass through in
chunks: the memory that is needed does not grow with them.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage
from django.db import connection
from psycopg import sql

from portal import clock, grants
from portal.localservers import keys, postgres

FORMAT = 1
_DUMP, _KEYS, _MANIFEST, _FILES = "database.dump", "keys.json", "manifest.json", "files/"
_LIBPQ = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
_CHUNK = 1 << 20


class ArchiveRefused(Exception):
    """The archive cannot be written or put back here; the message is one sentence."""


def write_archive(target: Path) -> dict[str, int]:
    """Back everything up into `target`, which must not exist; returns the rows of each table."""
    if target.exists():
        message = f"{target} exists already; a backup never writes over another."
        raise ArchiveRefused(message)
    draft = target.with_name(f".{target.name}.part")
    try:
        with ExitStack() as stack:
            handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            archive = stack.enter_context(tarfile.open(fileobj=stack.enter_context(os.fdopen(handle, "wb")), mode="w"))
            rows, digests = _write_members(archive, target.parent)
            manifest = {"format": FORMAT, "made_at": clock.now().isoformat(), "rows": rows, "sha256": digests}
            _add(archive, _MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
        draft.rename(target)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}."
        raise ArchiveRefused(message) from error
    finally:
        draft.unlink(missing_ok=True)
    return rows


def restore_archive(source: Path) -> dict[str, int]:
    """Put an archive into an empty place; returns the rows of each table.

    Everything is verified first. On a failure the place is as empty as before. Raises ArchiveRefused.
    """
    with open_archive(source) as (archive, manifest):
        _refuse_what_is_there()
        kept = keys.SecretKeys(**json.loads(_read(archive, _KEYS)))
        _refuse_missing_keys(kept)
        saved: list[str] = []
        try:
            saved.extend(_restore_files(archive, manifest["sha256"]))
            _restore_database(archive, manifest["rows"])
        except BaseException:
            for name in saved:
                default_storage.delete(name)
            raise
        if _kept_by_us():
            keys.save_keys(settings.DATA_DIR, kept, replace=True)
    return dict(manifest["rows"])


@contextmanager
def open_archive(source: Path) -> Iterator[tuple[tarfile.TarFile, dict[str, Any]]]:
    """An archive, verified from its first to its last byte, and its manifest. Raises ArchiveRefused."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(tarfile.open(source, mode="r:"))
            manifest = _verified(archive)
        except (OSError, tarfile.TarError, KeyError, ValueError) as error:
            message = f"{source} is not a complete backup: {error}"
            raise ArchiveRefused(message) from error
        yield archive, manifest


def write_archive_keys(source: Path, target: Path) -> None:
    """Write the archive's keys, as lines for the environment, to a new file for its owner only."""
    with open_archive(source) as (archive, _manifest):
        kept = keys.SecretKeys(**json.loads(_read(archive, _KEYS)))
    lines = [f"SECRET_KEY={kept.secret_key}", f"EVIDENCE_KEYS={','.join(kept.evidence_keys)}"]
    if kept.fingerprint_key:
        lines.append(f"FINGERPRINT_KEY={kept.fingerprint_key}")
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")


def stored_names(storage: Storage, folder: str = "") -> Iterator[str]:
    """Every name in a storage, in order."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from stored_names(storage, f"{folder}{name}/")


def _write_members(archive: tarfile.TarFile, folder: Path) -> tuple[dict[str, int], dict[str, str]]:
    digests: dict[str, str] = {}
    with tempfile.NamedTemporaryFile(dir=folder) as dump:
        rows = _dump_database(Path(dump.name))
        digests[_DUMP] = _add(archive, _DUMP, dump)
    # Files come after the rows that name them: what is uploaded meanwhile is one file too many, not one too few.
    for name in stored_names(default_storage):
        with suppress(FileNotFoundError), default_storage.open(name) as file:  # purged just now
            digests[_FILES + name] = _add(archive, _FILES + name, file)
    digests[_KEYS] = _add(archive, _KEYS, io.BytesIO(json.dumps(vars(_ours())).encode()))
    return rows, digests


def _dump_database(target: Path) -> dict[str, int]:
    """Dump and count in one snapshot, so that the counts hold for the dump."""
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            rows = _count_rows()
            _postgres("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        finally:
            cursor.execute("ROLLBACK")
    return rows


def _restore_files(archive: tarfile.TarFile, names: Iterable[str]) -> Iterator[str]:
    for name in sorted(names):
        if name.startswith(_FILES):
            yield default_storage.save(name.removeprefix(_FILES), File(_member(archive, name)))


def _restore_database(archive: tarfile.TarFile, rows: Mapping[str, int]) -> None:
    with tempfile.NamedTemporaryFile() as dump, grants.as_database_owner(connection) as role:
        shutil.copyfileobj(_member(archive, _DUMP), dump, _CHUNK)
        dump.flush()
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        _postgres("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", dump.name)
        grants.grant_app_rights(connection, role)
        if _count_rows() != rows:
            message = "The restored tables do not have the rows that the backup counted."
            raise ArchiveRefused(message)


def _postgres(name: str, *arguments: str) -> None:
    database = connection.settings_dict
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment |= {variable: str(database[key]) for key, variable in _LIBPQ.items() if database.get(key)}
    environment |= {f"PG{key.upper()}": value for key, value in database["OPTIONS"].items() if key.startswith("ssl")}
    program = postgres.client_program(settings.DATA_DIR, name, major=_server_major())
    result = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        message = f"{name} failed: {' '.join(result.stderr.split())[-400:]}"
        raise ArchiveRefused(message)


def _server_major() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


def _count_rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [table for (table,) in cursor.fetchall()]
        counts = {}
        for table in tables:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = cursor.fetchone()[0]
    return counts


def _refuse_what_is_there() -> None:
    with grants.as_database_owner(connection):
        tables = _count_rows()
    if tables:
        message = f"The database is not empty ({len(tables)} tables); a backup is put back into an empty place only."
        raise ArchiveRefused(message)
    if next(stored_names(default_storage), None) is not None:
        message = "The storage of evidence is not empty; a backup is put back into an empty place only."
        raise ArchiveRefused(message)


def _refuse_missing_keys(kept: keys.SecretKeys) -> None:
    """Keys of the environment must be able to open what is put back."""
    if _kept_by_us():
        return
    missing = [key.partition(":")[0] for key in kept.evidence_keys if key not in settings.EVIDENCE_KEYS]
    if missing or _fingerprint_root(kept) != _fingerprint_root(_ours()):
        message = (
            f"EVIDENCE_KEYS lacks {', '.join(missing) or 'the last key of the backup in the last place'}; "
            "`manage.py restore FILE --keys-to KEYFILE` writes the keys of the backup for you to set."
        )
        raise ArchiveRefused(message)


def _ours() -> keys.SecretKeys:
    return keys.SecretKeys(settings.SECRET_KEY, list(settings.EVIDENCE_KEYS), settings.FINGERPRINT_KEY)


def _fingerprint_root(kept: keys.SecretKeys) -> str:
    """What fingerprints are derived from (portal/vault.py): it must be the same again."""
    return kept.fingerprint_key or kept.evidence_keys[-1].partition(":")[2]


def _kept_by_us() -> bool:
    """Whether the keys lie in DATA_DIR, as in a demo, and not in the environment."""
    return bool(settings.DEMO) and keys.load_keys(settings.DATA_DIR).evidence_keys == settings.EVIDENCE_KEYS


def _verified(archive: tarfile.TarFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(_read(archive, _MANIFEST))
    if manifest["format"] != FORMAT:
        message = f"its format is {manifest['format']}, this portal reads {FORMAT}"
        raise ValueError(message)
    if {*archive.getnames()} != {*manifest["sha256"], _MANIFEST}:
        message = "its members are not those of its manifest"
        raise ValueError(message)
    for name, digest in manifest["sha256"].items():
        if _digest(_member(archive, name)) != digest:
            message = f"{name} was changed"
            raise ValueError(message)
    return manifest


def _add(archive: tarfile.TarFile, name: str, file: "IO[bytes] | File[bytes]") -> str:
    """Add the whole file; returns its SHA-256."""
    digest = _digest(file)
    member = tarfile.TarInfo(name)
    member.size, member.mode = file.tell(), 0o600
    file.seek(0)
    archive.addfile(member, file)
    return digest


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    return _member(archive, name).read()


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member


def _digest(file: "IO[bytes] | File[bytes]") -> str:
    """SHA-256 of a file, which is left at its end."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
