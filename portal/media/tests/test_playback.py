from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portal import clock, vault
from portal.evidence import blobs
from portal.media import parts, playback, sending
from portal.media.actions import retention
from portal.media.models import MediaFile, MediaLook
from portal.media.tests.conftest import FILM
from portal.people.models import User

Stored = Callable[..., MediaFile]
pytestmark = pytest.mark.django_db


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _get(file: MediaFile, user: User, method: str = "get", **headers: str) -> Any:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(_client(user), method)(reverse("media:video", args=[file.pk]), headers=asked)


def _body(answer: Any) -> bytes:
    return b"".join(answer)


def test_the_whole_comes_without_a_range(ready: MediaFile, creator: User) -> None:
    answer = _get(ready, creator)
    assert (answer.status_code, _body(answer)) == (200, FILM)
    expected = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": 'inline; filename="dance.mp4"',
        "Content-Length": "3500",
        "Content-Type": "video/mp4",
        "ETag": f'"{ready.sha256}"',
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
    assert {name: answer[name] for name in expected} == expected
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-", 0, 3499), ("0-0", 0, 0), ("-1", 3499, 3499), ("999-2000", 999, 2000), ("3499-9999", 3499, 3499)],
)
def test_a_range_comes_as_asked(ready: MediaFile, creator: User, asked: str, first: int, last: int) -> None:
    answer = _get(ready, creator, Range=f"bytes={asked}")
    assert (answer.status_code, _body(answer)) == (206, FILM[first : last + 1])
    assert answer["Content-Range"] == f"bytes {first}-{last}/3500"
    assert answer["Content-Length"] == str(last - first + 1)


def test_one_answer_to_a_range_is_bounded(ready: MediaFile, creator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MAX_RANGE_BYTES", 1200)
    answer = _get(ready, creator, Range="bytes=100-")
    assert (answer["Content-Range"], _body(answer)) == ("bytes 100-1299/3500", FILM[100:1300])


def test_a_range_beyond_the_end(ready: MediaFile, creator: User) -> None:
    answer = _get(ready, creator, Range="bytes=3500-")
    assert (answer.status_code, answer["Content-Range"], answer.content) == (416, "bytes */3500", b"")


@pytest.mark.parametrize(
    ("given", "status"),
    [("same", 206), ('"other"', 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200), ("weak", 200)],
)
def test_if_range_holds_for_the_same_bytes_only(ready: MediaFile, creator: User, given: str, status: int) -> None:
    tag = {"same": f'"{ready.sha256}"', "weak": f'W/"{ready.sha256}"'}.get(given, given)
    assert _get(ready, creator, Range="bytes=0-1", If_Range=tag).status_code == status


def test_what_the_browser_has_is_not_sent_again(ready: MediaFile, creator: User) -> None:
    answer = _get(ready, creator, If_None_Match=f'"{ready.sha256}"')
    assert (answer.status_code, answer["ETag"]) == (304, f'"{ready.sha256}"')
    assert _get(ready, creator, If_Match='"other"').status_code == 412


def test_head_tells_about_the_whole_and_reads_nothing(
    ready: MediaFile, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "read_blob", lambda _: pytest.fail("read"))
    answer = _get(ready, creator, "head", Range="bytes=0-1")
    assert (answer.status_code, answer["Content-Length"], answer["Accept-Ranges"]) == (200, "3500", "bytes")
    assert answer.content == b""


def test_several_ranges_get_the_whole(ready: MediaFile, creator: User) -> None:
    assert _body(_get(ready, creator, Range="bytes=0-1,5-6")) == FILM


def test_what_browsers_cannot_play_is_a_download(ready: MediaFile, creator: User) -> None:
    MediaFile.objects.update(playable=False, media_type="text/html", name="页<b>.mkv")
    answer = _get(ready, creator)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")


def test_only_those_whom_the_rule_lets_in(ready: MediaFile, stranger: User, reviewer: User) -> None:
    url = reverse("media:video", args=[ready.pk])
    assert Client().get(url).status_code == 302
    assert _get(ready, stranger).status_code == 404
    assert not MediaLook.objects.exists()
    assert _body(_get(ready, reviewer)) == FILM
    assert _client(reviewer).post(url).status_code == 405


@pytest.mark.parametrize("state", ["stored", "refused"])
def test_what_is_not_ready_is_not_played(stored: Stored, creator: User, state: str) -> None:
    file = stored()
    if state == "refused":
        MediaFile.objects.update(state=state, refusal="broken")
    assert _get(file, creator).status_code == 404


def test_a_purged_video_is_gone(ready: MediaFile, creator: User) -> None:
    retention.discard_video(ready, by=creator)
    assert _get(ready, creator).status_code == 404


def test_a_look_is_logged_once_an_hour(ready: MediaFile, creator: User, reviewer: User) -> None:
    noon = clock.now().replace(hour=12, minute=0)
    for minutes in (0, 1, 59, 60):
        with clock.freeze_time(noon + timedelta(minutes=minutes)):
            _get(ready, reviewer, Range="bytes=0-1")
            _get(ready, creator, Range="bytes=0-1")
    looks = MediaLook.objects.order_by("at").values_list("by", "at")
    assert list(looks) == [(reviewer.pk, noon), (reviewer.pk, noon + timedelta(hours=1))]


def test_a_visitor_whom_a_product_lets_in_is_logged_without_a_name(ready: MediaFile) -> None:
    request = RequestFactory().get("/", headers={"Range": "bytes=0-1"})
    request.user = AnonymousUser()
    for _ in range(2):
        answer = playback.video_response(request, ready, why="by letter")
        assert answer.status_code == 206
    look = MediaLook.objects.get()
    assert (look.by, look.why) == (None, "by letter")


def test_a_range_takes_as_few_queries_late_as_early(
    ready: MediaFile, reviewer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, url = _client(reviewer), reverse("media:video", args=[ready.pk])
    _body(client.get(url, headers={"Range": "bytes=0-1"}))
    for asked in ("bytes=0-1", "bytes=3000-"):
        with django_assert_num_queries(5):  # session, person, video, look, parts
            _body(client.get(url, headers={"Range": asked}))


def test_a_storage_that_is_down_is_told_before_anything_is_sent(
    ready: MediaFile, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> bytes:
        raise blobs.StorageDown

    monkeypatch.setattr(blobs, "read_blob", fail)
    assert _get(ready, creator).status_code == 503


def test_a_long_video_is_handed_to_the_server_as_a_file(
    ready: MediaFile, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MAX_RANGE_BYTES", 100)
    answers = [_get(ready, creator) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert answers[2]["Retry-After"] == "5"
    assert (answers[0]["Content-Length"], _body(answers[0])) == (str(len(FILM)), FILM)
    assert _body(answers[1]) == FILM
    assert _body(_get(ready, creator)) == FILM


def test_the_poster_is_a_picture_that_may_run_nothing(ready: MediaFile, creator: User, stranger: User) -> None:
    url = reverse("media:poster", args=[ready.pk])
    assert _client(creator).get(url).status_code == 404
    sealed = vault.encrypt_bytes(b"JPEG", data_key=ready.data_key(), bound_to=parts.poster_label(ready))
    MediaFile.objects.update(poster=blobs.store_blob(sealed))
    answer = _client(creator).get(url)
    assert (answer.content, answer["Content-Type"]) == (b"JPEG", "image/jpeg")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert _client(stranger).get(url).status_code == 404


TEXT = "港口的渡轮每天早上六点一刻离开旧码头，船上只有三个渔民和一只黄狗，他们从不说话，只看着远处的灯塔慢慢亮起来。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
def test_a_text_is_shown_as_it_is_compared_whatever_its_encoding(
    stored: Stored, creator: User, reviewer: User, encoding: str, rf: RequestFactory
) -> None:
    file = stored(TEXT.encode(encoding), name="ferry.txt")
    MediaFile.objects.filter(pk=file.pk).update(state="ready", kind="text", media_type="text/plain", playable=True)
    answer = _get(file, creator)
    assert (answer["Content-Type"], answer["Content-Length"]) == ("text/plain; charset=utf-8", str(len(TEXT.encode())))
    assert _body(answer).decode() == TEXT
    part = _get(file, creator, Range="bytes=3-5", If_Range=answer["ETag"])
    assert (part.status_code, _body(part).decode()) == (206, TEXT[1])
    request = rf.get("/")
    request.user = reviewer
    file.refresh_from_db()
    assert playback.shown_text(request, file, why="test", most=6) == TEXT[:6]
