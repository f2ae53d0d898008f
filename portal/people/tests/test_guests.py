"""Guests, who may complain only, and visitors, of whom only an account of a platform is known."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.audit import trail
from portal.errors import Invalid, NotAllowed
from portal.jobs import runner
from portal.notifications import messages
from portal.outbound.mail import Delivery
from portal.people import addresses, second_factor
from portal.people.actions import people, profile, staff
from portal.people.models import Letter, User
from portal.people.roles import Permission, Role
from portal.testing.sign_in import give_app, mailed_code

pytestmark = pytest.mark.django_db


def test_creators_and_guests_complain_and_nobody_else(make: Callable[..., User]) -> None:
    people_here = {role: make(f"one-{role}", role) for role in Role.values}
    assert {role for role, person in people_here.items() if person.may(Permission.COMPLAIN)} == {"creator", "guest"}
    assert not people_here[Role.GUEST].may(Permission.APPLY)


def test_a_guest_needs_no_second_factor(make: Callable[..., User], settings: object) -> None:
    settings.SECOND_FACTOR_ENFORCED = True  # type: ignore[attr-defined]
    assert not second_factor.needs_second_factor(make("guest", Role.GUEST))
    assert second_factor.needs_second_factor(make("reviewer", Role.REVIEWER))


def test_a_guest_is_made_once_and_known_people_stay_what_they_are(creator: User) -> None:
    new = people.find_or_add_guest("New@Example.org", "New", "zh-hans")
    assert (new.email, new.role, new.language) == ("new@example.org", Role.GUEST, "zh-hans")
    assert people.find_or_add_guest("nEw@example.org", "Other", "en") == new
    assert people.find_or_add_guest(creator.email.upper(), "Other", "en").role == Role.CREATOR
    assert [event.event for event in trail.events_of(trail.subject_of(new))] == ["people.user.came_as_guest"]


def test_a_visitor_is_made_once_for_each_account() -> None:
    one = people.find_or_add_visitor("sandbox", "42", "Somebody", "en")
    assert one.email == "sandbox.42@visitor.invalid"
    assert (one.role, one.is_active, one.has_usable_password()) == (Role.GUEST, True, False)
    assert people.find_or_add_visitor("sandbox", "42", "Other", "en") == one
    assert people.find_or_add_visitor("other", "42", "Somebody", "en") != one
    assert people.find_or_add_visitor("sandbox", "x" * 500, "y" * 500, "en").display_name == "y" * 80


@pytest.mark.parametrize(("one", "other"), [("UCa", "UCA"), ("a.b", "a-b"), ("七", "八"), ("x" * 60, "x" * 61)])
def test_ids_that_differ_give_addresses_that_differ(one: str, other: str) -> None:
    first, second = addresses.visitor_address("sandbox", one), addresses.visitor_address("sandbox", other)
    assert first.lower() != second.lower()
    assert addresses.is_visitor_address(first)
    assert not addresses.takes_mail(first)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("a@example.org", True),
        ("a@b.INVALID", False),
        ("a@invalid", True),
        ("a@x.invalid.", False),
        ("a.invalid@b.c", True),
    ],
)
def test_no_mail_goes_into_invalid(address: str, taken: bool) -> None:
    assert addresses.takes_mail(address) is taken


def test_a_visitor_is_told_in_the_portal_only() -> None:
    visitor = people.find_or_add_visitor("sandbox", "42", "Somebody", "en")
    note = messages.notify_person(visitor, "notifications.welcome", key="k")
    assert messages.notify_person(visitor, "notifications.welcome", key="k") == note
    runner.run_due_jobs()
    note.refresh_from_db()
    assert (note.delivery, mail.outbox) == (Delivery.PORTAL, [])
    assert list(messages.unread_notifications(visitor)) == [note]


def test_a_visitor_cannot_sign_in(client: Client) -> None:
    visitor = people.find_or_add_visitor("sandbox", "42", "Somebody", "en")
    visitor.set_password("a long enough phrase")  # as if somebody had found a way
    visitor.save()
    client.post("/accounts/login/", {"login": visitor.email, "password": "a long enough phrase"})
    assert "_auth_user_id" not in client.session
    client.post("/accounts/login/code/", {"email": visitor.email})
    client.post("/accounts/password/reset/", {"email": visitor.email})
    assert "_auth_user_id" not in client.session
    assert not Letter.objects.exists()


def test_nobody_signs_up_with_an_address_that_takes_no_mail(client: Client) -> None:
    form = {"email": "me@visitor.invalid", "display_name": "Me", "language": "en", "password1": "a long enough phrase"}
    assert list(client.post("/accounts/signup/", form).context["form"].errors) == ["email"]
    assert not User.objects.exists()


def test_nobody_makes_a_visitor_something_else(admin: User) -> None:
    visitor = people.find_or_add_visitor("sandbox", "42", "Somebody", "en")
    with pytest.raises(NotAllowed):
        staff.change_role(person=visitor, role=Role.CREATOR, reason="x", by=admin)
    with pytest.raises(NotAllowed):
        staff.deactivate_person(person=visitor, reason="x", by=admin)


def test_guests_are_not_invited(admin: User) -> None:
    with pytest.raises(Invalid):
        staff.invite_staff(email="a@example.org", display_name="A", role=Role.GUEST, reason="x", by=admin)


GUEST = {"email": "new@example.org", "display_name": "New", "language": "en"}


def enter(client: Client, code: str) -> str:
    answer = client.post("/accounts/login/code/confirm/", {"code": code})
    return str(answer.headers.get("Location", ""))


def test_a_guest_comes_in_by_code_and_goes_on_where_they_were(client: Client) -> None:
    assert client.get("/accounts/guest/?next=/areas/").status_code == 200
    answer = client.post("/accounts/guest/", {**GUEST, "next": "/areas/"})
    assert answer.headers["Location"] == "/accounts/login/code/confirm/?next=%2Fareas%2F"
    answer = client.post(answer.headers["Location"], {"code": mailed_code(), "next": "/areas/"})
    assert answer.headers["Location"] == "/areas/"
    person = User.objects.get(email="new@example.org")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert EmailAddress.objects.get(user=person).verified
    # And again, with the same address.
    again = Client()
    again.post("/accounts/guest/", GUEST)
    assert enter(again, mailed_code()) == "/home/"
    assert again.get("/home/").headers["Location"] == "/complaints/"


def test_known_and_unknown_addresses_get_the_same_answer(
    client: Client, creator: User, make: Callable[..., User]
) -> None:
    gone = make("gone", is_active=False)
    answers = []
    for email in ("new@example.org", creator.email, gone.email):
        answer = Client().post("/accounts/guest/", {**GUEST, "email": email})
        answers.append((answer.status_code, answer.headers["Location"], answer.content))
    assert len(set(answers)) == 1
    assert creator.role == Role.CREATOR
    runner.run_due_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == [creator.email, gone.email, "new@example.org"]
    assert not User.objects.get(pk=gone.pk).is_active


def test_a_next_elsewhere_is_not_followed(client: Client) -> None:
    answer = client.post("/accounts/guest/", {**GUEST, "next": "https://evil.example/"})
    assert "evil" not in answer.headers["Location"]
    assert enter(client, mailed_code()) == "/home/"


def test_a_member_with_a_second_factor_is_asked_for_it_here_too(client: Client, reviewer: User) -> None:
    give_app(reviewer)
    client.post("/accounts/guest/", {**GUEST, "email": reviewer.email})
    assert enter(client, mailed_code()) == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "no address"),
        ("email", "sandbox.42@visitor.invalid"),
        ("email", f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example.org"),
        ("display_name", ""),
        ("display_name", "x" * 81),
        ("display_name", "a\u202eb"),
        ("language", "xx"),
    ],
)
def test_wrong_input_is_answered_at_its_field(client: Client, field: str, value: str) -> None:
    answer = client.post("/accounts/guest/", {**GUEST, field: value})
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["email" if field != "email" else "display_name"].value()
    assert not User.objects.exists()


def test_an_address_gets_three_codes_a_minute(client: Client) -> None:
    answers = [Client().post("/accounts/guest/", GUEST).status_code for _time in range(4)]
    assert answers == [302, 302, 302, 200]
    runner.run_due_jobs()
    assert len(mail.outbox) == 3


def test_who_is_in_already_goes_on(client: Client, creator: User) -> None:
    client.force_login(creator)
    assert client.get("/accounts/guest/?next=/areas/").headers["Location"] == "/areas/"


def test_a_guest_becomes_a_member(client: Client) -> None:
    guest = people.find_or_add_guest("new@example.org", "New", "en")
    client.force_login(guest)
    assert "/accounts/profile/member/" in client.get("/accounts/profile/").content.decode()
    assert client.get("/accounts/profile/member/").status_code == 200
    assert client.post("/accounts/profile/member/").headers["Location"] == "/home/"
    guest.refresh_from_db()
    assert guest.role == Role.CREATOR
    assert [event.event for event in trail.events_of(trail.subject_of(guest))][-1] == "people.user.became_member"
    assert client.get("/certification/").status_code == 200
    assert client.post("/accounts/profile/member/").headers["Location"] == "/accounts/profile/"
    assert "/accounts/profile/member/" not in client.get("/accounts/profile/").content.decode()


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"guest"}))
def test_others_are_no_guests(make: Callable[..., User], role: str) -> None:
    person = make("somebody", role)
    with pytest.raises(NotAllowed):
        profile.become_member(person=person)
    person.refresh_from_db()
    assert person.role == role


def test_a_guest_is_told_how_to_become_a_member(client: Client, make: Callable[..., User]) -> None:
    client.force_login(make("guest", Role.GUEST))
    answer = client.get("/certification/new/")
    assert answer.status_code == 403
    assert f'href="{reverse("people:membership")}"' in answer.content.decode()


def test_nothing_breaks_for_a_guest(client: Client, make: Callable[..., User]) -> None:
    client.force_login(make("guest", Role.GUEST))
    paths = ["/", "/home/", "/about/", "/register/", "/areas/", "/certification/", "/certification/new/"]
    paths += ["/accounts/profile/", "/accounts/links/", "/accounts/mandates/", "/accounts/clients/", "/messages/"]
    paths += ["/reviews/", "/admin/", "/accounts/2fa/", "/accounts/second-factor/", "/accounts/email/", "/ui/"]
    answers = {path: client.get(path).status_code for path in paths}
    assert set(answers.values()) <= {200, 302, 403}, answers
    assert [path for path, status in answers.items() if status == 403] == [
        "/certification/new/", "/accounts/mandates/", "/accounts/clients/", "/reviews/", "/admin/",
    ]  # fmt: skip


def test_administrators_find_guests_by_role(client: Client, admin: User) -> None:
    guest = people.find_or_add_guest("new@example.org", "New", "en")
    client.force_login(admin)
    page = client.get("/admin/people/user/?role__exact=guest").content.decode()
    assert guest.public_id in page
    assert client.get("/admin/people/user/?role__exact=agent").content.decode().count(guest.public_id) == 0
