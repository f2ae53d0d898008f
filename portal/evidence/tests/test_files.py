import hashlib
import io
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from portal import clock, vault
from portal.audit import trail
from portal.engines import limited_process
from portal.engines.documents import LIMITS, limits
from portal.errors import Invalid, NotAllowed
from portal.evidence import access, blobs, quotas, refusals
from portal.evidence.actions import files, pages
from portal.evidence.models import EvidenceAccess, EvidenceFile, EvidencePage, FileState, OrphanBlob
from portal.evidence.uploads import OversizedFile
from portal.jobs import runner
from portal.jobs.models import Job
from portal.people.models import User
from portal.testing import sample_documents

Stored = Callable[..., EvidenceFile]
pytestmark = pytest.mark.django_db


def test_a_stored_file_is_kept_encrypted_and_read_back(stored: Stored, storage: Path, creator: User) -> None:
    data = sample_documents.make_pdf("Licence 4711")
    file = stored(data)
    assert (file.media_type, file.state, file.size) == ("application/pdf", FileState.STORED, len(data))
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    [blob] = [path for path in storage.rglob("*") if path.is_file()]
    assert b"%PDF" not in blob.read_bytes()
    assert blob.stat().st_mode & 0o077 == 0
    assert files.read_file(file, by=creator, why="download") == data
    assert not EvidenceAccess.objects.exists()
    assert not OrphanBlob.objects.exists()


def test_the_same_bytes_for_the_same_purpose_are_one_file(stored: Stored, creator: User, stranger: User) -> None:
    first, again, others = stored(), stored(name="other name.pdf"), stored(by=stranger)
    assert first == again
    assert first != others
    assert list(files.duplicates_of_file(first)) == [others]


def test_two_forms_at_once_store_one_file(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stored()
    answers = iter([None, first])
    monkeypatch.setattr(files, "_known", lambda *_: next(answers))
    assert stored() == first
    assert EvidenceFile.objects.count() == 1
    assert OrphanBlob.objects.count() == 1  # the slower one's bytes, for the sweep


def test_a_refused_file_leaves_nothing(stored: Stored, storage: Path) -> None:
    with pytest.raises(Invalid, match="not a PDF"):
        stored(b"just text", name="licence.pdf")
    assert not EvidenceFile.objects.exists()
    assert not storage.exists()


def test_a_file_over_the_limit_is_not_even_read(creator: User) -> None:
    upload = OversizedFile(io.BytesIO(b"never read"), "file", "big.pdf", "", LIMITS.file_bytes + 1, None)
    with pytest.raises(Invalid, match="larger than 20 MB"):
        files.store_file(upload, by=creator, purpose="test.paper")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), PermissionError("read-only")])
def test_a_full_storage_is_told_and_leaves_nothing(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def refuse(*_: object) -> str:
        raise error

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", refuse)
    with pytest.raises(blobs.StorageDown, match="cannot be stored"):
        stored()
    assert not EvidenceFile.objects.exists()
    assert not Job.objects.exists()


def test_pages_are_drawn_once_however_often_the_job_runs(stored: Stored, reviewer: User) -> None:
    file = stored(sample_documents.make_pdf("Licence", pages=3))
    runner.run_due_jobs()
    Job.objects.update(state="queued", attempts=0)
    runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, file.page_count) == (FileState.READY, 3)
    assert list(file.pages.values_list("number", "width", "height")) == [(n, 1131, 1600) for n in (1, 2, 3)]
    page = files.read_page(file.pages.get(number=2), by=reviewer, why="review")
    assert page.startswith(b"\xff\xd8\xff")


def test_every_look_of_another_person_is_logged(stored: Stored, reviewer: User) -> None:
    file = stored()
    runner.run_due_jobs()
    files.read_page(file.pages.get(number=1), by=reviewer, why="review")
    files.read_file(file, by=reviewer, why="registry check")
    looks = EvidenceAccess.objects.order_by("id").values_list("page", "by", "why")
    assert list(looks) == [(1, reviewer.pk, "review"), (None, reviewer.pk, "registry check")]
    events = trail.events_of(trail.subject_of(file)).values_list("event", flat=True)
    assert list(events) == ["evidence.file.stored", "evidence.file.read"]


def test_a_stranger_may_not_look(stored: Stored, stranger: User) -> None:
    file = stored()
    runner.run_due_jobs()
    with pytest.raises(NotAllowed):
        files.read_file(file, by=stranger, why="curiosity")
    with pytest.raises(NotAllowed):
        files.read_page(file.pages.get(number=1), by=stranger, why="curiosity")
    assert not EvidenceAccess.objects.exists()


def _refused_by_database(change: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        change()


def test_the_log_of_looks_cannot_be_changed(stored: Stored, reviewer: User) -> None:
    files.read_file(stored(), by=reviewer, why="review")
    _refused_by_database(lambda: EvidenceAccess.objects.update(why="nothing"))
    _refused_by_database(lambda: EvidenceAccess.objects.all().delete())


def test_a_frozen_file_cannot_be_changed_or_deleted(stored: Stored, creator: User) -> None:
    file = stored()
    runner.run_due_jobs()
    files.freeze_files([file], at=clock.now(), by=creator)
    rows = EvidenceFile.objects.filter(pk=file.pk)
    changes = ({"sha256": "0" * 64}, {"name": "other.pdf"}, {"location": "ab/cd"}, {"frozen_at": None}, {"size": 1})
    for change in changes:
        _refused_by_database(lambda change=change: rows.update(**change))  # type: ignore[misc]
    _refused_by_database(rows.delete)
    _refused_by_database(lambda: EvidencePage.objects.all().delete())
    _refused_by_database(lambda: EvidencePage.objects.update(location="ab/cd"))
    assert rows.get().purge_at is None


def test_pages_may_come_after_freezing(stored: Stored, creator: User) -> None:
    file = stored()
    files.freeze_files([file], at=clock.now(), by=creator)
    runner.run_due_jobs()
    assert EvidenceFile.objects.get().state == FileState.READY


def test_a_purged_file_cannot_be_frozen(stored: Stored, creator: User) -> None:
    file = stored()
    EvidenceFile.objects.update(purged_at=clock.now(), location="", name="")
    with pytest.raises(Invalid):
        files.freeze_files([file], at=clock.now(), by=creator)


def test_changed_bytes_do_not_open(stored: Stored, storage: Path, creator: User) -> None:
    file = stored()
    path = storage / file.location
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(vault.Tampered):
        files.read_file(file, by=creator, why="download")


def test_bytes_of_another_file_do_not_open(stored: Stored, storage: Path, creator: User) -> None:
    file, other = stored(), stored(sample_documents.make_photo(), name="photo.jpg")
    (storage / file.location).write_bytes((storage / other.location).read_bytes())
    with pytest.raises(vault.Tampered):
        files.read_file(file, by=creator, why="download")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/licence.pdf", "licence.pdf"),
        ("C:\\papers\\licence.pdf", "licence.pdf"),
        ("\u202efdp.licence.pdf", "fdp.licence.pdf"),
        ("执业医师证.pdf", "执业医师证.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert files.clean_name(given) == kept


def test_a_file_that_cannot_be_drawn_is_refused_with_a_sentence(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.engines import documents

    file = stored()
    monkeypatch.setattr(documents, "render_document", _too_heavy)
    runner.run_due_jobs()
    assert EvidenceFile.objects.get().state == FileState.STORED  # perhaps only the machine was short of memory
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, file.refusal) == (FileState.REFUSED, "too_heavy")
    assert "too complex" in str(file.refusal_text)
    with pytest.raises(Invalid, match="too complex"):
        stored()


@pytest.mark.parametrize(
    ("limit", "sentence"), [("MOST_WAITING", "still being processed"), ("MOST_IN_AN_HOUR", "in an hour")]
)
def test_one_person_cannot_fill_the_queue(
    stored: Stored, stranger: User, monkeypatch: pytest.MonkeyPatch, limit: str, sentence: str
) -> None:
    monkeypatch.setattr(quotas, limit, 2)
    stored()
    stored(sample_documents.make_photo(), name="me.jpg")
    with pytest.raises(Invalid, match=sentence):
        stored(sample_documents.make_pdf("One more"))
    assert stored(by=stranger).state == FileState.STORED


def test_storing_parses_nothing(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_process, "run_limited", _too_heavy)
    array = b" 0" * 2_000_000
    hostile = b"%PDF-1.7\n1 0 obj\n[" + array + b"]\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    began = time.process_time()
    file = stored(hostile)
    assert time.process_time() - began < 1
    assert file.state == FileState.STORED


def test_a_pdf_of_too_many_objects_is_refused_unopened(stored: Stored) -> None:
    with pytest.raises(Invalid, match="too complex"):
        stored(b"%PDF-1.7\n" + b"1 0 obj null endobj\n" * (LIMITS.pdf_objects + 1) + b"%%EOF")


def test_what_is_kept_counts_against_the_quota_whatever_it_is_part_of(stored: Stored, settings: Settings) -> None:
    settings.EVIDENCE_QUOTA_FILES = 1
    first = stored()
    assert stored() == first
    files.freeze_files([first], at=clock.now(), by=first.owner)
    with pytest.raises(Invalid, match="no room for more files"):
        stored(sample_documents.make_photo(), name="me.jpg")
    EvidenceFile.objects.filter(pk=first.pk).update(purged_at=clock.now(), location="", name="")
    stored(sample_documents.make_photo(), name="me.jpg")


def test_a_rule_is_registered_once() -> None:
    access.register_access_rule("one.more", lambda *_: None)
    with pytest.raises(ValueError, match="twice"):
        access.register_access_rule("one.more", lambda *_: None)


def test_a_closed_account_sees_nothing(stored: Stored, creator: User) -> None:
    file = stored()
    creator.is_active = False
    with pytest.raises(NotAllowed):
        files.read_file(file, by=creator, why="download")


def test_bytes_that_are_not_those_of_the_hash_are_not_given_out(stored: Stored, creator: User) -> None:
    file = stored()
    file.sha256 = "0" * 64
    with pytest.raises(vault.Tampered):
        files.read_file(file, by=creator, why="download")


def test_a_refusal_that_came_too_late_changes_nothing(stored: Stored) -> None:
    file = stored()
    runner.run_due_jobs()
    pages.document_check.give_up({"file": str(file.pk)})
    assert EvidenceFile.objects.get().state == FileState.READY


def test_rows_name_themselves_without_personal_data(stored: Stored, reviewer: User) -> None:
    file = stored(name="Ann Example.pdf")
    runner.run_due_jobs()
    files.read_file(file, by=reviewer, why="review")
    names = [str(file), str(file.pages.first()), str(file.accesses.get()), str(OrphanBlob(location="ab/cd"))]
    assert all(str(file.pk) in name for name in names[:3])
    assert not [name for name in names if "Ann" in name]


def test_bytes_that_are_gone_are_told(stored: Stored, storage: Path, creator: User) -> None:
    file = stored()
    (storage / file.location).unlink()
    with pytest.raises(blobs.StorageDown):
        files.read_file(file, by=creator, why="download")


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    sentences = {str(refusals.refusal_sentence(code)) for code in limits.CODES}
    assert len(sentences) == len(limits.CODES)
    assert set(refusals.REFUSAL_SENTENCES) == limits.CODES | {refusals.RENDER_FAILED}


def _too_heavy(*_: object) -> None:
    from portal.engines.documents import Refused

    raise Refused("too_heavy")
