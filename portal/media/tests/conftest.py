"""The cast and a storage of its own for every test of videos."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.media import access, parts
from portal.media.actions import files
from portal.media.models import MediaFile
from portal.people.models import User
from portal.people.roles import Role

PURPOSE = "test.video"
# Small parts, so that a few kilobytes are many of them.
PART = 1000


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has a storage of its own."""


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviewers may look at test videos, creators may send them."""
    look = lambda user, _: None if user.role == Role.REVIEWER else "No."  # noqa: E731
    upload = lambda user: None if user.role == Role.CREATOR else "Only creators send videos."  # noqa: E731
    monkeypatch.setattr(access.video_rules, "look_rules", {PURPOSE: look})
    monkeypatch.setattr(access.video_rules, "upload_rules", {PURPOSE: upload})


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", PART)


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311


FILM = b"\0\0\0\x18ftypisom" + noise(3488)  # begins as an MP4 does


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
    found = {
        "kind": "video",
        "media_type": "video/mp4",
        "codec": "h264",
        "width": 320,
        "height": 180,
        "duration": 2.0,
        "playable": True,
    }
    MediaFile.objects.filter(pk=file.pk).update(state="ready", **found)
    file.refresh_from_db()
    return file
