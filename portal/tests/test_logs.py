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
