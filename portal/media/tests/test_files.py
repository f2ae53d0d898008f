import hashlib
import io
import itertools
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from portal import clock, vault
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence import blobs
from portal.evidence.actions import keys
from portal.evidence.models import OrphanBlob
from portal.jobs.models import Job
from portal.media import access, parts, quotas
from portal.media.actions import files, retention
from portal.media.models import MediaFile, MediaPart, MediaState
from portal.media.tests.conftest import FILM, PART, PURPOSE, noise
from portal.people.models import User

Stored = Callable[..., MediaFile]
pytestmark = pytest.mark.django_db


def _blobs(storage: Path) -> list[bytes]:
    return [path.read_bytes() for path in storage.rglob("*") if path.is_file()]


def test_a_video_is_stored_in_encrypted_parts_and_read_back(stored: Stored, storage: Path) -> None:
    film = b"A plain sentence of the film, again and again. " * 200
    file = stored(film)
    assert (file.state, file.size, file.sha256) == ("stored", len(film), hashlib.sha256(film).hexdigest())
    assert b"".join(parts.read_video(file)) == film
    assert [part.size for part in file.parts.all()] == [PART] * 9 + [400]
    lying = _blobs(storage)
    assert len(lying) == 10
    assert not any(b"plain sentence" in blob for blob in lying)
    assert not OrphanBlob.objects.exists()
    assert Job.objects.get().key == f"media.probe:{file.pk}"
    assert [event.event for event in trail.events_of(trail.subject_of(file))] == ["media.file.stored"]


def test_the_plain_file_has_no_name_anywhere(stored: Stored) -> None:
    with parts.open_decrypted(stored()) as plain:
        assert plain.read() == FILM
        assert os.fstat(plain.fileno()).st_nlink == 0


def test_the_same_bytes_for_the_same_purpose_are_one_video(stored: Stored, stranger: User, storage: Path) -> None:
    first, again, others = stored(), stored(name="other name.mp4"), stored(by=stranger)
    assert first == again
    assert first != others
    assert MediaFile.objects.kept().count() == 2
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        blobs.sweep_orphan_blobs()
    assert len(_blobs(storage)) == 8


def test_what_the_system_fetched_belongs_to_nobody_and_is_one_video_too(stored: Stored) -> None:
    first, again = stored(by=None), stored(by=None)
    assert first == again
    assert first.owner is None


def test_two_at_once_store_one_video(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stored()
    answers = iter([None, first])
    monkeypatch.setattr(files, "_known", lambda *_: next(answers))
    assert stored() == first
    assert MediaFile.objects.kept().count() == 1


@pytest.mark.parametrize(("size", "sentence"), [(0, "empty"), (4001, "larger than 0 MB")])
def test_nothing_and_too_much_are_told_and_leave_nothing(
    stored: Stored, settings: Settings, size: int, sentence: str
) -> None:
    settings.MEDIA_MAX_BYTES = 4000
    with pytest.raises(Invalid, match=sentence):
        stored(noise(size))
    assert not MediaFile.objects.kept().exists()
    assert not MediaPart.objects.exists()


class Breaking(io.BytesIO):
    """A stream whose line breaks after 2500 bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(min(size or 0, 2500 - self.tell()))
        if not data:
            raise ConnectionResetError
        return data


def test_a_stream_that_breaks_leaves_nothing_stored(creator: User) -> None:
    with pytest.raises(ConnectionResetError):
        files.store_stream(Breaking(FILM), owner=creator, purpose=PURPOSE, name="a.mp4")
    assert not MediaFile.objects.kept().exists()


def test_a_broken_stream_gives_every_byte_that_came() -> None:
    given = files.stream_parts(Breaking(FILM))
    assert b"".join(itertools.islice(given, 3)) == FILM[:2500]
    with pytest.raises(ConnectionResetError):
        next(given)


def test_a_full_storage_is_told_and_leaves_nothing(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", refuse)
    with pytest.raises(blobs.StorageDown):
        stored()
    assert not MediaFile.objects.kept().exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("start", "end"), [(0, None), (0, 1), (999, 1001), (1000, 2000), (1500, 3499), (3499, 3500), (3000, 99999)]
)
def test_a_stretch_is_read_from_the_parts_it_needs(stored: Stored, start: int, end: int | None) -> None:
    assert b"".join(parts.read_video(stored(), start, end)) == FILM[start:end]


def test_a_stretch_takes_one_query_and_only_its_own_blobs(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    file, get = stored(), Mock(wraps=blobs.read_blob)
    monkeypatch.setattr(blobs, "read_blob", get)
    with django_assert_num_queries(1):
        assert b"".join(parts.read_video(file, 1999, 2001)) == FILM[1999:2001]
    assert get.call_count == 2


def _swap(storage: Path, first: MediaPart, second: MediaPart) -> None:
    (storage / first.location).write_bytes((storage / second.location).read_bytes())


def test_a_part_does_not_open_in_another_place(stored: Stored, storage: Path) -> None:
    file = stored()
    one, two, *_ = file.parts.all()
    _swap(storage, one, two)
    with pytest.raises(vault.Tampered):
        list(parts.read_video(file))


def test_a_part_does_not_open_in_another_video(stored: Stored, storage: Path) -> None:
    file, other = stored(), stored(noise(3500, seed=2))
    _swap(storage, file.parts.all()[0], other.parts.all()[0])
    with pytest.raises(vault.Tampered), parts.open_decrypted(file):
        pass


def test_bytes_that_are_not_those_of_the_hash_are_not_given_out(stored: Stored) -> None:
    file = stored()
    file.sha256 = "0" * 64
    with pytest.raises(vault.Tampered), parts.open_decrypted(file):
        pass


def test_a_missing_part_is_noticed(stored: Stored) -> None:
    file = stored()
    places = parts._places(file, 0, file.size)
    with pytest.raises(vault.Tampered):
        list(parts._decrypted_parts(file, places[:1] + places[2:], 0, file.size))


def test_only_whom_the_rule_lets_in_may_send(stored: Stored, reviewer: User, creator: User) -> None:
    with pytest.raises(NotAllowed, match="Only creators"):
        stored(by=reviewer)
    with pytest.raises(NotAllowed, match="this purpose"):
        files.begin_upload(owner=creator, purpose="unknown", name="a.mp4", size=1)
    creator.is_active = False
    with pytest.raises(NotAllowed, match="closed"):
        stored(by=creator)


def test_rules_are_registered_once() -> None:
    access.register_media_access("one.more", lambda *_: None, lambda _: None)
    with pytest.raises(ValueError, match="twice"):
        access.register_media_access("one.more", lambda *_: None, lambda _: None)


def test_what_is_kept_counts_against_the_quota_whatever_it_is_part_of(stored: Stored, settings: Settings) -> None:
    settings.MEDIA_QUOTA_VIDEOS = 1
    kept = stored()
    stored(by=None)
    files.freeze_videos([kept], at=clock.now(), by=kept.owner)
    with pytest.raises(Invalid, match="You are storing 1 files"):
        stored(noise(10))
    retention.video_retention.purge(MediaFile.objects.filter(pk=kept.pk), by=None)
    stored(noise(10))


def test_bytes_count_against_the_quota(stored: Stored, creator: User, settings: Settings) -> None:
    kept = stored()
    settings.MEDIA_QUOTA_BYTES = kept.size + 10
    assert quotas.video_use_of(creator) == quotas.StorageUse(1, settings.MEDIA_QUOTA_VIDEOS, kept.size, kept.size + 10)
    with pytest.raises(Invalid, match="no room"):
        files.begin_upload(owner=creator, purpose=kept.purpose, name="a.mp4", size=11)
    with pytest.raises(Invalid, match="no room"):
        stored(noise(11))
    stored(noise(10))
    assert quotas.video_use_of(creator).is_full


def _refused_by_database(change: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        change()


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"name": "other.mp4"},
        {"frozen_at": None},
        {"size": 1},
        {"duration": 3.0},
        {"poster": "ab/cd"},
        {"state": "stored"},
        {"owner": None},
    ],
)
def test_a_frozen_video_cannot_be_changed(ready: MediaFile, creator: User, change: dict[str, object]) -> None:
    files.freeze_videos([ready], at=clock.now(), by=creator)
    _refused_by_database(lambda: MediaFile.objects.filter(pk=ready.pk).update(**change))


def test_neither_a_frozen_video_nor_a_part_can_be_deleted(ready: MediaFile, creator: User) -> None:
    files.freeze_videos([ready], at=clock.now(), by=creator)
    _refused_by_database(lambda: MediaPart.objects.all().delete())
    _refused_by_database(lambda: MediaPart.objects.update(location="ab/cd"))
    _refused_by_database(lambda: MediaFile.objects.filter(pk=ready.pk)._raw_delete("default"))


def test_what_has_not_arrived_cannot_be_frozen(creator: User) -> None:
    file = files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=10)
    with pytest.raises(Invalid):
        files.freeze_videos([file], at=clock.now(), by=creator)
    _refused_by_database(lambda: MediaFile.objects.filter(pk=file.pk).update(frozen_at=clock.now()))


@pytest.mark.parametrize(("offset", "size"), [(1, 1), (0, 11), (5, 5)])
def test_a_part_that_does_not_follow_is_refused(creator: User, offset: int, size: int) -> None:
    file = files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=10)
    _refused_by_database(lambda: MediaPart.objects.create(file=file, offset=offset, size=size, location="ab/cd"))


def test_states_move_one_way_only(stored: Stored) -> None:
    file = stored()
    _refused_by_database(lambda: MediaFile.objects.filter(pk=file.pk).update(state=MediaState.UPLOADING, sha256=""))


def test_the_data_key_moves_under_a_new_key(stored: Stored, settings: Settings) -> None:
    file = stored()
    settings.EVIDENCE_KEYS = ["new:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=", *settings.EVIDENCE_KEYS]
    assert [keys.rotate_keys()["videos"], keys.rotate_keys()["videos"]] == [1, 0]
    file.refresh_from_db()
    assert (file.key_id, b"".join(parts.read_video(file))) == ("new", FILM)


def test_an_upload_goes_on_over_any_number_of_requests(creator: User) -> None:
    file = files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=len(FILM))
    offset = 0
    for size in (1, 999, 1000, 700, 800):
        offset = files.append_part(file, offset=offset, data=FILM[offset : offset + size])
    with pytest.raises(Conflict):
        files.append_part(file, offset=0, data=b"x")
    done = files.finish_upload(file)
    assert done == file
    assert files.finish_upload(done) == done
    assert b"".join(parts.read_video(done)) == FILM
    assert b"".join(parts.read_video(done, 900, 1100)) == FILM[900:1100]


def test_an_upload_is_not_finished_before_its_end(creator: User) -> None:
    file = files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=2)
    files.append_part(file, offset=0, data=b"x")
    with pytest.raises(Conflict, match="not complete"):
        files.finish_upload(file)


def test_finishing_twice_at_once_gives_the_same_video(creator: User) -> None:
    file = files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=1)
    files.append_part(file, offset=0, data=b"x")
    slow = MediaFile.objects.get(pk=file.pk)
    assert files.finish_upload(file) == files.finish_upload(slow)
    assert Job.objects.count() == 1
