"""The second factor: who needs one, what it opens, what cannot be removed, and how it lies in the database."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from portal.evidence.actions import keys
from portal.people import second_factor
from portal.people.models import User
from portal.people.roles import SECOND_FACTOR_ROLES, Role
from portal.testing.sign_in import PASSWORD, SECRET, app_code, give_app, newest_mail
from portal.urls import urlpatterns as site

pytestmark = pytest.mark.django_db


@second_factor.second_factor_required
def decide(request: HttpRequest) -> HttpResponse:
    """A decision, as the reviewers' pages make them."""
    return HttpResponse(f"decided: {request.POST.get('explanation', '')}")


urlpatterns = [*site, path("decide/", decide)]


@pytest.fixture
def enforced(settings: Settings) -> None:
    settings.SECOND_FACTOR_ENFORCED = True


@pytest.fixture
def decisions(enforced: None, settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


def enter(client: Client, person: User, code: str | None = None) -> str:
    response = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    if code is not None:
        response = client.post("/accounts/2fa/authenticate/", {"code": code})
    return response.headers.get("Location", "")


@pytest.mark.parametrize("role", Role.values)
def test_everybody_who_works_here_must_set_one_up_first(
    enforced: None, make: Callable[..., User], client: Client, role: str
) -> None:
    enter(client, make("somebody", role))
    answer = client.get("/accounts/profile/")
    if role in {Role.CREATOR, Role.GUEST}:
        assert answer.status_code == 200
    else:
        assert role in SECOND_FACTOR_ROLES
        assert answer.headers["Location"].startswith("/accounts/second-factor/?next=%2Faccounts%2Fprofile")
        assert client.get("/accounts/second-factor/").status_code == 200
        assert client.get("/accounts/2fa/").status_code == 200
        assert (
            client.post("/accounts/profile/", {"display_name": "x"}).headers["Location"] == "/accounts/second-factor/"
        )


def test_demo_lets_everybody_through(make: Callable[..., User], client: Client) -> None:
    enter(client, make("somebody", Role.REVIEWER))
    response = client.get("/accounts/profile/")
    assert response.status_code == 200
    assert response.context["second_factor_waived"] is True


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_site(enforced: None, client: Client, reviewer: User) -> None:
    enter(client, reviewer)
    client.get("/accounts/2fa/totp/activate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    session = client.session
    session["mfa.totp.secret"] = SECRET
    session.save()
    assert client.post("/accounts/2fa/totp/activate/", {"code": app_code()}).status_code == 302
    assert client.get("/accounts/profile/").status_code == 200
    assert newest_mail().to == [reviewer.email]
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert SECRET not in stored


def test_app_is_asked_for_at_sign_in_and_a_code_works_once(enforced: None, client: Client, reviewer: User) -> None:
    give_app(reviewer)
    assert enter(client, reviewer) == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    code = app_code()
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).headers["Location"] == "/home/"
    thief = Client()
    enter(thief, reviewer, code)
    assert "_auth_user_id" not in thief.session


@pytest.mark.parametrize("code", ["", "000000", "abc", "9" * 4000, "\x00", "１２３４５６"])
def test_wrong_codes_do_not_open(enforced: None, client: Client, reviewer: User, code: str) -> None:
    give_app(reviewer)
    enter(client, reviewer, code)
    assert "_auth_user_id" not in client.session


def test_guessing_codes_is_stopped(client: Client, reviewer: User) -> None:
    give_app(reviewer)
    enter(client, reviewer)
    for _attempt in range(7):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": app_code()})
    assert "_auth_user_id" not in client.session


def test_recovery_code_opens_once(client: Client, reviewer: User) -> None:
    give_app(reviewer)
    code = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()[0]
    assert enter(client, reviewer, code) == "/home/"
    again = Client()
    enter(again, reviewer, code)
    assert "_auth_user_id" not in again.session


def test_sign_in_by_mail_code_does_not_pass_by_the_second_factor(client: Client, reviewer: User) -> None:
    from portal.testing.sign_in import mailed_code

    give_app(reviewer)
    client.post("/accounts/login/code/", {"email": reviewer.email})
    response = client.post("/accounts/login/code/confirm/", {"code": mailed_code()})
    assert response.headers["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


def test_decision_goes_through_when_the_factor_was_used(decisions: None, client: Client, reviewer: User) -> None:
    give_app(reviewer)
    enter(client, reviewer, app_code())
    assert client.post("/decide/", {"explanation": "good"}).content == b"decided: good"


def test_decision_asks_for_the_factor_and_goes_on_with_what_was_typed(
    decisions: None, sign_in: Callable[[User], Client], reviewer: User
) -> None:
    give_app(reviewer)
    client = sign_in(reviewer)
    response = client.post("/decide/", {"explanation": "typed before"})
    assert response.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fdecide%2F"
    page = client.get(response.headers["Location"])
    assert 'name="next"' in page.content.decode()
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": "000000", "next": "/decide/"})
    assert b"decided" not in answer.content
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": app_code(), "next": "/decide/"})
    assert answer.content == b"decided: typed before"
    assert client.post("/decide/", {"explanation": "next one"}).content == b"decided: next one"


def test_password_again_does_not_replace_the_factor(
    decisions: None, sign_in: Callable[[User], Client], reviewer: User
) -> None:
    give_app(reviewer)
    client = sign_in(reviewer)
    client.post("/decide/", {"explanation": "x"})
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/decide/"})
    assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/")


@pytest.mark.parametrize("path", ["recovery-codes/", "recovery-codes/generate/", "webauthn/add/", "totp/deactivate/"])
def test_a_password_shows_and_changes_no_second_factor(
    enforced: None, sign_in: Callable[[User], Client], reviewer: User, path: str
) -> None:
    give_app(reviewer)
    client = sign_in(reviewer)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.get(f"/accounts/2fa/{path}")
    assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
    client.post("/accounts/2fa/reauthenticate/", {"code": app_code()})
    assert "/reauthenticate/" not in client.get(f"/accounts/2fa/{path}").headers.get("Location", "")


def test_factor_of_another_session_does_not_count(decisions: None, client: Client, reviewer: User) -> None:
    give_app(reviewer)
    enter(client, reviewer, app_code())
    client.post("/accounts/logout/")
    client.force_login(reviewer)
    assert client.post("/decide/", {}).status_code == 302


def test_creators_decide_about_their_own_things_without(
    decisions: None, sign_in: Callable[[User], Client], creator: User
) -> None:
    assert sign_in(creator).post("/decide/", {"explanation": "mine"}).content == b"decided: mine"


def confirmed(client: Client, person: User) -> Client:
    enter(client, person, app_code())
    client.post("/accounts/2fa/reauthenticate/", {"code": app_code(1)})
    return client


def test_last_factor_stays_for_those_who_need_one(enforced: None, client: Client, reviewer: User) -> None:
    give_app(reviewer)
    confirmed(client, reviewer).post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=reviewer, type="totp").exists()


def test_last_key_stays_for_those_who_need_one(enforced: None, client: Client, reviewer: User) -> None:
    app = give_app(reviewer)
    key = Authenticator.objects.create(user=reviewer, type="webauthn", data={"name": "k", "credential": {}})
    confirmed(client, reviewer)
    app.delete()
    answer = client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert answer.status_code == 200
    assert "last second factor" in answer.context["form"].non_field_errors()[0]
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_one_of_two_factors_can_go(enforced: None, client: Client, reviewer: User) -> None:
    give_app(reviewer)
    key = Authenticator.objects.create(user=reviewer, type="webauthn", data={"name": "k", "credential": {}})
    confirmed(client, reviewer)
    assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").status_code == 302
    assert not Authenticator.objects.filter(pk=key.pk).exists()
    assert newest_mail().to == [reviewer.email]


def test_somebody_elses_key_does_not_exist(enforced: None, client: Client, reviewer: User, stranger: User) -> None:
    give_app(reviewer)
    key = Authenticator.objects.create(user=stranger, type="webauthn", data={"name": "k", "credential": {}})
    confirmed(client, reviewer)
    assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").status_code == 404


def test_creator_may_remove_their_last_factor(enforced: None, client: Client, creator: User) -> None:
    give_app(creator)
    confirmed(client, creator).post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=creator).exists()


def test_admin_site_has_no_sign_in_page_of_its_own(enforced: None, client: Client, admin: User) -> None:
    assert client.get("/admin/").headers["Location"].startswith("/accounts/login/")
    enter(client, admin)
    assert client.get("/admin/").headers["Location"].startswith("/accounts/second-factor/")


def test_secrets_move_to_a_new_key(reviewer: User, settings: Settings) -> None:
    app = give_app(reviewer)
    codes = Authenticator.objects.get(type="recovery_codes")
    before = codes.wrap().generate_codes()
    old = settings.EVIDENCE_KEYS
    settings.EVIDENCE_KEYS = ["new:MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=", *old]
    assert keys.rotate_keys()["second factors"] == 2
    assert keys.rotate_keys()["second factors"] == 0
    settings.EVIDENCE_KEYS = settings.EVIDENCE_KEYS[:1]
    app.refresh_from_db()
    codes.refresh_from_db()
    assert app.wrap().validate_code(app_code())
    assert codes.wrap().generate_codes() == before


def test_factor_counts_for_half_a_day_and_is_asked_for_again_without_losing_what_was_typed(
    decisions: None, client: Client, reviewer: User
) -> None:
    give_app(reviewer)
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False):
        enter(client, reviewer, app_code())
    with time_machine.travel(start + timedelta(hours=11, minutes=59), tick=False):
        assert client.post("/decide/", {"explanation": "in time"}).content == b"decided: in time"
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        asked = client.post("/decide/?from=queue", {"explanation": "typed late"})
        assert asked.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fdecide%2F%3Ffrom%3Dqueue"
        assert client.get("/accounts/profile/").status_code == 200, "only decisions need it fresh"
        answer = client.post("/accounts/2fa/reauthenticate/", {"code": app_code(), "next": "/decide/?from=queue"})
        assert answer.content == b"decided: typed late"


def test_suspended_request_lies_sealed_without_cookies_passwords_and_files(
    decisions: None, sign_in: Callable[[User], Client], reviewer: User
) -> None:
    give_app(reviewer)
    client = sign_in(reviewer)
    typed = {"explanation": "a private word", "oldpassword": PASSWORD, "file": io.BytesIO(b"bytes of a paper")}
    client.post("/decide/", typed, headers={"authorization": "Bearer of-news"})
    stored = str(Session.objects.get(pk=client.session.session_key).get_decoded())
    for private in (
        "a private word",
        PASSWORD,
        "bytes of a paper",
        "of-news",
        str(client.session.session_key),
        "COOKIE",
    ):
        assert private not in stored
    client.post("/accounts/2fa/reauthenticate/", {"code": app_code(), "next": "/decide/"})
    assert client.session.get("account_reauthentication_state") is None


def test_suspended_passwords_of_the_sign_in_pages_are_not_kept(client: Client, creator: User) -> None:
    client.force_login(creator)
    data = {"email": "new@example.org", "action_add": "", "password1": "another long phrase"}
    assert client.post("/accounts/email/", data).headers["Location"].startswith("/accounts/reauthenticate/")
    stored = str(Session.objects.get(pk=client.session.session_key).get_decoded())
    assert "another long phrase" not in stored
    assert "new@example.org" not in stored
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/email/"})
    assert EmailAddress.objects.filter(user=creator, email="new@example.org").exists() or "new@example.org" in str(
        newest_mail().to
    )


@pytest.mark.parametrize("way", ["late", "elsewhere", "someone else", "too long"])
def test_suspended_request_is_not_carried_out(
    decisions: None, sign_in: Callable[[User], Client], reviewer: User, make: Callable[..., User], way: str
) -> None:
    give_app(reviewer)
    client = sign_in(reviewer)
    client.post("/decide/", {"explanation": "x" * (70_000 if way == "too long" else 5)})
    page, moment = "/decide/", datetime.now(UTC)
    if way == "late":
        moment += timedelta(minutes=31)
    if way == "elsewhere":
        page = "/accounts/profile/"
    if way == "someone else":
        kept = client.session["account_reauthentication_state"]
        other = make("other", Role.REVIEWER)
        give_app(other)
        client.logout()
        client.force_login(other)
        session = client.session
        session["account_reauthentication_state"] = kept
        session.save()
    with time_machine.travel(moment, tick=False):
        answer = client.post("/accounts/2fa/reauthenticate/", {"code": app_code(), "next": page})
    assert (answer.status_code, answer.headers["Location"]) == (302, page)


def test_part_of_a_page_loads_the_page_that_asks(
    decisions: None, sign_in: Callable[[User], Client], reviewer: User
) -> None:
    give_app(reviewer)
    answer = sign_in(reviewer).post("/decide/", {"preview": "1"}, headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (
        200,
        "/accounts/2fa/reauthenticate/?next=%2Fdecide%2F",
    )
