"""A database that has no time is answered with 503 and the advice to try again, in pages and in the API."""

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory

from certification import public
from portal.web.busy import error_page
from portal.web.middleware import LanguageAndTimeZoneMiddleware

pytestmark = pytest.mark.django_db

STATEMENT_TIMEOUT, LOCK_TIMEOUT, IDLE_TIMEOUT, SHUTDOWN, DIVISION = "57014", "55P03", "25P03", "57P01", "22012"


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def fail_with(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    """Have the register run a statement that fails; no other can follow it in this test's transaction."""

    def search(*_args: Any, **_options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    monkeypatch.setattr(public, "search_register", search)


def raising(code: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"


@pytest.mark.parametrize("code", [STATEMENT_TIMEOUT, LOCK_TIMEOUT, IDLE_TIMEOUT, SHUTDOWN])
@pytest.mark.parametrize("path", ["/register/", "/api/v1/certificates/"])
def test_busy_database_is_503(client: Client, monkeypatch: pytest.MonkeyPatch, code: str, path: str) -> None:
    fail_with(monkeypatch, raising(code))
    answer = client.get(path)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_statement_that_takes_too_long_is_ended(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, "SET LOCAL statement_timeout = 50; SELECT pg_sleep(20)")
    answer = client.get("/register/", headers={"accept-language": "en"})
    assert answer.status_code == 503
    assert "The system is busy" in answer.content.decode()


def test_the_page_can_be_asked_for_again_but_nothing_is_sent_twice(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(monkeypatch, raising(STATEMENT_TIMEOUT))
    page = client.get("/register/?q=a&area=b").content.decode()
    assert 'href="/register/?q=a&amp;area=b">Try again</a>' in page
    try:
        raise DatabaseError from psycopg.errors.QueryCanceled()
    except DatabaseError:
        page = error_page(RequestFactory().post("/register/")).content.decode()
    assert "Try again" not in page
    assert "was not saved" in page


def test_api_names_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, raising(STATEMENT_TIMEOUT))
    answer = client.get("/api/v1/certificates/")
    assert (answer.json()["type"], answer.json()["errors"][0]["code"]) == ("server_error", "busy")


@pytest.mark.parametrize(("code", "status", "named"), [(STATEMENT_TIMEOUT, 503, "busy"), (DIVISION, 500, "error")])
def test_api_names_what_fails_before_its_views(
    client: Client, monkeypatch: pytest.MonkeyPatch, code: str, status: int, named: str
) -> None:
    def fail(*_args: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(raising(code))

    monkeypatch.setattr(LanguageAndTimeZoneMiddleware, "__call__", fail)
    answer = client.get("/api/v1/certificates/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, named)


@pytest.mark.parametrize("path", ["/register/", "/api/v1/certificates/"])
def test_every_other_error_stays_500(client: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    fail_with(monkeypatch, raising(DIVISION))
    assert client.get(path).status_code == 500
