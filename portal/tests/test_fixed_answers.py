"""Test clients: every API view answers them, says so, and shows and makes no real row."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from certification.api import examples as certified
from certification.tests import factories as make
from complaints.api import examples as complained
from complaints.models import Complaint
from portal.people.actions import api_clients
from portal.people.fixed_answers import TEST_HEADER, FixedAnswers
from portal.people.tokens import ClientToken, Scope, requires_scope

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def caller(*, test: bool = True, scopes: tuple[Scope, ...] = tuple(Scope)) -> Client:
    client, _secret = api_clients.create_client(name="Try", platform="sandbox", scopes=scopes, test=test)
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, scopes=client.scopes)
    token.set_value(f"secret-{test}")
    token.save()
    return Client(headers={"authorization": f"Bearer secret-{test}"})


def views_with_tokens(resolver: URLResolver) -> Iterator[type[APIView]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views_with_tokens(pattern)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if view is not None and ClientToken in getattr(view, "authentication_classes", ()):
                yield view


def test_every_view_that_takes_tokens_has_fixed_answers() -> None:
    found = list(views_with_tokens(get_resolver()))
    assert len(found) >= 8
    for view in found:
        assert issubclass(view, FixedAnswers), view
        for method in ("get", "post"):
            assert hasattr(view, method) == hasattr(view, f"fixed_{method}"), view


def test_a_view_without_fixed_answers_refuses_a_test_client() -> None:
    class Real(APIView):
        authentication_classes = (ClientToken,)
        permission_classes = (requires_scope(Scope.GATE),)

        def get(self, request: Any) -> None:
            raise AssertionError

    from rest_framework.test import APIRequestFactory

    caller()
    request = APIRequestFactory().get("/", headers={"authorization": "Bearer secret-True"})
    assert Real.as_view()(request).status_code == 403


def test_reading_gives_the_fixed_answers_and_says_so() -> None:
    real = make.certificate("cn-farming")
    api = caller()
    shown: dict[str, Any] = {
        "areas/": [certified.AREA],
        "certificates/": {"next": None, "more": False, "results": [certified.CERTIFICATE]},
        f"certificates/{certified.CERTIFICATE['serial']}/": certified.CERTIFICATE,
        "applications/": {"next": None, "results": [certified.APPLICATION]},
        f"applications/{certified.APPLICATION['number']}/": certified.APPLICATION,
        f"complaints/{complained.COMPLAINT_EXAMPLE['number']}/": complained.COMPLAINT_EXAMPLE,
    }
    for path, expected in shown.items():
        answer = api.get(API + path)
        assert (answer.status_code, answer.json()) == (200, expected), path
        assert answer[TEST_HEADER] == "fixed-answers"
        assert "no-store" in answer["Cache-Control"]
    for path in (f"certificates/{real.serial}/", f"applications/{real.application.number}/", "complaints/OC-1/"):
        assert api.get(API + path).status_code == 404
    assert TEST_HEADER not in caller(test=False).get(f"{API}certificates/{real.serial}/")


def test_the_gate_has_an_account_for_each_answer() -> None:
    api, found = caller(), {}
    for account in ("test-open", "test-expired", "anybody"):
        asked = {"platform": "sandbox", "platform_account": account, "area": "cn-medicine"}
        found[account] = api.get(f"{API}gate/", asked).json()
    assert {account: (said["open"], said["code"]) for account, said in found.items()} == {
        "test-open": (True, "certified"),
        "test-expired": (False, "expired"),
        "anybody": (False, "no_person"),
    }
    elsewhere = {"platform": "other", "platform_account": "test-open", "area": "cn-medicine"}
    assert api.get(f"{API}gate/", elsewhere).status_code == 400
    assert api.get(f"{API}gate/").status_code == 400


def test_a_complaint_is_checked_as_a_real_one_and_not_filed() -> None:
    api, notice = caller(), complained.SUBMISSION_EXAMPLES[0].value

    def file(data: Any, **headers: str) -> Any:
        return api.post(f"{API}complaints/", data, content_type="application/json", headers=headers)

    filed = file(notice, **{"Idempotency-Key": "notice-0001"})
    assert (filed.status_code, filed.json()["state"]) == (201, "received"), filed.content
    assert filed[TEST_HEADER] == "fixed-answers"
    assert file(notice).status_code == 400
    wrong = file({**notice, "kind": "everything"}, **{"Idempotency-Key": "notice-0002"})
    assert wrong.status_code == 400
    assert not Complaint.objects.exists()


def test_scopes_bind_test_clients_too_and_filing_is_not_reading() -> None:
    reading = caller(scopes=(Scope.COMPLAINTS,))
    assert reading.get(f"{API}complaints/").status_code == 200
    assert reading.post(f"{API}complaints/", {}, content_type="application/json").status_code == 403
    assert reading.get(f"{API}gate/").status_code == 403
    filing = caller(test=False, scopes=(Scope.FILING,))
    assert filing.get(f"{API}complaints/").status_code == 403
    assert filing.post(f"{API}complaints/", {}, content_type="application/json").status_code == 400
