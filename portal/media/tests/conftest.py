"""The cast and a storage of its own for every test of videos."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.media import access, parts
from portal.media.access import AccessRules
from portal.media.actions import files
from portal.media.models import MediaFile
from portal.people.models import User
from portal.people.roles import Role

PURPOSE = "test.video"
# Small parts, so that a few kilobytes are many of them.
PART = 1000


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    place = tmp_path / "evidence"
    options = {"location": place, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}
    return place


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviewers may look at test videos, creators may send them."""
    look = lambda user, _: None if user.role == Role.REVIEWER else "No."  # noqa: E731
    upload = lambda user: None if user.role == Role.CREATOR else "Only creators send videos."  # noqa: E731
    monkeypatch.setattr(access, "_rules", {PURPOSE: AccessRules(look, upload)})


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", PART)


@pytest.fixture
def creator(db: None) -> User:
    return User.objects.create_user("creator@example.org")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger@example.org")


@pytest.fixture
def reviewer(db: None) -> User:
    return User.objects.create_user("reviewer@example.org", role=Role.REVIEWER)


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311


FILM = noise(3500)


@pytest.fixture
def stored(creator: User) -> Callable[..., MediaFile]:
    """Stores a video of four parts, the creator's unless told otherwise (`by=None`: fetched)."""

    def store(data: bytes = FILM, *, name: str = "dance.mp4", by: User | None = creator) -> MediaFile:
        return files.store_stream(io.BytesIO(data), owner=by, purpose=PURPOSE, name=name)

    return store


@pytest.fixture
def ready(stored: Callable[..., MediaFile]) -> MediaFile:
    """A video as the probe leaves it."""
    file = stored()
    found = {"media_type": "video/mp4", "codec": "h264", "width": 320, "height": 180, "duration": 2.0, "playable": True}
    MediaFile.objects.filter(pk=file.pk).update(state="ready", **found)
    file.refresh_from_db()
    return file
