"""What holds for every answer: refusals become pages, headers are careful, people get their language and zone."""

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from portal.errors import Conflict, Invalid, NotAllowed
from portal.people.models import User
from portal.urls import handler400  # noqa: F401 -- Django looks handler400 up here
from portal.urls import urlpatterns as real

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
REFUSALS = {"not-allowed": NotAllowed, "conflict": Conflict, "invalid": Invalid}


def refuse(request: HttpRequest, what: str) -> HttpResponse:
    raise REFUSALS[what](f"Because of <{what}>.")


def zone(request: HttpRequest) -> HttpResponse:
    return HttpResponse(timezone.get_current_timezone_name())


def broken(request: HttpRequest) -> HttpResponse:
    raise OperationalError("secret detail")


def moved(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=302, headers={"Location": "/there/"})
    response.set_cookie("kept", "yes")
    return response


urlpatterns = [
    path("test/refuse/<str:what>/", refuse),
    path("test/zone/", zone),
    path("test/broken/", broken),
    path("test/moved/", moved),
    *real,
]


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ana@example.org", "a-long-password", display_name="Ana", language="zh-hans")


@pytest.fixture
def no_database() -> Iterator[None]:
    with (
        mock.patch.object(connection, "ensure_connection", side_effect=OperationalError("down")),
        connection.execute_wrapper(lambda *_: (_ for _ in ()).throw(OperationalError("down"))),
    ):
        yield


@pytest.mark.parametrize(("what", "status"), [("not-allowed", 403), ("conflict", 409), ("invalid", 422)])
def test_a_refusal_is_a_page_with_its_sentence_and_a_way_on(client: Client, what: str, status: int) -> None:
    answer = client.post(f"/test/refuse/{what}/", headers={"referer": "http://testserver/form/?step=2"})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f"Because of &lt;{what}&gt;." in page
    assert 'href="/form/?step=2"' in page
    assert "Nothing was changed" in page


def test_the_way_back_never_leads_elsewhere(client: Client) -> None:
    answer = client.post("/test/refuse/conflict/", headers={"referer": "https://evil.example/form/"})
    assert "evil.example" not in answer.content.decode()
    assert 'href="/test/refuse/conflict/"' in answer.content.decode()


def test_careful_headers(client: Client, person: User) -> None:
    answer = client.get("/")
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" not in answer.get("Cache-Control", "")
    client.force_login(person)
    assert "no-store" in client.get("/about/")["Cache-Control"]


def test_a_person_s_language_goes_with_them_unless_this_device_chose(client: Client, person: User) -> None:
    assert 'lang="en"' in client.get("/about/").content.decode()
    client.force_login(person)
    assert 'lang="zh-hans"' in client.get("/about/").content.decode()
    client.cookies["django_language"] = "en"
    assert 'lang="en"' in client.get("/about/").content.decode()


@pytest.mark.parametrize(
    ("cookie", "name"), [("Asia/Shanghai", "Asia/Shanghai"), ("", "UTC"), ("Mars/Base", "UTC"), ("../../etc", "UTC")]
)
def test_the_zone_of_the_device(client: Client, cookie: str, name: str) -> None:
    client.cookies["timezone"] = cookie
    assert client.get("/test/zone/").content.decode() == name
    assert timezone.get_current_timezone_name() == "UTC"


def test_an_upload_is_told_where_to_go(client: Client) -> None:
    answer = client.get("/test/moved/", headers={"x-upload": "1"})
    assert (answer.status_code, answer["X-Location"]) == (204, "/there/")
    assert answer.cookies["kept"].value == "yes"
    assert client.get("/test/moved/").status_code == 302


@pytest.mark.parametrize("code", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("path", "status"), [("/nothing/", 404), ("/test/refuse/not-allowed/", 403), ("/test/broken/", 500)]
)
def test_error_pages_need_no_database(client: Client, no_database: None, code: str, path: str, status: int) -> None:
    client.raise_request_exception = False
    client.cookies["django_language"] = code
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == status
    assert "secret detail" not in page
    assert re.search(r"<h1>.+</h1>", page, re.DOTALL)
    assert "portal/css/base" in page


def test_nonsense_and_too_much(client: Client) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    answer = client.post("/language/", {f"field{n}": "x" for n in range(1001)})
    assert answer.status_code == 413
    assert "The request is too large" in answer.content.decode()
    files = {f"file{n}": SimpleUploadedFile("a.txt", b"x") for n in range(101)}
    assert client.post("/language/", files).status_code == 413


def test_a_form_without_its_token_is_told_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert answer.status_code == 403
    assert "has expired" in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_switches_lead_nowhere_else(client: Client, target: str) -> None:
    for switch, value in (("language", "zh-hans"), ("theme", "dark")):
        answer = client.post(f"/{switch}/", {switch: value, "next": target})
        assert answer["Location"] == "/"


def test_switches_are_kept(client: Client, person: User) -> None:
    client.force_login(person)
    client.post("/language/", {"language": "en", "next": "/about/"})
    client.post("/theme/", {"theme": "dark", "next": "/about/"})
    page = client.get("/about/").content.decode()
    assert 'lang="en"' in page
    assert 'data-bs-theme="dark"' in page
    person.refresh_from_db()
    assert person.language == "en"
    client.post("/language/", {"language": "xx"})
    client.post("/theme/", {"theme": "pink"})
    assert client.cookies["theme"].value == "dark"
    assert client.cookies["django_language"].value == "en"


def test_a_late_answer_to_a_script_signs_nobody_out(client: Client) -> None:
    client.cookies["sessionid"] = "a-session-that-has-ended"
    script, page = (
        client.get("/", headers={"sec-fetch-mode": "cors"}),
        client.get("/", headers={"sec-fetch-mode": "navigate"}),
    )
    assert "sessionid" not in script.cookies
    assert page.cookies["sessionid"]["max-age"] == 0
