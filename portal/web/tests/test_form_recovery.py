"""What is typed without a session is kept for its writer, and strangers cannot fill the sessions with it."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal import clock
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews.tests import factories as make
from portal.web.form_owners import mark_owner

pytestmark = pytest.mark.django_db
PAGE = "/complaints/authorisations/"


def end_session(client: Client, person: User) -> None:
    """The person was signed in and looked at the page; then their session ended."""
    client.force_login(person)
    client.get(PAGE)
    del client.cookies["sessionid"]


def test_a_kept_form_is_shown_to_nobody_else(client: Client, creator: User, stranger: User) -> None:
    end_session(client, creator)
    client.post(PAGE, {"note": "Typed while signed out"})
    assert "form_recovery" in client.session
    client.force_login(stranger)
    assert "form_recovery" not in client.session
    assert "Typed while signed out" not in client.get(PAGE).content.decode()
    client.logout()
    client.force_login(creator)
    assert "Typed while signed out" not in client.get(PAGE).content.decode()


def test_a_form_that_nobody_was_signed_in_for_is_not_kept(client: Client, creator: User) -> None:
    client.post(PAGE, {"note": "Typed while signed out"})
    assert "form_recovery" not in client.session


def test_a_kept_form_is_shown_after_signing_in_and_the_session_lasts(client: Client, creator: User) -> None:
    end_session(client, creator)
    client.post(PAGE, {"note": "Typed while signed out"})
    assert 0 < client.session.get_expiry_age() <= 2 * 3600
    client.force_login(creator)
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
    assert "Typed while signed out" in client.get(PAGE).content.decode()
    assert "Typed while signed out" not in client.get(PAGE).content.decode(), "once"


def test_an_address_fills_only_so_many_sessions() -> None:
    for _visit in range(40):
        visitor = Client()
        visitor.cookies["form_owner"] = mark_owner("made up")
        visitor.post(PAGE, {"note": "x" * 1000})
    assert Session.objects.filter(expire_date__gt=clock.now()).count() == 30


def test_a_mark_that_the_portal_has_not_made_fills_no_session(client: Client) -> None:
    client.post(PAGE, {"note": "Typed", "form_owner": "x" * 60_000})
    assert "form_recovery" not in client.session


def test_a_form_whose_key_is_gone_is_no_error(client: Client, creator: User, settings: Settings) -> None:
    end_session(client, creator)
    client.post(PAGE, {"note": "Typed while signed out"})
    client.force_login(creator)
    settings.EVIDENCE_KEYS = ["other:" + "A" * 43 + "="]
    assert client.get(PAGE).status_code == 200


def test_the_sign_in_page_says_that_it_is_kept(client: Client, creator: User) -> None:
    end_session(client, creator)
    page = client.post(PAGE, {"note": "Typed while signed out"}, follow=True)
    assert "restored when you sign in" in page.content.decode()
    assert "restored when you sign in" not in Client().get(PAGE, follow=True).content.decode()


@pytest.mark.parametrize(
    ("name", "role", "field"),
    [
        ("admin:people_user_add", Role.ADMIN, "reason"),
        ("admin:allauth_idp_oidc_client_add", Role.ADMIN, "name"),
        ("people:profile", Role.CREATOR, "display_name"),
        ("people:link_claim", Role.CREATOR, "account"),
        ("reviews:conflicts", Role.REVIEWER, "person"),
    ],
)
def test_what_is_typed_on_small_forms_is_kept_and_not_done(client: Client, name: str, role: Role, field: str) -> None:
    page, person = reverse(name), make.person(role)
    end_session(client, person)
    before = client.post(page, {field: "@typed-while-signed-out"})
    assert "/login/" in before.headers["Location"]
    client.force_login(person)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "@typed-while-signed-out" in shown.content.decode()


def test_a_button_alone_leaves_nothing_to_keep(client: Client, creator: User) -> None:
    end_session(client, creator)
    client.post(PAGE, {"note": ""})
    assert "form_recovery" not in client.session
