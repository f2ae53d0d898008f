"""Signing in by password and by code, choosing a new password, and what each refuses."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from portal import clock
from portal.people.apps import _purge_sessions
from portal.people.models import User
from portal.testing.sign_in import PASSWORD, mailed_code, newest_mail

pytestmark = pytest.mark.django_db


def password(client: Client, email: str, secret: str = PASSWORD, **more: str) -> str:
    response = client.post("/accounts/login/", {"login": email, "password": secret, **more})
    return response.headers.get("Location", "")


def is_in(client: Client, person: User) -> bool:
    return client.session.get("_auth_user_id") == str(person.pk)


def test_password_opens_and_the_session_key_changes(client: Client, creator: User) -> None:
    client.get("/accounts/login/")
    client.session["mark"] = 1
    session = client.session
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before or ""
    assert password(client, creator.email.upper()) == "/home/"
    assert is_in(client, creator)
    assert client.session.session_key != before


def test_signing_in_leaves_no_message_in_the_browsers_language(client: Client, creator: User) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    password(client, creator.email)
    assert is_in(client, creator)
    assert not list(client.get("/certification/").context["messages"])


@pytest.mark.parametrize("secret", ["wrong wrong wrong", "", "x" * 5000, "a\x00b"])
def test_wrong_password_is_refused_and_the_address_kept(client: Client, creator: User, secret: str) -> None:
    response = client.post("/accounts/login/", {"login": creator.email, "password": secret})
    assert response.status_code == 200
    assert response.context["form"]["login"].value() == creator.email
    assert not is_in(client, creator)


def test_unknown_address_gets_the_same_words_as_a_wrong_password(client: Client, creator: User) -> None:
    known = client.post("/accounts/login/", {"login": creator.email, "password": "wrong wrong"})
    unknown = client.post("/accounts/login/", {"login": "nobody@example.org", "password": "wrong wrong"})
    assert known.context["form"].errors == unknown.context["form"].errors


def test_guessing_is_stopped_even_with_the_right_password_then(client: Client, creator: User) -> None:
    for _attempt in range(6):
        password(client, creator.email, "wrong wrong wrong")
    assert password(client, creator.email) == ""
    assert not is_in(client, creator)


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_foreign_goal_is_not_followed(client: Client, creator: User, goal: str) -> None:
    assert password(client, creator.email, next=goal) == "/home/"


def test_own_goal_is_followed(client: Client, creator: User) -> None:
    assert password(client, creator.email, next="/accounts/mandates/") == "/accounts/mandates/"


def test_closed_account_stays_out(client: Client, creator: User) -> None:
    User.objects.update(is_active=False)
    password(client, creator.email)
    assert not is_in(client, creator)


def test_code_opens_once(client: Client, creator: User) -> None:
    client.post("/accounts/login/code/", {"email": creator.email})
    code = mailed_code()
    assert mail.outbox[-1].to == [creator.email]
    assert client.post("/accounts/login/code/confirm/", {"code": code}).headers["Location"] == "/home/"
    assert is_in(client, creator)
    client.post("/accounts/logout/")
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert not is_in(client, creator)


def test_code_for_nobody_looks_the_same(client: Client, creator: User) -> None:
    answers = []
    for email in (creator.email, "nobody@example.org"):
        browser = Client()
        answers.append(browser.post("/accounts/login/code/", {"email": email}).headers["Location"])
        answers.append(str(browser.post("/accounts/login/code/confirm/", {"code": "AAAA-BBBB"}).status_code))
    assert answers[:2] == answers[2:]
    assert "/accounts/signup/" in str(newest_mail().body)


def test_codes_cannot_be_asked_for_without_end(client: Client, creator: User) -> None:
    answers = [Client().post("/accounts/login/code/", {"email": creator.email}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200, 200]


def test_mail_is_in_the_persons_language(client: Client, creator: User) -> None:
    User.objects.update(language="zh-hans")
    client.post("/accounts/login/code/", {"email": creator.email}, headers={"accept-language": "en"})
    newest_mail()
    from portal.people.models import Letter

    assert Letter.objects.get().person == creator


def test_new_password_by_code_ends_the_old_one(client: Client, creator: User) -> None:
    client.post("/accounts/password/reset/", {"email": creator.email})
    code = mailed_code()
    client.post("/accounts/password/reset/confirm/", {"code": code})
    fresh = "another long phrase"
    client.post("/accounts/password/reset/complete/", {"password1": fresh, "password2": fresh})
    assert password(Client(), creator.email) == ""
    assert password(client, creator.email, fresh) == "/home/"


def test_new_password_needs_the_code(client: Client, creator: User) -> None:
    client.post("/accounts/password/reset/", {"email": creator.email})
    client.post("/accounts/password/reset/confirm/", {"code": "AAAA-BBBB"})
    fresh = "another long phrase"
    answer = client.post("/accounts/password/reset/complete/", {"password1": fresh, "password2": fresh})
    assert answer.status_code == 302
    assert password(client, creator.email) == "/home/"


def test_sessions_are_listed_and_others_can_be_ended(client: Client, creator: User, stranger: User) -> None:
    other, foreign = Client(), Client()
    password(other, creator.email)
    password(foreign, stranger.email)
    password(client, creator.email)
    assert len(client.get("/accounts/sessions/").context["sessions"]) == 2
    client.post("/accounts/sessions/")
    assert other.get("/accounts/profile/").status_code == 302
    assert client.get("/accounts/profile/").status_code == 200
    assert foreign.get("/accounts/profile/").status_code == 200
    assert UserSession.objects.filter(user=creator).count() == 1


def test_changing_the_password_asks_for_the_old_one_and_tells_the_person(
    sign_in: Callable[[User], Client], creator: User
) -> None:
    client, fresh = sign_in(creator), "another long phrase"
    form = {"oldpassword": "wrong", "password1": fresh, "password2": fresh}
    assert client.post("/accounts/password/change/", form).context["form"].errors
    assert client.post("/accounts/password/change/", {**form, "oldpassword": PASSWORD}).status_code == 302
    assert newest_mail().to == [creator.email]


def test_changing_the_address_needs_a_code_sent_to_the_new_one(client: Client, creator: User, stranger: User) -> None:
    password(client, creator.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    code = mailed_code()
    assert mail.outbox[-1].to == ["new@example.org"]
    creator.refresh_from_db()
    assert creator.email == "creator@example.org"
    client.post("/accounts/confirm-email/", {"code": code})
    creator.refresh_from_db()
    assert creator.email == "new@example.org"


def test_somebody_elses_address_cannot_be_taken(client: Client, creator: User, stranger: User) -> None:
    password(client, creator.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": stranger.email, "action_add": ""})
    creator.refresh_from_db()
    assert creator.email == "creator@example.org"


def test_signing_out_needs_a_post(client: Client, creator: User) -> None:
    password(client, creator.email)
    client.get("/accounts/logout/")
    assert is_in(client, creator)
    client.post("/accounts/logout/")
    assert not is_in(client, creator)


@pytest.mark.parametrize(("goal", "offered"), [("/certification/new/", False), ("/complaints/new/", True)])
def test_guest_sign_in_is_offered_only_where_guests_may_go(client: Client, goal: str, *, offered: bool) -> None:
    page = client.get("/accounts/login/", {"next": goal}).content.decode()
    assert ("/accounts/guest/" in page) is offered


def test_sessions_stay_when_the_demo_moves_its_time(client: Client, creator: User) -> None:
    client.force_login(creator)
    ended = SessionStore()
    ended.set_expiry(-1)
    ended.save()
    with clock.freeze_time(clock.now() + timedelta(days=70)):
        _purge_sessions()
    assert client.get("/certification/").status_code == 200
    assert not Session.objects.filter(session_key=ended.session_key).exists()
