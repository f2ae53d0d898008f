"""Signing up by e-mail with a code."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from portal.jobs import runner
from portal.jobs.models import Job
from portal.outbound.mail import Delivery
from portal.people.models import Letter, User
from portal.testing.sign_in import PASSWORD, mailed_code, newest_mail

pytestmark = pytest.mark.django_db
FORM = {"email": "New@Example.org", "password1": PASSWORD, "display_name": "Ana 安娜", "language": "zh-hans"}


def sign_up(client: Client, **changes: str) -> str:
    response = client.post("/accounts/signup/", {**FORM, **changes})
    return response.headers.get("Location", response.content.decode())


def test_sign_up_with_code_signs_in_and_keeps_name_and_language(client: Client) -> None:
    assert sign_up(client) == "/accounts/confirm-email/"
    code = mailed_code()
    response = client.post("/accounts/confirm-email/", {"code": code})
    assert response.headers["Location"] == "/home/"
    assert response.cookies["django_language"].value == "zh-hans"
    person = User.objects.get()
    assert (person.email, person.display_name, person.language, person.role) == (
        "new@example.org",
        "Ana 安娜",
        "zh-hans",
        "creator",
    )
    assert EmailAddress.objects.get(user=person).verified
    assert client.session["_auth_user_id"] == str(person.pk)


def test_sign_up_leaves_no_code_behind(client: Client) -> None:
    sign_up(client)
    letter = Letter.objects.get()
    runner.run_due_jobs()
    code = mailed_code()
    assert code not in letter.sealed
    assert "example.org" not in letter.sealed
    letter.refresh_from_db()
    assert (letter.delivery, letter.sealed) == (Delivery.SENT, "")
    assert "example.org" not in json.dumps(list(Job.objects.values_list("payload", "key", "error")))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "no address"),
        ("email", "x" * 300 + "@example.org"),
        ("email", "a\x00b@example.org"),
        ("password1", ""),
        ("password1", "short"),
        ("password1", "password1234"),
        ("display_name", ""),
        ("display_name", "x" * 81),
        ("display_name", "evil\u202egnp.exe"),
        ("display_name", "a\x00b"),
        ("language", "xx"),
    ],
)
def test_wrong_input_is_answered_at_its_field_and_kept(client: Client, field: str, value: str) -> None:
    response = client.post("/accounts/signup/", {**FORM, field: value})
    assert response.status_code == 200
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert not User.objects.exists()
    other = "display_name" if field != "display_name" else "email"
    assert form[other].value() == FORM[other]


def test_third_wrong_code_ends_it_and_the_right_one_is_dead_then(client: Client) -> None:
    sign_up(client)
    code = mailed_code()
    for _attempt in range(2):
        assert client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"}).status_code == 200
    assert client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"}).status_code == 302
    client.post("/accounts/confirm-email/", {"code": code})
    assert "_auth_user_id" not in client.session


def test_code_expires(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_up(client)
    code = mailed_code()
    import time

    late = time.time() + 16 * 60
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: late)
    client.post("/accounts/confirm-email/", {"code": code})
    assert "_auth_user_id" not in client.session


def test_code_of_another_browser_is_of_no_use(client: Client) -> None:
    sign_up(client)
    code = mailed_code()
    thief = Client()
    thief.post("/accounts/confirm-email/", {"code": code})
    assert "_auth_user_id" not in thief.session


def test_code_works_once(client: Client) -> None:
    sign_up(client)
    code = mailed_code()
    client.post("/accounts/confirm-email/", {"code": code})
    client.post("/accounts/logout/")
    client.post("/accounts/confirm-email/", {"code": code})
    assert "_auth_user_id" not in client.session


def test_taken_address_looks_the_same_and_its_owner_is_told(client: Client, creator: User) -> None:
    free = client.post("/accounts/signup/", FORM)
    taken = Client().post("/accounts/signup/", {**FORM, "email": creator.email})
    assert (free.status_code, free.headers["Location"]) == (taken.status_code, taken.headers["Location"])
    assert newest_mail().to == [creator.email]
    assert not re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert User.objects.count() == 2


def test_mail_server_away_neither_holds_up_nor_loses_the_code(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_self: object) -> int:
        raise ConnectionRefusedError("a mail server at new@example.org")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", away)
        assert sign_up(client) == "/accounts/confirm-email/"
        runner.run_due_jobs()
        job = Job.objects.get()
        assert (job.state, job.attempts, job.error) == ("queued", 1, "MailServerUnavailable: ConnectionRefusedError")
    Job.objects.update(run_after=job.created_at)
    assert client.post("/accounts/confirm-email/", {"code": mailed_code()}).status_code == 302


def test_sign_ups_are_limited_for_an_address_of_the_network(client: Client) -> None:
    answers = [client.post("/accounts/signup/", {"email": f"a{n}"}).status_code for n in range(22)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_short_password_is_refused_in_the_readers_language(client: Client) -> None:
    form = {**FORM, "password1": "abc"}
    page = client.post("/accounts/signup/", form, headers={"accept-language": "zh-hans"}).content.decode()
    assert "密码太短，至少需要 10 个字符。" in page
    assert "This password" not in page
    client.post("/accounts/signup/", FORM, headers={"accept-language": "zh-hans"})
    page = client.get("/accounts/confirm-email/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "验证码" in page
    assert "代码" not in page
