"""The API: the platform hands complaints in for its accounts and follows them, and learns nothing private."""

import base64
import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client

from complaints.actions.api_submissions import ApiSender, submit_platform_complaint
from complaints.api import examples
from complaints.api.serializers import ComplaintSubmissionSerializer, ContactSerializer
from complaints.models import Complaint
from complaints.regimes import REGIMES
from complaints.states import ComplaintState as State
from complaints.tests import factories as make
from portal import clock
from portal.audit.models import AuditEvent
from portal.jobs import runner
from portal.outbound import lookups
from portal.people.actions import api_clients
from portal.people.models import User
from portal.people.tokens import Scope
from portal.platforms import registry
from portal.testing.concurrency import at_once
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db

LIST = "/api/v1/complaints/"
KEY = "notice-0001"


def caller(*scopes: Scope, name: str = "Platform", platform: str = "fake") -> Client:
    """An API client of a platform that holds the scopes."""
    client, _secret = api_clients.create_client(name=name, platform=platform, scopes=scopes)
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, scopes=client.scopes)
    token.set_value(f"secret-{name}")
    token.save()
    return Client(headers={"authorization": f"Bearer secret-{name}"})


@pytest.fixture
def api() -> Client:
    return caller(Scope.COMPLAINTS, Scope.FILING)


def notice(**other: Any) -> dict[str, Any]:
    """A whole complaint of an account that nobody has proven."""
    mine, theirs = make.account(region="us"), make.account(region="us")
    return {
        "platform": "fake",
        "complainant": mine.handle,
        "original": make.post(mine),
        "copy": make.post(theirs),
        "text": "The whole film was uploaded again, mirrored.",
        "contact": dict(make.CONTACT),
        "statements": ["good_faith", "perjury"],
        "signature": make.CONTACT["name"],
        **other,
    }


def hand_in(client: Client, said: dict[str, Any], key: str = KEY) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(LIST, json.dumps(said), content_type="application/json", headers=headers)


def fields_of(answer: Any) -> set[str]:
    return {row["attr"] for row in answer.json()["errors"]}


@pytest.mark.parametrize(
    "body",
    ["[" * 5000, "[" * 5000 + "]" * 5000, '{"text": ' * 5000, "[" * 30 + "]" * 30, "9" * 5000, '{"text": "\\ud800"}'],
)
def test_what_no_reader_can_read_is_the_callers_error(api: Client, body: str) -> None:
    answer = api.post(LIST, body, content_type="application/json", headers={"Idempotency-Key": KEY})
    assert answer.status_code == 400
    assert not Complaint.objects.exists()


def test_a_complaint_is_acknowledged_with_its_number(api: Client) -> None:
    answer = hand_in(api, notice())
    assert answer.status_code == 201, answer.content
    made = Complaint.objects.get()
    assert answer.json()["number"] == made.number
    assert (made.state, made.regime_code, made.complainant.role) == (State.RECEIVED, "us_dmca", "guest")
    make.run_jobs()
    assert api.get(f"{LIST}{made.number}/").json()["state"] == State.NOTIFIED


@pytest.mark.django_db(transaction=True)
def test_complaints_of_two_accounts_against_each_other_do_not_wait_for_each_other() -> None:
    """Both need both visitors and both posts, one the other way round."""
    for round_ in range(3):
        said = notice(kind="whole", capacity="author")
        mine, theirs = make.post_of(said["original"]).account_id, make.post_of(said["copy"]).account_id
        crossed = said | {"complainant": theirs, "original": said["copy"], "copy": said["original"]}
        acts = [
            partial(submit_platform_complaint, sender=ApiSender("crossed", f"{round_}-{n}"), said=each)
            for n, each in enumerate((said, crossed))
        ]
        answers: list[Any] = at_once(*acts)
        assert [answer.account_id for answer in answers] == [theirs, mine]


def test_who_has_proven_the_account_is_the_complainant(api: Client) -> None:
    author = make.author(region="us")
    mine = make.account_of(author)
    hand_in(api, notice(complainant=mine.id, original=make.post(mine)))
    assert Complaint.objects.get().complainant == author


def test_the_same_key_files_once(api: Client) -> None:
    said = notice()
    first, second = hand_in(api, said), hand_in(api, said)
    assert first.json()["number"] == second.json()["number"]
    assert Complaint.objects.count() == 1


def test_a_client_is_told_to_come_back_while_platforms_are_asked(api: Client, slow_platforms: None) -> None:
    said = notice()
    answer = hand_in(api, said)
    for _ in range(5):
        if answer.status_code != 202:
            break
        assert (answer.headers["Retry-After"], answer.json()["code"]) == ("2", "being_asked")
        assert not Complaint.objects.exists()
        runner.run_due_jobs([lookups.LOOK_UP])
        answer = hand_in(api, said)
    assert answer.status_code == 201
    assert Complaint.objects.get().number == answer.json()["number"]


def test_a_key_is_not_used_for_something_else(api: Client) -> None:
    said = notice()
    hand_in(api, said)
    answer = hand_in(api, {**said, "text": "Something else entirely."})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "key_used")


def test_without_a_key_nothing_is_filed(api: Client) -> None:
    answer = hand_in(api, notice(), key="")
    assert (answer.status_code, fields_of(answer)) == (400, {"Idempotency-Key"})
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"complainant": "nobody-here"}, "complainant"),
        ({"platform": "elsewhere"}, "platform"),
        ({"copy": "https://fake.example/works/none"}, "copy"),
        ({"original": "https://fake.example/works/none"}, "original"),
        ({"statements": ["good_faith"]}, "statements"),
        ({"contact": {**make.CONTACT, "address": ""}}, "contact.address"),
        ({"contact": {**make.CONTACT, "phone": ""}}, "contact.phone"),
        ({"signature": ""}, "signature"),
        ({"text": ""}, "text"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(api: Client, change: dict[str, Any], field: str) -> None:
    answer = hand_in(api, notice(**change))
    # The serializer finds the first kind of mistake, the rules of the regime the second.
    assert answer.status_code == (400 if field in {"platform", "text"} else 422), answer.content
    assert field in fields_of(answer)
    assert not Complaint.objects.exists()
    assert not User.objects.filter(email__endswith=".invalid").exists()


def test_one_scope_opens_it_and_no_other() -> None:
    assert hand_in(caller(Scope.GATE, name="Gate"), notice()).status_code == 403
    assert Client().get(LIST).status_code == 401


def test_what_is_wrong_is_named_as_the_request_names_it(api: Client) -> None:
    said = notice()
    hand_in(api, said)
    again = hand_in(api, said, key="notice-0002")
    assert (again.status_code, fields_of(again)) == (422, {"copy"})
    known = set(ComplaintSubmissionSerializer().fields) | {f"contact.{name}" for name in ContactSerializer().fields}
    whole = hand_in(api, notice(contact={"name": "A"}, statements=["none"], text=" "), key="notice-0003")
    assert whole.status_code == 400
    assert fields_of(whole) <= known


def test_complaints_of_another_platform_are_not_there(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._connectors, "other", FakePlatform("other", "Other").connector())
    made = make.complaint(State.NOTIFIED)
    other = caller(Scope.COMPLAINTS, Scope.FILING, name="Other", platform="other")
    assert [client.get(f"{LIST}{made.number}/").status_code for client in (api, other)] == [200, 404]
    assert [len(client.get(LIST).json()["results"]) for client in (api, other)] == [1, 0]
    refused = hand_in(other, notice())
    assert (refused.status_code, fields_of(refused)) == (400, {"platform"})
    crossing = hand_in(other, notice(platform="other"))
    assert crossing.status_code == 422
    assert Complaint.objects.count() == 1


def test_every_regime_s_statements_are_described(api: Client) -> None:
    for code, regime in REGIMES.items():
        assert f"`{code}`" in examples.SUBMISSION_DESCRIPTION
        assert all(f"`{tick.code}`: " in examples.SUBMISSION_DESCRIPTION for tick in regime.ticks)
    for number, example in enumerate(examples.SUBMISSION_EXAMPLES):
        said = example.value
        needed = {name: said[name] for name in ("regime", "contact", "statements")}
        answer = hand_in(api, notice(**needed, signature=said.get("signature", "")), key=f"notice-{number:04d}")
        assert answer.status_code == 201, answer.content


def test_list_is_paged_and_narrowed_to_what_was_changed_since(api: Client) -> None:
    one, other = make.complaint(State.NOTIFIED), make.complaint(State.RECEIVED)
    first = api.get(LIST, {"page_size": "1"}).json()
    second = api.get(first["next"]).json()
    assert {row["number"] for row in first["results"] + second["results"]} == {one.number, other.number}
    other.refresh_from_db()
    late = other.touched_at + timedelta(days=1)
    assert not api.get(LIST, {"updated_since": late.isoformat()}).json()["results"]
    Complaint.objects.filter(pk=one.pk).update(touched_at=late)
    found = api.get(LIST, {"updated_since": late.isoformat()}).json()["results"]
    assert [row["number"] for row in found] == [one.number]
    for wrong in ({"cursor": "nonsense"}, {"page_size": "1000"}):
        answer = api.get(LIST, wrong)
        assert (answer.status_code, fields_of(answer)) == (400, set(wrong))


def test_drafts_and_private_words_are_not_shown(api: Client) -> None:
    make.complaint(State.DRAFT)
    handed_in = make.complaint(State.NOTIFIED)
    text = api.get(LIST).content.decode()
    assert [row["number"] for row in api.get(LIST).json()["results"]] == [handed_in.number]
    assert not [word for word in (*make.CONTACT.values(), handed_in.text) if word in text]


def test_the_list_narrows_by_account_and_state(api: Client) -> None:
    one, other = make.complaint(State.NOTIFIED), make.complaint(State.RECEIVED)
    found = api.get(LIST, {"account": one.account_id}).json()["results"]
    assert [row["number"] for row in found] == [one.number]
    found = api.get(LIST, {"state": State.RECEIVED}).json()["results"]
    assert [row["number"] for row in found] == [other.number]


def test_contact_stands_neither_in_the_trail_nor_in_the_row(api: Client) -> None:
    hand_in(api, notice())
    kept = str(list(AuditEvent.objects.values_list("data", flat=True))) + str(Complaint.objects.values().get())
    assert not [word for word in make.CONTACT.values() if word in kept.replace("'signature': 'Demo Author'", "")]


def test_times_are_told(api: Client) -> None:
    made = make.complaint(State.NOTIFIED)
    said = api.get(f"{LIST}{made.number}/").json()
    assert said["answer_by"] is not None
    assert made.answer_by is not None
    assert made.answer_by > clock.now() + timedelta(days=6)


@pytest.mark.parametrize("made_up", ["p=notadate", "o=-5", "r=1&p=x", "p=9999999999"])
def test_a_made_up_cursor_is_no_page(made_up: str) -> None:
    make.complaint(State.RECEIVED)
    cursor = base64.b64encode(made_up.encode()).decode()
    assert caller(Scope.COMPLAINTS, Scope.FILING).get(LIST, {"cursor": cursor}).status_code == 400


def test_an_account_may_speak_a_language_that_the_portal_does_not(api: Client) -> None:
    platform = make.fake()
    account = platform.open_account("speaks", "speaks", language="zh-Hant-TW-x-very-private")
    answer = api.post(
        LIST, notice(complainant=account.handle), content_type="application/json", headers={"Idempotency-Key": "k" * 12}
    )
    assert answer.status_code == 201, answer.content
