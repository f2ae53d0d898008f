"""What the connector reads of MediaCMS, what it sends, and what it takes for an outage."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.connectors.loading import make_connectors
from portal.connectors.mediacms import api
from portal.connectors.mediacms.answers import CredentialsRefused, NotAllowed
from portal.connectors.mediacms.connector import MediaCms
from portal.connectors.members import UnknownAnswer
from portal.connectors.models import SentMessage
from portal.outbound.http import CallError, NoAnswer, Refused, WrongAnswer
from portal.platforms import Message, PlatformError, Unknown, Unserved
from portal.testing.mediacms_server import SLOW_SECONDS, MediaCmsServer
from portal.testing.mediacms_state import EDITOR, TOKEN, User

pytestmark = pytest.mark.django_db
MESSAGE = Message("m:1", "About your video", "Please look.", "https://portal.example/1")


@pytest.fixture
def author(server: MediaCmsServer) -> User:
    return server.add_user("author", bio="trust-1234")


def test_names_are_exact_and_found_by_every_address_of_their_pages(
    platform: MediaCms, server: MediaCmsServer, author: User
) -> None:
    found = platform.account("author")
    for text in ("/user/author", "/user/author/", "/user/author/about"):
        assert platform.find_account(f"{server.address}{text}") == found
    for text in ("Author", "author ", f"{server.address}/view?m=author", "author/../portal", "%61uthor"):
        if text.strip() != "author":
            with pytest.raises(Unknown):
                platform.find_account(text)
    assert found.joined_at is not None


def test_names_need_not_be_ascii(platform: MediaCms, server: MediaCmsServer) -> None:
    server.add_user("陶艺师", bio="你好")
    film = server.add_medium("陶艺师", "一只碗", clock.now(), b"film")
    film.uploader = "陶艺师"
    assert platform.account("陶艺师").handle == "陶艺师"
    assert platform.profile_text("陶艺师") == "你好"
    assert [work.title for work in platform.works_of("陶艺师")] == ["一只碗"]
    with platform.open_media(film.token) as stream:
        assert stream.read() == b"film"
    platform.send_message("陶艺师", MESSAGE)
    assert [name for name, _text in server.mails] == ["陶艺师"]


def test_videos_are_found_by_the_addresses_of_their_pages(
    platform: MediaCms, server: MediaCmsServer, author: User
) -> None:
    film = server.add_medium("author", "A film", clock.now())
    found = platform.find_work(film.token)
    for path in (f"/view?m={film.token}", f"/embed?m={film.token}", f"/view?m={film.token}&t=12"):
        assert platform.find_work(f"{server.address}{path}") == found
    for path in ("/view", "/view?m=", f"/api/v1/media/{film.token}", f"/view/{film.token}", "/view?m=../users/x"):
        with pytest.raises(Unknown):
            platform.find_work(f"{server.address}{path}")
    with pytest.raises(Unknown):
        platform.find_work(f"https://elsewhere.example/view?m={film.token}")


def test_the_date_is_said_to_be_the_uploaders(platform: MediaCms, server: MediaCmsServer, author: User) -> None:
    film = server.add_medium("author", "A film", clock.now())
    assert platform.find_work(film.token).stated_by_uploader
    assert [work.stated_by_uploader for work in platform.works_of("author")] == [True]


def test_videos_of_every_state_are_listed_over_all_pages(
    platform: MediaCms, server: MediaCmsServer, author: User
) -> None:
    at = clock.now()
    films = [server.add_medium("author", f"Film {n}", at - timedelta(hours=n)) for n in range(120)]
    films[0].state, films[70].state = "private", "unlisted"
    server.next_host = "https://elsewhere.example"
    assert [work.id for work in platform.works_of("author")] == [film.token for film in reversed(films)]
    assert server.calls.count(("GET", "/media")) == 3


def test_a_list_that_becomes_shorter_ends(platform: MediaCms, server: MediaCmsServer, author: User) -> None:
    for number in range(60):
        server.add_medium("author", f"Film {number}", clock.now())
    pages = platform.api.pages("/media", author="author")
    assert len(next(pages)) == 50
    for token in list(server.media)[:30]:
        del server.media[token]
    assert list(pages) == []


def test_a_list_without_an_end_is_an_outage(
    platform: MediaCms, server: MediaCmsServer, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_MOST_PAGES", 2)
    for number in range(120):
        server.add_medium("author", f"Film {number}", clock.now())
    with pytest.raises(PlatformError):
        platform.works_of("author")


def test_a_file_on_another_host_is_not_fetched(platform: MediaCms, server: MediaCmsServer, author: User) -> None:
    film = server.add_medium("author", "A film", clock.now(), b"film")
    server.file_host = "http://elsewhere.example"
    with pytest.raises(Refused):
        platform.open_media(film.token)
    server.file_host = server.address
    with platform.open_media(film.token) as stream:
        assert stream.read() == b"film"


def test_the_token_goes_to_the_api_alone(
    platform: MediaCms, server: MediaCmsServer, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = server.add_medium("author", "A film", clock.now(), b"film")
    platform.find_work(film.token)
    server.users[EDITOR].token = "f" * 40
    with platform.api.open_file(film.path, largest=1000) as stream:
        assert stream.read() == b"film"
    with pytest.raises(CredentialsRefused):
        platform.find_work(film.token)
    assert TOKEN not in repr(server.config())


def test_the_file_of_a_private_video_cannot_be_had(platform: MediaCms, server: MediaCmsServer, author: User) -> None:
    film = server.add_medium("author", "A film", clock.now(), b"film", state="private")
    with pytest.raises(Unserved):
        platform.open_media(film.token)


def test_a_download_goes_on_where_it_was_cut_off(
    platform: MediaCms, server: MediaCmsServer, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = server.add_medium("author", "A film", clock.now(), bytes(range(256)) * 4000)
    server.cuts_files = 1
    with platform.open_media(film.token) as stream:
        assert stream.read() == film.content
    assert server.calls.count(("GET", film.path)) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("html", WrongAnswer), ("big", WrongAnswer), ("500", NoAnswer), ("404", WrongAnswer), ("cut", NoAnswer)],
)
def test_what_is_no_json_is_an_outage(
    platform: MediaCms, server: MediaCmsServer, author: User, fault: str, kind: type[CallError]
) -> None:
    film = server.add_medium("author", "A film", clock.now())
    calls: list[Callable[[], Any]] = [
        lambda: platform.find_work(film.token),
        lambda: platform.account("author"),
        lambda: platform.works_of("author"),
    ]
    for call in calls:
        server.inject(fault, times=3)
        with pytest.raises(kind):
            call()


def test_a_slow_platform_is_not_waited_for(server: MediaCmsServer, author: User) -> None:
    platform = MediaCms(server.config(read_seconds=0.3, attempts=1))
    server.inject("slow")
    started = clock.now()
    with pytest.raises(NoAnswer):
        platform.account("author")
    assert (clock.now() - started).total_seconds() < SLOW_SECONDS


def test_what_is_not_allowed_is_not_taken_for_gone(platform: MediaCms, server: MediaCmsServer, author: User) -> None:
    server.users[EDITOR].role = "user"
    film = server.add_medium("author", "A film", clock.now(), state="private")
    with pytest.raises(NotAllowed):
        platform.find_work(film.token)


@pytest.mark.parametrize("text", ["", "a/b", "a b", "a?b", "..", ".", "x" * 81, "a\nb", "a%2fb"])
def test_what_can_be_no_name_is_not_asked(platform: MediaCms, server: MediaCmsServer, text: str) -> None:
    for call in (platform.account, platform.profile_text, platform.works_of, platform.find_work):
        with pytest.raises(Unknown):
            call(text)
    assert server.calls == []


def test_a_mail_has_the_message_and_its_address(platform: MediaCms, server: MediaCmsServer, author: User) -> None:
    platform.send_message("author", MESSAGE)
    assert server.mails == [("author", "About your video\n\nPlease look.\n\nhttps://portal.example/1")]
    assert [kind for _method, _path, kind, _body in server.bodies] == ["application/json"]
    assert not platform.confirms


def test_a_mail_to_nobody_is_not_taken_for_sent(platform: MediaCms, server: MediaCmsServer) -> None:
    with pytest.raises(Unknown):
        platform.send_message("nobody", MESSAGE)
    assert server.bodies == []


@pytest.mark.parametrize("change", [{"token": "x" * 81}, {"owner": "x" * 81}, {"owner": ""}, {"token": ""}])
def test_ids_that_rows_cannot_keep_are_an_outage(
    platform: MediaCms, server: MediaCmsServer, author: User, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    film = server.add_medium("author", "A film", clock.now())
    shown = server.medium_json(replace(film, **change))
    monkeypatch.setattr(server, "medium_json", lambda _medium: shown)
    with pytest.raises(UnknownAnswer):
        platform.works_of("author")
    if "owner" in change:
        with pytest.raises(UnknownAnswer):
            platform.remove_work(film.token, key="a", reason="r")


@pytest.mark.parametrize(("fault", "mails"), [("lost", 2), ("cut", 1), ("500", 1), ("html", 1)])
def test_a_mail_whose_answer_is_lost_is_sent_again(
    platform: MediaCms, server: MediaCmsServer, author: User, fault: str, mails: int
) -> None:
    server.inject(fault, method="POST")
    with pytest.raises(PlatformError):
        platform.send_message("author", MESSAGE)
    assert not SentMessage.objects.exists()
    for _ in range(2):
        platform.send_message("author", MESSAGE)
    assert len(server.mails) == mails


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"credentials": {}}, "credentials, token"),
        ({"credentials": {"token": "short"}}, "credentials, token"),
        ({"credentials": {"token": "a" * 39 + "\n"}}, "credentials, token"),
        ({"base_url": ""}, "base_url is missing"),
        ({"options": {"speed": 1}}, "options: speed"),
        ({"options": {"custody_consent": True}}, "options, custody_consent"),
        ({"options": {"probe_work": 5}}, "options, probe_work"),
    ],
)
def test_a_wrong_entry_says_what_is_wrong(server: MediaCmsServer, change: dict[str, Any], said: str) -> None:
    connectors, (error,) = make_connectors([vars(server.config()) | change])
    assert connectors == []
    assert said in error.msg
    assert make_connectors([vars(server.config())])[1] == []
