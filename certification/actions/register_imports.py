"""Importing the file of a register: one transaction, so that look-ups see a version whole or not at all.

A file that is refused leaves the version in use as it is, and a row that says why. The same file again changes nothing.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from certification import events
from certification.models import EntryState, RegisterEntry, RegisterVersion, VersionState
from certification.registers.layouts import LAYOUTS, Entry, Layout, WrongFile, read_entries
from portal import clock
from portal.audit import trail
from portal.workflow import lock_names

# A file with fewer entries than this share of those in use is more likely cut off than right.
LEAST_SHARE: Final = 0.8
_COLUMNS: Final = (
    "version_id", *("number", "name", "given", "middle", "family", "former_name", "issuer"),
    *("state", "issued_on", "expires_on", "ended_on"),
)  # fmt: skip
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NO_ARCHIVE = "The archive is damaged, encrypted or packed in an unknown way."
_ROWS_AT_ONCE, _BYTES_AT_ONCE, _DELETED_AT_ONCE = 2_000, 1 << 20, 50_000
# Characters that COPY reads as something else; NUL is kept by no text.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})


@dataclass(frozen=True)
class RegisterFile:
    """A file as a register publishes it: CSV, or a ZIP archive with it."""

    path: Path
    layout: Layout
    dated_on: date


def register_file(path: Path, layout: str, dated_on: date | None) -> RegisterFile:
    """The file with its layout and date, which its name may tell; raises WrongFile."""
    found = _layout(layout)
    if not path.is_file():
        raise WrongFile("There is no such file.")
    day = dated_on or found.date_in_name(path.name) or _date_in_archive(path, found)
    if day is None:
        raise WrongFile("The name of the file does not tell its date. Please give it (--dated YYYY-MM-DD).")
    if day > clock.today():
        raise WrongFile(f"The file is dated {day}, which is in the future.")
    return RegisterFile(path, found, day)


def import_file(
    register: str, path: Path, layout: str, *, dated_on: date | None = None, may_shrink: bool = False
) -> RegisterVersion:
    """Load the file at a path and put it in use, as import_register() does; a file whose date cannot be read is kept as refused, too."""
    found = _layout(layout)
    if not path.is_file():
        raise WrongFile("There is no such file.")
    try:
        file = register_file(path, layout, dated_on)
    except WrongFile as refusal:
        # Its date is not known or wrong: that of the attempt stands in its place.
        attempt = RegisterFile(path, found, dated_on or clock.today())
        _keep_refusal(register, attempt, _digest(path), clock.now(), str(refusal))
        raise
    return import_register(register, file, may_shrink=may_shrink)


def import_register(register: str, file: RegisterFile, *, may_shrink: bool = False) -> RegisterVersion:
    """Load a file and put it in use; returns the version in use, which is the old one if it was loaded from the same file.

    Raises WrongFile, and keeps what was in use then. `may_shrink`: the register really has far fewer entries now.
    """
    digest = _digest(file.path)
    begun = clock.now()
    try:
        with transaction.atomic():
            lock_names(f"register:{register}")
            return _load(register, file, digest, may_shrink=may_shrink)
    except WrongFile as refusal:
        _keep_refusal(register, file, digest, begun, str(refusal))
        raise
    except _DAMAGED as error:
        _keep_refusal(register, file, digest, begun, _NO_ARCHIVE)
        raise WrongFile(_NO_ARCHIVE) from error
    finally:
        delete_replaced_entries(register)


def delete_replaced_entries(register: str | None = None) -> int:
    """Delete the entries of versions that are not in use, some at a time; returns how many."""
    versions = RegisterVersion.objects.filter(state=VersionState.REPLACED)
    count = 0
    for version in versions.filter(register=register) if register else versions:
        while deleted := _delete_some(version):
            count += deleted
    return count


def _layout(code: str) -> Layout:
    if code not in LAYOUTS:
        raise WrongFile(f"There is no layout {code!r}. Those that are known: {', '.join(LAYOUTS)}.")
    return LAYOUTS[code]


def _load(register: str, file: RegisterFile, digest: str, *, may_shrink: bool) -> RegisterVersion:
    old = RegisterVersion.objects.current(register)
    if old is not None and (old.sha256, old.dated_on, old.layout) == (digest, file.dated_on, file.layout.code):
        return old
    if old is not None and file.dated_on < old.dated_on:
        raise WrongFile(f"The file is dated {file.dated_on}, and the one in use {old.dated_on}.")
    version = RegisterVersion.objects.create(
        register=register, layout=file.layout.code, dated_on=file.dated_on, sha256=digest
    )
    with _opened(file) as text:
        count = _copy(version, read_entries(file.layout, text))
    if not count:
        raise WrongFile("The file has no entries.")
    if old is not None and count < LEAST_SHARE * old.entries_count and not may_shrink:
        raise WrongFile(
            f"The file has {count} entries, and the one in use {old.entries_count}: it may be cut off. If it is right, add --may-shrink."
        )
    if old is not None:
        RegisterVersion.objects.filter(pk=old.pk).update(state=VersionState.REPLACED, ended_at=clock.now())
    version.state, version.entries_count = VersionState.CURRENT, count
    version.save(update_fields=["state", "entries_count"])
    trail.record_event(
        events.REGISTER_IMPORTED, version, by=None, register=register, dated_on=str(file.dated_on), entries=count
    )
    return version


def _copy(version: RegisterVersion, entries: Iterable[Entry]) -> int:
    """Stream the entries into the table; how many. Nobody looks at them before their version is in use."""
    columns = ", ".join(_COLUMNS)
    count, lines = 0, []
    try:
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {RegisterEntry._meta.db_table} ({columns}) FROM STDIN") as copy,
        ):
            for entry in entries:
                lines.append(_line(version.pk, entry))
                count += 1
                if count > settings.REGISTER_MOST_ROWS:
                    raise WrongFile(_too_large("too many entries", "REGISTER_MOST_ROWS"))
                if len(lines) == _ROWS_AT_ONCE:
                    copy.write("".join(lines))
                    lines.clear()
            copy.write("".join(lines))
    except UniqueViolation:
        raise WrongFile("The file has two entries with the same number.") from None
    return count


def _line(version: int, entry: Entry) -> str:
    """A row as COPY reads it."""
    texts = [text.translate(_ESCAPES) for text in entry[:7]]
    state = EntryState.IN_FORCE if entry.in_force else EntryState.ENDED
    days = [day.isoformat() if day else "\\N" for day in entry[8:]]
    return "\t".join([str(version), *texts, state.value, *days]) + "\n"


def _keep_refusal(register: str, file: RegisterFile, digest: str, begun: datetime, sentence: str) -> None:
    RegisterVersion.objects.create(
        register=register,
        layout=file.layout.code,
        dated_on=file.dated_on,
        sha256=digest,
        state=VersionState.FAILED,
        begun_at=begun,
        ended_at=clock.now(),
        error=sentence[:300],
    )


def _delete_some(version: RegisterVersion) -> int:
    some = RegisterEntry.objects.filter(version=version).order_by("pk")[:_DELETED_AT_ONCE]
    with transaction.atomic():
        return RegisterEntry.objects.filter(pk__in=some.values("pk"))._raw_delete("default")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(file: RegisterFile) -> Iterator[io.TextIOWrapper]:
    if not zipfile.is_zipfile(file.path):
        _refuse_size(file.path.stat().st_size)
        with file.path.open(encoding="utf-8-sig", newline="") as text:
            yield text
        return
    with zipfile.ZipFile(file.path) as archive:
        member = _member(archive, file.layout)
        _refuse_size(member.file_size)  # No more than that is ever unpacked.
        with archive.open(member) as stream:
            yield io.TextIOWrapper(_buffered(stream), encoding="utf-8-sig", newline="")


def _buffered(member: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(member, _BYTES_AT_ONCE)  # type: ignore[arg-type]  # a raw stream in all but its declared type


def _refuse_size(size: int) -> None:
    if size > settings.REGISTER_MOST_BYTES:
        raise WrongFile(_too_large(f"{size} bytes, unpacked", "REGISTER_MOST_BYTES"))


def _too_large(what: str, setting: str) -> str:
    most = getattr(settings, setting)
    return f"The file is too large: {what}, and at most {most} are taken. If the file is right, raise {setting}."


def _member(archive: zipfile.ZipFile, layout: Layout) -> zipfile.ZipInfo:
    found = [member for member in archive.infolist() if layout.is_member(member.filename)]
    if len(found) != 1:
        raise WrongFile(f"The archive has {len(found)} files that can be the register in the layout {layout.code}.")
    if found[0].compress_type not in _PACKINGS:
        raise WrongFile(_NO_ARCHIVE)
    return found[0]


def _date_in_archive(path: Path, layout: Layout) -> date | None:
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return layout.date_in_name(_member(archive, layout).filename)
    except _DAMAGED as error:
        raise WrongFile(_NO_ARCHIVE) from error
