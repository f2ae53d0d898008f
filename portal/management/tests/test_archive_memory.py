"""A backup and its restoring need little memory, however large the dump and the files are."""

import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from portal import grants
from portal.management import archive

SIZE = 24 << 20
ALLOWED = 4 << 20
RANDOM = (bytes(range(256)) * 4096)[:-1]


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stand in for PostgreSQL; holds the size of every dump that pg_restore was given."""
    sizes: list[int] = []
    monkeypatch.setattr(archive, "_dump_database", _fill)
    monkeypatch.setattr(archive, "_count_rows", dict)
    monkeypatch.setattr(archive, "_kept_by_us", bool)
    monkeypatch.setattr(grants, "as_database_owner", lambda _connection: nullcontext("portal_app"))
    monkeypatch.setattr(grants, "grant_app_rights", lambda *_: None)
    monkeypatch.setattr(archive, "_postgres", lambda *arguments: sizes.append(Path(arguments[-1]).stat().st_size))
    return sizes


def _fill(target: Path) -> dict[str, int]:
    with target.open("wb") as file:
        while file.tell() < SIZE:
            file.write(RANDOM)
    return {}


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
    target = tmp_path / "backup.tar"
    assert _peak(lambda: archive.write_archive(target)) < ALLOWED
    assert target.stat().st_size > 2 * SIZE
    settings.STORAGES = settings.STORAGES | {"default": storage | {"OPTIONS": {"location": tmp_path / "after"}}}
    assert _peak(lambda: archive.restore_archive(target)) < ALLOWED
    assert [size >= SIZE for size in restored] == [True]
    with default_storage.open("media/video") as file:
        assert file.read() == (tmp_path / "before" / "media" / "video").read_bytes()
