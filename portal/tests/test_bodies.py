"""Long bodies are read only at addresses of uploads, from people who may upload there; and nothing slow meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.engines import fingerprints, limited_process
from portal.people.models import User
from portal.reviews.policies import MAX_TEXT
from portal.web import bodies

pytestmark = pytest.mark.django_db
LONG = bytes(bodies.SMALL_BODY_BYTES + 1)


def _post(client: Client, address: str, body: bytes = LONG) -> int:
    return client.post(address, body, content_type="application/octet-stream").status_code


@pytest.mark.parametrize(
    "name", ["web:landing", "account_login", "sandbox:publish", "media:uploads", "complaints:start"]
)
def test_nobody_unknown_sends_a_long_body(name: str) -> None:
    assert _post(Client(), reverse(name)) == 413
    assert _post(Client(), reverse(name), b"short") != 413


def test_an_unknown_address_and_the_api_take_short_bodies_only() -> None:
    assert _post(Client(), "/nowhere/") == 413
    answer = Client().post("/api/v1/complaints/", LONG, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too_large")


def test_whoever_is_signed_in_sends_a_long_body_to_a_page_of_uploads_only(creator: User) -> None:
    client = Client()
    client.force_login(creator)
    assert _post(client, reverse("complaints:work_new")) != 413
    assert _post(client, reverse("complaints:start")) == 413


def test_a_reviewer_sends_three_chinese_texts_as_long_as_a_decision_may_have(reviewer: User, creator: User) -> None:
    address, body = reverse("reviews:decide", args=["C-1", "uphold"]), urlencode({"text": "字" * 3 * MAX_TEXT}).encode()
    assert len(body) > bodies.SMALL_BODY_BYTES
    for person, refused in ((reviewer, False), (creator, True)):
        client = Client()
        client.force_login(person)
        assert (_post(client, address, body) == 413) is refused


def test_the_web_server_is_told_the_same_from_the_head_alone(creator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "close_old_connections", lambda: None)  # the test's own among them
    client = Client()
    client.force_login(creator)
    cookie = {"HTTP_COOKIE": f"sessionid={client.cookies['sessionid'].value}"}
    page = reverse("complaints:work_new")
    assert _asked(page, cookie) > 100 << 20
    assert _asked(page, {}) == _asked(page, {"HTTP_COOKIE": "sessionid=made-up"}) == bodies.SMALL_BODY_BYTES
    assert _asked("/nowhere/", cookie) == bodies.SMALL_BODY_BYTES


def test_what_is_nested_too_deep_for_its_reader_is_the_senders_error() -> None:
    assert Client().post(reverse("mfa_login_webauthn"), {"credential": "[" * 5000}).status_code == 400


def test_nothing_is_opened_or_compared_while_somebody_waits_for_a_page() -> None:
    work: list[Callable[[], object]] = [
        lambda: limited_process.run_limited(Path("x"), stdin=(), seconds=1, most=1),
        lambda: fingerprints.compare_fingerprints(None, None),  # type: ignore[arg-type]
    ]
    with limited_process.answering_request():
        for each in work:
            with pytest.raises(limited_process.OnRequestThread):
                each()


def test_every_page_with_long_bodies_exists() -> None:
    known = set(_names(get_resolver().url_patterns, ""))
    ours = {name for name in bodies.view_names_with_large_bodies() if ":" in name}  # tests have pages of their own
    assert ours
    assert ours <= known


def _asked(address: str, head: dict[str, str]) -> int:
    return bodies.ask_allowance(RequestFactory().post(address).META | head).most


def _names(patterns: list[URLPattern | URLResolver], prefix: str) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found += _names(pattern.url_patterns, inner)
        else:
            found.append(f"{prefix}{pattern.name}")
    return found


def _refused(status: int, path: str = "/", **headers: str) -> Any:
    environ: Any = {bodies.REFUSED: status}
    return Client(headers={"accept-language": "zh-hans"} | headers).post(path, **environ)


@pytest.mark.parametrize("status", [429, 503])
def test_a_body_for_which_there_is_no_room_is_answered_in_the_readers_language(status: int) -> None:
    page, api, part = (
        _refused(status),
        _refused(status, "/api/v1/nothing/"),
        _refused(status, **{"tus-resumable": "1.0.0"}),
    )
    for answer in (page, api, part):
        assert answer.status_code == status
        assert answer["Retry-After"] == "15"
    assert "文件过多" in page.content.decode()
    assert api.json()["errors"][0]["code"] == {429: "throttled", 503: "busy"}[status]
    assert part["Content-Type"].startswith("text/plain")


def test_a_body_that_is_too_long_is_answered_without_an_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING")
    answer = _refused(413)
    assert answer.status_code == 413
    assert "提交的内容过大" in answer.content.decode()
    assert _refused(413, "/api/v1/nothing/").json()["errors"][0]["code"] == "too_large"
    assert not caplog.records, "whoever sends it could fill the log"


def test_whose_bodies_they_are(creator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "close_old_connections", lambda: None)  # the test's own among them
    client = Client()
    client.force_login(creator)
    cookie = {"HTTP_COOKIE": f"sessionid={client.cookies['sessionid'].value}"}
    page = RequestFactory().post(reverse("complaints:work_new")).META | cookie
    assert bodies.ask_allowance(page).sender == f"person:{creator.pk}"
    assert bodies.ask_allowance(page | {"REQUEST_METHOD": "GET"}) == bodies.Allowance(bodies.SMALL_BODY_BYTES)


def test_where_long_bodies_are_taken_is_known_without_asking_who_sends_them() -> None:
    page = reverse("complaints:work_new")
    told = [bodies.is_upload_address(method, page) for method in ("POST", "GET", "DELETE")]
    assert told == [True, False, False]
    assert not bodies.is_upload_address("POST", "/")
    assert not bodies.is_upload_address("POST", "/nowhere/")
