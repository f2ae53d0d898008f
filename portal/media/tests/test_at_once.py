"""Several requests at one upload, and processes killed in its middle."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.evidence import blobs
from portal.evidence.models import OrphanBlob
from portal.media import parts
from portal.media.actions import files, retention
from portal.media.models import MediaFile, MediaState
from portal.media.tests.conftest import FILM, PART, PURPOSE
from portal.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def begun(creator: User) -> MediaFile:
    return files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=len(FILM))


def _patch(file: MediaFile, data: bytes, offset: int) -> int:
    client = Client()
    client.force_login(User.objects.get())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
    url = reverse("media:upload", args=[file.pk])
    try:
        return client.patch(url, data, content_type="application/offset+octet-stream", headers=headers).status_code
    finally:
        connection.close()


def test_an_upload_that_another_request_writes_to_is_refused(begun: MediaFile) -> None:
    with ThreadPoolExecutor() as pool, transaction.atomic():
        MediaFile.objects.select_for_update().get()
        assert pool.submit(_patch, begun, FILM, 0).result(20) == 423
    assert _patch(begun, FILM, 0) == 204


def test_of_many_that_send_the_same_at_once_no_byte_is_taken_twice(begun: MediaFile) -> None:
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: _patch(begun, FILM, 0), range(4)))
    assert set(statuses) <= {204, 409, 423}
    arrived = files.count_arrived_bytes(begun)
    if arrived < len(FILM):  # each was in another's way
        assert _patch(begun, FILM[arrived:], arrived) == 204
    begun.refresh_from_db()
    assert begun.state == MediaState.STORED
    assert b"".join(parts.read_video(begun)) == FILM


def test_of_the_same_video_sent_twice_at_once_one_is_kept(creator: User, begun: MediaFile) -> None:
    other = files.begin_upload(owner=creator, purpose=PURPOSE, name="b.mp4", size=len(FILM))
    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda file: _patch(file, FILM, 0), (begun, other)))
    assert statuses == [204, 204]
    assert MediaFile.objects.kept().count() == 1


# A real process takes a request and kills itself at the moment that is tried.
SERVER = """
import os, signal, sys
import django
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[1]
settings.ALLOWED_HOSTS = ["*"]
django.setup()
from django.test import Client
from portal.people.models import User
from portal.evidence import blobs
from portal.media import parts
from portal.media.actions import files

parts.PART_BYTES = int(sys.argv[4])
place, name = {"before storing": (blobs, "store_blob"), "before commit": (files.MediaPart.objects, "create"),
               "before hashing": (parts, "video_digest"), "before finishing": (files, "_save")}[sys.argv[3]]
inner, calls, last = getattr(place, name), [], 1 if sys.argv[3] in ("before hashing", "before finishing") else 3

def die(*args, **kwargs):
    calls.append(1)
    if len(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return inner(*args, **kwargs)

setattr(place, name, die)
client = Client()
client.force_login(User.objects.get())
client.patch(sys.argv[2], sys.stdin.buffer.read(), content_type="application/offset+octet-stream",
             headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"})
"""


def _killed(storage: Path, file: MediaFile, moment: str) -> None:
    environment = os.environ | {"DATABASE_NAME": connection.settings_dict["NAME"]}
    url = reverse("media:upload", args=[file.pk])
    command = [sys.executable, "-c", SERVER, str(storage), url, moment, str(PART)]
    ended = subprocess.run(command, input=FILM, env=environment, capture_output=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "arrived", "loose"),
    [
        ("before storing", 2000, 0),
        ("before commit", 2000, 1),
        ("before hashing", 3500, 0),
        ("before finishing", 3500, 0),
    ],
)
def test_a_killed_server_leaves_an_upload_that_goes_on(
    begun: MediaFile, storage: Path, moment: str, arrived: int, loose: int
) -> None:
    _killed(storage, begun, moment)
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


@pytest.mark.slow
def test_a_killed_server_whose_client_never_returns_leaves_nothing(begun: MediaFile, storage: Path) -> None:
    _killed(storage, begun, "before commit")
    with clock.freeze_time(clock.now() + timedelta(days=2)):
        assert retention.purge_due_videos() == 1
    with clock.freeze_time(clock.now() + timedelta(days=3)):
        blobs.sweep_orphan_blobs()
    assert not [path for path in storage.rglob("*") if path.is_file()]
    assert not OrphanBlob.objects.exists()
