"""A lost second factor: two administrators, neither of them the person."""

import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from portal.audit import trail
from portal.errors import Conflict, NotAllowed
from portal.people.actions import recoveries
from portal.people.models import Letter, Recovery, User
from portal.people.roles import Role
from portal.people.states import RecoveryState
from portal.testing.reading import filled_form
from portal.testing.sign_in import PASSWORD, give_app, newest_mail

pytestmark = pytest.mark.django_db
LOST = "/accounts/second-factor/lost/"


@pytest.fixture
def lost(reviewer: User) -> User:
    give_app(reviewer)
    return reviewer


@pytest.fixture
def proposed(lost: User, admin: User) -> Recovery:
    recovery = recoveries.request_recovery(person=lost, note="my phone is gone")
    recoveries.propose_recovery(recovery=recovery, reason="seen on video with their badge", by=admin)
    return recovery


def test_person_asks_after_their_first_factor(
    client: Client, lost: User, admin: User, second_admin: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ENFORCED = True
    client.post("/accounts/login/", {"login": lost.email, "password": PASSWORD})
    assert client.get("/accounts/second-factor/lost/").status_code == 200
    assert client.post("/accounts/second-factor/lost/", {"note": ""}).context["form"].errors
    assert client.post("/accounts/second-factor/lost/", {"note": "my phone is gone"}).status_code == 200
    recovery = Recovery.objects.get()
    assert (recovery.person, recovery.state, recovery.note) == (lost, RecoveryState.REQUESTED, "my phone is gone")
    told = Letter.objects.filter(kind__contains="recovery").values_list("person__email", flat=True)
    assert set(told) == {lost.email, admin.email, second_admin.email}
    assert "_auth_user_id" not in client.session


@pytest.fixture
def halfway(client: Client, lost: User, settings: Settings) -> Client:
    """A browser in which a reviewer has shown their password, and not the second factor that they lost."""
    settings.SECOND_FACTOR_ENFORCED = True
    client.post("/accounts/login/", {"login": lost.email, "password": PASSWORD})
    return client


def test_request_that_is_refused_shows_what_was_typed(halfway: Client) -> None:
    refused = halfway.post(LOST, {"note": "too long " * 60}).content.decode()
    assert "too long " * 60 in refused
    assert not Recovery.objects.exists()


def test_request_that_comes_too_late_is_said_beside_it_and_sent_after_signing_in_again(
    halfway: Client, lost: User
) -> None:
    page = halfway.get(LOST)
    typed = filled_form(page) | {"note": "my phone is gone"}
    assert "The time for signing in has ended, so this was not submitted." in page.content.decode()
    end_sign_in(halfway)
    halfway.cookies["form_sent"] = "abc123"
    stays = halfway.post(LOST, typed)
    assert (stays.status_code, stays["X-Form-Refused"]) == (204, "signed-out")
    assert typed["form_owner"] not in halfway.get("/session/").json()["owners"]
    halfway.post("/accounts/login/", {"login": lost.email, "password": PASSWORD})
    assert typed["form_owner"] in halfway.get("/session/").json()["owners"]
    assert halfway.post(LOST, typed).status_code == 200
    assert Recovery.objects.get().note == "my phone is gone"


def test_request_that_comes_too_late_is_shown_again_without_scripts(halfway: Client, lost: User) -> None:
    typed = filled_form(halfway.get(LOST)) | {"note": "my phone is gone"}
    end_sign_in(halfway)
    assert halfway.post(LOST, typed).headers["Location"] == "/accounts/login/"
    halfway.post("/accounts/login/", {"login": lost.email, "password": PASSWORD})
    assert "my phone is gone" in halfway.get(LOST).content.decode()
    assert not Recovery.objects.exists(), "shown, not sent"


def test_request_of_somebody_else_is_not_shown(halfway: Client, creator: User) -> None:
    typed = filled_form(halfway.get(LOST)) | {"note": "my phone is gone"}
    end_sign_in(halfway)
    halfway.post(LOST, typed)
    give_app(creator)
    halfway.post("/accounts/login/", {"login": creator.email, "password": PASSWORD})
    page = halfway.get(LOST)
    assert page.status_code == 200
    assert "my phone is gone" not in page.content.decode()


def test_request_whose_token_is_old_is_taken(lost: User, settings: Settings) -> None:
    settings.SECOND_FACTOR_ENFORCED = True
    client = Client(enforce_csrf_checks=True)
    here = {"Origin": "http://testserver"}
    token = client.get("/accounts/login/").context["csrf_token"]
    login = {"login": lost.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    client.post("/accounts/login/", login, headers=here)
    typed = filled_form(client.get(LOST))
    sent = typed | {"note": "my phone is gone", "csrfmiddlewaretoken": "x" * 64}
    unmarked = {name: value for name, value in sent.items() if name != "form_owner"}
    assert client.post(LOST, unmarked, headers=here).status_code == 403
    assert client.post(LOST, sent, headers=here).status_code == 200
    assert Recovery.objects.get().note == "my phone is gone"


def end_sign_in(client: Client) -> None:
    """Let the quarter of an hour that a sign-in may take be over."""
    session = client.session
    session["account_login"] = session["account_login"] | {"initiated_at": time.time() - 16 * 60}
    session.save()


def test_nobody_asks_for_somebody_else(client: Client, lost: User, creator: User) -> None:
    assert client.post("/accounts/second-factor/lost/", {"note": "x"}).headers["Location"] == "/accounts/login/"
    client.force_login(creator)
    assert client.post("/accounts/second-factor/lost/", {"note": "x"}).status_code == 302
    assert not Recovery.objects.exists()


def test_asking_twice_is_one_recovery(lost: User, admin: User) -> None:
    first = recoveries.request_recovery(person=lost, note="one")
    letters = Letter.objects.count()
    assert recoveries.request_recovery(person=lost, note="two") == first
    assert Letter.objects.count() == letters


def test_second_admin_confirms_and_everything_ends(
    client: Client, lost: User, proposed: Recovery, second_admin: User
) -> None:
    client.force_login(lost)
    recoveries.confirm_recovery(recovery=proposed, by=second_admin)
    assert not Authenticator.objects.filter(user=lost).exists()
    assert client.get("/accounts/profile/").status_code == 302
    assert newest_mail().to == [lost.email]
    events = [event.event for event in trail.events_of(trail.subject_of(proposed))]
    assert events == [f"people.recovery.{what}" for what in ("requested", "proposed", "confirmed")]


def test_proposer_cannot_confirm_in_a_tab_that_was_opened_before(lost: User, admin: User) -> None:
    recovery = recoveries.request_recovery(person=lost, note="my phone is gone")
    earlier = Recovery.objects.get(pk=recovery.pk)
    recoveries.propose_recovery(recovery=recovery, reason="seen on video with their badge", by=admin)
    with pytest.raises(NotAllowed, match="someone else must approve it"):
        recoveries.confirm_recovery(recovery=earlier, by=admin)
    assert Recovery.objects.get().state == RecoveryState.PROPOSED


def test_proposer_cannot_confirm(lost: User, proposed: Recovery, admin: User) -> None:
    with pytest.raises(NotAllowed):
        recoveries.confirm_recovery(recovery=proposed, by=admin)
    assert Authenticator.objects.filter(user=lost).exists()


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_other_roles_neither_propose_nor_confirm_nor_refuse(
    proposed: Recovery, make: Callable[..., User], role: str
) -> None:
    somebody = make("somebody", role)
    for act in (
        lambda: recoveries.confirm_recovery(recovery=proposed, by=somebody),
        lambda: recoveries.propose_recovery(recovery=proposed, reason="x", by=somebody),
        lambda: recoveries.refuse_recovery(recovery=proposed, reason="x", by=somebody),
        lambda: recoveries.open_recovery(person=proposed.person, reason="x", by=somebody),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_nobody_decides_about_themselves(admin: User, second_admin: User) -> None:
    give_app(admin)
    recovery = recoveries.request_recovery(person=admin, note="x")
    with pytest.raises(NotAllowed):
        recoveries.propose_recovery(recovery=recovery, reason="it is me", by=admin)
    recoveries.propose_recovery(recovery=recovery, reason="seen", by=second_admin)
    for act in (recoveries.confirm_recovery, lambda **k: recoveries.refuse_recovery(reason="x", **k)):
        with pytest.raises(NotAllowed):
            act(recovery=recovery, by=admin)


def test_only_the_first_of_two_answers_counts(proposed: Recovery, second_admin: User) -> None:
    late = Recovery.objects.get(pk=proposed.pk)
    recoveries.confirm_recovery(recovery=proposed, by=second_admin)
    with pytest.raises(Conflict):
        recoveries.refuse_recovery(recovery=late, reason="no", by=second_admin)
    with pytest.raises(Conflict):
        recoveries.confirm_recovery(recovery=late, by=second_admin)


def test_cannot_be_confirmed_before_it_is_proposed(lost: User, second_admin: User) -> None:
    recovery = recoveries.request_recovery(person=lost, note="x")
    with pytest.raises(Conflict):
        recoveries.confirm_recovery(recovery=recovery, by=second_admin)


def test_refusal_keeps_the_factor_and_they_can_ask_again(lost: User, proposed: Recovery, second_admin: User) -> None:
    recoveries.refuse_recovery(recovery=proposed, reason="not reached", by=second_admin)
    assert Authenticator.objects.filter(user=lost).exists()
    assert "not reached" in str(newest_mail().body)
    assert recoveries.request_recovery(person=lost, note="again").pk != proposed.pk


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "done", "closed_by": "admin"},
        {"state": "done", "closed_by": "lost"},
        {"state": "done", "closed_by": None},
        {"proposed_by": "lost"},
        {"reason": ""},
    ],
)
def test_database_wants_two_others_too(proposed: Recovery, lost: User, admin: User, fields: dict[str, str]) -> None:
    people = {"admin": admin, "lost": lost}
    values: dict[str, object] = {name: people.get(value, value) for name, value in fields.items()}
    values |= {"closed_at": proposed.proposed_at} if values.get("closed_by") else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.filter(pk=proposed.pk).update(**values)


def test_pages_walk_the_whole_way(client: Client, lost: User, admin: User, second_admin: User) -> None:
    client.force_login(admin)
    form = {"person": lost.public_id, "reason": "called back on the number we have"}
    assert client.post("/accounts/recoveries/new/", {**form, "person": "nobody"}).context["form"].errors
    url = client.post("/accounts/recoveries/new/", form).headers["Location"]
    assert client.post("/accounts/recoveries/new/", form).context["form"].non_field_errors()
    answer = client.post(url, {"verb": "confirm"})
    assert "You proposed this" in answer.content.decode()
    client.force_login(second_admin)
    assert client.post(url, {"verb": "refuse", "reason": ""}).context["form"].errors
    assert client.post(url, {"verb": "nonsense", "reason": "x"}).context["form"].errors
    assert client.post(url, {"verb": "confirm"}).headers["Location"] == url
    assert not Authenticator.objects.filter(user=lost).exists()


@pytest.mark.parametrize("role", Role.values)
def test_pages_open_to_admins_only(proposed: Recovery, make: Callable[..., User], client: Client, role: str) -> None:
    client.force_login(make("somebody", role))
    for url in ("/accounts/recoveries/", "/accounts/recoveries/new/", f"/accounts/recoveries/{proposed.pk}/"):
        assert client.get(url).status_code == (200 if role == Role.ADMIN else 403)
