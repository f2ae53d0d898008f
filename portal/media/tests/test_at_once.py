"""Several requests at one upload, and processes killed in its middle."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.evidence import blobs
from portal.evidence.models import OrphanBlob
from portal.media import parts
from portal.media.actions import files, retention
from portal.media.models import MediaFile, MediaPart, MediaState
from portal.media.tests.conftest import FILM, PURPOSE
from portal.people.models import User
from portal.testing.concurrency import at_once, run_until_killed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def begun(creator: User) -> MediaFile:
    return files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=len(FILM))


def _patch(file: MediaFile, data: bytes, offset: int) -> int:
    client = Client()
    client.force_login(User.objects.get())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
    url = reverse("media:upload", args=[file.pk])
    return client.patch(url, data, content_type="application/offset+octet-stream", headers=headers).status_code


def test_an_upload_that_another_request_writes_to_is_refused(begun: MediaFile) -> None:
    with transaction.atomic():
        MediaFile.objects.select_for_update().get()
        assert at_once(partial(_patch, begun, FILM, 0)) == [423]
    assert _patch(begun, FILM, 0) == 204


def test_of_many_that_send_the_same_at_once_no_byte_is_taken_twice(begun: MediaFile) -> None:
    statuses = at_once(*[partial(_patch, begun, FILM, 0)] * 4)
    assert set(statuses) <= {204, 409, 423}
    arrived = files.count_arrived_bytes(begun)
    if arrived < len(FILM):  # each was in another's way
        assert _patch(begun, FILM[arrived:], arrived) == 204
    begun.refresh_from_db()
    assert begun.state == MediaState.STORED
    assert b"".join(parts.read_video(begun)) == FILM


def test_of_the_same_video_sent_twice_at_once_one_is_kept(creator: User, begun: MediaFile) -> None:
    other = files.begin_upload(owner=creator, purpose=PURPOSE, name="b.mp4", size=len(FILM))
    assert at_once(*[partial(_patch, file, FILM, 0) for file in (begun, other)]) == [204, 204]
    assert MediaFile.objects.kept().count() == 1


# What the server is about to do when it dies, and for which time.
MOMENTS: dict[str, tuple[object, str, int]] = {
    "before storing": (blobs, "store_blob", 3),
    "before commit": (MediaPart.objects, "create", 3),
    "before hashing": (parts, "video_digest", 1),
    "before finishing": (files, "_save", 1),
}


def _kill_server(file: MediaFile, moment: str) -> None:
    place, name, call = MOMENTS[moment]
    run_until_killed(partial(_patch, file, FILM, 0), place, name, call=call)


@pytest.mark.parametrize(
    ("moment", "arrived", "loose"),
    [
        ("before storing", 2000, 0),
        ("before commit", 2000, 1),
        ("before hashing", 3500, 0),
        ("before finishing", 3500, 0),
    ],
)
def test_a_killed_server_leaves_an_upload_that_goes_on(begun: MediaFile, moment: str, arrived: int, loose: int) -> None:
    _kill_server(begun, moment)
    begun.refresh_from_db()
    assert (begun.state, files.count_arrived_bytes(begun)) == (MediaState.UPLOADING, arrived)
    if arrived < len(FILM):
        assert _patch(begun, FILM[arrived:], arrived) == 204
    else:
        files.finish_upload(begun)
    begun.refresh_from_db()
    assert (begun.state, b"".join(parts.read_video(begun))) == (MediaState.STORED, FILM)
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert blobs.sweep_orphan_blobs() == loose
    assert not OrphanBlob.objects.exists()


def test_a_killed_server_whose_client_never_returns_leaves_nothing(begun: MediaFile, storage: Path) -> None:
    _kill_server(begun, "before commit")
    with clock.freeze_time(clock.now() + timedelta(days=2)):
        assert retention.purge_due_videos() == 1
    with clock.freeze_time(clock.now() + timedelta(days=3)):
        blobs.sweep_orphan_blobs()
    assert not [path for path in storage.rglob("*") if path.is_file()]
    assert not OrphanBlob.objects.exists()
