"""Errors and quotas of the API."""

import pytest
from django.http import Http404
from django.test import Client
from pytest_django import Settings
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from portal.errors import Conflict, DomainError, Invalid, NotAllowed
from portal.web import quotas


def answer_to(fault: Exception, quota: str = "") -> Response:
    class Faulty(APIView):
        permission_classes = (AllowAny,)

        def get(self, request: Request) -> Response:
            raise fault

    answer = Faulty.as_view()(APIRequestFactory().get("/"))
    assert isinstance(answer, Response)
    return answer


@pytest.mark.parametrize(
    ("fault", "status", "kind", "code"),
    [
        (NotAllowed("Not yours."), 403, "client_error", "not_allowed"),
        (Conflict("Too late."), 409, "client_error", "conflict"),
        (Conflict("Too late.", code="stale"), 409, "client_error", "stale"),
        (Invalid("Wrong."), 422, "validation_error", "invalid"),
        (DomainError("No."), 400, "client_error", "refused"),
        (Http404(), 404, "client_error", "not_found"),
    ],
)
def test_refusals_have_one_shape(fault: Exception, status: int, kind: str, code: str) -> None:
    answer = answer_to(fault)
    assert (answer.status_code, answer.data["type"], answer.data["errors"][0]["code"]) == (status, kind, code)


def test_fields_are_named() -> None:
    answer = answer_to(Invalid("Wrong.", fields={"area": ["This area does not exist."]}))
    assert answer.data["errors"] == [{"code": "invalid", "detail": "This area does not exist.", "attr": "area"}]


def test_faults_of_ours_tell_nothing() -> None:
    answer = answer_to(RuntimeError("secret place"))
    assert (answer.status_code, answer.data["type"]) == (500, "server_error")
    assert "secret" not in str(answer.data)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_unknown_addresses_of_the_api_are_json(client: Client, method: str) -> None:
    answer = getattr(client, method)("/api/v1/nothing/here/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


@pytest.mark.django_db
def test_quota_counts_each_caller_apart(settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = {"register": 2}
    assert [_allowed("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert _allowed("10.0.0.2")


def _allowed(address: str) -> bool:
    class Counted(APIView):
        quota = "register"

    throttle = quotas.Quota()
    allowed = throttle.allow_request(Request(APIRequestFactory().get("/", REMOTE_ADDR=address)), Counted())
    assert 0 < throttle.wait() <= quotas.WINDOW
    return allowed
