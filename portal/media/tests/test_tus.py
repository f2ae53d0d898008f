import base64
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import parse_http_date
from pytest_django import DjangoAssertNumQueries, Settings

from portal import clock
from portal.evidence.models import OrphanBlob
from portal.media import parts
from portal.media.actions import files, retention
from portal.media.models import MediaFile, MediaState
from portal.media.tests.conftest import FILM, PURPOSE, noise
from portal.people.models import User

Stored = Callable[..., MediaFile]
pytestmark = pytest.mark.django_db

BODY = "application/offset+octet-stream"


def _pairs(**metadata: str) -> str:
    return ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in metadata.items())


def _headers(**headers: object) -> dict[str, str]:
    given = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return {name: value for name, value in given.items() if value != "-"}


def _create(client: Client, size: object = len(FILM), **headers: object) -> Any:
    about = {"Upload_Length": size, "Upload_Metadata": _pairs(purpose=PURPOSE, filename="跳舞.mp4")} | headers
    return client.post(reverse("media:uploads"), headers=_headers(**about))


def _patch(client: Client, url: str, data: bytes, offset: object, *, kind: str = BODY, **headers: object) -> Any:
    about = {"Content_Type": kind, "Content_Length": len(data), "Upload_Offset": offset} | headers
    return client.patch(url, data, kind, headers=_headers(**about))


@pytest.fixture
def mine(creator: User) -> Client:
    client = Client()
    client.force_login(creator)
    return client


@pytest.fixture
def url(mine: Client) -> str:
    """An upload that was just begun."""
    return str(_create(mine)["Location"])


def test_a_video_is_sent_in_pieces_and_becomes_a_stored_video(mine: Client, url: str, creator: User) -> None:
    for start, end in ((0, 1), (1, 2500), (2500, 3500)):
        assert mine.head(url, headers=_headers())["Upload-Offset"] == str(start)
        answer = _patch(mine, url, FILM[start:end], start)
        assert (answer.status_code, answer["Upload-Offset"], answer["Tus-Resumable"]) == (204, str(end), "1.0.0")
    file = MediaFile.objects.get()
    assert answer["Content-Location"] == reverse("media:kept", args=[file.pk])
    assert (file.owner, file.name, file.state) == (creator, "跳舞.mp4", MediaState.STORED)
    assert b"".join(parts.read_video(file)) == FILM
    done = mine.head(url, headers=_headers())
    assert (done["Upload-Offset"], done["Upload-Length"]) == ("3500", "3500")
    assert "Upload-Expires" not in done
    assert not OrphanBlob.objects.exists()


def test_creating_tells_where_and_until_when(mine: Client) -> None:
    answer = _create(mine)
    file = MediaFile.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, reverse("media:upload", args=[file.pk]))
    left = parse_http_date(answer["Upload-Expires"]) - clock.now().timestamp()
    assert left == pytest.approx(timedelta(days=1).total_seconds(), abs=5)
    assert mine.head(answer["Location"], headers=_headers())["Upload-Metadata"] == _pairs(
        purpose=PURPOSE, filename="跳舞.mp4"
    )


def test_the_protocol_introduces_itself(settings: Settings) -> None:
    answer = Client().options(reverse("media:uploads"))
    expected = {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,termination,expiration",
        "Tus-Max-Size": str(settings.MEDIA_MAX_BYTES),
    }
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("size", "headers", "status"),
    [
        (3500, {"Tus_Resumable": "0.2.2"}, 412),
        (3500, {"Tus_Resumable": "-"}, 412),
        ("-", {}, 400),
        ("-", {"Upload_Defer_Length": 1}, 400),
        ("-5", {}, 400),
        ("1e3", {}, 400),
        (0, {}, 422),
        (5001, {}, 413),
        (10**18, {}, 400),
        (3500, {"Upload_Metadata": "purpose !!!"}, 400),
        (3500, {"Upload_Metadata": "filename //8="}, 400),
        (3500, {"Upload_Metadata": "-"}, 403),
        (3500, {"Upload_Metadata": _pairs(purpose="unheard.of")}, 403),
    ],
)
def test_what_cannot_be_begun(
    mine: Client, settings: Settings, size: object, headers: dict[str, object], status: int
) -> None:
    settings.MEDIA_MAX_BYTES = 5000
    answer = _create(mine, size, **headers)
    assert (answer.status_code, answer["Tus-Resumable"]) == (status, "1.0.0")
    assert (status == 412) == (answer.get("Tus-Version") == "1.0.0")
    assert not MediaFile.objects.exists()


@pytest.mark.parametrize(
    ("offset", "size", "options", "status"),
    [
        (1000, 100, {"Tus_Resumable": "2.0.0"}, 412),
        (1000, 100, {"kind": "application/octet-stream"}, 415),
        (1000, 100, {"kind": "multipart/form-data; boundary=x"}, 415),
        ("-", 100, {}, 400),
        ("x", 100, {}, 400),
        ("-1", 100, {}, 400),
        (0, 100, {}, 409),
        (999, 100, {}, 409),
        (1001, 100, {}, 409),
        (1000, 2501, {}, 413),
        (1000, 100, {"Content_Length": ""}, 411),
        (1000, 0, {}, 204),
    ],
)
def test_bytes_that_do_not_belong(
    mine: Client, url: str, offset: object, size: int, options: dict[str, Any], status: int
) -> None:
    _patch(mine, url, FILM[:1000], 0)
    assert _patch(mine, url, noise(size), offset, **options).status_code == status
    assert mine.head(url, headers=_headers())["Upload-Offset"] == "1000"


def test_what_is_refused_is_told_in_one_sentence_of_plain_text(mine: Client, settings: Settings) -> None:
    settings.MEDIA_MAX_BYTES = 1 << 20
    answer = _create(mine, 2 << 20)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("This file is larger than 1 MB.")


@pytest.mark.parametrize("who", ["stranger", "reviewer"])
def test_an_upload_is_there_for_its_owner_only(request: pytest.FixtureRequest, url: str, who: str) -> None:
    other = Client()
    other.force_login(request.getfixturevalue(who))
    answers = [
        other.head(url, headers=_headers()),
        _patch(other, url, FILM, 0),
        other.delete(url, headers=_headers()),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert MediaFile.objects.kept().count() == 1


def test_somebody_whose_session_is_over_is_told_so(url: str) -> None:
    answer = _patch(Client(), url, FILM, 0)
    assert (answer.status_code, answer.content[:20]) == (401, b"Please sign in again")


def test_a_request_from_another_site_is_refused(creator: User, url: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(creator)
    answers = [_create(client), _patch(client, url, FILM, 0), client.delete(url, headers=_headers())]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    client.cookies["csrftoken"] = "a" * 32
    assert _patch(client, url, FILM, 0, X_CSRFToken="a" * 32).status_code == 204


def test_an_upload_that_was_given_up_is_gone(mine: Client, url: str) -> None:
    _patch(mine, url, FILM[:1000], 0)
    assert mine.delete(url, headers=_headers()).status_code == 204
    assert [mine.head(url, headers=_headers()).status_code, _patch(mine, url, b"x", 0).status_code] == [404, 404]
    assert OrphanBlob.objects.count() == 1


def test_what_was_sent_with_a_form_cannot_be_taken_back(mine: Client, url: str, creator: User) -> None:
    _patch(mine, url, FILM, 0)
    files.freeze_videos(MediaFile.objects.all(), at=clock.now(), by=creator)
    assert mine.delete(url, headers=_headers()).status_code == 409


def test_an_upload_expires_after_a_day_of_silence(mine: Client, url: str) -> None:
    with clock.freeze_time(clock.now() + timedelta(hours=23)):
        _patch(mine, url, FILM[:1000], 0)
    with clock.freeze_time(clock.now() + timedelta(hours=46)):
        assert mine.head(url, headers=_headers()).status_code == 200
    with clock.freeze_time(clock.now() + timedelta(hours=48)):
        assert [mine.head(url, headers=_headers()).status_code, _patch(mine, url, b"x", 1000).status_code] == [410, 410]
        retention.purge_due_videos()
        assert mine.head(url, headers=_headers()).status_code == 404


class Cut(io.BytesIO):
    """A body whose line breaks in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(min(size or 0, 700))
        if not data:
            raise ConnectionResetError
        return data


def test_a_broken_line_keeps_what_came(mine: Client, url: str) -> None:
    about: dict[str, Any] = {"wsgi.input": Cut(FILM[:2600]), "CONTENT_LENGTH": "3500"}
    answer = mine.patch(url, b"x", BODY, headers=_headers(Upload_Offset=0), **about)
    assert answer.status_code == 400
    assert mine.head(url, headers=_headers())["Upload-Offset"] == "2600"
    assert _patch(mine, url, FILM[2600:], 2600).status_code == 204
    assert b"".join(parts.read_video(MediaFile.objects.get())) == FILM


def test_an_upload_cut_off_after_its_last_byte_is_finished_by_asking(mine: Client, url: str) -> None:
    file = MediaFile.objects.get()
    for start in range(0, 3500, 500):
        files.append_part(file, offset=start, data=FILM[start : start + 500])
    answer = mine.head(url, headers=_headers())
    assert answer["Content-Location"] == reverse("media:kept", args=[file.pk])
    file.refresh_from_db()
    assert file.state == MediaState.STORED


def test_the_same_video_again_leads_to_the_first(mine: Client, url: str, stored: Stored) -> None:
    first = stored()
    answer = _patch(mine, url, FILM, 0)
    assert (answer.status_code, answer["Content-Location"]) == (204, reverse("media:kept", args=[first.pk]))
    assert MediaFile.objects.kept().get() == first


def test_what_was_refused_before_is_refused_at_the_end(mine: Client, url: str, stored: Stored) -> None:
    stored()
    MediaFile.objects.filter(state="stored").update(state="refused", refusal="no_video")
    answer = _patch(mine, url, FILM, 0)
    assert (answer.status_code, b"no video, only sound" in answer.content) == (422, True)


def test_a_piece_takes_as_many_queries_late_as_early(
    mine: Client, url: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for offset in (0, 1000, 2000):
        with django_assert_max_num_queries(15):
            _patch(mine, url, FILM[offset : offset + 1000], offset)


def test_a_kept_video_is_shown_to_its_owner_only(stored: Stored, mine: Client, reviewer: User) -> None:
    file = stored()
    address = reverse("media:kept", args=[file.pk])
    shown = mine.get(address, {"name": "video-kept"}).content.decode()
    assert f'name="video-kept" value="{file.pk}"' in shown
    assert f'hx-get="{reverse("media:status", args=[file.pk])}"' in shown
    assert [mine.get(address, {"name": name}).status_code for name in ("", 'x"y')] == [404, 404]
    other = Client()
    other.force_login(reviewer)
    assert other.get(address, {"name": "video-kept"}).status_code == 404


def test_a_video_that_was_refused_is_not_kept_by_the_form(stored: Stored, mine: Client) -> None:
    file = stored()
    kept, status = reverse("media:kept", args=[file.pk]), reverse("media:status", args=[file.pk])
    box = re.compile(rf'<input type="checkbox" id="kept-{file.pk}"[^>]*>')
    assert " checked" in box.findall(mine.get(kept, {"name": "video-kept"}).content.decode())[0]
    assert not box.findall(mine.get(status, headers={"HX-Request": "true"}).content.decode())
    MediaFile.objects.update(state="refused", refusal="no_video")
    for page in (
        mine.get(kept, {"name": "video-kept"}),
        mine.get(status, headers={"HX-Request": "true"}),
    ):
        found = box.findall(page.content.decode())[0]
        assert " disabled" in found
        assert " checked" not in found
        assert "no video, only sound" in page.content.decode()


def test_the_status_asks_for_itself_until_something_is_known(ready: MediaFile, mine: Client, stranger: User) -> None:
    address = reverse("media:status", args=[ready.pk])
    shown = mine.get(address).content.decode()
    assert "hx-get" not in shown
    assert "0:02 · 320 × 180" in shown
    other = Client()
    other.force_login(stranger)
    assert other.get(address).status_code == 404
