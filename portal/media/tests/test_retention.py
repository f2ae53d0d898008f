import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, NotAllowed
from portal.evidence import blobs
from portal.media import parts, quotas
from portal.media.actions import files, probes, retention
from portal.media.models import MediaFile, MediaPart
from portal.media.tests.conftest import FILM, PURPOSE
from portal.people.models import User

Stored = Callable[..., MediaFile]
Needed = Callable[[MediaFile], bool]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def needs(monkeypatch: pytest.MonkeyPatch) -> list[Needed]:
    rules: list[Needed] = []
    monkeypatch.setattr(retention.video_retention, "needs", rules)
    return rules


def _swept(storage: Path, *, days: float) -> int:
    """How many blobs lie there when everything loose was swept."""
    with clock.freeze_time(clock.now() + timedelta(days=days)):
        blobs.sweep_orphan_blobs()
    return sum(path.is_file() for path in storage.rglob("*"))


def test_an_unused_video_is_purged_after_a_week(stored: Stored, storage: Path) -> None:
    file = stored()
    with clock.freeze_time(clock.now() + timedelta(days=6)):
        assert retention.purge_due_videos() == 0
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        assert [retention.purge_due_videos(), retention.purge_due_videos()] == [1, 0]
    assert _swept(storage, days=9) == 0
    sha256 = file.sha256
    file.refresh_from_db()
    assert (file.sha256, file.name, bytes(file.wrapped_key)) == (sha256, "", b"")
    assert not MediaPart.objects.exists()
    with pytest.raises(Conflict, match="retention period"):
        parts.read_video(file)


def test_a_purged_video_may_be_sent_anew(stored: Stored) -> None:
    file = stored()
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        retention.purge_due_videos()
        assert stored() != file


def test_an_upload_that_stands_still_is_given_up_after_a_day(creator: User, storage: Path) -> None:
    file = files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=len(FILM))
    files.append_part(file, offset=0, data=FILM[:1000])
    with clock.freeze_time(clock.now() + timedelta(hours=23)):
        assert retention.purge_due_videos() == 0
        files.append_part(file, offset=1000, data=FILM[1000:2000])
    with clock.freeze_time(clock.now() + timedelta(hours=46)):
        assert retention.purge_due_videos() == 0
    with clock.freeze_time(clock.now() + timedelta(hours=48)):
        assert retention.purge_due_videos() == 1
    assert _swept(storage, days=3) == 0
    with pytest.raises(Conflict):
        files.append_part(file, offset=2000, data=FILM[2000:3000])


def test_a_needed_and_a_frozen_video_are_kept(ready: MediaFile, creator: User, needs: list[Needed]) -> None:
    needs.append(lambda file: file == ready)
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        assert retention.purge_due_videos() == 0
    needs.clear()
    files.freeze_videos([ready], at=clock.now(), by=creator)
    with clock.freeze_time(clock.now() + timedelta(days=4000)):
        assert retention.purge_due_videos() == 0
        retention.schedule_video_purge([ready], at=clock.now())
        assert retention.purge_due_videos() == 1
    assert MediaFile.objects.get().purged_at


def test_the_owner_may_take_back_what_was_not_sent(ready: MediaFile, creator: User, stranger: User) -> None:
    with pytest.raises(NotAllowed):
        retention.discard_video(ready, by=stranger)
    retention.discard_video(ready, by=creator)
    retention.discard_video(ready, by=creator)  # the same button twice
    assert AuditEvent.objects.filter(event="media.file.purged").count() == 1


def test_the_owner_may_not_take_back_what_was_sent(ready: MediaFile, creator: User) -> None:
    files.freeze_videos([ready], at=clock.now(), by=creator)
    ready.refresh_from_db()
    with pytest.raises(Conflict):
        retention.discard_video(ready, by=creator)


def test_what_nobody_owns_nobody_takes_back(stored: Stored, creator: User) -> None:
    with pytest.raises(NotAllowed):
        retention.discard_video(stored(by=None), by=creator)


def test_the_same_video_sent_again_is_kept_longer(stored: Stored, creator: User) -> None:
    stored()
    with clock.freeze_time(clock.now() + timedelta(days=5)):
        files.store_stream(io.BytesIO(FILM), owner=creator, purpose=PURPOSE, name="again.mp4")
    with clock.freeze_time(clock.now() + timedelta(days=11)):
        assert retention.purge_due_videos() == 0
    with clock.freeze_time(clock.now() + timedelta(days=13)):
        assert retention.purge_due_videos() == 1


def test_a_refused_video_gives_its_room_back_within_hours(stored: Stored, creator: User) -> None:
    file = stored()
    probes.video_check.give_up({"file": str(file.pk)})
    assert quotas.video_use_of(creator).count == 1
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        retention.purge_due_videos()
        assert quotas.video_use_of(creator).count == 0


def test_a_refused_video_that_a_case_rests_on_stays(stored: Stored, creator: User) -> None:
    file = stored()
    retention.video_retention.freeze([file], at=clock.now(), by=creator)
    probes.video_check.give_up({"file": str(file.pk)})
    file.refresh_from_db()
    assert (file.state, file.purge_at) == ("refused", None)
