"""Pages are compressed where they hold no secret, and only there."""

import gzip

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import ResolverMatch

from portal.people.models import User
from portal.web.compression import PublicGZipMiddleware

pytestmark = pytest.mark.django_db
GZIP = {"accept-encoding": "gzip, br"}


def is_packed(request: HttpRequest, answer: HttpResponseBase) -> bool:
    return PublicGZipMiddleware(HttpResponse).process_response(request, answer).has_header("Content-Encoding")


def test_public_pages_are_compressed(client: Client) -> None:
    plain, packed = client.get("/register/"), client.get("/register/", headers=GZIP)
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 2
    assert b"</html>" in gzip.decompress(packed.content)


def test_pages_of_a_session_are_not(client: Client, creator: User) -> None:
    client.force_login(creator)
    assert "Content-Encoding" not in client.get("/register/", headers=GZIP)


def test_answers_to_a_token_are_not(client: Client) -> None:
    answer = client.get("/api/v1/certificates/", headers={**GZIP, "authorization": "Bearer x"})
    assert "Content-Encoding" not in answer


@pytest.mark.parametrize(
    ("kwargs", "kind", "method", "packed"),
    [
        ({}, "text/html; charset=utf-8", "GET", True),
        ({"token": "x"}, "text/html; charset=utf-8", "GET", False),
        ({}, "text/html; charset=utf-8", "POST", False),
        ({}, "application/pdf", "GET", False),
    ],
)
def test_signed_links_forms_and_files_are_not(kwargs: dict[str, str], kind: str, method: str, packed: bool) -> None:
    request = RequestFactory(headers=GZIP).generic(method, "/")
    request.resolver_match = ResolverMatch(HttpResponse, (), kwargs)
    assert is_packed(request, HttpResponse("a" * 5000, content_type=kind)) is packed


def test_streams_stay_streams() -> None:
    request = RequestFactory(headers=GZIP).get("/")
    request.resolver_match = ResolverMatch(HttpResponse, (), {})
    assert not is_packed(request, StreamingHttpResponse([b"a" * 5000]))
