"""Log lines: an id for every request, and nobody's address."""

import json
import logging
from io import StringIO

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal import logs
from portal.web.requestlog import RequestLogMiddleware


@pytest.fixture
def lines() -> StringIO:
    """What the configured handler would write, as JSON lines."""
    made = logs.configure_logging(level="INFO", as_json=True)["formatters"]["line"]
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=made["foreign_pre_chain"], processors=made["processors"])
    )
    logger = logging.getLogger("portal.tests.lines")
    logger.handlers, logger.propagate, logger.level = [handler], False, logging.INFO
    return stream


def test_addresses_are_masked_in_words_values_and_tracebacks(lines: StringIO) -> None:
    logger = logging.getLogger("portal.tests.lines")
    try:
        raise ValueError("550 no such person: Mei.Lin+x@mail.example.cn")
    except ValueError:
        logger.exception("mail to %s failed", "someone@example.org", extra={"who": "third@example.net"})
    text = lines.getvalue()
    assert "@" not in text
    assert text.count("[address]") >= 3
    assert json.loads(text)["level"] == "error"


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-12345678", True), ("two\nlines", False), ("x" * 500, False), ("short", False)]
)
def test_a_foreign_request_id_is_kept_when_it_is_harmless(given: str, kept: bool) -> None:
    request = RequestFactory().get("/page/", headers={"x-request-id": given})
    answer = RequestLogMiddleware(_answer)(request)
    assert (answer["X-Request-ID"] == given) is kept
    assert len(answer["X-Request-ID"]) >= 8


def test_query_strings_are_not_logged() -> None:
    request = RequestFactory().get("/register/", {"q": "Li Lei"})
    assert RequestLogMiddleware.format_request(request) == "GET /register/"


def test_a_signed_link_stands_in_no_log() -> None:
    request = RequestFactory().get("/complaints/answers/open/the-secret-part/")
    shown = RequestLogMiddleware.format_request(request)
    assert shown == "GET /complaints/answers/open/<str:token>/"
    assert RequestLogMiddleware.format_request(RequestFactory().get("/nowhere/")) == "GET /nowhere/"


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("550 no such person: Mei.Lin+x@mail.example.cn", "550 no such person: [address]"),
        ("duplicate key\nDETAIL:  Key (email)=(a@example.org) already exists.", "duplicate key [row]"),
        ("Failing row contains (1, Ana, 13812345678)", "[row]"),
        ("GET https://api.example/x?phone=123&name=Ana failed", "GET https://api.example/x?[query] failed"),
        ("no account of +86 138-1234-5678", "no account of [number]"),
        ("bad id 11010519491231002X", "bad id [number]"),
        ("name 'Ana Example' is taken", "name [text] is taken"),
        ("'李雷' 已存在", "[text] [text]"),
        ("column \"people_user.email\" of 'KeyError' after 3 s, port 5432", None),
        ("no answer of 198.51.100.7", "no answer of [ip]"),
        ("token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 expired", "token [token] expired"),
    ],
)
def test_errors_are_described_without_personal_data(message: str, kept: str | None) -> None:
    assert logs.describe_error(ValueError(message), most=500) == f"ValueError: {message if kept is None else kept}"
    assert len(logs.describe_error(ValueError(message * 90), most=50)) <= 50
