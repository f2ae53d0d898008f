"""The reference platform: what it declares, its pages, and the events that it signs."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from pytest_django.live_server_helper import LiveServer

from portal.connectors import upkeep
from portal.connectors.http.connector import HttpPlatform, narrow_connector
from portal.connectors.http.running_reference import (
    ReferenceProcess,
    RunningReference,
    free_port,
    run_reference_platform,
)
from portal.connectors.http.tests.stage import ReferenceStage
from portal.jobs.models import Job
from portal.platforms import Label, Message, PlatformConfig, Unserved, registry, signing
from portal.platforms.contract import Works
from portal.platforms.protocol import Connector
from portal.platforms.reference import demo, modes, people
from portal.platforms.reference.faults import RateLimit
from portal.platforms.reference.server import ABILITIES, ReferenceServer
from portal.platforms.reference.store import Store, now


@pytest.mark.django_db
def test_its_pages_show_what_the_portal_has_done(
    platform: HttpPlatform, stage: ReferenceStage, reference: RunningReference
) -> None:
    account = stage.account("author", bio="Pots <b>and</b> pans")
    work = stage.work(account, title="A bowl")
    platform.set_label(account, Label("c:1", {"en": "Farming"}, "https://portal.example/c/1"))
    platform.send_message(account, Message("m:1", "About your video", "Please look."))
    platform.remove_work(work, key="k", reason="A copy of another video.")
    shown = _read(f"{reference.address}/@author")
    assert all(text in shown for text in ("Pots &lt;b&gt;and", "Farming", "About your video", "Please look."))
    assert "A copy of another video." in _read(f"{reference.address}/works/{work}")
    assert "@author" in _read(f"{reference.address}/")
    with pytest.raises(urllib.error.HTTPError):
        _read(f"{reference.address}/@nobody")


@pytest.mark.django_db
def test_it_answers_by_the_idempotency_key_and_nothing_without_one(
    reference: RunningReference, stage: ReferenceStage
) -> None:
    client = HttpPlatform(reference.config())._client  # as it is, since `platform` refuses calls without a key
    viewers = [stage.viewer() for _ in range(2)]
    body = {"key": "m:1", "subject": "s", "body": "b", "followers": [viewers[0], 9_999]}
    assert client.call("POST", "/v1/messages", json=body).json()["code"] == "no_idempotency_key"
    assert stage.messages(viewers[0]) == []
    for followers in (body["followers"], [viewers[1]]):
        key = {"Idempotency-Key": "one"}
        given = client.call("POST", "/v1/messages", json=body | {"followers": followers}, headers=key)
        assert given.json() == {"unknown": [9_999]}
    assert (len(stage.messages(viewers[0])), stage.messages(viewers[1])) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_it_tells_the_portal_that_it_is_there(
    live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = signing.new_secret()
    monkeypatch.setenv("REFERENCE_SECRETS", secret)
    credentials = {"secrets": secret, "incoming_secrets": secret}
    made = HttpPlatform(PlatformConfig("reference", "Reference", "http", "https://platform.example", credentials))
    monkeypatch.setattr(registry, "_connectors", {"reference": made.connector()})
    with run_reference_platform(tmp_path, portal=live_server.url):
        until = time.monotonic() + 60
        while not (asked := Job.objects.filter(kind=upkeep.READ_CAPABILITIES).exists()) and time.monotonic() < until:
            time.sleep(0.1)
    assert asked


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 -- this machine
        return str(answer.read().decode())


class TestSmallReference(Works):
    """One that serves messages and labels alone, as it declares."""

    @pytest.fixture(scope="class")
    def small(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReference]:
        with run_reference_platform(tmp_path_factory.mktemp("small"), serves="messages,labels") as running:
            yield running

    @pytest.fixture
    def stage(self, small: RunningReference) -> ReferenceStage:
        small.clear()
        return ReferenceStage(small.store)

    @pytest.fixture
    def platform(self, small: RunningReference, db: None) -> HttpPlatform:
        made = HttpPlatform(small.config())
        made.read_capabilities()
        return made

    @pytest.fixture
    def connector(self, platform: HttpPlatform) -> Connector:
        return narrow_connector(platform.connector())

    def test_what_it_does_not_serve_is_refused_there_too(self, platform: HttpPlatform, stage: ReferenceStage) -> None:
        work = stage.work(stage.account())
        with pytest.raises(Unserved):
            platform.remove_work(work, key="k", reason="r")

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "followers/following?key=k&source=1&target=2&follower_id=3"),
            ("POST", "followers/move"),
            ("POST", "followers/states"),
            ("PUT", "followers/3/opt-out"),
            ("GET", "accounts/1/ranges?parts=2"),
            ("GET", "accounts/1/signals"),
        ],
    )
    def test_calls_that_it_has_not_declared_are_refused_there_too(
        self, platform: HttpPlatform, method: str, path: str
    ) -> None:
        answer = platform._client.call(method, f"/v1/{path}", json={} if method == "POST" else None)
        assert (answer.status, answer.json()["code"]) == (403, "not_served")


def test_it_takes_so_many_calls_a_second_and_two_seconds_worth_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    limit, now = RateLimit(2), [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    assert [limit.take() for _ in range(6)] == [0, 0, 0, 0, 0.5, 0.5]
    now[0] += 1
    assert [limit.take() for _ in range(3)] == [0, 0, 0.5]
    assert not any(RateLimit(0).take() for _ in range(50))


def test_a_fault_waits_until_so_many_calls_were_answered(platform: HttpPlatform, reference: RunningReference) -> None:
    asked = ("GET", "/v1/capabilities")
    reference.inject("signature", path=asked[1], calls=2)
    statuses = [platform._client.call(*asked).status for _ in range(4)]
    assert statuses == [200, 200, 401, 200]


def test_a_reference_platform_that_was_killed_goes_on_with_what_it_had(tmp_path: Path) -> None:
    process = ReferenceProcess(tmp_path / "killed.sqlite3", free_port(), signing.new_secret())
    try:
        process.start()
        account = ReferenceStage(process.running().store).account("kept")
        process.kill()
        process.start()
        assert "@kept" in _read(f"{process.running().address}/@kept")
        assert account == "1"
    finally:
        process.kill()


@pytest.fixture
def demo_server(tmp_path: Path) -> Iterator[ReferenceServer]:
    """With the accounts of the demo, and without faults."""
    store = Store(tmp_path / "demo.sqlite3")
    for _again in range(2):
        demo.seed(store, original=b"the original", copy=b"the copy")
    keys = signing.read_secrets(signing.new_secret())
    server = demo.DemoServer(store, 0, keys, list(ABILITIES), takes_faults=False)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_its_demo_has_two_accounts_a_copy_and_followers(demo_server: ReferenceServer) -> None:
    call, site = demo_server.empty_call, demo_server.site
    copier, author = (people.find_account(call._replace(query={"handle": one})) for one in (demo.COPIER, demo.AUTHOR))
    assert (copier["followers"], author["followers"]) == (45, 8)
    copy = people.find_work(call._replace(query={"address": f"{site}/works/2"}))
    assert (copy["account_id"], people.media(call, "2")) == (copier["id"], b"the copy")
    order = {"key": "o", "source": copier["id"], "target": author["id"], "work_ids": ["2"], "disputed_work_ids": []}
    order |= {"until": now(), "unknown_since": []}
    with demo_server.store.transaction():
        moved = modes.preview(call._replace(body={"order": order, "cursor": 0, "limit": 1000}))
    assert (len(moved["moved"]), len(moved["already"]), moved["passed"]) == (32, 8, 5)
    assert _post(f"{site}/@{demo.AUTHOR}", b"trust-1234") == 204
    assert people.profile(call, author["id"]) == {"text": "trust-1234"}


def test_what_it_does_not_take_is_not_there(demo_server: ReferenceServer) -> None:
    for path in ("/_faults", "/@nobody", "/"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            _post(f"{demo_server.site}{path}", b'{"kind": "busy"}')
        assert refused.value.code == 404, path


def test_its_media_have_an_etag_and_ranges(demo_server: ReferenceServer) -> None:
    def ask(**headers: str) -> tuple[int, bytes, str]:
        signed = signing.sign_request(
            demo_server.keys, signing.Request("GET", "/v1/works/1/media", b""), datetime.now(UTC)
        )
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{demo_server.site}/v1/works/1/media", headers=signed | names)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- this machine
            return answer.status, answer.read(), answer.headers["ETag"]

    status, whole, etag = ask()
    assert (status, whole) == (200, b"the original")
    assert ask(Range="bytes=4-", If_Range=etag) == (206, b"original", etag)
    assert ask(Range="bytes=4-", If_Range='"another"') == (200, b"the original", etag)


def _post(address: str, body: bytes) -> int:
    request = urllib.request.Request(address, body, method="POST")  # noqa: S310 -- this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- as above
        return int(answer.status)
