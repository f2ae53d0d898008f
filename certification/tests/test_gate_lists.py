"""The gate for many accounts in one call, and for what profiles claim."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certification import gate_lists, public
from certification.models import Certificate, KeyArea, Profession
from certification.professions import professions_in_text
from certification.tests import factories as make
from certification.tests.test_api import bearer, has_account
from portal import clock
from portal.people.models import LinkedAccount, User
from portal.people.states import LinkState
from portal.people.tokens import Scope

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    make.reference()


def post(client: Client, path: str, body: Any, headers: dict[str, str]) -> Any:
    return client.post(f"{API}{path}", body, content_type="application/json", headers=headers)


def world() -> list[str]:
    """People whom the gate answers in every way."""
    valid, suspended, revoked, expired = (make.certificate("cn-law") for _ in range(4))
    make.suspend(suspended)
    make.revoke(revoked)
    Certificate.objects.filter(pk=expired.pk).update(
        issued_at=clock.now() - timedelta(days=20),
        valid_from=clock.now() - timedelta(days=20),
        valid_to=clock.now() - timedelta(days=10),
    )
    people = [has_account(row.holder) for row in (valid, suspended, revoked, expired)]
    people += [has_account(make.person()), make.person()]
    return [person.public_id for person in people] + ["p_nobody"]


def test_it_answers_for_each_as_the_gate_does() -> None:
    accounts, now = world(), clock.now()
    moments = [None, *(now + timedelta(days=days) for days in (-30, -15, -1, 1, 4000))]
    for area, at in itertools.product(("cn-law", "cn-farming", "cn-medicine", "nowhere"), moments):
        one_by_one = [public.check_gate(account, area, at, platform="sandbox") for account in accounts]
        together = gate_lists.check_gate_of_many(accounts, area, at, platform="sandbox")
        assert [(one.code, one.serial) for one in together] == [(one.code, one.serial) for one in one_by_one], (
            area,
            at,
        )
        by_account = gate_lists.check_platform_gate_of_many("sandbox", accounts, area, at)
        singly = [public.check_platform_gate("sandbox", account, area, at) for account in accounts]
        assert [(name, one.code) for name, one in by_account] == [(name, one.code) for name, one in singly], (area, at)


def test_one_thousand_accounts_cost_as_many_queries_as_one(client: Client) -> None:
    headers, person = bearer(Scope.GATE), has_account(make.certificate("cn-law").holder)
    many = [person.public_id, *(f"p_x{n}" for n in range(999))]
    post(client, "/gate/accounts/", {"area": "cn-law", "accounts": many[:1]}, headers)
    with CaptureQueriesContext(connection) as one:
        post(client, "/gate/accounts/", {"area": "cn-law", "accounts": many[:1]}, headers)
    with CaptureQueriesContext(connection) as thousand:
        answer = post(client, "/gate/accounts/", {"area": "cn-law", "accounts": many}, headers)
    assert len(thousand) == len(one) <= 6
    rows = answer.json()["results"]
    assert [row["asked"] for row in rows] == many
    assert [row["open"] for row in rows] == [True] + [False] * 999
    assert post(client, "/gate/accounts/", {"area": "cn-law", "accounts": [*many, "x"]}, headers).status_code == 400


def test_a_thousand_long_names_fit_into_one_call(client: Client) -> None:
    names = [f"{n:0120}" for n in range(1000)]
    body = {"area": "cn-law", "platform": "sandbox", "platform_accounts": names}
    answer = post(client, "/gate/accounts/", body, bearer(Scope.GATE))
    assert answer.status_code == 200
    assert {row["code"] for row in answer.json()["results"]} == {"no_person"}


def test_two_accounts_with_one_handle_name_nobody(client: Client) -> None:
    for number in (1, 2):
        account = LinkedAccount(person=make.person(), platform="sandbox", external_id=f"id-{number}", handle="Twin")
        account.state, account.proven_at = LinkState.PROVEN, clock.now()
        account.save()
    body = {"area": "cn-law", "platform": "sandbox", "platform_accounts": ["@twin", "id-1"]}
    rows = post(client, "/gate/accounts/", body, bearer(Scope.GATE)).json()["results"]
    assert [row["account"] is None for row in rows] == [True, False]


@pytest.mark.parametrize(
    "body",
    [
        {"area": "cn-law"},
        {"area": "cn-law", "accounts": []},
        {"area": "cn-law", "accounts": ["p_1"], "platform": "sandbox", "platform_accounts": ["1"]},
        {"area": "cn-law", "platform_accounts": ["1"]},
        {"area": "cn-law", "accounts": "p_1"},
        {"area": "cn-law", "platform": "elsewhere", "platform_accounts": ["1"]},
        {"accounts": ["p_1"]},
        [],
    ],
    ids=["nobody", "empty", "both", "no-platform", "no-list", "elsewhere", "no-area", "list"],
)
def test_what_is_asked_wrongly_is_refused(client: Client, body: Any) -> None:
    assert post(client, "/gate/accounts/", body, bearer(Scope.GATE)).status_code == 400


def test_the_gate_is_asked_again_for_nothing(client: Client) -> None:
    certificate, headers = make.certificate("cn-law"), bearer(Scope.GATE)
    question = {"account": has_account(certificate.holder).public_id, "area": "cn-law"}
    first = client.get(f"{API}/gate/", question, headers=headers)
    again = {**headers, "if-none-match": first["ETag"]}
    assert client.get(f"{API}/gate/", question, headers=again).status_code == 304
    make.suspend(certificate)
    changed = client.get(f"{API}/gate/", question, headers=again)
    assert (changed.status_code, changed.json()["code"]) == (200, "suspended")
    # The answer of one client is not that of another, whatever tag it sends.
    assert client.get(f"{API}/gate/", question, headers={"if-none-match": changed["ETag"]}).status_code == 401


def claim(client: Client, person: User | str, **said: Any) -> Any:
    account = person if isinstance(person, str) else person.public_id
    return post(client, "/gate/professions/", {"account": account, **said}, bearer(Scope.GATE)).json()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I am a doctor and a teacher", ["doctor", "teacher"]),
        ("DOCTOR in Beijing", ["doctor"]),
        ("三甲医院主治医师，分享健康知识", ["doctor"]),
        ("執業律師", ["lawyer"]),
        ("I doctored this picture; indoctrination", []),
        ("cat videos", []),
        ("", []),
    ],
    ids=["two", "capitals", "chinese", "traditional", "within-words", "nothing", "empty"],
)
def test_words_of_a_profile_name_professions(text: str, found: list[str]) -> None:
    assert [row.code for row in professions_in_text(text)] == found


def test_a_claim_needs_a_certificate_of_its_own_area_and_category(client: Client) -> None:
    lawyer = has_account(make.certificate("cn-law").holder)
    [said] = claim(client, lawyer, text="律师")["results"]
    assert (said["profession"], said["open"], said["code"]) == ("lawyer", True, "certified")
    assert said["areas"] == ["cn-law", "us-law"]
    [said] = claim(client, lawyer, professions=["doctor"])["results"]
    assert (said["open"], said["code"], said["areas"]) == (
        False,
        "no_certificate",
        ["cn-medicine", "uk-medicine", "us-medicine"],
    )


def test_a_claim_ends_with_the_certificate(client: Client) -> None:
    certificate = make.certificate("cn-law")
    person = has_account(certificate.holder)
    make.suspend(certificate)
    [said] = claim(client, person, professions=["lawyer"])["results"]
    assert (said["open"], said["code"], said["certificate"]) == (False, "suspended", None)


def test_whom_nobody_knows_may_claim_nothing(client: Client) -> None:
    said = claim(client, make.person(), professions=["lawyer"])
    assert (said["account"], said["results"][0]["code"]) == (None, "no_person")


def test_professions_are_data(client: Client) -> None:
    KeyArea.objects.filter(code="cn-crafts").update(topic="pottery")
    Profession.objects.create(
        code="potter", names={"en": "Potter"}, topic="pottery", categories=["practitioner"], words=["potter", "陶艺师"]
    )
    person = has_account(make.certificate("cn-crafts").holder)
    [said] = claim(client, person, text="A potter since 1990")["results"]
    assert (said["profession"], said["open"], said["areas"]) == ("potter", True, ["cn-crafts"])
    assert "potter" in [row["code"] for row in client.get(f"{API}/professions/").json()]


@pytest.mark.parametrize(
    "body",
    [{}, {"professions": ["astronaut"]}, {"professions": ["doctor"], "text": "doctor"}, {"professions": []}],
    ids=["nothing", "unknown", "both", "empty"],
)
def test_a_claim_that_says_nothing_is_refused(client: Client, body: Any) -> None:
    answer = post(client, "/gate/professions/", {"account": "p_1", **body}, bearer(Scope.GATE))
    assert answer.status_code == 400
