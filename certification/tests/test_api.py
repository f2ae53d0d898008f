"""The API: what each caller gets, and in which shape."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from allauth.idp.oidc.models import Client as ApiClient
from allauth.idp.oidc.models import Token
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from certification.actions import inquiries
from certification.models import Certificate
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.people.actions import api_clients, links
from portal.people.models import LinkedAccount, Mandate, User
from portal.people.roles import Role
from portal.people.states import LinkState
from portal.people.tests.linking import prove
from portal.people.tokens import Scope
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    make.reference()


def bearer(*scopes: Scope, platform: str = "sandbox") -> dict[str, str]:
    """The header of an API client of a platform that holds the scopes."""
    client, _secret = api_clients.create_client(name="Platform", platform=platform, scopes=scopes)
    return {"authorization": f"Bearer {token_of(client)}"}


def token_of(client: ApiClient) -> str:
    value = f"secret-token-{client.pk}"
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, scopes=client.scopes)
    token.set_value(value)
    token.save()
    return value


def has_account(person: User, platform: str = "sandbox") -> User:
    """The person, with a proven account of the platform."""
    account = LinkedAccount(person=person, platform=platform, external_id=person.public_id, handle=person.public_id)
    account.state, account.proven_at = LinkState.PROVEN, clock.now()
    account.save()
    return person


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def code_of(answer: Any) -> str:
    return str(answer.json()["errors"][0]["code"])


# --- the gate -------------------------------------------------------------------------------


def gate(client: Client, headers: dict[str, str], **question: str) -> Any:
    return client.get("/api/v1/gate/", question, headers=headers)


def test_gate_opens_for_a_valid_certificate_and_closes_at_its_second(client: Client) -> None:
    certificate, headers = make.certificate("cn-law"), bearer(Scope.GATE)
    account = has_account(certificate.holder).public_id
    answer = gate(client, headers, account=account, area="cn-law")
    assert answer.status_code == 200
    assert answer.json() | {"at": "", "reason": ""} == {
        "account": account,
        "area": "cn-law",
        "at": "",
        "open": True,
        "code": "certified",
        "reason": "",
        "certificate": certificate.serial,
        "valid_to": answer.json()["valid_to"],
    }
    assert answer["Cache-Control"] == "private, no-cache"
    end = certificate.valid_to
    before = gate(client, headers, account=account, area="cn-law", at=(end - timedelta(microseconds=1)).isoformat())
    after = gate(client, headers, account=account, area="cn-law", at=end.isoformat())
    assert (before.json()["open"], after.json()["open"], after.json()["code"]) == (True, False, "expired")


def test_gate_says_why_it_is_closed(client: Client) -> None:
    headers, nobody = bearer(Scope.GATE), has_account(make.person()).public_id
    assert gate(client, headers, account=nobody, area="cn-law").json()["code"] == "no_certificate"
    assert gate(client, headers, account=nobody, area="nowhere").json()["code"] == "unknown_area"
    assert gate(client, headers, account="p_nobody", area="cn-law").json()["code"] == "no_person"
    open_area = gate(client, headers, account=nobody, area="cn-farming").json()
    assert (open_area["open"], open_area["code"]) == (True, "not_gated")


def test_gate_answers_in_the_reader_s_language(client: Client) -> None:
    headers = bearer(Scope.GATE) | {"accept-language": "zh-hans"}
    assert gate(client, headers, account="p_nobody", area="cn-law").status_code == 200


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({}, "area"),
        ({"account": "p_a"}, "area"),
        ({"area": "cn-law"}, "account"),
        ({"area": "cn-law", "platform": "fake"}, "platform_account"),
        ({"area": "cn-law", "platform_account": "7"}, "platform"),
        ({"area": "cn-law", "account": "p_a", "platform_account": "7"}, "platform"),
        ({"area": "cn-law", "account": "p_a", "platform": "fake", "platform_account": "7"}, "account"),
        ({"area": "cn-law", "platform": "fake", "platform_account": "7\x00"}, "platform_account"),
        ({"area": "cn-law", "platform": "fake", "platform_account": "7" * 121}, "platform_account"),
        ({"area": "cn-law", "platform": "", "platform_account": "7"}, "platform"),
        ({"account": "p_a\x00", "area": "cn-law"}, "account"),
        ({"account": "p" * 21, "area": "cn-law"}, "account"),
        ({"account": "p_a", "area": "cn-law", "at": "yesterday"}, "at"),
        ({"account": "p_a", "area": "cn-law", "at": "0001-01-01T00:00:00+14:00"}, "at"),
    ],
)
def test_gate_names_the_field_that_it_does_not_understand(client: Client, question: dict[str, str], field: str) -> None:
    answer = gate(client, bearer(Scope.GATE), **question)
    assert (answer.status_code, answer.json()["type"]) == (400, "validation_error")
    assert answer.json()["errors"][0]["attr"] == field


def test_gate_is_for_clients_with_the_scope(client: Client) -> None:
    question = {"account": "p_a", "area": "cn-law"}
    nobody = client.get("/api/v1/gate/", question)
    assert (nobody.status_code, code_of(nobody), nobody["WWW-Authenticate"]) == (
        401,
        "not_authenticated",
        'Bearer realm="api"',
    )
    wrong = client.get("/api/v1/gate/", question, headers={"authorization": "Bearer wrong"})
    assert (wrong.status_code, code_of(wrong)) == (401, "authentication_failed")
    other = gate(client, bearer(Scope.APPLICATIONS), **question)
    assert (other.status_code, code_of(other)) == (403, "permission_denied")
    person = signed_in(make.person(Role.ADMIN)).get("/api/v1/gate/", question)
    assert person.status_code == 401


def test_gate_asks_the_database_twice_when_open(client: Client) -> None:
    account, headers = has_account(make.certificate("cn-law").holder).public_id, bearer(Scope.GATE)
    gate(client, headers, account=account, area="cn-law")  # once a minute the client's last use is written
    with CaptureQueriesContext(connection) as asked:
        gate(client, headers, account=account, area="cn-law")
    assert len(asked) == 2  # the token, the certificate


def test_gate_answers_for_who_has_proven_the_account(client: Client, platform: FakePlatform) -> None:
    certificate, headers = make.certificate("cn-law"), bearer(Scope.GATE, platform="fake")
    platform.open_account("7", "Ana")
    asked = {"platform": "fake", "area": "cn-law"}
    nobody = gate(client, headers, platform_account="7", **asked).json()
    assert (nobody["open"], nobody["code"], nobody["account"], nobody["certificate"]) == (
        False,
        "no_person",
        None,
        None,
    )
    link = prove(certificate.holder, platform)
    for name in ("7", "@ana", "Ana"):
        found = gate(client, headers, platform_account=name, **asked).json()
        assert (found["open"], found["code"], found["certificate"]) == (True, "certified", certificate.serial)
        assert found["account"] == certificate.holder.public_id
    late = gate(client, headers, platform_account="7", at=certificate.valid_to.isoformat(), **asked).json()
    assert (late["open"], late["code"]) == (False, "expired")
    links.end_link(link=link, by=certificate.holder)
    assert gate(client, headers, platform_account="7", **asked).json()["code"] == "no_person"


def test_gate_of_an_area_without_one_is_open_to_accounts_that_nobody_has_proven(client: Client) -> None:
    headers = bearer(Scope.GATE)
    for area, code in (("cn-farming", "not_gated"), ("nowhere", "unknown_area"), ("cn-law", "no_person")):
        answer = gate(client, headers, platform="sandbox", platform_account="7", area=area).json()
        assert (answer["code"], answer["open"]) == (code, code == "not_gated")


def test_gate_asks_once_more_for_an_account_of_a_platform(client: Client, platform: FakePlatform) -> None:
    holder, headers = make.certificate("cn-law").holder, bearer(Scope.GATE, platform="fake")
    platform.open_account("7", "Ana")
    prove(holder, platform)
    gate(client, headers, platform="fake", platform_account="@ana", area="cn-law")
    with CaptureQueriesContext(connection) as asked:
        gate(client, headers, platform="fake", platform_account="@ana", area="cn-law")
    assert len(asked) == 3  # the token, the account, the certificate


def test_quota_ends_in_429_with_the_time_to_wait(client: Client, settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = {"gate": 1, "register": 1, "applications": 1}
    headers = bearer(Scope.GATE, Scope.APPLICATIONS)
    for path in ("/api/v1/gate/?account=a&area=b", "/api/v1/areas/", "/api/v1/applications/"):
        assert client.get(path, headers=headers).status_code == 200
    late = gate(client, headers, account="a", area="b")
    assert (late.status_code, code_of(late)) == (429, "throttled")
    assert 0 < int(late["Retry-After"]) <= 60


def test_every_answer_says_how_many_calls_are_left(client: Client, settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = {"gate": 2, "register": 50, "applications": 1}
    headers = bearer(Scope.GATE, Scope.APPLICATIONS)
    for left in ("1", "0", "0"):
        answer = gate(client, headers, account="p_a", area="cn-law")
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", left)
        assert 0 < int(answer["RateLimit-Reset"]) <= 60
    assert answer.status_code == 429
    assert client.get("/api/v1/areas/")["RateLimit-Limit"] == "50"
    assert client.get("/api/v1/applications/", headers=headers)["RateLimit-Remaining"] == "0"


# --- one platform ---------------------------------------------------------------------------


def test_gate_knows_nobody_of_another_platform(client: Client, platform: FakePlatform) -> None:
    certificate = make.certificate("cn-law")
    platform.open_account("7", "Ana")
    prove(certificate.holder, platform)
    question = {"account": certificate.holder.public_id, "area": "cn-law"}
    own, other = (gate(client, bearer(Scope.GATE, platform=code), **question).json() for code in ("fake", "sandbox"))
    assert (own["open"], own["certificate"], own["account"]) == (True, certificate.serial, question["account"])
    assert (other["open"], other["code"], other["certificate"], other["account"]) == (False, "no_person", None, None)


@pytest.mark.usefixtures("platform")
def test_gate_is_not_asked_about_another_platform(client: Client) -> None:
    question = {"platform": "fake", "platform_account": "7", "area": "cn-law"}
    answer = gate(client, bearer(Scope.GATE), **question)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "platform")


@pytest.mark.usefixtures("platform")
def test_applications_of_another_platform_are_not_there(client: Client) -> None:
    made = make.application(State.APPROVED)
    has_account(made.applicant, "fake")
    own, other = bearer(Scope.APPLICATIONS, platform="fake"), bearer(Scope.APPLICATIONS)
    path = f"/api/v1/applications/{made.number}/"
    assert [client.get(path, headers=headers).status_code for headers in (own, other)] == [200, 404]
    lists = [client.get("/api/v1/applications/", headers=headers).json()["results"] for headers in (own, other)]
    assert [len(rows) for rows in lists] == [1, 0]


def test_client_without_a_platform_gets_nothing(client: Client) -> None:
    headers = bearer(Scope.GATE, Scope.APPLICATIONS)
    ApiClient.objects.update(data=None)
    assert gate(client, headers, account="p_a", area="cn-law").status_code == 403
    assert client.get("/api/v1/applications/", headers=headers).status_code == 403


# --- the register ---------------------------------------------------------------------------


def test_register_shows_valid_certificates_only(client: Client) -> None:
    valid, suspended = make.certificate("cn-law"), make.certificate("us-medicine")
    make.suspend(suspended)
    found = client.get("/api/v1/certificates/").json()
    assert [row["serial"] for row in found["results"]] == [valid.serial]
    one = client.get(f"/api/v1/certificates/{suspended.serial}/").json()
    assert (one["state"], one["valid"]) == ("suspended", False)


def test_certificate_is_no_longer_valid_at_its_second(client: Client) -> None:
    certificate = make.certificate("cn-law")
    path = f"/api/v1/certificates/{certificate.serial}/"
    first = client.get(path)
    assert (first.json()["state"], first.json()["valid"]) == ("active", True)
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "no-cache" in first["Cache-Control"]
    with clock.freeze_time(certificate.valid_to):
        late = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (late.status_code, late.json()["state"], late.json()["valid"]) == (200, "expired", False)


def test_register_narrows_to_what_counts_since(client: Client) -> None:
    old, restored = make.certificate("cn-law"), make.certificate("us-medicine")
    for certificate in (old, restored):
        Certificate.objects.filter(pk=certificate.pk).update(valid_from=clock.now() - timedelta(days=9))
    make.suspend(restored)
    inquiry = restored.inquiries.get()
    inquiries.answer_suspension(inquiry=inquiry, by=restored.holder, text="The register is wrong about me.")
    inquiry.refresh_from_db()
    make.clear(inquiry)
    new = make.certificate("cn-law")
    since = {"updated_since": (clock.now() - timedelta(days=1)).isoformat()}
    for text, serials in (("", {restored.serial, new.serial}), ("everything", {restored.serial, new.serial})):
        found = client.get("/api/v1/certificates/", since | {"q": text}).json()["results"]
        assert {row["serial"] for row in found} == serials
    assert client.get("/api/v1/certificates/", since | {"q": old.serial}).json()["results"] == []


def test_register_is_searched_and_paged(client: Client) -> None:
    serials = {make.certificate("cn-law").serial for _ in range(3)}
    for text in ("everything", ""):
        first = client.get("/api/v1/certificates/", {"area": "cn-law", "q": text, "page_size": "2"})
        assert first["RateLimit-Limit"]
        second = client.get(first.json()["next"]).json()
        assert [len(first.json()["results"]), len(second["results"])] == [2, 1]
        assert {row["serial"] for row in first.json()["results"] + second["results"]} == serials
        assert second["next"] is None
    assert not client.get("/api/v1/certificates/", {"area": "us-law"}).json()["results"]
    assert client.get("/api/v1/certificates/", {"q": "x" * 101}).status_code == 400


def test_certificate_shows_nothing_private(client: Client) -> None:
    certificate = make.certificate("cn-medicine")
    text = client.get(f"/api/v1/certificates/{certificate.serial}/").content.decode()
    assert certificate.holder.email not in text
    for credential in certificate.application.credentials.exclude(identifier_masked=""):
        assert credential.identifier_masked not in text


def test_unknown_serial_is_404(client: Client) -> None:
    for serial in ("CT-0000-0000-0000", "x", quote("证")):
        answer = client.get(f"/api/v1/certificates/{serial}/")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_areas_are_listed_in_both_languages(client: Client) -> None:
    answer = client.get("/api/v1/areas/")
    law = next(row for row in answer.json() if row["code"] == "cn-law")
    assert law["name"]["en"]
    assert law["name"]["zh-hans"]
    assert (law["regulated"], law["gate"]) == (True, True)
    assert "max-age=300" in answer["Cache-Control"]
    with CaptureQueriesContext(connection) as asked:
        client.get("/api/v1/areas/")
    assert len(asked) == 1


# --- applications ---------------------------------------------------------------------------


def test_creator_sees_their_own_applications(client: Client) -> None:
    mine = make.application(State.IN_REVIEW)
    other = make.application(State.DRAFT)
    me = signed_in(mine.applicant)
    rows = me.get("/api/v1/applications/").json()["results"]
    assert [(row["number"], row["state"]) for row in rows] == [(mine.number, "in_review")]
    assert me.get(f"/api/v1/applications/{mine.number}/").json()["number"] == mine.number
    assert me.get(f"/api/v1/applications/{other.number}/").status_code == 404


def test_agent_sees_their_clients_while_the_mandate_runs() -> None:
    made, bureau = make.application(State.DRAFT), make.agency()
    agent = signed_in(make.person(Role.AGENT, agency=bureau))
    assert agent.get("/api/v1/applications/").json()["results"] == []
    end = clock.now() + timedelta(days=3)
    Mandate.objects.create(creator=made.applicant, agency=bureau, ends_at=end)
    assert agent.get(f"/api/v1/applications/{made.number}/").status_code == 200
    with clock.freeze_time(end):
        assert agent.get(f"/api/v1/applications/{made.number}/").status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AREA_LEAD, Role.AUDITOR, Role.ADMIN])
def test_staff_have_no_applications_to_follow(role: str) -> None:
    answer = signed_in(make.person(role)).get("/api/v1/applications/")
    assert (answer.status_code, code_of(answer)) == (403, "permission_denied")


def test_client_sees_states_and_nothing_personal(client: Client) -> None:
    made, headers = make.application(State.APPROVED), bearer(Scope.APPLICATIONS)
    has_account(made.applicant)
    has_account(make.application(State.DRAFT).applicant)
    rows = client.get("/api/v1/applications/", headers=headers).json()["results"]
    assert rows == [
        {
            "number": made.number,
            "account": made.applicant.public_id,
            "area": "cn-farming",
            "state": "approved",
            "state_label": "Approved",
            "started_at": rows[0]["started_at"],
            "submitted_at": rows[0]["submitted_at"],
            "decided_at": rows[0]["decided_at"],
            "updated_at": rows[0]["updated_at"],
            "certificate": Certificate.objects.get().serial,
        }
    ]
    narrowed = {"account": made.applicant.public_id, "area": "cn-farming", "state": "approved"}
    assert len(client.get("/api/v1/applications/", narrowed, headers=headers).json()["results"]) == 1
    assert not client.get("/api/v1/applications/", {"state": "rejected"}, headers=headers).json()["results"]
    assert client.get("/api/v1/applications/", {"state": "nonsense"}, headers=headers).status_code == 400


def test_lists_are_paged_by_size_and_cursor(client: Client) -> None:
    headers, path = bearer(Scope.APPLICATIONS), "/api/v1/applications/"
    numbers = {make.application(State.APPROVED, applicant=has_account(make.person())).number for _time in range(3)}
    first = client.get(path, {"page_size": "2", "state": "approved"}, headers=headers).json()
    assert len(first["results"]) == 2
    second = client.get(first["next"], headers=headers).json()
    assert {row["number"] for row in first["results"] + second["results"]} == numbers
    assert second["next"] is None
    for wrong in ({"cursor": "nonsense"}, {"page_size": "101"}, {"page_size": "0"}, {"updated_since": "yesterday"}):
        answer = client.get(path, wrong, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, next(iter(wrong)))
    # A cursor of another list is none of this one.
    make.certificate("cn-law")
    for wrong in ({"cursor": first["next"]}, {"page_size": "101"}, {"updated_since": "yesterday"}):
        other = client.get("/api/v1/certificates/", wrong)
        assert (other.status_code, other.json()["errors"][0]["attr"]) == (400, next(iter(wrong)))


def test_list_narrows_to_what_was_changed_since(client: Client) -> None:
    headers, path = bearer(Scope.APPLICATIONS), "/api/v1/applications/"
    made = make.application(State.APPROVED, applicant=has_account(make.person()))
    made.refresh_from_db()
    for since, count in ((made.touched_at, 1), (made.touched_at + timedelta(microseconds=1), 0)):
        rows = client.get(path, {"updated_since": since.isoformat()}, headers=headers).json()["results"]
        assert len(rows) == count


def test_applications_need_somebody(client: Client) -> None:
    answer = client.get("/api/v1/applications/")
    assert (answer.status_code, code_of(answer)) == (401, "not_authenticated")
    assert client.post("/api/v1/applications/", {}, headers=bearer(Scope.APPLICATIONS)).status_code == 405
