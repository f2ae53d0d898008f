"""The cast and a storage of its own for every test of evidence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.evidence import access
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.people.roles import Role
from portal.testing import sample_documents

PURPOSE = "test.paper"


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has a storage of its own."""


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviewers may look at test papers, nobody else."""
    look = lambda user, _: None if user.role == Role.REVIEWER else "No."  # noqa: E731
    monkeypatch.setattr(access.evidence_rules, "look_rules", {PURPOSE: look})


@pytest.fixture
def stored(creator: User) -> Callable[..., EvidenceFile]:
    """Stores a paper; a two-page PDF of the creator unless told otherwise."""

    def store(data: bytes | None = None, name: str = "licence.pdf", by: User | None = None) -> EvidenceFile:
        upload = SimpleUploadedFile(name, sample_documents.make_pdf("Licence", pages=2) if data is None else data)
        return files.store_file(upload, by=by or creator, purpose=PURPOSE)

    return store
