"""What administrators do with people, and what people do with their own account."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from portal import clock
from portal.audit import trail
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people.actions import changes, staff
from portal.people.models import Agency, ChangeRequest, Intervention, User
from portal.people.roles import Role
from portal.people.states import ChangeState
from portal.testing.reading import filled_form
from portal.testing.sign_in import mailed_code, newest_mail

pytestmark = pytest.mark.django_db


def test_role_change_is_recorded_and_the_person_told(creator: User, admin: User, agency: Agency) -> None:
    staff.change_role(person=creator, role=Role.AGENT, agency=agency, reason="hired", by=admin)
    creator.refresh_from_db()
    assert creator.role == Role.AGENT
    event = trail.events_of(trail.subject_of(creator)).get()
    assert (event.event, event.actor, event.data["role"]) == ("people.user.role_changed", admin.public_id, "agent")
    assert "hired" not in str(event.data)
    assert Intervention.objects.get().reason == "hired"
    assert "hired" in str(newest_mail().body)


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_only_admins_manage_people(make: Callable[..., User], creator: User, role: str) -> None:
    somebody = make("somebody", role)
    for act in (
        lambda: staff.change_role(person=creator, role=Role.ADMIN, reason="x", by=somebody),
        lambda: staff.deactivate_person(person=creator, reason="x", by=somebody),
        lambda: staff.reactivate_person(person=creator, reason="x", by=somebody),
        lambda: staff.invite_staff(email="n@example.org", display_name="N", role=Role.ADMIN, reason="x", by=somebody),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not AuditEvent.objects.exists()


def test_nobody_changes_themselves(admin: User, second_admin: User) -> None:
    with pytest.raises(NotAllowed):
        staff.change_role(person=admin, role=Role.CREATOR, reason="x", by=admin)
    with pytest.raises(NotAllowed):
        staff.deactivate_person(person=admin, reason="x", by=admin)


def test_one_admin_always_stays(admin: User, second_admin: User) -> None:
    first = staff.deactivate_person(person=admin, reason="left", by=second_admin)
    second = staff.change_role(person=second_admin, role=Role.CREATOR, reason="x", by=admin)
    assert first is not None
    assert second is not None
    with clock.freeze_time(clock.now() + timedelta(days=2)):
        assert changes.carry_out_due_changes() == 1
    assert list(User.objects.active_admins()) == [second_admin]
    second.refresh_from_db()
    assert second.state == ChangeState.OVERTAKEN


@pytest.mark.parametrize(("role", "field"), [("emperor", "role"), (Role.AGENT, "agency")])
def test_wrong_roles_are_invalid(creator: User, admin: User, role: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        staff.change_role(person=creator, role=role, reason="x", by=admin)
    assert list(refusal.value.fields) == [field]


def test_agent_gets_the_agency(creator: User, admin: User, agency: Agency) -> None:
    staff.change_role(person=creator, role=Role.AGENT, reason="x", agency=agency, by=admin)
    creator.refresh_from_db()
    assert creator.agency == agency


def test_change_on_old_sight_is_a_conflict(creator: User, admin: User, second_admin: User, agency: Agency) -> None:
    old = User.objects.get(pk=creator.pk)
    staff.change_role(person=creator, role=Role.AGENT, agency=agency, reason="x", by=admin)
    with pytest.raises(Conflict):
        staff.change_role(person=old, role=Role.GUEST, reason="x", by=second_admin)


def test_deactivation_ends_sessions_and_can_be_undone(client: Client, creator: User, admin: User) -> None:
    client.force_login(creator)
    staff.deactivate_person(person=creator, reason="misuse", by=admin)
    assert client.get("/accounts/profile/").status_code == 302
    assert "misuse" in str(newest_mail().body)
    with pytest.raises(Conflict):
        staff.deactivate_person(person=creator, reason="again", by=admin)
    staff.reactivate_person(person=creator, reason="mistake", by=admin)
    assert client.get("/accounts/profile/").status_code == 302  # the old session stays ended


def test_invited_person_gets_in_by_code(client: Client, admin: User, second_admin: User) -> None:
    change = staff.invite_staff(
        email="New@Example.org", display_name="New", role=Role.REVIEWER, reason="hired", by=admin
    )
    assert isinstance(change, ChangeRequest)
    changes.approve_change(change=change, by=second_admin)
    person = User.objects.get(email="new@example.org")
    newest_mail()
    (letter,) = [letter for letter in mail.outbox if letter.to == ["new@example.org"]]
    assert "/accounts/login/code/" in str(letter.body)
    client.post("/accounts/login/code/", {"email": "new@example.org"})
    client.post("/accounts/login/code/confirm/", {"code": mailed_code()})
    assert client.session["_auth_user_id"] == str(person.pk)
    assert EmailAddress.objects.get(user=person).verified


def test_invitations_that_cannot_be(admin: User, creator: User) -> None:
    for email, role, field in (
        (creator.email.upper(), Role.REVIEWER, "email"),
        ("n@example.org", Role.CREATOR, "role"),
        ("n@example.org", Role.AGENT, "agency"),
    ):
        with pytest.raises(Invalid) as refusal:
            staff.invite_staff(email=email, display_name="N", role=role, reason="x", by=admin)
        assert list(refusal.value.fields) == [field]
    assert not User.objects.filter(email="n@example.org").exists()


def test_profile_changes_name_and_language(client: Client, creator: User) -> None:
    client.force_login(creator)
    answer = client.post("/accounts/profile/", {"display_name": "  李 雷 ", "language": "zh-hans"})
    assert answer.cookies["django_language"].value == "zh-hans"
    creator.refresh_from_db()
    assert (creator.display_name, creator.language) == ("李 雷", "zh-hans")
    assert trail.events_of(trail.subject_of(creator)).get().data == {"fields": ["display_name", "language"]}
    client.post("/accounts/profile/", {"display_name": "李 雷", "language": "zh-hans"})
    assert trail.events_of(trail.subject_of(creator)).count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""),
        ("display_name", "x" * 81),
        ("display_name", "\u202e"),
        ("language", "de"),
        ("language", ""),
    ],
)
def test_wrong_profile_is_answered_at_its_field(client: Client, creator: User, field: str, value: str) -> None:
    client.force_login(creator)
    answer = client.post("/accounts/profile/", {"display_name": "Ana", "language": "en", field: value})
    assert list(answer.context["form"].errors) == [field]


def test_profile_cannot_change_role_or_agency(client: Client, creator: User, agency: Agency) -> None:
    client.force_login(creator)
    client.post(
        "/accounts/profile/",
        {"display_name": "A", "language": "en", "role": "admin", "agency": agency.pk, "is_active": "0"},
    )
    creator.refresh_from_db()
    assert (creator.role, creator.agency, creator.is_active) == (Role.CREATOR, None, True)


def test_closing_needs_the_own_address(client: Client, creator: User, stranger: User) -> None:
    client.force_login(creator)
    assert client.post("/accounts/profile/close/", {"email": stranger.email}).context["form"].errors
    assert client.post("/accounts/profile/close/", {"email": creator.email.upper()}).headers["Location"] == (
        "/accounts/login/"
    )
    creator.refresh_from_db()
    stranger.refresh_from_db()
    assert (creator.is_active, stranger.is_active) == (False, True)
    assert client.get("/accounts/profile/").status_code == 302


def test_last_admin_cannot_close(client: Client, admin: User) -> None:
    client.force_login(admin)
    answer = client.post("/accounts/profile/close/", {"email": admin.email})
    assert "last administrator" in answer.context["form"].non_field_errors()[0]
    admin.refresh_from_db()
    assert admin.is_active


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/profile/",
        "/accounts/profile/close/",
        "/accounts/mandates/",
        "/accounts/clients/",
        "/accounts/recoveries/",
        "/accounts/second-factor/",
        "/accounts/sessions/",
        "/accounts/2fa/",
    ],
)
def test_visitors_are_asked_to_sign_in(client: Client, db: None, url: str) -> None:
    assert client.get(url).headers["Location"].startswith(f"/accounts/login/?next={url}")


def test_a_name_of_another_tab_stays(client: Client, creator: User) -> None:
    client.force_login(creator)
    old, other = (filled_form(client.get("/accounts/profile/")) | {"language": "en"} for _tab in range(2))
    client.post("/accounts/profile/", other | {"display_name": "New name"})
    client.post("/accounts/profile/", old | {"language": "zh-hans"})
    creator.refresh_from_db()
    assert (creator.display_name, creator.language) == ("New name", "zh-hans")
    again = client.post("/accounts/profile/", old | {"display_name": "A third"})
    assert "另一个窗口" in again.content.decode()
    creator.refresh_from_db()
    assert creator.display_name == "New name"
