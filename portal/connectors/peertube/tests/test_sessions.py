"""Tokens: one pair for all workers, renewed by one of them, and got anew where an answer was lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings

from portal.connectors.models import PlatformSession
from portal.connectors.peertube import sessions
from portal.connectors.peertube.connector import PeerTube
from portal.connectors.peertube.sessions import MOST_TOKEN_CALLS, CredentialsRefused
from portal.outbound.http import Busy
from portal.platforms import PlatformConfig, PlatformError
from portal.testing.peertube_server import PeerTubeServer


def token_calls(server: PeerTubeServer) -> int:
    return server.calls.count(("POST", "/users/token"))


@pytest.fixture
def author(server: PeerTubeServer) -> str:
    return server.add_user("author").name


@pytest.mark.django_db
def test_one_token_serves_many_calls_and_is_kept_encrypted(
    platform: PeerTube, server: PeerTubeServer, author: str
) -> None:
    for _ in range(3):
        platform.account(author)
    assert token_calls(server) == 1
    row = PlatformSession.objects.get()
    (access,), (refresh,) = server.access, server.refresh
    assert access not in row.access_sealed
    assert refresh not in row.refresh_sealed
    assert access not in repr(platform.api._sessions.access_token())


@pytest.mark.django_db
@pytest.mark.parametrize("ended", ["access", "both", "row", "key"])
def test_ended_tokens_are_replaced(platform: PeerTube, server: PeerTubeServer, author: str, ended: str) -> None:
    platform.account(author)
    if ended in {"access", "both"}:
        server.end_tokens()
    if ended == "both":
        server.end_tokens(of_kind="refresh")
    if ended == "row":
        PlatformSession.objects.update(access_until=sessions._now() + timedelta(seconds=30))
    if ended == "key":
        PlatformSession.objects.update(access_sealed="v1.gone.AAAA", refresh_sealed="v1.gone.AAAA")
    assert platform.account(author).id == author
    assert token_calls(server) == (3 if ended == "both" else 2)


@pytest.mark.django_db
def test_a_change_is_made_once_where_its_token_has_ended(platform: PeerTube, server: PeerTubeServer) -> None:
    video = server.add_video(server.add_user("author"), "A film", sessions._now())
    platform.find_work(video.uuid)
    server.end_tokens()
    server.inject("401", path="/videos/*/blacklist")
    platform.remove_work(video.uuid, key="k", reason="A copy")
    assert video.blocked == "A copy"


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_a_lost_refresh_costs_one_more_sign_in(
    platform: PeerTube, server: PeerTubeServer, author: str, fault: str
) -> None:
    platform.account(author)
    server.end_tokens()
    server.inject(fault, path="/users/token")
    with pytest.raises(PlatformError):
        platform.account(author)
    assert platform.account(author).id == author
    assert token_calls(server) == (4 if fault == "lost" else 3)


@pytest.mark.django_db
def test_a_wrong_password_is_not_tried_for_ever(server: PeerTubeServer, author: str) -> None:
    config = server.config()
    wrong = {**config.credentials, "password": "another"}
    platform = PeerTube(PlatformConfig(config.code, config.name, config.kind, config.base_url, wrong, config.options))
    for _ in range(MOST_TOKEN_CALLS):
        with pytest.raises(CredentialsRefused):
            platform.account(author)
    with pytest.raises(Busy) as busy:
        platform.account(author)
    assert token_calls(server) == MOST_TOKEN_CALLS < server.token_limit
    assert busy.value.retry_after is not None
    assert 200 < busy.value.retry_after <= 300
    PlatformSession.objects.update(counted_from=sessions._now() - sessions.TOKEN_WINDOW)
    with pytest.raises(CredentialsRefused):
        platform.account(author)


@pytest.mark.django_db
def test_a_worker_that_died_while_renewing_holds_nobody_up(
    platform: PeerTube, server: PeerTubeServer, author: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_WAIT_SECONDS", 0.2)
    now = sessions._now()
    PlatformSession.objects.create(platform="peertube", renewing_until=now + timedelta(seconds=30))
    with pytest.raises(Busy):
        platform.account(author)
    PlatformSession.objects.update(renewing_until=now)
    assert platform.account(author).id == author


@pytest.mark.django_db(transaction=True)
def test_workers_that_need_a_token_at_once_get_the_same(platform: PeerTube, server: PeerTubeServer) -> None:
    names = [server.add_user(f"author{number}").name for number in range(6)]

    def look(name: str) -> str:
        try:
            return platform.account(name).id
        finally:
            connection.close()

    for expected in (1, 2):
        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(look, names)) == names
        assert token_calls(server) == expected
        server.end_tokens()
    assert PlatformSession.objects.get().version == 2


@pytest.mark.django_db
def test_tokens_are_encrypted_anew_under_a_new_key(platform: PeerTube, author: str) -> None:
    from django.conf import settings

    platform.account(author)
    before = PlatformSession.objects.get().access_sealed
    assert sessions.renew_sealed_tokens() == 0
    with override_settings(
        EVIDENCE_KEYS=["new:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", *settings.EVIDENCE_KEYS]
    ):
        assert sessions.renew_sealed_tokens() == 1
        assert PlatformSession.objects.get().access_sealed != before
        assert platform.account(author).id == author


@pytest.mark.django_db
def test_a_restart_and_its_limits_are_outlived(server: PeerTubeServer, author: str) -> None:
    platform = PeerTube(server.config(break_after=1000, attempts=3))
    server.call_limit, server.call_window = 5, 1.0
    for _ in range(6):
        assert platform.account(author).id == author
    server.stop()
    with pytest.raises(PlatformError):
        platform.account(author)
    server.start()
    assert platform.account(author).id == author
