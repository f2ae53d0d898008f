from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from portal import clock, vault
from portal.audit.models import AuditEvent
from portal.errors import Conflict, NotAllowed
from portal.evidence import blobs
from portal.evidence.actions import files, retention
from portal.evidence.models import EvidenceFile, EvidencePage, FileState, OrphanBlob
from portal.jobs import runner
from portal.people.models import User

Stored = Callable[..., EvidenceFile]
Needed = Callable[[EvidenceFile], bool]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def needs(monkeypatch: pytest.MonkeyPatch) -> list[Needed]:
    rules: list[Needed] = []
    monkeypatch.setattr(retention.evidence_retention, "needs", rules)
    return rules


def _blobs(storage: Path) -> int:
    return sum(path.is_file() for path in storage.rglob("*"))


def test_an_unused_file_is_purged_after_a_week(stored: Stored, storage: Path, creator: User) -> None:
    file = stored()
    runner.run_due_jobs()
    with clock.freeze_time(clock.now() + timedelta(days=6)):
        assert retention.purge_due_files() == 0
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        assert [retention.purge_due_files(), retention.purge_due_files()] == [1, 0]
    with clock.freeze_time(clock.now() + timedelta(days=9)):
        assert blobs.sweep_orphan_blobs() == 3
    assert _blobs(storage) == 0
    sha256 = file.sha256
    file.refresh_from_db()
    assert (file.sha256, file.name, bytes(file.wrapped_key)) == (sha256, "", b"")
    assert not EvidencePage.objects.exists()
    with pytest.raises(Conflict, match="retention period"):
        files.read_file(file, by=creator, why="download")


def test_a_purged_file_may_be_uploaded_anew(stored: Stored) -> None:
    file = stored()
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        retention.purge_due_files()
        assert stored() != file


def test_what_is_needed_is_kept_and_asked_about_again(stored: Stored, needs: list[Needed]) -> None:
    file = stored()
    needs.append(lambda found: found == file)
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        assert retention.purge_due_files() == 0
    needs.clear()
    with clock.freeze_time(clock.now() + timedelta(days=9, minutes=1)):
        assert retention.purge_due_files() == 1


def test_a_frozen_file_is_kept_until_its_time_is_set_and_over(stored: Stored, storage: Path, creator: User) -> None:
    file = stored()
    runner.run_due_jobs()
    files.freeze_files([file], at=clock.now(), by=creator)
    with clock.freeze_time(clock.now() + timedelta(days=4000)):
        assert retention.purge_due_files() == 0
        retention.schedule_purge([file], at=clock.now() + timedelta(days=180))
    with clock.freeze_time(clock.now() + timedelta(days=4181)):
        assert retention.purge_due_files() == 1
    with clock.freeze_time(clock.now() + timedelta(days=4182)):
        blobs.sweep_orphan_blobs()
    assert _blobs(storage) == 0
    assert EvidenceFile.objects.get().purged_at


def test_the_owner_may_take_back_what_was_not_sent(stored: Stored, creator: User, stranger: User) -> None:
    file = stored()
    with pytest.raises(NotAllowed):
        retention.evidence_retention.discard(file, by=stranger)
    retention.evidence_retention.discard(file, by=creator)
    file.refresh_from_db()
    assert file.purged_at
    runner.run_due_jobs()  # the job finds nothing to draw
    assert not EvidencePage.objects.exists()


def test_the_owner_may_not_take_back_what_was_sent(stored: Stored, creator: User) -> None:
    file = stored()
    files.freeze_files([file], at=clock.now(), by=creator)
    file.refresh_from_db()
    with pytest.raises(Conflict):
        retention.evidence_retention.discard(file, by=creator)


def test_a_file_of_another_case_is_not_lost_by_discarding(stored: Stored, creator: User, needs: list[Needed]) -> None:
    file = stored()
    needs.append(lambda _: True)
    retention.evidence_retention.discard(file, by=creator)
    assert not EvidenceFile.objects.get().purged_at


def test_a_file_purged_while_being_drawn_keeps_no_pages(
    stored: Stored, creator: User, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.engines import documents

    file = stored()
    draw = documents.render_document

    def purge_meanwhile(data: bytes) -> list[documents.Page]:
        retention.evidence_retention.discard(file, by=creator)
        return draw(data)

    monkeypatch.setattr(documents, "render_document", purge_meanwhile)
    runner.run_due_jobs()
    assert not EvidencePage.objects.exists()
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert blobs.sweep_orphan_blobs() == 3
    assert _blobs(storage) == 0


def test_the_sweep_leaves_young_and_claimed_blobs(stored: Stored, storage: Path) -> None:
    stored()
    location = blobs.store_blob(b"loose")
    assert blobs.sweep_orphan_blobs() == 0
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert blobs.sweep_orphan_blobs() == 1
    assert not (storage / location).exists()
    assert _blobs(storage) == 1


def test_a_blob_that_the_sweep_took_cannot_be_claimed() -> None:
    location = blobs.store_blob(b"slow")
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        blobs.sweep_orphan_blobs()
    with pytest.raises(blobs.StorageDown):
        blobs.adopt_blobs(location)


def test_a_storage_that_cannot_delete_is_asked_again(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs.store_blob(b"loose")

    def refuse(*_: object) -> None:
        raise PermissionError

    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        with monkeypatch.context() as patch:
            patch.setattr("django.core.files.storage.FileSystemStorage.delete", refuse)
            assert blobs.sweep_orphan_blobs() == 0
        assert blobs.sweep_orphan_blobs() == 1
    assert not OrphanBlob.objects.exists()


def test_products_say_what_is_needed(needs: list[Needed]) -> None:
    retention.register_need(lambda _: True)
    assert len(needs) == 1


def test_of_two_purges_at_once_one_does_nothing(stored: Stored, creator: User) -> None:
    file = stored()
    retention.evidence_retention.discard(file, by=creator)
    retention.evidence_retention.discard(file, by=creator)  # the same button twice, with the row as it was
    assert AuditEvent.objects.filter(event="evidence.file.purged").count() == 1


def test_rotation_skips_purged_files(stored: Stored, creator: User) -> None:
    from portal.evidence.actions import keys

    retention.evidence_retention.discard(stored(), by=creator)
    EvidenceFile.objects.update(key_id="gone")
    assert keys.rotate_keys()["files"] == 0


def test_exhausted_drawing_refuses_the_file(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stored()

    def fail(*_: object, **__: object) -> bytes:
        raise vault.Tampered

    monkeypatch.setattr(files, "file_content", fail)
    for hours in range(1, 8):
        with clock.freeze_time(clock.now() + timedelta(hours=hours)):
            runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, file.refusal) == (FileState.REFUSED, "render_failed")
    assert "staff have been notified" in str(file.refusal_text)
