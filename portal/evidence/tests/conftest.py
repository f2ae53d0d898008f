"""The cast and a storage of its own for every test of evidence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from portal.evidence import access
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.people.roles import Role
from portal.testing import sample_documents

PURPOSE = "test.paper"


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    place = tmp_path / "evidence"
    options = {"location": place, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}
    return place


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviewers may look at test papers, nobody else."""
    monkeypatch.setattr(access, "_rules", {PURPOSE: lambda user, _: None if user.role == Role.REVIEWER else "No."})


@pytest.fixture
def creator(db: None) -> User:
    return User.objects.create_user("creator@example.org")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger@example.org")


@pytest.fixture
def reviewer(db: None) -> User:
    return User.objects.create_user("reviewer@example.org", role=Role.REVIEWER)


@pytest.fixture
def stored(creator: User) -> Callable[..., EvidenceFile]:
    """Stores a paper; a two-page PDF of the creator unless told otherwise."""

    def store(data: bytes | None = None, name: str = "licence.pdf", by: User | None = None) -> EvidenceFile:
        upload = SimpleUploadedFile(name, sample_documents.make_pdf("Licence", pages=2) if data is None else data)
        return files.store_file(upload, by=by or creator, purpose=PURPOSE)

    return store
