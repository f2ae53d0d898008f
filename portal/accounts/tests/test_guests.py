"""Guests, who may complain only, and visitors, of whom only an account of a platform is known."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from portal.accounts import addresses, second_factor
from portal.accounts.actions import people
from portal.accounts.models import Letter, User
from portal.accounts.roles import Permission, Role
from portal.audit import trail
from portal.errors import Invalid, NotAllowed
from portal.jobs import runner
from portal.notifications import messages
from portal.notifications.models import Delivery

pytestmark = pytest.mark.django_db


def test_creators_and_guests_complain_and_nobody_else(make: Callable[..., User]) -> None:
    people_here = {role: make(f"one-{role}", role) for role in Role.values}
    assert {role for role, person in people_here.items() if person.may(Permission.COMPLAIN)} == {"creator", "guest"}
    assert not people_here[Role.GUEST].may(Permission.APPLY)


def test_a_guest_needs_no_second_factor(make: Callable[..., User], settings: object) -> None:
    settings.SECOND_FACTOR_ENFORCED = True  # type: ignore[attr-defined]
    assert not second_factor.required_of(make("guest", Role.GUEST))
    assert second_factor.required_of(make("reviewer", Role.REVIEWER))


def test_a_guest_is_made_once_and_known_people_stay_what_they_are(creator: User) -> None:
    new = people.guest("New@Example.org", "New", "zh-hans")
    assert (new.email, new.role, new.language) == ("new@example.org", Role.GUEST, "zh-hans")
    assert people.guest("nEw@example.org", "Other", "en") == new
    assert people.guest(creator.email.upper(), "Other", "en").role == Role.CREATOR
    assert [event.event for event in trail.events_of(trail.subject_of(new))] == ["accounts.user.came_as_guest"]


def test_a_visitor_is_made_once_for_each_account() -> None:
    one = people.visitor("sandbox", "42", "Somebody", "en")
    assert one.email == "sandbox.42@visitor.invalid"
    assert (one.role, one.is_active, one.has_usable_password()) == (Role.GUEST, True, False)
    assert people.visitor("sandbox", "42", "Other", "en") == one
    assert people.visitor("other", "42", "Somebody", "en") != one
    assert people.visitor("sandbox", "x" * 500, "y" * 500, "en").display_name == "y" * 80


@pytest.mark.parametrize(("one", "other"), [("UCa", "UCA"), ("a.b", "a-b"), ("七", "八"), ("x" * 60, "x" * 61)])
def test_ids_that_differ_give_addresses_that_differ(one: str, other: str) -> None:
    first, second = addresses.of_visitor("sandbox", one), addresses.of_visitor("sandbox", other)
    assert first.lower() != second.lower()
    assert addresses.is_visitors(first)
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
    visitor = people.visitor("sandbox", "42", "Somebody", "en")
    note = messages.notify(visitor, "notifications.welcome", key="k")
    assert messages.notify(visitor, "notifications.welcome", key="k") == note
    runner.drain()
    note.refresh_from_db()
    assert (note.delivery, mail.outbox) == (Delivery.PORTAL, [])
    assert list(messages.unread(visitor)) == [note]


def test_a_visitor_cannot_sign_in(client: Client) -> None:
    visitor = people.visitor("sandbox", "42", "Somebody", "en")
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
    visitor = people.visitor("sandbox", "42", "Somebody", "en")
    with pytest.raises(NotAllowed):
        people.change_role(person=visitor, role=Role.CREATOR, reason="x", by=admin)
    with pytest.raises(NotAllowed):
        people.deactivate(person=visitor, reason="x", by=admin)


def test_guests_are_not_invited(admin: User) -> None:
    with pytest.raises(Invalid):
        people.invite_staff(email="a@example.org", display_name="A", role=Role.GUEST, by=admin)
