"""What the connector reads of PeerTube, and what it takes for an outage."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from portal import clock
from portal.connectors import upkeep
from portal.connectors.loading import make_connectors
from portal.connectors.models import PlatformCapabilities
from portal.connectors.peertube import answers, api
from portal.connectors.peertube.connector import PeerTube
from portal.connectors.reasons import REASONS, reason_in_words
from portal.jobs import runner
from portal.platforms import Ability, PlatformError, Unknown, registry
from portal.testing.peertube_server import PeerTubeServer
from portal.testing.peertube_state import MODERATOR, User, short

pytestmark = pytest.mark.django_db
SERVED = ["removals", "restrictions", "reports"]


@pytest.fixture
def author(server: PeerTubeServer) -> User:
    return server.add_user("author", bio="trust-1234")


def test_accounts_are_found_by_every_address_of_their_pages(
    platform: PeerTube, server: PeerTubeServer, author: User
) -> None:
    found = platform.account("author")
    for path in ("/a/author", "/a/author/video-channels", "/accounts/author", "/@author", "/c/author_channel/videos"):
        assert platform.find_account(f"{server.address}{path}") == found
    for name in (f"author@{server.host}", "author_channel", f"{server.address}/@author_channel"):
        assert platform.find_account(name) == found


def test_videos_are_found_by_every_address_of_their_pages(
    platform: PeerTube, server: PeerTubeServer, author: User
) -> None:
    video = server.add_video(author, "A film", clock.now())
    found = platform.find_work(video.uuid)
    for path in (f"/w/{short(video.uuid)}", f"/videos/watch/{video.uuid}?start=1m", f"/videos/embed/{video.uuid}"):
        assert platform.find_work(f"{server.address}{path}") == found
    for path in ("/w/p/list", "/about", "/w/", f"/api/v1/videos/{video.uuid}"):
        with pytest.raises(Unknown):
            platform.find_work(f"{server.address}{path}")


def test_the_date_is_the_servers_and_not_the_uploaders(
    platform: PeerTube, server: PeerTubeServer, author: User
) -> None:
    at = clock.now().replace(microsecond=0)
    assert platform.find_work(server.add_video(author, "A film", at).uuid).published_at == at


def test_private_and_blocked_videos_are_listed_over_all_pages(
    platform: PeerTube, server: PeerTubeServer, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE", 2)
    at = clock.now()
    videos = [server.add_video(author, f"Film {day}", at - timedelta(days=day)) for day in range(5)]
    videos[1].is_private, videos[2].is_sensitive, videos[3].blocked = True, True, "Spam"
    works = platform.works_of("author")
    assert [work.id for work in works] == [video.uuid for video in reversed(videos)]
    assert [work.state for work in works] == ["public", "removed", "public", "public", "public"]


@pytest.mark.parametrize("has_source", [True, False])
@pytest.mark.parametrize("ended", [True, False])
def test_the_file_is_fetched_also_of_a_private_video(
    platform: PeerTube, server: PeerTubeServer, author: User, has_source: bool, ended: bool
) -> None:
    video = server.add_video(author, "A film", clock.now(), b"bytes" * 1000, has_source=has_source, is_private=True)
    platform.find_work(video.uuid)
    if ended:
        server.inject("401", path="/download/*")
    with platform.open_media(video.uuid) as stream:
        assert stream.read() == b"bytes" * 1000


@pytest.mark.parametrize("status", ["400", "403", "409"])
def test_other_errors_are_no_answer_about_the_video(
    platform: PeerTube, server: PeerTubeServer, author: User, status: str
) -> None:
    video = server.add_video(author, "A film", clock.now())
    server.inject(status, path="/videos/*")
    with pytest.raises(PlatformError) as error:
        platform.find_work(video.uuid)
    assert not isinstance(error.value, Unknown)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"credentials": {"username": "portal"}}, "credentials, password"),
        ({"credentials": {"username": "portal", "password": ""}}, "credentials, password"),
        ({"base_url": ""}, "base_url is missing"),
        ({"options": {"speed": 1}}, "options: speed"),
    ],
)
def test_a_wrong_entry_says_what_is_wrong(server: PeerTubeServer, change: dict[str, Any], said: str) -> None:
    entry = vars(server.config()) | change
    connectors, (error,) = make_connectors([entry])
    assert connectors == []
    assert said in error.msg
    assert make_connectors([vars(server.config())])[1] == []


def test_an_account_that_moderates_nothing_serves_accounts_and_videos_alone(
    platform: PeerTube, server: PeerTubeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_connectors", {platform.code: platform.connector()})
    server.users[MODERATOR].moderator = False
    assert upkeep.ask_platforms() == 1
    runner.run_due_jobs()
    connector = registry.get_connector("peertube")
    assert not connector.serves("removals")
    assert reason_in_words(connector, "removals") == REASONS["no-moderator"]
    assert PlatformCapabilities.objects.get().problem == "the portal's account there is not a moderator"
    server.users[MODERATOR].moderator = True
    with clock.freeze_time(clock.now() + timedelta(minutes=5)):
        upkeep.ask_platforms()
        runner.run_due_jobs()
    assert [name for name in get_args(Ability) if registry.get_connector("peertube").serves(name)] == SERVED
    assert PlatformCapabilities.objects.get().problem == ""


def test_a_refused_password_is_shown_and_takes_nothing_back(
    platform: PeerTube, server: PeerTubeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_connectors", {platform.code: platform.connector()})
    platform.read_capabilities()
    server.users[MODERATOR].password = "another"
    for kind in ("access", "refresh"):
        server.end_tokens(of_kind=kind)
    upkeep.ask_platforms()
    runner.run_due_jobs()
    assert PlatformCapabilities.objects.get().problem == "the platform refuses the portal's account"
    assert registry.get_connector("peertube").serves("removals")


@pytest.mark.parametrize("change", [{"name": "a" * 81}, {"host": "h" * 80}], ids=["name", "host"])
def test_an_account_whose_id_rows_cannot_keep_is_not_believed(change: dict[str, str]) -> None:
    given = {"name": "author", "host": "elsewhere.example"}
    assert answers.account_id(given, "https://videos.example") == "author@elsewhere.example"
    with pytest.raises(PlatformError):
        answers.account_id(given | change, "https://videos.example")
