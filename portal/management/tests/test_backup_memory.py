"""A backup and its restoring need little memory, however large the dump and the files are."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from portal import grants
from portal.management.backups import database, keys, restoring, writing
from portal.management.backups.folder import find_backup

SIZE = 24 << 20
ALLOWED = 4 << 20
RANDOM = (bytes(range(256)) * 4096)[:-1]


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """Stand in for PostgreSQL; holds the size of every dump that was put back."""
    sizes: list[int] = []
    _fill(tmp_path / "dump")

    @contextmanager
    def dump(rows: dict[str, int]) -> Iterator[IO[bytes]]:
        with (tmp_path / "dump").open("rb") as file:
            yield file

    monkeypatch.setattr(database, "open_dump", dump)
    monkeypatch.setattr(database, "count_rows", dict)
    monkeypatch.setattr(database, "restore_dump", lambda path, _rows: sizes.append(path.stat().st_size))
    monkeypatch.setattr(restoring, "keys_are_ours", bool)
    monkeypatch.setattr(keys, "keys_are_ours", bool)
    monkeypatch.setattr(grants, "as_database_owner", lambda _connection: nullcontext("portal_app"))
    return sizes


def _fill(target: Path) -> None:
    with target.open("wb") as file:
        while file.tell() < SIZE:
            file.write(RANDOM)


def _peak(work: Callable[[], object]) -> int:
    """The most bytes that the work held at once."""
    tracemalloc.start()
    work()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_dump_and_files_are_never_wholly_in_memory(tmp_path: Path, settings: Settings, restored: list[int]) -> None:
    storage = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path / "before"}}
    settings.STORAGES = settings.STORAGES | {"default": storage}
    (tmp_path / "before" / "media").mkdir(parents=True)
    _fill(tmp_path / "before" / "media" / "video")
    target = tmp_path / "backups"
    assert _peak(lambda: writing.write_backup(target)) < ALLOWED
    settings.STORAGES = settings.STORAGES | {"default": storage | {"OPTIONS": {"location": tmp_path / "after"}}}
    assert _peak(lambda: restoring.restore_backup(find_backup(target))) < ALLOWED
    assert [size >= SIZE for size in restored] == [True]
    with default_storage.open("media/video") as file:
        assert file.read() == (tmp_path / "before" / "media" / "video").read_bytes()
